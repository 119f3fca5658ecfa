"""Projects."""

from __future__ import annotations

import shutil

from ..store import projects
from ..store.query import joined
from . import PROJECT as PROJECT_PATH
from . import Route
from .arguments import invalid
from .base import PROJECT, Handler, guarded

STRATEGIES = ("restrict", "restricted", "cascade", "cascading", "check")


class Projects(Handler):
    """All projects."""

    @guarded("projects")
    async def get(self) -> None:
        """Names or documents."""
        style = self.query.choice("format", ("name_only", "full", "minimal", "leader"), "full")
        found = await self.service.read(
            projects.select, self.query.text("state") or None, self.query.text("owner") or None
        )
        if style == "name_only":
            self.answer({"projects": [name for name, _ in found]})
            return
        self.answer_text(f'{{"projects":{joined([text for _, text in found])}}}')

    @guarded("projects")
    async def post(self) -> None:
        """A new project."""
        self.answer_text(await self.service.write(projects.create, self.body()), 201)


class Project(Handler):
    """One project."""

    @guarded("projects", run=PROJECT)
    async def get(self, project: str) -> None:
        """Its document."""
        self.answer_text(await self.service.read(projects.read, project))

    @guarded("projects")
    async def put(self, project: str) -> None:
        """Make or replace it."""
        self.answer_text(await self.service.write(projects.save, project, self.body()))

    @guarded("projects")
    async def patch(self, project: str) -> None:
        """Change parts of it."""
        additive = self.request.headers.get("x-mlrun-patch-mode", "replace") == "additive"
        self.answer_text(await self.service.write(projects.patch, project, self.body(), additive))

    @guarded("projects")
    async def delete(self, project: str) -> None:
        """Remove it, as the strategy in the header allows."""
        strategy = self.request.headers.get("x-mlrun-deletion-strategy", "restricted")
        if strategy not in STRATEGIES:
            words = ", ".join(f"'{word}'" for word in STRATEGIES)
            error = invalid(
                "x-mlrun-deletion-strategy",
                f"value is not a valid enumeration member; permitted: {words}",
                "type_error.enum", enum_values=list(STRATEGIES),
            )  # fmt: skip
            error.args[0][0]["loc"][0] = "header"
            raise error
        if await self.service.write(projects.delete, project, strategy):
            folder = self.service.place.project_folder(project)
            await self.service.threads.slow(shutil.rmtree, folder, ignore_errors=True)
        self.answer_nothing()


ROUTES = [Route("projects", Projects), Route(PROJECT_PATH, Project, "all")]
