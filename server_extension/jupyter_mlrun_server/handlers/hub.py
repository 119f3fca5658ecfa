"""Hubs: their sources, and the items of their catalogs."""

from __future__ import annotations

import mimetypes
from typing import Any

from jupyter_mlrun.errors import (
    MLRunBadRequestError,
    MLRunHTTPError,
    MLRunInvalidArgumentError,
    MLRunNotFoundError,
)

from ..services.hub import DEFAULT_NAME, SEALED, TYPES, Source, Wanted
from ..store import hub_sources
from ..store.hub_sources import LAST, Indexed
from . import Route
from .base import ADMINS, ANYBODY, Handler, guarded
from .clients import speaks_before
from .shapes import shaped


class HubHandler(Handler):
    """What the routes of hubs need."""

    async def sources(self) -> list[Indexed]:
        """Every source in order, the default one last."""
        found = await self.service.read(hub_sources.select)
        default = self.service.hub.default_source()
        return [*found, {"index": LAST, "source": default}] if default else found

    async def source(self, name: str) -> Source:
        """One source as it is stored."""
        default = self.service.hub.default_source()
        if name == DEFAULT_NAME and default:
            return default
        found: Source = (await self.service.read(hub_sources.read, name))["source"]
        return found

    def wanted(self) -> Wanted:
        """Which items the query asks for; each client writes the type in its own way."""
        query = self.query
        kind = (
            query.choice("item-type", TYPES)
            or query.choice("item_type", TYPES)
            or query.choice("object_type", TYPES, "functions")
        )
        refresh = query.flag("force-refresh")
        return Wanted(kind, query.text("tag"), query.text("version"), refresh)

    def told(self, indexed: Indexed) -> Indexed:
        """A source as this client reads it, without its credentials."""
        source = indexed["source"]
        spec = {key: value for key, value in source["spec"].items() if key != SEALED}
        metadata = dict(source["metadata"])
        if speaks_before(self.request, 9):
            spec.setdefault("object_type", "functions")
            if metadata["name"] == DEFAULT_NAME:
                metadata["description"] = "MLRun global function hub"
        source = {**source, "metadata": metadata, "spec": spec}
        return {"index": indexed["index"], "source": source}

    def indexed(self) -> tuple[int, Source]:
        """The body: where, and the source with its credentials sealed."""
        body = shaped(self.body(), "IndexedHubSource")
        source: Source = body["source"]
        if source["metadata"]["name"] == DEFAULT_NAME and self.service.hub.default_source():
            raise MLRunInvalidArgumentError("The default hub source cannot be changed")
        return body.get("index", LAST), self.service.hub.keep_credentials(source)


class HubSources(HubHandler):
    """The sources of hubs, in order."""

    @guarded("hub", where=ANYBODY)
    async def get(self) -> None:
        """All, or those that hold the item ``item-name``."""
        name, wanted = self.query.text("item-name"), self.wanted()
        found = await self.sources()
        if name:
            found = [each for each in found if await self._holds(each["source"], name, wanted)]
        self.answer([self.told(each) for each in found])

    @guarded("hub", where=ADMINS)
    async def post(self) -> None:
        """A new one; a name that is taken is a conflict."""
        index, source = self.indexed()
        self.answer(self.told(await self.service.write(hub_sources.create, index, source)), 201)

    async def _holds(self, source: Source, name: str, wanted: Wanted) -> bool:
        try:
            await self.service.threads.outward(self.service.hub.item, source, name, wanted)
        except (MLRunNotFoundError, MLRunBadRequestError):
            return False
        except MLRunHTTPError as error:
            hub = source["metadata"]["name"]
            self.log.warning("Hub source %s could not be asked for %s: %s", hub, name, error)
            return False
        return True


class HubSource(HubHandler):
    """One source of a hub."""

    @guarded("hub", where=ANYBODY)
    async def get(self, name: str) -> None:
        """With its place."""
        default = self.service.hub.default_source()
        if name == DEFAULT_NAME and default:
            self.answer(self.told({"index": LAST, "source": default}))
            return
        self.answer(self.told(await self.service.read(hub_sources.read, name)))

    @guarded("hub", where=ADMINS)
    async def put(self, name: str) -> None:
        """Make or replace it; the others move."""
        index, source = self.indexed()
        stored: Any = await self.service.write(hub_sources.save, name, index, source)
        self.answer(self.told(stored))

    @guarded("hub", where=ADMINS)
    async def delete(self, name: str) -> None:
        """Remove it; one that is not there is fine."""
        if name == DEFAULT_NAME and self.service.hub.default_source():
            raise MLRunInvalidArgumentError("The default hub source cannot be deleted")
        await self.service.write(hub_sources.delete, name)
        self.answer_nothing()


class HubItems(HubHandler):
    """The items of a source's catalog."""

    @guarded("hub", where=ANYBODY)
    async def get(self, name: str) -> None:
        """By name."""
        source = await self.source(name)
        found = await self.service.threads.outward(self.service.hub.catalog, source, self.wanted())
        channel = source["spec"]["channel"]
        self.answer({"kind": "HubCatalog", "channel": channel, "catalog": found})


class HubItem(HubHandler):
    """One item of a source's catalog."""

    @guarded("hub", where=ANYBODY)
    async def get(self, name: str, item: str) -> None:
        """Of a version or tag, by default the latest."""
        source = await self.source(name)
        call = self.service.hub.item
        self.answer(await self.service.threads.outward(call, source, item, self.wanted()))


class HubAsset(HubHandler):
    """A file of an item."""

    @guarded("hub", where=ANYBODY)
    async def get(self, name: str, item: str, asset: str) -> None:
        """Its bytes, caged."""
        source = await self.source(name)
        call = self.service.hub.asset
        path, reply = await self.service.threads.outward(call, source, item, asset, self.wanted())
        kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
        self.set_header("Content-Security-Policy", "sandbox")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.finish(reply.body, set_content_type=kind)


ITEM = r"hub/sources/(?P<name>[^/]+)/items/(?P<item>[^/]+)"
ROUTES = [
    Route("hub/sources", HubSources),
    Route(r"hub/sources/(?P<name>[^/]+)", HubSource),
    Route(r"hub/sources/(?P<name>[^/]+)/items", HubItems),
    Route(ITEM, HubItem),
    Route(rf"{ITEM}/assets/(?P<asset>[^/]+)", HubAsset),
]
