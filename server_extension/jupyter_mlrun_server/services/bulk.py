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
        loop = asyncio.get_running_loop()

        def abort(uid: str) -> None:
            call = self.service.abort(self.project, uid, self.text)
            asyncio.run_coroutine_threadsafe(call, loop).result(PATIENCE)

        act = abort if self.action == "abort" else self._delete
        kind = f"runs.{self.action}"

        def work(progress: Progress) -> None:
            self._work(act, progress)

        return await self.service.background.start(self.project, kind, work, TIMEOUT)

    def _work(self, act: Callable[[str], None], progress: Progress) -> None:
        done, total = 0, None
        while found := self._next():
            uids, left = found
            total = total or left
            for uid in uids:
                try:
                    act(uid)
                    done += 1
                except MLRunHTTPError as error:
                    self.refused.append(str(error))
                    self.but.append(uid)
            progress(done, total)
            if len(self.refused) > MOST_REFUSALS:
                break
        if self.refused:
            raise MLRunBadRequestError(
                f"{done} of {done + len(self.refused)} runs: {self.refused[0]}"
            )

    def _next(self) -> tuple[list[str], int] | None:
        wanted = states.TERMINAL if self.action == "delete" else states.ACTIVE - {states.ABORTING}
        with self.service.database.read() as connection:
            uids, left = run_rows.chosen(connection, self.asked, wanted, self.before, self.but)
        return (uids, left) if uids else None

    def _delete(self, uid: str) -> None:
        with self.service.database.write() as connection:
            runs.delete(connection, self.project, uid)
        if is_uid(uid):
            shutil.rmtree(self.service.place.run_folder(self.project, uid), ignore_errors=True)
