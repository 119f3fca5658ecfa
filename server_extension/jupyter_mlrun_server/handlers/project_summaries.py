"""Project summaries."""

from __future__ import annotations

import json
from typing import Any

from jupyter_mlrun.errors import MLRunNotFoundError

from ..store import projects
from . import PROJECT as PROJECT_PATH
from . import Route
from .base import EACH, Handler, guarded


class ProjectSummaries(Handler):
    """How much the projects hold."""

    @guarded("projects", where=EACH)
    async def get(self) -> None:
        """By name."""
        name = self.query.text("name", "*")
        readable = await self.readable()
        found = await self.service.threads.call(self.service.summaries.of, name, readable)
        self.answer({"project_summaries": found})


class ProjectSummary(Handler):
    """How much a project holds."""

    @guarded("projects")
    async def get(self, project: str) -> None:
        """Its counters, never null."""
        found = await self.service.threads.call(self.service.summaries.of, project)
        if not found:
            raise MLRunNotFoundError(f"Project summary not found: {project}")
        self.answer(found[0])


class ProjectOwner(Handler):
    """The owner of a project."""

    @guarded("projects")
    async def get(self, project: str) -> None:
        """By name; there are no access keys here."""
        owner = await self.service.read(_owner, project) or self.service.place.owner
        self.answer({"username": owner, "access_key": ""})


def _owner(connection: Any, project: str) -> str:
    document = json.loads(projects.read(connection, project))
    return str((document.get("spec") or {}).get("owner") or "")


ROUTES = [
    Route("project-summaries", ProjectSummaries),
    Route("project-summaries/(?P<project>[^/]+)", ProjectSummary),
    Route(f"{PROJECT_PATH}/owner", ProjectOwner),
]
