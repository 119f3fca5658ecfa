"""Images of functions: built, and how far they are, as MLRun's client asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun_runtimes.build.arguments import check_variables
from jupyter_mlrun_runtimes.build.contract import READY
from jupyter_mlrun_runtimes.build.plan import Wish

from ..services.build_folders import Build
from ..store import functions
from . import PROJECT as PROJECT_PATH
from . import Route
from .arguments import FALSE, TRUE
from .base import BODY, Handler, guarded

STOPPED = "it was stopped by its user"


class BuildFunction(Handler):
    """The image of a function, built."""

    @guarded("build", where=BODY)
    async def post(self) -> None:
        """The function with its status, and whether its image is ready; else its build began."""
        body = self.body()
        function = body.get("function")
        metadata = function.get("metadata") if isinstance(function, Mapping) else None
        if not isinstance(function, Mapping) or not isinstance(metadata, Mapping):
            raise MLRunInvalidArgumentError("The body has no 'function': give a function document")
        await self.require_role(str(metadata.get("project") or "default"), "write")
        if await self.service.forward(self):
            return
        builds, wish = self.service.builds, self._wish(body)
        document, is_ready = await self.service.threads.slow(
            builds.start, function, wish, self.user
        )
        self.service.events.wake()
        self.answer({"data": document, "ready": is_ready})

    def _wish(self, body: Mapping[str, Any]) -> Wish:
        env = body.get("builder_env") or {}
        if not isinstance(env, Mapping):
            raise MLRunInvalidArgumentError("builder_env must be an object of names and values")
        version = body.get("mlrun_version_specifier") or ""
        if not isinstance(version, str) or "\n" in version:
            raise MLRunInvalidArgumentError("mlrun_version_specifier must be a requirement of pip")
        headers = self.request.headers
        return Wish(
            with_mlrun=_flag(body, "with_mlrun"),
            mlrun_specifier=version,
            skip_deployed=_flag(body, "skip_deployed"),
            force=_flag(body, "force_build"),
            builder_env=check_variables(env, "builder_env"),
            client_version=headers.get("x-mlrun-client-version", ""),
            client_python=headers.get("x-mlrun-client-python-version", ""),
        )


class BuildStatus(Handler):
    """How far the image of a function is."""

    _track_activity = False

    @guarded("build", where=BODY)
    async def get(self) -> None:
        """The log of its build from ``offset`` on; its state and its image by headers."""
        query = self.query
        name, project = query.text("name"), query.text("project", "default")
        logs, _ = query.flag("logs", True), query.flag("verbose")
        offset, _ = query.whole("offset", 0, low=0), query.whole("events_offset", low=0)
        query.number("last_log_timestamp", 0.0)
        await self.require_role(project, "read")
        tag = query.text("tag")
        found = await self.service.read(functions.read, project, name, tag)
        builds = self.service.builds
        build = await self.service.threads.slow(builds.state, project, name, tag)
        data = b""
        if build is not None and logs:
            data = await self.service.threads.call(builds.read_log, build, offset or 0)
        self._tell(found, build)
        self.finish(data, set_content_type="text/plain; charset=utf-8")

    def _tell(self, function: Mapping[str, Any], build: Build | None) -> None:
        status, spec = function.get("status") or {}, function.get("spec") or {}
        state, image, pod = status.get("state"), spec.get("image"), ""
        if build is not None:
            record = build.record
            state, pod = record["state"], record["name"]
            image = record["image"] if state == READY else ""
        self.set_header("x-mlrun-function-status", header_text(state))
        self.set_header("x-mlrun-last-timestamp", "0.0")
        self.set_header("function_image", header_text(image))
        self.set_header("builder_pod", header_text(pod))
        self.set_header("deploy_status_text_kind", "logs")


class RunningBuild(Handler):
    """The newest build of a function."""

    @guarded("build")
    async def delete(self, project: str, name: str) -> None:
        """Stop it; one that has ended stays as it is."""
        if await self.service.forward(self):
            return
        builds, tag = self.service.builds, self.query.text("tag")
        await self.service.threads.slow(builds.stop, project, name, tag, STOPPED)
        self.answer({})


def header_text(value: Any) -> str:
    """The value on one line of ASCII, as a header can hold it."""
    text = value if isinstance(value, str) else ""
    return text.encode("ascii", "replace").decode().replace("\r", " ").replace("\n", " ")[:500]


def _flag(body: Mapping[str, Any], name: str) -> bool:
    value = body.get(name)
    if value is None or isinstance(value, bool):
        return bool(value)
    text = str(value).lower()
    if text not in TRUE | FALSE | {"", "none"}:
        raise MLRunInvalidArgumentError(f"{name} is {value!r:.40}: give yes or no")
    return text in TRUE


ROUTES = [
    Route("build/function", BuildFunction),
    Route("build/status", BuildStatus),
    Route(f"lab/{PROJECT_PATH}/builds/(?P<name>[^/]+)", RunningBuild),
]
