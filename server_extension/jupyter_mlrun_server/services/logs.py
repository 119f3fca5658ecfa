"""Logs of runs: files in the run's folder, read by offset and by line, searched and followed."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from jupyter_mlrun_runtimes import logfile, logindex

from .log_masks import LogMasks
from .place import Place
from .threads import Threads

FOLLOW = 0.05
CHUNK = 1 << 20
LONGEST_ANSWER = 64 << 20
# bytes from which on lines are counted after the answer: it takes longer than to keep them
LARGE = 1 << 18
LATER = 1.0


class Logs:
    """The logs of this data directory."""

    def __init__(self, place: Place, threads: Threads, log: logging.Logger) -> None:
        self.place = place
        self.threads = threads
        self.log = log
        self.masks = LogMasks()
        self._lock = threading.Lock()
        self._building: dict[str, asyncio.Future[bool]] = {}
        self._indexed: dict[str, int] = {}
        # logs to whose index something has come uncounted, and those that are to be counted soon
        self._behind: set[tuple[str, str]] = set()
        self._due: set[tuple[str, str]] = set()

    def append(
        self, project: str, uid: str, pieces: Sequence[bytes], truncate: bool = False
    ) -> int:
        """The log's size after the pieces were written at its end, or as its new content."""
        path = self._made(project, uid)
        with self._lock, logfile.LogWriter(path, truncate=truncate) as writer:
            self._behind.discard((project, uid))
            writer.extend(self.masks.shown(project, path, pieces, truncate))
            return writer.size

    def receive(
        self, project: str, uid: str, pieces: Sequence[bytes], truncate: bool = False
    ) -> bool:
        """The same for what somebody waits to have kept; whether its lines are to be counted."""
        if sum(map(len, pieces)) < LARGE:
            self.append(project, uid, pieces, truncate)
            return False
        path = self._made(project, uid)
        with self._lock:
            self._behind.add((project, uid))
            logfile.write(path, self.masks.shown(project, path, pieces, truncate), truncate)
        return True

    async def index_later(self, project: str, uid: str) -> None:
        """Count the lines that came uncounted, when the requests after them had their turn."""
        if (project, uid) not in self._due:
            self._due.add((project, uid))
            await asyncio.sleep(LATER)
            self._due.discard((project, uid))
            await self._count(project, uid)

    async def _count(self, project: str, uid: str) -> None:
        if (project, uid) in self._behind:
            await self.threads.slow(self.index, project, uid)

    def index(self, project: str, uid: str) -> None:
        """Bring a log's index up to its end, where the log is still there."""
        path = self.place.log_file(project, uid)
        try:
            with self._lock:
                try:
                    if path.exists():
                        logfile.LogWriter(path).close()
                finally:
                    # where it cannot be now, the next piece tries again
                    self._behind.discard((project, uid))
        except OSError as error:
            self.log.warning("The log %s has no index: %s", path, error)

    def _made(self, project: str, uid: str) -> Path:
        """The log's file, whose folder is there."""
        path = self.place.log_file(project, uid)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path

    def end(self, project: str, uid: str) -> None:
        """Write what was held back of a log whose run has ended."""
        path = self.place.log_file(project, uid)
        with self._lock, logfile.LogWriter(path) as writer:
            writer.append(self.masks.rest(project, path))

    def size(self, project: str, uid: str) -> int:
        """The log's length in bytes."""
        return logfile.size(self.place.log_file(project, uid))

    def read(self, project: str, uid: str, offset: int = 0, size: int = CHUNK) -> bytes:
        """The bytes from an offset on, at most ``size``; a size below 1 is all, up to 64 MiB."""
        wanted = min(size, LONGEST_ANSWER) if size > 0 else LONGEST_ANSWER
        return logfile.read(self.place.log_file(project, uid), offset, wanted)

    async def lines(self, project: str, uid: str, first: int, count: int) -> dict[str, Any]:
        """Lines by number, with the totals of the whole log.

        Where the log has no index, one is begun, and the answer tells what is known so far.
        """
        await self._count(project, uid)
        path = str(self.place.log_file(project, uid))
        if await self.threads.call(self._lacks_index, path):
            self._index(path)
        # lines that come between the two are told of by the next answer
        totals = await self.threads.call(logfile.summary, path)
        found = await self.threads.call(logfile.lines, path, max(1, first), count)
        return {**totals, "first": max(1, first), "lines": found}

    async def next_problem(self, project: str, uid: str, line: int, by: int) -> int | None:
        """The next problem line after a line, or the last one before it, in the whole log."""
        await self._count(project, uid)
        path = str(self.place.log_file(project, uid))
        if await self.threads.call(self._lacks_index, path):
            await asyncio.wait([self._index(path)])
        return await self.threads.call(logfile.next_problem, path, line, by)

    def _lacks_index(self, path: str) -> bool:
        # one line without end has no entries, however often it is read
        done = self._indexed.get(path, 0)
        return logindex.is_behind(path) and logfile.size(path) - done > logfile.REST

    def _index(self, path: str) -> asyncio.Future[bool]:
        if path in self._building:
            return self._building[path]
        size = logfile.size(path)
        task = asyncio.ensure_future(self.threads.slow(logindex.build, path))
        self._building[path] = task

        def end(task: asyncio.Future[bool]) -> None:
            del self._building[path]
            if task.cancelled():
                return
            if error := task.exception():
                self._indexed[path] = size
                self.log.warning("The log %s has no index: %s", path, error)
            elif task.result():
                self._indexed[path] = size

        task.add_done_callback(end)
        return task

    async def grow(self, project: str, uid: str, size: int) -> AsyncIterator[int]:
        """The log's size each time it has changed from ``size``; never ends by itself."""
        path = self.place.log_file(project, uid)
        while True:
            now = await self.threads.call(logfile.size, path)
            if now != size:
                size = now
                yield size
            await asyncio.sleep(FOLLOW)
