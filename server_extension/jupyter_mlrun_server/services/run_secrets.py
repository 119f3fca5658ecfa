"""Secrets that runs brought along: in memory only, until the run is settled, here or elsewhere."""

from __future__ import annotations

import time
from collections.abc import Mapping

from sqlalchemy.engine import Connection

from ..store import launches

# seconds for which a run may not be in the store yet, and between two looks there
YOUNG = 60.0
LOOK = 15.0

Run = tuple[str, str]


class RunSecrets:
    """The values by run: project and uid."""

    def __init__(self) -> None:
        self._kept: dict[Run, tuple[float, dict[str, str]]] = {}
        self._looked = 0.0

    def keep(self, project: str, uid: str, values: Mapping[str, str]) -> None:
        """Hold the values of a run that waits, or may be tried again."""
        if values:
            self._kept[project, uid] = (time.monotonic(), dict(values))

    def of(self, project: str, uid: str) -> dict[str, str]:
        """The values of a run; empty where none are held."""
        return self._kept.get((project, uid), (0.0, {}))[1]

    def let_go(self, project: str, uid: str) -> None:
        """Hold those of a settled run no longer."""
        self._kept.pop((project, uid), None)

    def __contains__(self, run: object) -> bool:
        return run in self._kept

    def __len__(self) -> int:
        return len(self._kept)

    def let_go_of_settled(self, connection: Connection) -> None:
        """Hold those of runs no longer that another host has settled; looks now and then."""
        now = time.monotonic()
        if not self._kept or now - self._looked < LOOK:
            return
        self._looked = now
        for (project, uid), (since, _) in list(self._kept.items()):
            if now - since > YOUNG and launches.find(connection, project, uid) is None:
                self.let_go(project, uid)
