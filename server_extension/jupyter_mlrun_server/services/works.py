"""What the service does beside requests, each work known until it has ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class Works:
    """Works of one event loop: begun there, told of from threads, and ended together."""

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    def begin(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Go on with a work until it ends, or all are ended."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def soon(self, call: Callable[[], None]) -> None:
        """Call this in the loop, from any thread; nothing where the loop is not there."""
        if self.loop is not None and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(call)

    async def end(self) -> None:
        """Cancel all, and wait until each has ended."""
        pending = set(self._tasks)
        while pending:
            for task in pending:
                task.cancel()
            # Python 3.11's wait_for can swallow a cancellation: it is said again
            _, pending = await asyncio.wait(pending, timeout=0.5)
