"""Logs for people: by line, searched, and followed over a WebSocket."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy.engine import Connection

from jupyter_mlrun import states
from jupyter_mlrun.errors import MLRunNotFoundError
from jupyter_mlrun.model.document import dumps
from jupyter_mlrun.names import is_uid

from ..services.log_search import Question, search
from ..services.logs import CHUNK
from ..store import launches, runs
from ..store.runs import RunKey
from . import UID, Route
from .arguments import Arguments
from .base import guarded
from .logs import OCTETS, LogHandler
from .sockets import SocketHandler

MOST_LINES = 10_000
LOOK_AT_STATE = 0.5


class Bytes(LogHandler):
    """The log's bytes."""

    _track_activity = False

    @guarded("logs")
    async def get(self, project: str, uid: str) -> None:
        """From an offset on, with the log's size and the run's state in headers."""
        state = await self.state(project, uid)
        logs, call = self.service.logs, self.service.threads.call
        offset, size = self.query.whole("offset", 0, low=0), self.query.whole("size", CHUNK)
        data = await call(logs.read, project, uid, offset or 0, CHUNK if size is None else size)
        self.set_header("X-Mlrun-Log-Size", str(await call(logs.size, project, uid)))
        self.set_header("x-mlrun-run-state", state)
        self.finish(data, set_content_type=OCTETS)


class Lines(LogHandler):
    """The log's lines by number."""

    _track_activity = False

    @guarded("logs")
    async def get(self, project: str, uid: str) -> None:
        """Some lines, and the totals of the whole log."""
        state = await self.state(project, uid)
        first = self.query.whole("first", 1, low=0) or 1
        count = min(self.query.whole("count", 200, low=0) or 0, MOST_LINES)
        found = await self.service.logs.lines(project, uid, first, count)
        self.answer({**found, "state": state})


class Search(LogHandler):
    """The log's lines by what they say."""

    @guarded("logs")
    async def get(self, project: str, uid: str) -> None:
        """Where a text or a pattern occurs."""
        await self.state(project, uid)
        query = self.query
        asked = Question(
            path=str(self.service.place.log_file(project, uid)),
            text=query.text("q"),
            regex=query.flag("regex"),
            case=query.flag("case"),
            limit=query.whole("limit", 1000, low=1) or 1000,
            level=query.text("level"),
        )
        self.answer(await self.service.threads.slow(search, asked))


class Problem(LogHandler):
    """The problems that the log tells of."""

    @guarded("logs")
    async def get(self, project: str, uid: str) -> None:
        """The next problem line after ``line``; the last one before it with ``back``."""
        await self.state(project, uid)
        line, by = self.query.whole("line", 0, low=0) or 0, -1 if self.query.flag("back") else 1
        self.answer({"line": await self.service.logs.next_problem(project, uid, line, by)})


class Tail(SocketHandler):
    """The log as it grows."""

    @guarded("logs", action="execute")
    async def get(self, project: str, uid: str) -> None:
        """Open the socket."""
        key = RunKey(project, uid)
        if not is_uid(uid) or await self.service.read(runs.state, key) is None:
            raise MLRunNotFoundError(f"Run uid {uid} of project {project} not found: no log")
        self.key, self.offset = key, Arguments(self).whole("offset", 0, low=0) or 0
        await self.upgrade()

    def open(self, *args: Any, **kwargs: Any) -> None:
        """Begin to follow."""
        super().open()
        self.follower = asyncio.get_running_loop().create_task(self._follow())

    def on_message(self, message: str | bytes) -> None:
        """Nothing is expected."""

    def on_close(self) -> None:
        """Follow no more."""
        super().on_close()
        if hasattr(self, "follower"):
            self.follower.cancel()

    async def _follow(self) -> None:
        project, uid = self.key.project, self.key.uid
        state = await self._state()
        sizes = self.service.logs.grow(project, uid, -1).__aiter__()
        coming = asyncio.ensure_future(anext(sizes))
        try:
            while True:
                done, _ = await asyncio.wait({coming}, timeout=LOOK_AT_STATE)
                if done:
                    coming = asyncio.ensure_future(anext(sizes))
                if self.service.authorizer.enforced and not await self.still_there(project):
                    return
                state = await self._state()
                await self._send_new(state)
                if state in states.TERMINAL and await self._is_settled():
                    await self._send_new(state, final=True)
                    await self.write_message(dumps({"end": True, "state": state}))
                    self.close(1000)
                    return
        finally:
            coming.cancel()

    async def _send_new(self, state: str, final: bool = False) -> None:
        logs, call = self.service.logs, self.service.threads.call
        while data := await call(logs.read, self.key.project, self.key.uid, self.offset, CHUNK):
            data = data if final else data[: _whole(data)]
            if not data:
                return
            size = await call(logs.size, self.key.project, self.key.uid)
            message = {
                "offset": self.offset, "text": data.decode("utf-8", "replace"),
                "next": self.offset + len(data), "size": size, "state": state,
            }  # fmt: skip
            self.offset += len(data)
            await self.write_message(dumps(message))

    async def _state(self) -> str:
        found = await self.service.read(runs.state, self.key)
        return found[0] if found else states.ABORTED

    async def _is_settled(self) -> bool:
        return not await self.service.read(_launched, self.key)


def _launched(connection: Connection, key: RunKey) -> bool:
    return launches.find(connection, key.project, key.uid) is not None


def _whole(data: bytes) -> int:
    """How much of the bytes ends with a whole character, if a cut one is at their end."""
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte & 0b1100_0000 == 0b1000_0000:
            continue
        width = 4 if byte >= 0xF0 else 3 if byte >= 0xE0 else 2 if byte >= 0xC0 else 1
        return len(data) - back if width > back else len(data)
    return len(data)


_RUN = f"lab/runs/(?P<project>[^/]+)/{UID}/log"

ROUTES = [
    Route(_RUN, Bytes),
    Route(f"{_RUN}/lines", Lines),
    Route(f"{_RUN}/search", Search),
    Route(f"{_RUN}/problem", Problem),
    Route(f"{_RUN}/tail", Tail),
]
