"""Project summaries, counted anew as often as counting is cheap."""

from __future__ import annotations

import threading
import time
from typing import Any

from ..store import project_summaries
from ..store.database import Database

LONGEST = 60.0
# a count is used for as many times as long as it took
PATIENCE = 20.0


class Summaries:
    """The summaries of all projects. Its methods block: call them in threads."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._lock = threading.Lock()
        self._counting: dict[str, threading.Lock] = {}
        self._known: dict[str, tuple[float, list[dict[str, Any]]]] = {}

    def of(
        self, project: str = "*", readable: frozenset[str] | None = None
    ) -> list[dict[str, Any]]:
        """By name: one project's, or those of all that may be read.

        They are a minute old at most, and the time that one thread takes to count anew.
        """
        found = self._fresh(project)
        if found is None:
            found = self._renewed(project)
        return [each for each in found if readable is None or each["name"] in readable]

    def _fresh(self, project: str) -> list[dict[str, Any]] | None:
        until, found = self._known.get(project, (0.0, []))
        return found if time.monotonic() <= until else None

    def _renewed(self, project: str) -> list[dict[str, Any]]:
        """The count of now; the old one while another thread counts."""
        old = self._known.get(project)
        with self._lock:
            counting = self._counting.setdefault(project, threading.Lock())
        if not counting.acquire(blocking=old is None):
            assert old is not None
            return old[1]
        try:
            found = self._fresh(project)
            return self._count(project) if found is None else found
        finally:
            with self._lock:
                self._counting.pop(project, None)
            counting.release()

    def _count(self, project: str) -> list[dict[str, Any]]:
        begun = time.monotonic()
        with self.database.read() as connection:
            found = project_summaries.select(connection, project)
        now = time.monotonic()
        if len(self._known) > 1000:
            self._known.clear()
        if found:
            self._known[project] = (now + min(LONGEST, PATIENCE * (now - begun)), found)
        else:
            self._known.pop(project, None)
        return found
