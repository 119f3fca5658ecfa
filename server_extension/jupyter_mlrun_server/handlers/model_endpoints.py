"""Model endpoints: stored and listed; what watches them comes later."""

from __future__ import annotations

import json
import re
from typing import Any

from jupyter_mlrun.errors import MLRunBadRequestError

from ..store import model_endpoints
from ..store.document_lists import Filter as DocumentFilter
from ..store.model_endpoints import STRATEGIES, Filter, Named
from . import PROJECT as PROJECT_PATH
from . import Route
from .arguments import invalid
from .base import Handler, guarded
from .clients import speaks_before
from .shapes import shaped

UID = re.compile(r"[a-fA-F0-9-]{32,40}")


class ModelEndpoints(Handler):
    """The model endpoints of a project."""

    @guarded("model-endpoints")
    async def get(self, project: str) -> None:
        """Newest first."""
        found = await self.service.read(model_endpoints.select, self._asked(project))
        self.answer({"endpoints": found})

    @guarded("model-endpoints")
    async def post(self, project: str) -> None:
        """Make one, or update the latest of its name, as the strategy says."""
        body = shaped(self.body(), "ModelEndpoint")
        strategy = self.query.choice("creation-strategy", STRATEGIES, "inplace")
        create = model_endpoints.create
        self.answer(await self.service.write(create, project, body, strategy))

    @guarded("model-endpoints")
    async def patch(self, project: str) -> None:
        """Change the attributes that are named; answers with the uid."""
        body = shaped(self.body(), "ModelEndpoint")
        keys = self.query.texts("attribute-key")
        if not keys:
            raise invalid("attribute-key", "field required", "value_error.missing")
        metadata, spec = body["metadata"], body["spec"]
        which = Named(
            project, metadata["name"], metadata.get("uid") or "", spec.get("function_name") or "",
            spec.get("function_tag") or "",
        )  # fmt: skip
        changed = await self.service.write(model_endpoints.patch, which, body, keys)
        self.answer(changed["metadata"]["uid"])

    def _asked(self, project: str) -> Filter:
        query = self.query
        # clients before 1.8 bound the metrics by it, in words such as now-1h
        of_metrics = speaks_before(self.request, 8)
        names = query.texts("name")
        listed = DocumentFilter(
            project, names=names, uids=query.texts("uid"), labels=query.texts("label", "labels")
        )
        return Filter(
            listed,
            function=query.text("function-name") or query.text("function"),
            function_tag=query.text("function-tag"),
            model=query.text("model-name") or query.text("model"),
            model_tag=query.text("model-tag"),
            modes=self._modes(),
            since=None if of_metrics else query.moment("start"),
            until=None if of_metrics else query.moment("end"),
            top_level=query.flag("top-level"),
            latest=query.flag("latest-only"),
        )

    def _modes(self) -> tuple[int, ...]:
        try:
            return tuple(int(text) for text in self.query.texts("mode"))
        except ValueError:
            raise invalid("mode", "value is not a valid integer", "type_error.integer") from None


class ModelEndpoint(Handler):
    """One model endpoint, by its uid or the latest of its name and function."""

    @guarded("model-endpoints")
    async def get(self, project: str, name: str) -> None:
        """Its document."""
        self.answer(await self.service.read(model_endpoints.read, self._which(project, name)))

    @guarded("model-endpoints")
    async def post(self, project: str, name: str) -> None:
        """Store it under this uid, as clients before 1.8 do."""
        document = as_document(self.body(), project, name)
        which = Named(project, document["metadata"]["name"], name)
        await self.service.write(model_endpoints.save, which, document)
        self.answer_nothing()

    @guarded("model-endpoints")
    async def patch(self, project: str, name: str) -> None:
        """Change attributes, given as JSON in the query, as clients before 1.8 do."""
        try:
            attributes = json.loads(self.query.text("attributes"))
        except ValueError:
            attributes = None
        if not isinstance(attributes, dict):
            raise MLRunBadRequestError("'attributes' must be a JSON object")
        which = self._which(project, name)
        self.answer(await self.service.write(model_endpoints.set_attributes, which, attributes))

    @guarded("model-endpoints")
    async def delete(self, project: str, name: str) -> None:
        """Remove it; one that is not there is fine."""
        await self.service.write(model_endpoints.delete, self._which(project, name))
        self.answer_nothing()

    def _which(self, project: str, name: str) -> Named:
        query = self.query
        function = query.text("function-name")
        uid = query.text("endpoint-id").replace("-", "")
        if not uid and not function and UID.fullmatch(name):
            # clients before 1.8 name an endpoint by its uid
            uid = name
        return Named(project, name, uid, function, query.text("function-tag"))


class Metrics(Handler):
    """The metrics of a model endpoint: none before something watches it."""

    @guarded("model-endpoints")
    async def get(self, project: str, name: str) -> None:
        """Always empty in this release; an unknown endpoint is refused."""
        which = Named(project, name, name.replace("-", ""))
        await self.service.read(model_endpoints.read, which)
        self.answer([])


class MetricsValues(Metrics):
    """The values of a model endpoint's metrics: none before something watches it."""


def as_document(body: dict[str, Any], project: str, uid: str) -> dict[str, Any]:
    """The document of a client before 1.8 with a name: its model's, else its uid."""
    parts = {part: dict(value) if isinstance(value := body.get(part), dict) else {}
             for part in ("metadata", "spec", "status")}  # fmt: skip
    model = str(parts["spec"].get("model") or "").partition(":")[0]
    usable = re.fullmatch(r"[a-zA-Z0-9_-]+", model)
    parts["metadata"] |= {"name": model if usable else uid, "project": project, "uid": uid}
    return shaped({**body, **parts, "kind": "model-endpoint"}, "ModelEndpoint")


PATH = f"{PROJECT_PATH}/model-endpoints"
ROUTES = [
    Route(PATH, ModelEndpoints),
    Route(f"{PATH}/(?P<name>[^/]+)/metrics", Metrics),
    Route(f"{PATH}/(?P<name>[^/]+)/metrics-values", MetricsValues),
    Route(f"{PATH}/(?P<name>[^/]+)", ModelEndpoint),
]
