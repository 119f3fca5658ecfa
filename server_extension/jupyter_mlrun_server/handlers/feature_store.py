"""What feature sets and feature vectors have in common: versions, tags, references and lists."""

from __future__ import annotations

from typing import Any, ClassVar

from jupyter_mlrun.errors import MLRunBadRequestError

from ..store import document_lists, documents
from ..store.documents import Noun, Place
from ..store.partitions import Partition
from .arguments import PATCH_MODES
from .base import Handler, guarded
from .shapes import shaped

REFERENCE = r"(?P<name>[^/]+)/references/(?P<reference>[^/]+)"
KEPT = {
    "metadata": ("name", "project", "tag", "updated", "uid", "labels"),
    "spec": ("entities", "description", "targets", "engine"),
    "status": ("state",),
}


class VersionedHandler(Handler):
    """A noun whose documents have versions."""

    noun: ClassVar[Noun]
    key: ClassVar[str]

    def asked(self, project: str) -> document_lists.Filter:
        """Which documents the query asks for."""
        query = self.query
        by = query.choice("partition-by", ("name",))
        if by and not query.text("partition-sort-by"):
            raise MLRunBadRequestError("partition-by needs partition-sort-by: created or updated")
        partition = Partition(
            by or "name",
            query.whole("rows-per-partition", 1, low=1) or 1,
            query.choice("partition-sort-by", ("created", "updated"), "updated"),
            query.choice("partition-order", ("desc", "asc"), "desc"),
        )
        return document_lists.Filter(
            project,
            name=query.text("name"),
            tag=query.text("tag"),
            state=query.text("state"),
            labels=query.texts("label", "labels"),
            features=query.texts("feature"),
            entities=query.texts("entity"),
            partition=partition if by else None,
        )

    @property
    def versioned(self) -> bool:
        """Whether the content makes a version of its own."""
        return self.query.flag("versioned", True)


class Documents(VersionedHandler):
    """Those of a project."""

    @guarded("feature-store")
    async def get(self, project: str) -> None:
        """One entry for each version and tag."""
        brief = self.query.choice("format", ("full", "minimal"), "full") == "minimal"
        asked = self.asked(project)
        found = await self.service.read(document_lists.select, self.noun, asked)
        self.answer({self.key: [minimal(each) for each in found] if brief else found})

    @guarded("feature-store")
    async def post(self, project: str) -> None:
        """A new one; the same content is a conflict."""
        body = shaped(self.body(), self.noun.kind)
        self.answer(
            await self.service.write(documents.create, self.noun, project, body, self.versioned)
        )


class Versions(VersionedHandler):
    """Every version of a name."""

    @guarded("feature-store")
    async def delete(self, project: str, name: str) -> None:
        """Remove them; a name that is not there is fine."""
        await self.service.write(documents.delete, self.noun, Place(project, name))
        self.answer_nothing()


class Document(VersionedHandler):
    """One version, by tag or uid."""

    @guarded("feature-store")
    async def get(self, project: str, name: str, reference: str) -> None:
        """Its document."""
        place = Place(project, name, reference)
        self.answer(await self.service.read(documents.read, self.noun, place))

    @guarded("feature-store")
    async def put(self, project: str, name: str, reference: str) -> None:
        """Store it: new content is a new version and takes the tag."""
        body = shaped(self.body(), self.noun.kind)
        place = Place(project, name, reference)
        self.answer(
            await self.service.write(documents.save, self.noun, place, body, self.versioned)
        )

    @guarded("feature-store")
    async def patch(self, project: str, name: str, reference: str) -> None:
        """Change parts of it."""
        additive = self.query.header("x-mlrun-patch-mode", PATCH_MODES, "replace") == "additive"
        place, changes = Place(project, name, reference), self.body()
        self.answer(await self.service.write(self._patch, place, changes, additive))

    @guarded("feature-store")
    async def delete(self, project: str, name: str, reference: str) -> None:
        """Remove this version."""
        await self.service.write(documents.delete, self.noun, Place(project, name, reference))
        self.answer_nothing()

    def _patch(self, connection: Any, place: Place, changes: Any, additive: bool) -> Any:
        return documents.patch(connection, self.noun, place, changes, additive, self._shaped)

    def _shaped(self, merged: dict[str, Any]) -> None:
        shaped(merged, self.noun.kind)


class Tags(VersionedHandler):
    """The tags of a name; ``*`` is every name."""

    @guarded("feature-store")
    async def get(self, project: str, name: str) -> None:
        """Every tag once."""
        found = await self.service.read(documents.tags, self.noun, project, name)
        self.answer({"tags": found})


def minimal(document: dict[str, Any]) -> dict[str, Any]:
    """What a table shows of a document."""
    return {"kind": document.get("kind")} | {
        part: {key: document[part][key] for key in keys if key in document[part]}
        for part, keys in KEPT.items()
    }
