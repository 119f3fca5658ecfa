"""Functions."""

from __future__ import annotations

from ..store import functions
from . import PROJECT as PROJECT_PATH
from . import Route
from .base import PROJECT, Handler, guarded


class Functions(Handler):
    """The functions of a project."""

    @guarded("functions", run=PROJECT)
    async def get(self, project: str) -> None:
        """One entry for each version and tag."""
        asked = functions.Filter(
            name=self.query.text("name") or None,
            tag=self.query.text("tag") or None,
            kind=self.query.text("kind") or None,
            hash_key=self.query.text("hash_key") or None,
            labels=self.query.texts("label", "labels"),
            since=self.query.moment("since"),
            until=self.query.moment("until"),
        )
        found = await self.service.read(functions.select, project, asked)
        pagination = {"page": None, "page-size": None, "page-token": None}
        self.answer({"funcs": found, "pagination": pagination})


class Function(Handler):
    """One function."""

    @guarded("functions", run=PROJECT)
    async def get(self, project: str, name: str) -> None:
        """Its document, by tag or hash."""
        tag, hash_key = self.query.text("tag"), self.query.text("hash_key")
        self.answer({"func": await self.service.read(functions.read, project, name, tag, hash_key)})

    @guarded("functions")
    async def post(self, project: str, name: str) -> None:
        """Store a version."""
        hash_key = await self.service.write(
            functions.save, project, name, self.body(), self.query.text("tag"),
            self.query.flag("versioned"),
        )  # fmt: skip
        self.answer({"hash_key": hash_key})

    @guarded("functions")
    async def delete(self, project: str, name: str) -> None:
        """Remove every version."""
        await self.service.write(functions.delete, project, name)
        self.answer_nothing()


ROUTES = [
    Route(f"{PROJECT_PATH}/functions", Functions),
    Route(f"{PROJECT_PATH}/functions/(?P<name>[^/]+)", Function, "all"),
]
