"""Runs that work in kernels of this host: those whose kernel is gone are ended."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from jupyter_mlrun import states

from ..store import run_lists, runs
from ..store.database import Database
from ..store.runs import RunKey
from .ingest import Outboxes
from .launcher import Launcher
from .place import Place

GONE = "the kernel in which the run worked is gone"

KernelLives = Callable[[str], Awaitable[bool | None]]


class HandlerRuns:
    """What is known of kernels: of processes by the system, of others by whoever has begun them."""

    def __init__(
        self, database: Database, place: Place, launcher: Launcher, outboxes: Outboxes
    ) -> None:
        self.database = database
        self.place = place
        self.launcher = launcher
        self.outboxes = outboxes
        self.kernel_lives: KernelLives = _unknown_kernel

    def going_on(self) -> list[dict[str, Any]]:
        """The runs that are said to work in kernels of this host."""
        with self.database.read() as connection:
            keys = [RunKey(*found) for found in run_lists.live(connection, "handler")]
            found = [runs.read(connection, key) for key in keys if not key.iteration]
        return [run for run in found if not is_of_other_host(run, self.place.host)]

    async def lives(self, origin: Mapping[str, Any]) -> bool | None:
        """Whether the kernel of a run lives; None where nobody here knows."""
        who = origin.get("process")
        if isinstance(who, Mapping) and who.get("pid"):
            seen = self.launcher.runtime("handler").poll([dict(who)])[0]
            return not seen.lost
        return await self.kernel_lives(str(origin.get("kernel_id") or ""))

    def end(self, run: Mapping[str, Any]) -> None:
        """Take in what a run has left whose kernel is gone, and end it with its iterations."""
        project, uid = run["metadata"]["project"], run["metadata"]["uid"]
        self.outboxes.take_in(project, uid)
        updates = {"status.state": states.ERROR, "status.error": GONE, "status.reason": GONE}
        with self.database.write() as connection:
            for iteration in run_lists.live_iterations(connection, project, uid):
                runs.update(connection, RunKey(project, uid, iteration), updates)


def is_of_other_host(run: Mapping[str, Any], this_host: str) -> bool:
    """Whether the run's document says that it works elsewhere."""
    host = run["status"].get("host")
    return bool(host) and host != this_host


async def _unknown_kernel(kernel_id: str) -> bool | None:
    return None
