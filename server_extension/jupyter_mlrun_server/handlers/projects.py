"""Projects."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy.engine import Connection

from jupyter_mlrun.errors import MLRunConflictError

from ..services.access import WRITE, Wish
from ..store import members, projects
from ..store.query import joined
from . import PROJECT as PROJECT_PATH
from . import Route
from .arguments import PATCH_MODES
from .base import ANYBODY, EACH, PROJECT, Handler, guarded

FORMATS = ("full", "name_only", "minimal", "leader", "name_and_creation_time")
LARGE = ("functions", "workflows", "artifacts")
STRATEGIES = ("restrict", "restricted", "cascade", "cascading", "check")


class Projects(Handler):
    """All projects."""

    @guarded("projects", where=EACH)
    async def get(self) -> None:
        """Names or documents."""
        style = self.query.choice("format", FORMATS, "full")
        query = self.query
        found = await self.service.read(
            projects.select, query.text("state") or None, query.text("owner") or None,
            query.texts("label", "labels"),
        )  # fmt: skip
        readable = await self.readable()
        if readable is not None:
            found = [(name, text) for name, text in found if name in readable]
        if style in ("full", "leader"):
            self.answer_text(f'{{"projects":{joined([text for _, text in found])}}}')
        else:
            self.answer({"projects": [_shown(name, text, style) for name, text in found]})

    @guarded("projects", where=ANYBODY)
    async def post(self) -> None:
        """A new project; where roles are kept, its sender is its owner."""
        text = await self.service.write(_create, self.body(), self.founder)
        self.service.authorizer.forget()
        self.answer_text(text, 201)


class Project(Handler):
    """One project."""

    @guarded("projects", run=PROJECT)
    async def get(self, project: str) -> None:
        """Its document."""
        self.answer_text(await self.service.read(projects.read, project))

    @guarded("projects")
    async def put(self, project: str) -> None:
        """Make or replace it."""
        may = not self.founder or await self._may_change(project)
        text = await self.service.write(_save, project, self.body(), self.founder, may)
        self.service.authorizer.forget()
        self.answer_text(text)

    @guarded("projects")
    async def patch(self, project: str) -> None:
        """Change parts of it."""
        mode = self.query.header("x-mlrun-patch-mode", PATCH_MODES, "replace")
        additive = mode == "additive"
        self.answer_text(await self.service.write(projects.patch, project, self.body(), additive))

    @guarded("projects")
    async def delete(self, project: str) -> None:
        """Remove it, as the strategy in the header allows."""
        strategy = self.query.header("x-mlrun-deletion-strategy", STRATEGIES, "restricted")
        await self.service.threads.slow(self.service.deletion.project, project, strategy)
        self.service.events.wake()
        self.answer_nothing()

    async def _may_change(self, project: str) -> bool:
        """Whether the sender may change what is there; whoever makes it need not."""
        wish = Wish(WRITE, "projects", project, "PUT")
        allows = self.service.authorizer.allows
        return await self.service.threads.call(allows, self.identity, wish)


def _shown(name: str, text: str, style: str) -> Any:
    """A project as a short format has it."""
    if style == "name_only":
        return name
    document = json.loads(text)
    if style == "name_and_creation_time":
        return [name, document["metadata"]["created"]]
    document["spec"] = {key: item for key, item in document["spec"].items() if key not in LARGE}
    return document


def _create(connection: Connection, document: dict[str, Any], founder: str) -> str:
    text = projects.create(connection, _owned(document, founder))
    if founder:
        members.found_project(connection, json.loads(text)["metadata"]["name"], founder)
    return text


def _save(
    connection: Connection, name: str, document: dict[str, Any], founder: str, may_change: bool
) -> str:
    exists = projects.created(connection, name) is not None
    if exists and not may_change:
        raise MLRunConflictError(
            f"Project {name} was made by somebody else in this moment: choose another name, or "
            "ask its owners for a role"
        )
    if exists or not founder:
        return projects.save(connection, name, document)
    text = projects.save(connection, name, _owned(document, founder))
    members.found_project(connection, name, founder)
    return text


def _owned(document: dict[str, Any], founder: str) -> dict[str, Any]:
    spec = document.get("spec") or {}
    if not founder or not isinstance(spec, dict):
        return document
    return {**document, "spec": {**spec, "owner": spec.get("owner") or founder}}


ROUTES = [Route("projects", Projects), Route(PROJECT_PATH, Project, "all")]
