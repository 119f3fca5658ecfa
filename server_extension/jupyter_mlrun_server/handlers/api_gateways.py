"""API gateways: stored and listed; what puts them up is Nuclio, which comes later."""

from __future__ import annotations

from typing import Any

from ..store import document_lists, documents
from ..store.documents import Noun, Place
from . import PROJECT as PROJECT_PATH
from . import Route
from .base import Handler, guarded
from .shapes import shaped

NOUN = Noun("api-gateway", "", "API gateway")


class APIGateways(Handler):
    """The API gateways of a project."""

    @guarded("api-gateways")
    async def get(self, project: str) -> None:
        """By name."""
        asked = document_lists.Filter(project)
        found = await self.service.read(document_lists.select, NOUN, asked)
        self.answer({"api_gateways": {each["metadata"]["name"]: each for each in found}})


class APIGateway(Handler):
    """One API gateway."""

    @guarded("api-gateways")
    async def get(self, project: str, name: str) -> None:
        """Its document."""
        self.answer(await self.service.read(documents.read, NOUN, Place(project, name)))

    @guarded("api-gateways")
    async def put(self, project: str, name: str) -> None:
        """Make or replace its document; it waits for an engine, so its state is empty."""
        body = without_passwords(shaped(self.body(), "APIGateway"))
        place = Place(project, name)
        self.answer(await self.service.write(documents.put, NOUN, place, body))

    @guarded("api-gateways")
    async def delete(self, project: str, name: str) -> None:
        """Remove it; one that is not there is fine."""
        await self.service.write(documents.delete, NOUN, Place(project, name))
        self.answer_nothing()


def without_passwords(body: dict[str, Any]) -> dict[str, Any]:
    """The document without the values that nobody may read again, and with no state of its own."""
    spec = dict(body["spec"])
    for kind, credentials in (spec.get("authentication") or {}).items():
        if isinstance(credentials, dict):
            spec["authentication"] = {kind: credentials | {"password": ""}}
    status = {"name": spec["name"], "state": ""}
    return {**body, "spec": spec, "status": status}


ROUTES = [
    Route(f"{PROJECT_PATH}/api-gateways", APIGateways),
    Route(f"{PROJECT_PATH}/api-gateways/(?P<name>[^/]+)", APIGateway),
]
