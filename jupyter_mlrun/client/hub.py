"""Hubs of functions, modules and steps: where an item of theirs lies."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..errors import MLRunInvalidArgumentError, MLRunNotFoundError
from .transport import Client, part

PREFIX = "hub://"


class HubUri(NamedTuple):
    """The parts of ``hub://[SOURCE/]NAME[:TAG]``."""

    source: str
    name: str
    tag: str


def parse(uri: str) -> HubUri:
    """The parts of an item's address."""
    text, _, tag = uri.removeprefix(PREFIX).partition(":")
    source, _, name = text.rpartition("/")
    if not name or "/" in source:
        raise MLRunInvalidArgumentError(
            f"'{uri}' is no address of a hub's item: write hub://[SOURCE/]NAME[:TAG]"
        )
    return HubUri(source, name.replace("_", "-").lower(), tag or "latest")


def locate(client: Client, uri: str, kind: str = "functions", file: str = "function.yaml") -> str:
    """The full address of a file of an item; sources are searched in their order."""
    wanted = parse(uri)
    source = _source(client, wanted, kind)
    spec = source["spec"]
    folder = wanted.name.replace("-", "_")
    return f"{spec['path']}/{kind}/{spec['channel']}/{folder}/{wanted.tag}/src/{file}"


def _source(client: Client, wanted: HubUri, kind: str) -> dict[str, Any]:
    if wanted.source:
        found: dict[str, Any] = client.json("GET", f"hub/sources/{part(wanted.source)}")
        return dict(found["source"])
    query = {"item-name": wanted.name, "tag": wanted.tag, "item-type": kind}
    sources: list[dict[str, Any]] = client.json("GET", "hub/sources", query)
    if not sources:
        raise MLRunNotFoundError(
            f"Item={wanted.name}, tag={wanted.tag} not found in any hub source"
        )
    return dict(sources[0]["source"])
