"""The bytes of artifacts, for previews and downloads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy.engine import Connection

from jupyter_mlrun.errors import MLRunNotFoundError

from ..services.files import Found
from ..store import artifacts, projects
from . import UID, Route
from .base import guarded
from .bytes import BytesHandler


class Bytes(BytesHandler):
    """What an artifact holds."""

    @guarded("artifacts")
    async def get(self, project: str, uid: str, path: str = "") -> None:
        """Its file, a file in its folder, or the list of what its folder holds."""
        artifact, document = await self.service.read(_read, project, uid)
        spec = artifact.get("spec") or {}
        if not spec.get("target_path"):
            self._send_inline(artifact, spec)
            return
        target = f"{spec['target_path']}/{path}" if path else str(spec["target_path"])
        found: Found = await self.service.threads.call(self.service.files.find, document, target)
        if found.is_folder:
            self.answer({"entries": await self.service.threads.call(found.entries)})
            return
        await self.send_file(found)

    @guarded("artifacts", action="read")
    async def head(self, project: str, uid: str, path: str = "") -> None:
        """The same without the bytes."""
        await type(self).get.__wrapped__(self, project, uid, path)  # type: ignore[attr-defined]

    def _send_inline(self, artifact: Mapping[str, Any], spec: Mapping[str, Any]) -> None:
        inline = spec.get("inline")
        if not isinstance(inline, str):
            key = (artifact.get("metadata") or {}).get("key")
            raise MLRunNotFoundError(f"Artifact {key} has neither a file nor a body of its own")
        kind = "text/html" if str(spec.get("format")) in ("html", "htm") else "text/plain"
        self.cage(kind)
        self.finish(inline, set_content_type=f"{kind}; charset=utf-8")


def _read(connection: Connection, project: str, uid: str) -> tuple[dict[str, Any], dict[str, Any]]:
    artifact = artifacts.by_uid(connection, project, uid)
    return artifact, json.loads(projects.read(connection, project))


_ARTIFACT = f"lab/artifacts/(?P<project>[^/]+)/{UID}/bytes"

ROUTES = [Route(_ARTIFACT, Bytes), Route(f"{_ARTIFACT}/(?P<path>.+?)", Bytes)]
