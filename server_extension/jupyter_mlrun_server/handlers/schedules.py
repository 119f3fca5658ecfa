"""Schedules, in MLRun's shape."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Connection

from jupyter_mlrun.errors import MLRunBadRequestError

from ..store import runs, schedules
from ..store.runs import RunKey
from ..store.schedules import Schedule as Row
from . import PROJECT as PROJECT_PATH
from . import Route
from .base import ANYBODY, EACH, PROJECT, Handler, guarded

NAME = r"(?P<name>[^/]+)"
KINDS = ("job", "pipeline", "local_function")


class Schedules(Handler):
    """The schedules of a project, or of all (``*``)."""

    @guarded("schedules", run=PROJECT, where=EACH)
    async def get(self, project: str) -> None:
        """Each with its next five times, and its last run on request."""
        readable = await self.readable() if project == "*" else None
        scope = project if readable is None else readable
        found = await self.service.read(
            schedules.select, scope, self.query.text("name"), self.query.choice("kind", KINDS),
            self.query.moment("next_run_time_since"), self.query.moment("next_run_time_until"),
            self.query.texts("label", "labels"),
        )  # fmt: skip
        with_runs = self.query.flag("include_last_run", False)
        shown = await self.service.threads.call(_all_shown, self, found, with_runs)
        self.answer({"schedules": shown})

    @guarded("schedules")
    async def post(self, project: str) -> None:
        """A new schedule."""
        await self.service.threads.call(
            self.service.scheduler.create, project, self.body(), self.identity
        )
        self.service.events.wake()
        self.answer_nothing(201)

    @guarded("schedules")
    async def delete(self, project: str) -> None:
        """Remove all of the project."""
        if project == "*":
            raise MLRunBadRequestError("Schedules are deleted in one project at a time: name it")
        await self.service.write(schedules.delete, project)
        self.answer_nothing()


class Schedule(Handler):
    """One schedule."""

    @guarded("schedules", run=PROJECT)
    async def get(self, project: str, name: str) -> None:
        """It, with its next five times, and its last run on request."""
        found = await self.service.read(schedules.read, project, name)
        with_run = self.query.flag("include_last_run", False)
        (shown,) = await self.service.threads.call(_all_shown, self, [found], with_run)
        self.answer(shown)

    @guarded("schedules")
    async def put(self, project: str, name: str) -> None:
        """Change what is given; ``desired_state`` ``paused`` and ``active`` stop and start it."""
        await self.service.threads.call(
            self.service.scheduler.update, project, name, self.body(), self.identity
        )
        self.service.events.wake()
        self.answer_nothing(200)

    @guarded("schedules")
    async def delete(self, project: str, name: str) -> None:
        """Remove it; runs that it has made stay."""
        await self.service.write(schedules.delete, project, name)
        self.answer_nothing()


class Invoke(Handler):
    """A run of a schedule out of its turn."""

    @guarded("schedules")
    async def post(self, project: str, name: str) -> None:
        """The run as recorded."""
        if await self.service.forward(self):
            return
        invoke = self.service.scheduler.invoke
        run = await self.service.threads.call(invoke, project, name, self.identity)
        self.answer({"data": run})


class Preview(Handler):
    """The times of a schedule that is being written."""

    @guarded("schedules", action="read", where=ANYBODY)
    async def post(self) -> None:
        """The next five, with zone; what cannot be a schedule is refused as it would be."""
        given = self.body().get("cron_trigger")
        self.answer(await self.service.threads.call(self.service.scheduler.preview, given))


def _all_shown(handler: Handler, found: list[Row], with_runs: bool) -> list[dict[str, Any]]:
    with handler.service.database.read() as connection:
        last = [_last_run(connection, each) if with_runs else None for each in found]
    scheduler = handler.service.scheduler
    return [scheduler.shown(each, run) for each, run in zip(found, last, strict=True)]


def _last_run(connection: Connection, schedule: Row) -> dict[str, Any] | None:
    if not schedule.last_run_uri:
        return None
    uid = schedule.last_run_uri.partition("@")[2].partition("#")[0]
    return runs.find(connection, RunKey(schedule.project, uid))


ROUTES = [
    Route(f"{PROJECT_PATH}/schedules", Schedules),
    Route(f"{PROJECT_PATH}/schedules/{NAME}", Schedule),
    Route(f"{PROJECT_PATH}/schedules/{NAME}/invoke", Invoke),
    Route("lab/schedules/preview", Preview),
]
