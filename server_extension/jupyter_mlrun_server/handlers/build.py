"""The state of functions: what is deployed or built; engines that do so come later."""

from __future__ import annotations

from typing import Any

from ..store import functions
from . import Route
from .base import BODY, Handler, guarded


class BuildStatus(Handler):
    """How far the image of a function is."""

    @guarded("build", where=BODY)
    async def get(self) -> None:
        """No log, since nothing is built here; the state as the function has it, by header."""
        query = self.query
        name, project = query.text("name"), query.text("project", "default")
        query.flag("logs"), query.flag("verbose")
        query.whole("offset", low=0), query.whole("events_offset", low=0)
        query.number("last_log_timestamp", 0.0)
        await self.require_role(project, "read")
        found = await self.service.read(functions.read, project, name, query.text("tag"))
        status, spec = found.get("status") or {}, found.get("spec") or {}
        self.set_header("x-mlrun-function-status", header_text(status.get("state")))
        self.set_header("x-mlrun-last-timestamp", "0.0")
        self.set_header("function_image", header_text(spec.get("image")))
        self.set_header("builder_pod", "")
        self.set_header("deploy_status_text_kind", "logs")
        self.finish(b"", set_content_type="text/plain")


def header_text(value: Any) -> str:
    """The value on one line of ASCII, as a header can hold it."""
    text = value if isinstance(value, str) else ""
    return text.encode("ascii", "replace").decode().replace("\r", " ").replace("\n", " ")[:500]


ROUTES = [Route("build/status", BuildStatus)]
