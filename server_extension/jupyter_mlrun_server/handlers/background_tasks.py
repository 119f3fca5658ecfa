"""Background tasks, in MLRun's shape: a project's, and the service's own."""

from __future__ import annotations

from jupyter_mlrun.errors import MLRunNotFoundError

from ..store import background_tasks as store
from . import PROJECT as PROJECT_PATH
from . import Route
from .base import ANYBODY, PROJECT, Handler, guarded

NAME = r"(?P<name>[^/]+)"


class BackgroundTasks(Handler):
    """The tasks of a project."""

    @guarded("background-tasks", run=PROJECT)
    async def get(self, project: str) -> None:
        """Newest first; without a filter those of the last week."""
        state = self.query.choice("state", store.STATES)
        between = store.Moments(
            self.query.moment("created_from"), self.query.moment("created_to"),
            self.query.moment("last_update_time_from"), self.query.moment("last_update_time_to"),
        )  # fmt: skip
        found = await self.service.read(store.select, project, state, between)
        self.answer({"background_tasks": found})


class BackgroundTask(Handler):
    """One task of a project."""

    @guarded("background-tasks", run=PROJECT)
    async def get(self, project: str, name: str) -> None:
        """How far it is."""
        self.answer(await self.service.read(store.read, project, name))


class OwnTask(Handler):
    """One task of the service itself, such as the deletion of a project."""

    @guarded("background-tasks", where=ANYBODY)
    async def get(self, name: str) -> None:
        """How far it is."""
        if not name:
            raise MLRunNotFoundError("Name the background task")
        self.answer(await self.service.read(store.read, "", name))


ROUTES = [
    Route(f"{PROJECT_PATH}/background-tasks", BackgroundTasks),
    Route(f"{PROJECT_PATH}/background-tasks/{NAME}", BackgroundTask),
    Route(f"background-tasks/{NAME}", OwnTask),
]
