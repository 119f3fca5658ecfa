"""Clusters of functions: started and asked for as MLRun's client does, and shown in panels."""

from __future__ import annotations

from typing import Any

from jupyter_mlrun import uris
from jupyter_mlrun.errors import MLRunBadRequestError, MLRunInvalidArgumentError
from jupyter_mlrun_runtimes.function_cluster import ClusterSeen

from ..store import functions, projects
from . import PROJECT as PROJECT_PATH
from . import Route
from .base import BODY, EACH, Handler, guarded
from .shapes import shaped

NAME = r"(?P<name>[^/]+)"
TEXT = "it was stopped by its user"


class Start(Handler):
    """The cluster of a function, started."""

    @guarded("functions", where=BODY)
    async def post(self) -> None:
        """The background task that starts it, or finds the one that is there."""
        body = self.body()
        url = body.get("functionUrl")
        if not isinstance(url, str) or not url:
            raise MLRunInvalidArgumentError("The body has no 'functionUrl': PROJECT/NAME[:TAG]")
        uri = uris.parse_function(url.removeprefix("db://"))
        project = uri.project or "default"
        await self.require_role(project, "write")
        if await self.service.forward(self):
            return
        found = await self.service.read(functions.read, project, uri.name, uri.tag, uri.hash_key)
        interpreter, place = (str(body.get(name) or "") for name in ("interpreter", "place"))
        self.answer(await self.service.function_clusters.start(
            found, interpreter, place, self.user
        ))  # fmt: skip


class Status(Handler):
    """The state of a function's cluster."""

    @guarded("functions", where=BODY)
    async def post(self) -> None:
        """``running`` or ``pending``; not found where there is none."""
        body = shaped(self.body(), "FunctionStatusInput")
        kind, project = body["kind"], body.get("project") or "default"
        if kind != "dask":
            raise MLRunBadRequestError(
                f"Functions of kind {kind!r:.40} have no status of their own"
            )
        await self.require_role(project, "read")
        clusters, name = self.service.function_clusters, str(body.get("name") or "")
        self.answer({"data": await self.service.threads.slow(clusters.state, project, name)})


class Clusters(Handler):
    """The clusters of a project's functions; ``*`` is every project."""

    _track_activity = False

    @guarded("functions", where=EACH)
    async def get(self, project: str) -> None:
        """Those that are alive, and of other functions the last one."""
        seen = await self.service.threads.slow(self.service.function_clusters.find, project)
        readable = await self.readable() if project == "*" else None
        shown = [each for each in seen if readable is None or each.project in readable]
        self.answer({"clusters": [_row(each) for each in shown]})


class Cluster(Handler):
    """The cluster of one function."""

    @guarded("functions")
    async def patch(self, project: str, name: str) -> None:
        """Have as many workers as ``workers`` says."""
        await self.service.read(projects.require, project)
        workers = self.body().get("workers")
        clusters = self.service.function_clusters
        await self.service.threads.slow(clusters.scale, project, name, workers)
        self.answer({})

    @guarded("functions")
    async def delete(self, project: str, name: str) -> None:
        """Stop it; without one there is nothing to do."""
        clusters = self.service.function_clusters
        await self.service.threads.slow(clusters.stop, project, name, TEXT)
        self.answer({})


class ClusterLog(Handler):
    """What a function's cluster writes."""

    _track_activity = False

    @guarded("functions")
    async def get(self, project: str, name: str) -> None:
        """Its log from ``offset`` on, or that of a ``part``, such as one of its workers."""
        clusters = self.service.function_clusters
        part, offset = self.query.text("part"), self.query.whole("offset", 0, low=0) or 0
        data, parts = await self.service.threads.slow(clusters.log, project, name, part, offset)
        text = data.decode("utf-8", "replace")
        self.answer({"text": text, "offset": offset, "next": offset + len(data), "parts": parts})


def _row(seen: ClusterSeen) -> dict[str, Any]:
    return {
        "project": seen.project,
        "function": seen.function,
        "name": seen.name,
        "place": seen.place,
        "state": seen.state,
        "reason": seen.reason,
        "scheduler_address": seen.scheduler_address,
        "dashboard": seen.dashboard,
        "workers": list(seen.workers),
        "tasks": seen.tasks,
        "started_at": seen.started_at,
    }


LAB = f"lab/{PROJECT_PATH}/function-clusters"
ROUTES = [
    Route("start/function", Start),
    Route("status/function", Status),
    Route(LAB, Clusters),
    Route(f"{LAB}/{NAME}", Cluster),
    Route(f"{LAB}/{NAME}/log", ClusterLog),
]
