"""Pipelines and workflows: what those that ran in a client left behind; the engine comes later."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy.engine import Connection

from jupyter_mlrun.errors import MLRunBadRequestError, MLRunNotFoundError

from ..store import pipelines, projects, runs
from ..store.runs import RunKey
from . import PROJECT as PROJECT_PATH
from . import Route
from .base import EACH, Handler, guarded
from .later import later

FORMATS = ("full", "metadata_only", "summary", "name_only")
ENGINES = ("kfp", "local", "remote", "remote:kfp", "remote:local")
ORDERS = ("created_at desc",)
MOST = 200


class Pipelines(Handler):
    """The pipelines of a project; ``*`` is every project."""

    @guarded("pipelines", where=EACH)
    async def get(self, project: str) -> None:
        """Newest first, in pages where a size is given."""
        style = self.query.choice("format", FORMATS, "metadata_only")
        if self.query.text("filter"):
            raise MLRunBadRequestError(
                "'filter' is in the language of Kubeflow Pipelines, which this service does not "
                "speak: list all and choose"
            )
        self.query.choice("sort_by", ORDERS)
        size = self.query.whole("page_size", low=1)
        token = self.query.text("page_token")
        if token and not re.fullmatch(r"[0-9]{1,9}", token):
            raise MLRunBadRequestError(f"Page token {token!r:.40} is not one: begin without")
        skip = int(token or 0)
        limit = min(size, MOST) if size else MOST if token else None
        readable = await self.readable() if project == "*" else None
        part = pipelines.Slice(skip, limit)
        found, total = await self.service.read(_select, project, readable, part)
        ended = limit is None or skip + len(found) >= total
        shown: list[Any] = [each["name"] for each in found] if style == "name_only" else found
        following = None if ended else str(skip + len(found))
        self.answer({"runs": shown, "total_size": total, "next_page_token": following})

    post = later("pipelines")


class Pipeline(Handler):
    """One pipeline."""

    @guarded("pipelines", where=EACH)
    async def get(self, project: str, name: str) -> None:
        """Its summary: itself and its runs."""
        self.query.choice("format", FORMATS, "summary")
        readable = await self.readable() if project == "*" else None
        self.answer(await self.service.read(pipelines.read, project, name, readable))


class WorkflowRun(Handler):
    """The workflow that a run has begun."""

    @guarded("workflows")
    async def get(self, project: str, name: str, uid: str) -> None:
        """Its id."""
        self.query.choice("engine", ENGINES)
        run = await self.service.read(runs.read, RunKey(project, uid))
        results = run["status"].get("results")
        identity = results.get("workflow_id") if isinstance(results, dict) else None
        labelled = (run["metadata"].get("labels") or {}).get(pipelines.LABEL)
        if not (identity or labelled):
            raise MLRunNotFoundError(f"Run {uid} of project {project} has begun no workflow {name}")
        self.answer({"workflow_id": str(identity or labelled)})


class WorkflowRetry(Handler):
    """Whether a workflow is tried again."""

    @guarded("workflows")
    async def post(self, project: str, name: str, uid: str) -> None:
        """Note it at the run that has begun it."""
        retrying = self.query.flag("retrying")
        changes = {"status.retrying": retrying}
        await self.service.write(runs.update, RunKey(project, uid), changes)
        self.answer({})


def _select(
    connection: Connection, project: str, readable: frozenset[str] | None, part: pipelines.Slice
) -> tuple[list[dict[str, Any]], int]:
    if project != "*":
        projects.require(connection, project)
    return pipelines.select(connection, project, readable, part=part)


RUN = f"{PROJECT_PATH}/workflows/(?P<name>[^/]+)/runs/(?P<uid>[^/]+)"
ROUTES = [
    Route(f"{PROJECT_PATH}/pipelines", Pipelines),
    Route(f"{PROJECT_PATH}/pipelines/(?P<name>[^/]+)", Pipeline),
    Route(RUN, WorkflowRun),
    Route(f"{RUN}/set-retry-status", WorkflowRetry),
]
