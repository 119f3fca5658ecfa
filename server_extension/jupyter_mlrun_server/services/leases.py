"""Runs in kernels of other machines: those of which nothing is heard any more end as failed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from jupyter_mlrun import states

from ..store import leases, run_lists, runs, times
from ..store.database import Database
from ..store.runs import RunKey
from .threads import Threads
from .watch import watch

SECONDS = 180.0
LOOK = 15.0


class Leases:
    """Keeps until when runs of other machines are believed to go on; ends those in the leader."""

    def __init__(self, database: Database, threads: Threads, log: logging.Logger) -> None:
        self.database = database
        self.threads = threads
        self.log = log
        self.seconds = SECONDS
        self.on_change: Callable[[], None] = lambda: None

    async def run(self) -> None:
        """Look for what is over until cancelled."""
        await self.threads.call(self._believe_all)
        await watch(self._look, self.log, "Runs of other machines")

    async def _look(self) -> float:
        if await self.threads.call(self.look):
            self.on_change()
        return LOOK

    def prolong(self, project: str, uids: Sequence[str]) -> list[str]:
        """Believe in these for a while; those of them that have ended or are not there."""
        with self.database.write() as connection:
            return leases.prolong(connection, project, uids, self._until())

    def look(self) -> int:
        """How many runs have ended now, as nothing was heard of them."""
        with self.database.read() as connection:
            found = leases.over(connection, times.now())
        return sum(self._end(project, uid) for project, uid in found)

    def _end(self, project: str, uid: str) -> int:
        reason = (
            f"nothing was heard of the run's kernel for {self.seconds:.0f} s: its machine, or the "
            "Jupyter server there, is gone"
        )
        updates = {"status.state": states.ERROR, "status.error": reason, "status.reason": reason}
        with self.database.write() as connection:
            leases.drop(connection, project, uid)
            found = run_lists.live_iterations(connection, project, uid)
            for iteration in found:
                runs.update(connection, RunKey(project, uid, iteration), updates)
        if found:
            self.log.warning("Run %s of project %s: %s", uid, project, reason)
        return 1 if found else 0

    def _believe_all(self) -> None:
        with self.database.write() as connection:
            leases.prolong_all(connection, self._until())

    def _until(self) -> int:
        return times.now() + int(self.seconds * 1e6)
