"""Functions."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Connection

from ..store import functions, shape
from . import PROJECT as PROJECT_PATH
from . import Route, pages
from .base import EACH, PROJECT, Handler, guarded

FORMATS = ("full", "minimal")


class Functions(Handler):
    """The functions of a project."""

    @guarded("functions", run=PROJECT, where=EACH)
    async def get(self, project: str) -> None:
        """One entry for each version and tag."""
        question = pages.question(self, "functions", project, functions.Filter, self._asked)
        await pages.answer(self, "funcs", question, functions.select)

    def _asked(self) -> functions.Filter:
        query = self.query
        return functions.Filter(
            name=query.text("name") or None,
            tag=query.text("tag") or None,
            kind=query.text("kind") or None,
            hash_key=query.text("hash_key") or None,
            labels=query.texts("label", "labels"),
            since=query.moment("since"),
            until=query.moment("until"),
            states=query.texts("state", "states"),
            minimal=query.choice("format", FORMATS, "full") == "minimal",
        )


class Function(Handler):
    """One function."""

    @guarded("functions", run=PROJECT)
    async def get(self, project: str, name: str) -> None:
        """Its document, by tag or hash."""
        tag, hash_key = self.query.text("tag"), self.query.text("hash_key")
        minimal = self.query.choice("format", FORMATS, "full") == "minimal"

        def read(connection: Connection) -> dict[str, Any]:
            found = functions.read(connection, project, name, tag, hash_key)
            return {"func": shape.picked(found, functions.MINIMAL) if minimal else found}

        await self.answer_from(self.service.read, read)

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
        """Remove every version, or that of a tag or hash."""
        tag, hash_key = self.query.text("tag"), self.query.text("hash_key")
        # its builds are followed by the leading server
        if not hash_key and await self.service.forward(self):
            return
        await self.service.write(functions.delete, project, name, tag, hash_key)
        if not hash_key:
            # one of its name that comes later is not built
            await self.service.threads.slow(self.service.builds.forget, project, name, tag)
        self.answer_nothing()


ROUTES = [
    Route(f"{PROJECT_PATH}/functions", Functions),
    Route(f"{PROJECT_PATH}/functions/(?P<name>[^/]+)", Function, "all"),
]
