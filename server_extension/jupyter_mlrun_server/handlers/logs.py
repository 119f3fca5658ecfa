"""Logs of runs, in MLRun's shape: bytes by offset."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from tornado import web

from jupyter_mlrun.errors import MLRunNotFoundError
from jupyter_mlrun.names import is_uid
from jupyter_mlrun.states import COMPLETED, ERROR, TERMINAL

from ..services.logs import CHUNK
from ..store import launches, runs
from ..store.run_row import is_elsewhere
from ..store.runs import RunKey
from . import PROJECT as PROJECT_PATH
from . import UID, Route
from .base import OWN, PROJECT, Handler, guarded

OCTETS = "text/plain; charset=utf-8"
# a run's code tells its end itself, before whoever watches it has written what it printed last
LONGEST_END, LOOK = 5.0, 0.05


class LogHandler(Handler):
    """What every route of a log needs."""

    async def state(self, project: str, uid: str) -> str:
        """The run's state as shown here; a run that is not there has no log.

        What has ended without a log here is no empty log where other servers keep logs elsewhere.
        The log of a run that has just ended is waited for, so that it is whole.
        """
        found = await self.service.read(runs.state, RunKey(project, uid))
        state, host = _require(found, project, uid)
        if state in (COMPLETED, ERROR):
            await self._ended(project, uid)
        here, folders = self.service.place.host, self.service.data_folders
        if folders.others and (state not in TERMINAL or host != here):
            has_ended = state in TERMINAL
            await self.service.threads.call(folders.require_log, project, uid, has_ended)
        return "unknown" if is_elsewhere(state, host, here) else state

    async def _ended(self, project: str, uid: str) -> None:
        deadline = time.monotonic() + LONGEST_END
        while time.monotonic() < deadline:
            if await self.service.read(launches.find, project, uid) is None:
                return
            await asyncio.sleep(LOOK)


@web.stream_request_body
class Log(LogHandler):
    """The log of a run; its bytes are kept in the pieces in which they come, and never joined."""

    def initialize(self, *args: Any, **kwargs: Any) -> None:
        """Before any piece has come."""
        super().initialize(*args, **kwargs)
        self._pieces: list[bytes] = []

    def data_received(self, chunk: bytes) -> None:
        """Keep one more piece."""
        self._pieces.append(chunk)

    @guarded("logs", run=PROJECT)
    async def get(self, project: str, uid: str) -> None:
        """Bytes from an offset on, with the run's state in a header."""
        state = await self.state(project, uid)
        offset, size = self.query.whole("offset", 0, low=0), self.query.whole("size", CHUNK)
        data = await self.service.threads.call(
            self.service.logs.read, project, uid, offset or 0, CHUNK if size is None else size
        )
        self.set_header("x-mlrun-run-state", state)
        self.finish(data, set_content_type=OCTETS)

    @guarded("logs", run=OWN)
    async def post(self, project: str, uid: str) -> None:
        """Write bytes at its end, or as its new content with ``append=no``."""
        truncate, logs = not self.query.flag("append", True), self.service.logs

        def append(found: tuple[str, str] | None) -> bool:
            _require(found, project, uid)
            self.service.data_folders.hold_log(project, uid)
            return logs.receive(project, uid, self._pieces, truncate)

        key = RunKey(project, uid)
        is_behind = await self.service.after(project, uid).read_then(append, runs.state, key)
        self.answer({})
        if is_behind:
            self.service.works.begin(logs.index_later(project, uid))


class LogSize(LogHandler):
    """The length of a run's log."""

    @guarded("logs", run=PROJECT)
    async def get(self, project: str, uid: str) -> None:
        """In bytes."""
        await self.state(project, uid)
        size = await self.service.threads.call(self.service.logs.size, project, uid)
        self.answer({"size": size})


def _require(found: tuple[str, str] | None, project: str, uid: str) -> tuple[str, str]:
    if found is None or not is_uid(uid):
        raise MLRunNotFoundError(f"Run uid {uid} of project {project} not found: no log")
    return found


ROUTES = [
    Route(f"{PROJECT_PATH}/logs/{UID}", Log),
    Route(f"{PROJECT_PATH}/logs/{UID}/size", LogSize),
]
