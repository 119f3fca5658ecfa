"""Hubs and their items under the method names of MLRun's ``get_run_db()``."""

from __future__ import annotations

from typing import Any

from ..answers import Answer, Reply
from ..arguments import document, query
from ..connected import Connected
from ..transport import part


class Hub(Connected):
    """Sources of functions, modules and steps, and what they have."""

    def create_hub_source(self, source: Any) -> Answer:
        """Add a source; raises MLRunConflictError where its name is taken."""
        return Answer(self.client.json("POST", _SOURCES, body=document(source, "source")))

    def store_hub_source(self, source_name: str, source: Any) -> Answer:
        """Make or replace a source."""
        path = f"{_SOURCES}/{part(source_name)}"
        return Answer(self.client.json("PUT", path, body=document(source, "source")))

    def list_hub_sources(
        self,
        item_name: str | None = None,
        tag: str | None = None,
        version: str | None = None,
        item_type: str = "functions",
    ) -> list[Answer]:
        """The sources in their order; with ``item_name`` those that have the item."""
        asked = query(tag=tag, version=version)
        if item_name:
            name = str(item_name).replace("_", "-").lower()
            asked |= query(item_name=name, item_type=item_type)
        return [Answer(each) for each in self.client.json("GET", _SOURCES, asked)]

    def get_hub_source(self, source_name: str) -> Answer:
        """A source; raises MLRunNotFoundError."""
        return Answer(self.client.json("GET", f"{_SOURCES}/{part(source_name)}"))

    def delete_hub_source(self, source_name: str) -> None:
        """Remove a source."""
        self.client.request("DELETE", f"{_SOURCES}/{part(source_name)}")

    def get_hub_catalog(
        self,
        source_name: str,
        version: str | None = None,
        tag: str | None = None,
        force_refresh: bool = False,
        object_type: str = "functions",
    ) -> Answer:
        """What a source has, read anew with ``force_refresh``."""
        asked = query(version=version, tag=tag, force_refresh=force_refresh)
        asked |= query(object_type=object_type)
        path = f"{_SOURCES}/{part(source_name)}/items"
        return Answer(self.client.json("GET", path, _underscored(asked)))

    def get_hub_item(
        self,
        source_name: str,
        item_name: str,
        version: str | None = None,
        tag: str = "latest",
        force_refresh: bool = False,
        item_type: str = "functions",
    ) -> Answer:
        """One item of a source; raises MLRunNotFoundError."""
        asked = query(version=version, tag=tag, force_refresh=force_refresh, item_type=item_type)
        path = f"{_SOURCES}/{part(source_name)}/items/{part(item_name)}"
        return Answer(self.client.json("GET", path, _underscored(asked)))

    def get_hub_asset(
        self,
        source_name: str,
        item_name: str,
        asset_name: str,
        version: str | None = None,
        tag: str = "latest",
        item_type: str = "functions",
    ) -> Reply:
        """A file that belongs to an item, such as its documentation."""
        asked = query(version=version, tag=tag, item_type=item_type)
        path = f"{_SOURCES}/{part(source_name)}/items/{part(item_name)}/assets/{part(asset_name)}"
        return Reply(self.client.request("GET", path, _underscored(asked)))


_SOURCES = "hub/sources"
# MLRun's query writes these as they are
_AS_THEY_ARE = {"item-type": "item_type", "object-type": "object_type"}


def _underscored(asked: dict[str, Any]) -> dict[str, Any]:
    return {_AS_THEY_ARE.get(name, name): value for name, value in asked.items()}
