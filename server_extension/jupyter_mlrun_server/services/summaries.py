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
        self._known: dict[str, tuple[float, list[dict[str, Any]]]] = {}

    def of(
        self, project: str = "*", readable: frozenset[str] | None = None
    ) -> list[dict[str, Any]]:
        """By name: one project's, or those of all that may be read; a minute old at most."""
        with self._lock:
            until, found = self._known.get(project, (0.0, []))
            if time.monotonic() > until:
                found = self._count(project)
        return [each for each in found if readable is None or each["name"] in readable]

    def _count(self, project: str) -> list[dict[str, Any]]:
        begun = time.monotonic()
        with self.database.read() as connection:
            found = project_summaries.select(connection, project)
        now = time.monotonic()
        if len(self._known) > 1000:
            self._known.clear()
        if found:
            self._known[project] = (now + min(LONGEST, PATIENCE * (now - begun)), found)
        return found
