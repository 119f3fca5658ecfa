"""The lock of this host: its holder launches and reconciles, the others wait for it to die."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from filelock import FileLock, Timeout

from jupyter_mlrun import paths
from jupyter_mlrun_runtimes.local import write_private

from .place import Place
from .threads import Threads

RETRY = 1.0
FRESH = 5.0


class Leader:
    """Whether this server leads; ``on_lead`` is awaited each time it begins to."""

    def __init__(self, place: Place, threads: Threads, log: logging.Logger) -> None:
        self.place = place
        self.threads = threads
        self.log = log
        self.leads = False
        self.insists = True
        self._lock = FileLock(
            paths.leader_lock(place.host, place.root), blocking=False, thread_local=False
        )
        self._wish = paths.leader_lock(place.host, place.root).with_suffix(".wanted")

    async def run(self, on_lead: Callable[[], Awaitable[None]]) -> None:
        """Try for the lock until it is held, then lead."""
        while not await self.threads.call(self._try):
            await asyncio.sleep(RETRY)
        self.leads = True
        self.log.info("This server launches and watches the runs of %s", self.place.root)
        await on_lead()

    def announce(self, server: dict[str, Any]) -> None:
        """Write where the service is, whole or not at all, for this user only."""
        write_private(paths.server_file(self.place.root, self.place.host), json.dumps(server))

    def address(self) -> dict[str, Any]:
        """Where the leading server is; empty where none has said so."""
        try:
            value = json.loads(paths.server_file(self.place.root, self.place.host).read_bytes())
        except (OSError, ValueError):
            return {}
        return value if isinstance(value, dict) else {}

    def release(self) -> None:
        """Let another server lead."""
        if self.leads:
            self.leads = False
            self._lock.release()

    def wanted(self) -> bool:
        """Whether another server has tried for the lock in the last seconds."""
        try:
            return time.time() - self._wish.stat().st_mtime < FRESH
        except FileNotFoundError:
            return False

    def _try(self) -> bool:
        try:
            self._lock.acquire()
        except Timeout:
            if self.insists:
                self._wish.touch(mode=0o600)
            return False
        self._wish.unlink(missing_ok=True)
        return True
