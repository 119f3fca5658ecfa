"""Notifications of runs and of schedules, in MLRun's shape."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Connection

from ..services.background import Progress
from ..services.notifications import sent_by_service
from ..store import notifications as store
from ..store import runs
from ..store.runs import RunKey
from . import PROJECT as PROJECT_PATH
from . import UID, Route
from .base import Handler, guarded


class RunNotifications(Handler):
    """Whom a run tells."""

    @guarded("runs")
    async def put(self, project: str, uid: str) -> None:
        """Replace them; those for a state that the run is in already are sent."""
        key = RunKey(project, uid)
        await self.service.read(runs.read, key)
        given = self.body().get("notifications")
        taken = self.service.notifications.taken
        told = await self.service.threads.call(taken, project, given)
        await self.service.write(_replace, key, told)
        self.answer_nothing(200)


class PushNotifications(Handler):
    """A run's notifications, sent again."""

    @guarded("runs")
    async def post(self, project: str, uid: str) -> None:
        """The background task that hands them to the sender."""
        key = RunKey(project, uid)
        await self.service.read(runs.read, key)

        def work(progress: Progress) -> None:
            with self.service.database.write() as connection:
                state = runs.read(connection, key)["status"]["state"]
                number = store.wake_run(connection, project, uid, state, again=True)
            progress(number, number)

        kind = "run.push-notifications"
        self.answer(await self.service.background.start(project, kind, work, timeout=60), 202)


class ScheduleNotifications(Handler):
    """Whom the runs of a schedule tell."""

    @guarded("schedules")
    async def put(self, project: str, name: str) -> None:
        """Replace them."""
        given = self.body().get("notifications")
        await self.service.threads.call(self.service.scheduler.notify, project, name, given)
        self.service.events.wake()
        self.answer_nothing(200)


def _replace(connection: Connection, key: RunKey, told: list[dict[str, Any]]) -> None:
    store.replace(connection, key.project, "run", key.uid, sent_by_service(told))
    run = runs.update(connection, key, {"spec.notifications": told, "status.notifications": {}})
    store.wake_run(connection, key.project, key.uid, run["status"]["state"])


ROUTES = [
    Route(f"{PROJECT_PATH}/runs/{UID}/notifications", RunNotifications),
    Route(f"{PROJECT_PATH}/runs/{UID}/push-notifications", PushNotifications),
    Route(f"{PROJECT_PATH}/schedules/(?P<name>[^/]+)/notifications", ScheduleNotifications),
]
