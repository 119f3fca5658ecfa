"""Logs of runs: files in the run's folder, read by offset and by line, searched and followed."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator
from typing import Any

from jupyter_mlrun_runtimes import logfile

from .place import Place
from .threads import Threads

FOLLOW = 0.05
CHUNK = 1 << 20
LONGEST_ANSWER = 64 << 20


class Logs:
    """The logs of this data directory."""

    def __init__(self, place: Place, threads: Threads) -> None:
        self.place = place
        self.threads = threads
        self._lock = threading.Lock()

    def append(self, project: str, uid: str, data: bytes, truncate: bool = False) -> int:
        """The log's size after the bytes were written at its end, or as its new content."""
        path = self.place.log_file(project, uid)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._lock, logfile.LogWriter(path, truncate=truncate) as writer:
            writer.append(data)
            return writer.size

    def size(self, project: str, uid: str) -> int:
        """The log's length in bytes."""
        return logfile.size(self.place.log_file(project, uid))

    def read(self, project: str, uid: str, offset: int = 0, size: int = CHUNK) -> bytes:
        """The bytes from an offset on, at most ``size``; a size below 1 is all, up to 64 MiB."""
        wanted = min(size, LONGEST_ANSWER) if size > 0 else LONGEST_ANSWER
        return logfile.read(self.place.log_file(project, uid), offset, wanted)

    def lines(self, project: str, uid: str, first: int, count: int) -> dict[str, Any]:
        """Lines by number, with the totals of the whole log."""
        path = self.place.log_file(project, uid)
        found = logfile.lines(path, max(1, first), count)
        return {**logfile.summary(path), "first": max(1, first), "lines": found}

    async def grow(self, project: str, uid: str, size: int) -> AsyncIterator[int]:
        """The log's size each time it has changed from ``size``; never ends by itself."""
        path = self.place.log_file(project, uid)
        while True:
            try:
                now = os.stat(path).st_size
            except OSError:
                now = 0
            if now != size:
                size = now
                yield size
            await asyncio.sleep(FOLLOW)
