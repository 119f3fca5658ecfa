"""Rows of functions for the panels."""

from __future__ import annotations

import json
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError

from ..store import function_usage, functions
from . import Route
from .base import EACH, PROJECT, Handler, guarded

MOST_VERSIONS = 50
HERE = ("", "handler", "local")


class Functions(Handler):
    """The newest version of each function."""

    _track_activity = False

    @guarded("functions", where=EACH)
    async def get(self) -> None:
        """Those whose name holds ``q``."""
        name = self.query.text("q")
        asked = functions.Filter(name=f"~{name}" if name else None, tag="latest")
        scope = await self.scope(self.query.text("project", "*"))
        page = await self.service.read(functions.select, scope, asked)
        self.answer([_row(json.loads(text)) for text in page.documents])


class Usage(Handler):
    """What became of a function's versions."""

    _track_activity = False

    @guarded("runs", run=PROJECT)
    async def get(self, project: str, name: str) -> None:
        """For each ``hash`` that ran the number of its runs and the row of the last one."""
        versions = self.query.texts("hash")
        if len(versions) > MOST_VERSIONS:
            raise MLRunInvalidArgumentError(f"At most {MOST_VERSIONS} versions are asked for")
        found = await self.service.read(
            function_usage.select, project, name, versions, self.service.place.host
        )
        each = ",".join(
            f'{json.dumps(usage.version)}:{{"runs":{usage.runs},"last":{usage.last}}}'
            for usage in found
        )
        self.answer_text(f'{{"usage":{{{each}}}}}')


def _row(document: dict[str, Any]) -> dict[str, Any]:
    metadata, spec = document["metadata"], _part(document, "spec")
    return {
        "project": metadata["project"],
        "name": metadata["name"],
        "tag": metadata.get("tag"),
        "hash": metadata.get("hash"),
        "updated": metadata.get("updated"),
        "kind": document.get("kind"),
        "handler": spec.get("default_handler"),
        "description": spec.get("description") or "",
        "state": _part(document, "status").get("state") or "",
        "needs_build": _needs_build(document),
        "labels": metadata.get("labels") or {},
    }


def _needs_build(document: dict[str, Any]) -> bool:
    """Whether it asks for an image of its own that is not there yet."""
    spec = _part(document, "spec")
    build = _part(spec, "build")
    asks = any(build.get(part) for part in ("commands", "requirements", "base_image"))
    return bool(asks and document.get("kind") not in HERE and not spec.get("image"))


def _part(document: dict[str, Any], name: str) -> dict[str, Any]:
    """A part of a document; empty where a client has written no object there."""
    part = document.get(name)
    return part if isinstance(part, dict) else {}


ROUTES = [
    Route("lab/functions", Functions),
    Route("lab/functions/(?P<project>[^/]+)/(?P<name>[^/]+)/usage", Usage),
]
