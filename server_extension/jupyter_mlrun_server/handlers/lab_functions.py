"""Rows of functions for the panels."""

from __future__ import annotations

import json
from typing import Any

from ..store import functions
from . import Route
from .base import EACH, Handler, guarded


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


def _row(document: dict[str, Any]) -> dict[str, Any]:
    metadata, spec = document["metadata"], document.get("spec") or {}
    return {
        "project": metadata["project"],
        "name": metadata["name"],
        "tag": metadata.get("tag"),
        "hash": metadata.get("hash"),
        "updated": metadata.get("updated"),
        "kind": document.get("kind"),
        "handler": spec.get("default_handler"),
        "labels": metadata.get("labels") or {},
    }


ROUTES = [Route("lab/functions", Functions)]
