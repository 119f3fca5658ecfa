"""What is done to all runs that fit a filter, as one background task."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from jupyter_mlrun import states
from jupyter_mlrun.errors import MLRunBadRequestError, MLRunHTTPError
from jupyter_mlrun.names import is_uid

from ..store import run_rows, runs
from ..store.run_filter import RowFilter
from .background import Progress
from .service import Service

TIMEOUT = 3600
# a loop that has ended answers nobody
PATIENCE = 60
MOST_REFUSALS = 1000


@dataclass
class Bulk:
    """Delete or abort the runs of a project that fit, began by a moment and are not left out."""

    service: Service
    action: str
    asked: RowFilter
    before: int
    but: list[str]
    text: str
    refused: list[str] = field(default_factory=list)

    @property
    def project(self) -> str:
        """The one project of the filter."""
        return str(self.asked.project)

    async def start(self) -> dict[str, Any]:
        """The document of the task, which has begun."""
        act = self._act()
        kind = f"runs.{self.action}"

        def work(progress: Progress) -> None:
            self._work(act, progress)

        return await self.service.background.start(self.project, kind, work, TIMEOUT)

    async def once(self) -> dict[str, Any]:
        """What was done to the first of them, and how many are left."""
        done, found, total = await self.service.threads.slow(self._slice, self._act())
        self.service.events.wake()
        return {
            "done": done, "left": total - found, "refused": self.refused[:1],
            "refusals": len(self.refused),
        }  # fmt: skip

    def _act(self) -> Callable[[str], None]:
        loop = asyncio.get_running_loop()

        def abort(uid: str) -> None:
            call = self.service.abort(self.project, uid, self.text)
            asyncio.run_coroutine_threadsafe(call, loop).result(PATIENCE)

        return abort if self.action == "abort" else self._delete

    def _slice(self, act: Callable[[str], None]) -> tuple[int, int, int]:
        """How many were done of how many at once, and how many there were in all."""
        done = 0
        uids, total = self._next()
        for uid in uids:
            try:
                act(uid)
                done += 1
            except MLRunHTTPError as error:
                self.refused.append(str(error))
                self.but.append(uid)
        return done, len(uids), total

    def _work(self, act: Callable[[str], None], progress: Progress) -> None:
        done, first = 0, None
        while True:
            more, found, total = self._slice(act)
            if not found:
                break
            done, first = done + more, first or total
            progress(done, first)
            if len(self.refused) > MOST_REFUSALS:
                break
        if self.refused:
            raise MLRunBadRequestError(
                f"{done} of {done + len(self.refused)} runs: {self.refused[0]}"
            )

    def _next(self) -> tuple[list[str], int]:
        wanted = states.TERMINAL if self.action == "delete" else states.ACTIVE - {states.ABORTING}
        with self.service.database.read() as connection:
            return run_rows.chosen(connection, self.asked, wanted, self.before, self.but)

    def _delete(self, uid: str) -> None:
        with self.service.database.write() as connection:
            runs.delete(connection, self.project, uid)
        if is_uid(uid):
            shutil.rmtree(self.service.place.run_folder(self.project, uid), ignore_errors=True)
