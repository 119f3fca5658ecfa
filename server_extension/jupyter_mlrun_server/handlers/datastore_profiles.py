"""Datastore profiles: their public part; the private part is a secret of the project."""

from __future__ import annotations

import json
from typing import Any

from ..store import document_lists, documents
from ..store.documents import Noun, Place
from . import PROJECT as PROJECT_PATH
from . import Route
from .base import Handler, guarded
from .shapes import shaped

NOUN = Noun("profile", "", "Datastore profile")
SECRET = "datastore-profiles.{project}.{name}"


class DatastoreProfiles(Handler):
    """The datastore profiles of a project."""

    @guarded("datastore-profiles")
    async def get(self, project: str) -> None:
        """Public parts."""
        asked = document_lists.Filter(project)
        found = await self.service.read(document_lists.select, NOUN, asked)
        self.answer([public(each) for each in found])

    @guarded("datastore-profiles")
    async def put(self, project: str) -> None:
        """Make or replace one; its private part becomes a secret of the project."""
        body = shaped(self.body(), "DatastoreProfile")
        place = Place(project, body["name"])
        document = {
            "metadata": {"name": body["name"], "project": body["project"]},
            "spec": {"type": body["type"], "object": body["object"]},
        }
        await self.service.read(documents.named, NOUN, place, document)
        if body.get("private"):
            # first what can be refused: there is no profile without its private part
            name = SECRET.format(project=project, name=body["name"])
            # the body is masked by now: a private part that is saved once more would be lost
            secret = {name: json.loads(self.request.body)["private"]}
            await self.service.threads.slow(self.service.secrets.save, project, secret)
        self.answer(public(await self.service.write(documents.put, NOUN, place, document)))


class DatastoreProfile(Handler):
    """One datastore profile."""

    @guarded("datastore-profiles")
    async def get(self, project: str, name: str) -> None:
        """Its public part."""
        self.answer(public(await self.service.read(documents.read, NOUN, Place(project, name))))

    @guarded("datastore-profiles")
    async def delete(self, project: str, name: str) -> None:
        """Remove it with its secret; one that is not there is fine."""
        await self.service.write(documents.delete, NOUN, Place(project, name))
        secret = [SECRET.format(project=project, name=name)]
        await self.service.threads.call(self.service.secrets.delete, project, secret)
        self.answer_nothing()


def public(document: dict[str, Any]) -> dict[str, Any]:
    """A profile as MLRun's client reads it."""
    metadata, spec = document["metadata"], document["spec"]
    return {
        "name": metadata["name"], "type": spec["type"], "object": spec["object"],
        "private": None, "project": metadata["project"],
    }  # fmt: skip


ROUTES = [
    Route(f"{PROJECT_PATH}/datastore-profiles", DatastoreProfiles),
    Route(f"{PROJECT_PATH}/datastore-profiles/(?P<name>[^/]+)", DatastoreProfile),
]
