"""Artifacts as clients before MLRun 1.6 ask for them: the producer stands in the path."""

from __future__ import annotations

from typing import Any

from jupyter_mlrun.errors import MLRunBadRequestError, MLRunInvalidArgumentError

from ..store import artifacts
from ..store.artifacts import ArtifactKey
from . import PROJECT as PROJECT_PATH
from . import UID, Route
from .artifacts import Artifact, Artifacts
from .base import Handler, guarded

METADATA = ("key", "project", "iter", "tree", "description", "hash", "tag", "labels", "updated")


class Stored(Handler):
    """The artifact of one producer."""

    @guarded("artifacts")
    async def post(self, project: str, uid: str, key: str) -> None:
        """Store it, in today's shape or in the flat one of old clients."""
        try:
            body = self.body()
        except MLRunInvalidArgumentError:
            raise MLRunBadRequestError({"reason": "bad JSON body"}) from None
        query = self.query
        wanted = ArtifactKey(project, key, query.text("tag"), uid, "", query.iteration())
        await self.service.after(project, uid).write(artifacts.save, wanted, nested(body))
        self.answer({})


class Named(Artifact):
    """An artifact by its key; for a deletion the path may name the producer, the query the key."""

    @guarded("artifacts")
    async def delete(self, project: str, key: str) -> None:
        """Remove what is named; its file stays."""
        named = self.query.text("key")
        tag = self.query.text("tag")
        wanted = ArtifactKey(project, named or key, tag, key if named else "")
        await self.service.write(artifacts.delete, wanted)
        self.answer({})


def nested(document: dict[str, Any]) -> dict[str, Any]:
    """The document with metadata and spec; one of today's shape stays as it is."""
    if "metadata" in document or "spec" in document:
        return document
    kind = document.get("kind") or "artifact"
    rest = {key: value for key, value in document.items() if key != "kind"}
    return {
        "kind": kind,
        "metadata": {key: rest.pop(key) for key in METADATA if key in rest},
        "spec": rest,
    }


ROUTES = [
    Route(f"{PROJECT_PATH}/artifacts", Artifacts),
    Route(f"{PROJECT_PATH}/artifacts/{UID}/(?P<key>.+?)", Stored),
    Route(f"{PROJECT_PATH}/artifacts/(?P<key>.+?)", Named),
]
