"""Runs that work in kernels, interrupted there."""

from __future__ import annotations

import os
import signal
from collections.abc import Awaitable, Callable, Mapping

from jupyter_mlrun_runtimes import process

from .threads import Threads


class Interrupts:
    """Reaches the kernels of this machine, whichever server they belong to."""

    def __init__(self, threads: Threads) -> None:
        self.threads = threads
        self.of_kernel: Callable[[str], Awaitable[None]] = _no_kernel

    async def interrupt(self, origin: object) -> None:
        """Interrupt the kernel in which a run works, as its document's ``origin`` tells."""
        if not isinstance(origin, Mapping):
            return
        who = origin.get("process")
        known = who if isinstance(who, dict) and isinstance(who.get("pid"), int) else {}
        if await self.threads.call(process.is_alive, known):
            os.kill(int(known["pid"]), signal.SIGINT)
        else:
            await self.of_kernel(str(origin.get("kernel_id") or ""))


async def _no_kernel(kernel_id: str) -> None:
    return None
