"""Runs in kernels of other machines: those of which nothing is heard any more end as failed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from jupyter_mlrun import states

from ..store import clock, leases, run_lists, runs
from ..store.database import Database
from ..store.runs import RunKey
from .threads import Threads
from .watch import watch

SECONDS = 180.0
LOOK = 15.0
LATE = 60.0


class Leases:
    """Keeps until when runs of other machines are believed to go on; ends those in the leader."""

    def __init__(self, database: Database, threads: Threads, log: logging.Logger) -> None:
        self.database = database
        self.threads = threads
        self.log = log
        self.seconds = SECONDS
        self.on_change: Callable[[], None] = lambda: None
        self._looked = 0

    async def run(self) -> None:
        """Look for what is over until cancelled."""
        self._looked = 0
        await watch(self._look, self.log, "Runs of other machines")

    async def _look(self) -> float:
        if await self.threads.call(self.look):
            self.on_change()
        return LOOK

    def prolong(self, project: str, uids: Sequence[str]) -> list[str]:
        """Believe in these for a while; those of them that have ended or are not there."""
        with self.database.write() as connection:
            return leases.prolong(connection, project, uids, self.seconds)

    def look(self) -> int:
        """How many runs have ended now, as nothing was heard of them.

        After a look that failed, or came late by the clock, all are believed anew first: this
        service was away itself, and nobody could tell it of their lives.
        """
        before, self._looked = self._looked, 0
        now = self._now()
        if now - before > LATE * 1e6:
            self._believe_all()
        with self.database.read() as connection:
            found = leases.over(connection, now)
        ended = sum(self._end(project, uid, now) for project, uid in found)
        self._looked = self._now()
        return ended

    def _now(self) -> int:
        with self.database.read() as connection:
            return clock.now(connection)

    def _end(self, project: str, uid: str, now: int) -> int:
        reason = (
            f"nothing was heard of the run's kernel for {self.seconds:.0f} s: its machine, or the "
            "Jupyter server there, is gone"
        )
        updates = {"status.state": states.ERROR, "status.error": reason, "status.reason": reason}
        with self.database.write() as connection:
            if not leases.drop(connection, project, uid, now):
                return 0
            found = run_lists.live_iterations(connection, project, uid)
            for iteration in found:
                runs.update(connection, RunKey(project, uid, iteration), updates)
        if found:
            self.log.warning("Run %s of project %s: %s", uid, project, reason)
        return 1 if found else 0

    def _believe_all(self) -> None:
        with self.database.write() as connection:
            leases.prolong_all(connection, self.seconds)
