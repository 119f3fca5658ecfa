"""Runs, in MLRun's shape."""

from __future__ import annotations

import shutil
from functools import partial
from typing import Any

from sqlalchemy.engine import Connection

from jupyter_mlrun import states, uris
from jupyter_mlrun.errors import (
    MLRunBadRequestError,
    MLRunInvalidArgumentError,
    MLRunNotFoundError,
)
from jupyter_mlrun.model.document import dumps
from jupyter_mlrun.names import is_uid

from ..services.notifications import tells
from ..services.secrets import take_inline
from ..services.service import is_handler
from ..store import artifacts, run_lists, runs, times
from ..store.query import Page, Scope
from ..store.run_lists import Filter, document_shown
from ..store.runs import RunKey
from . import PROJECT as PROJECT_PATH
from . import UID, Route, pages
from .base import EACH, OWN, PROJECT, Handler, guarded

PARTITIONS = ("name", "project_and_name")
SLICE = 500
ABORT_TEXT = "Run was aborted by user"


class Runs(Handler):
    """The runs of a project, or of all (``*``)."""

    @guarded("runs", run=PROJECT, where=EACH)
    async def get(self, project: str) -> None:
        """A page, or everything that fits."""
        host = self.service.place.host

        def select(connection: Connection, scope: Scope, asked: Filter) -> Page:
            return run_lists.select(connection, scope, asked, host)

        question = pages.question(self, "runs", project, Filter, partial(self._asked, project))
        await pages.answer(self, "runs", question, select)

    @guarded("runs")
    async def delete(self, project: str) -> None:
        """Remove ended runs by filter."""
        if project == "*":
            raise MLRunBadRequestError("Runs are deleted in one project at a time: name it")
        asked = Filter(
            name=self.query.text("name") or None,
            labels=self.query.texts("label", "labels"),
            states=self.query.texts("state"),
        )
        days = self.query.whole("days_ago", low=0)
        if days:
            # as MLRun has it: those that began since then
            asked.start_from = times.now() - days * 86_400_000_000
        chosen = await self.service.read(run_lists.chosen_for_deletion, project, asked)
        for first in range(0, len(chosen), SLICE):
            part = chosen[first : first + SLICE]
            removed = await self.service.write(runs.delete_ended, project, part)
            await self.service.threads.slow(remove_folders, self, project, removed)
        self.answer_nothing()

    def _asked(self, project: str) -> Filter:
        named = set(self.request.query_arguments) - {"page", "page-size", "format"}
        return self._filter() if named else run_lists.last_week(project)

    def _filter(self) -> Filter:
        query = self.query
        partition = query.choice("partition-by", PARTITIONS) or None
        if partition and not query.text("partition-sort-by"):
            raise MLRunBadRequestError("partition-by needs partition-sort-by: created or updated")
        return Filter(
            name=query.text("name") or None,
            uids=query.texts("uid"),
            labels=query.texts("label", "labels"),
            states=query.choices("states", states.ALL) + query.choices("state", states.ALL),
            iterations=query.flag("iter", True),
            start_from=query.moment("start_time_from"),
            start_to=query.moment("start_time_to"),
            update_from=query.moment("last_update_time_from"),
            update_to=query.moment("last_update_time_to"),
            end_from=query.moment("end_time_from"),
            end_to=query.moment("end_time_to"),
            partition_by=partition,
            rows_per_partition=query.whole("rows-per-partition", 1, low=1) or 1,
            partition_sort_by=query.choice("partition-sort-by", ("created", "updated"), "created"),
            partition_order=query.choice("partition-order", ("desc", "asc"), "desc"),
            max_partitions=query.whole("max-partitions", 0, low=0) or 0,
            with_notifications=query.flag("with-notifications"),
        )


class Run(Handler):
    """One run, or one iteration of it."""

    @guarded("runs", run=PROJECT)
    async def get(self, project: str, uid: str) -> None:
        """Its document; in the format ``full`` with its artifacts."""
        key = self._key(project, uid)
        full, readable = self.query.text("format") == "full", await self.readable()
        document = await self.service.read(_read, key, full, readable)
        shown = document_shown(document, self.service.place.host)
        known = {"data": self.service.monitor.unsaved.in_run(shown)}
        self.answer_text(await self.service.threads.call(dumps, known))

    @guarded("runs", run=OWN)
    async def post(self, project: str, uid: str) -> None:
        """Make or replace it."""
        key = self._key(project, uid)
        if not is_uid(uid):
            raise MLRunInvalidArgumentError(f"'{uid}' cannot be a run's uid: use 32 hex digits")
        document = self.body()
        take_inline(document.get("spec"))
        document = await self._apart(project, document)
        await self.service.after(project, uid).write(runs.save, key, document)
        self.answer({})

    put = post

    @guarded("runs", run=OWN)
    async def patch(self, project: str, uid: str) -> None:
        """Change parts of it, by dotted keys."""
        updates = await self._apart(project, self.body())
        behind = self.service.after(project, uid)
        await behind.write(runs.update, self._key(project, uid), updates)
        self.answer({})

    @guarded("runs")
    async def delete(self, project: str, uid: str) -> None:
        """Remove it with its iterations and its folder."""
        iteration = self.query.whole("iter", low=0)
        removed = await self.service.write(runs.delete, project, uid, iteration)
        if removed and not iteration:
            await self.service.threads.slow(remove_folders, self, project, [uid])
        self.answer_nothing()

    def _key(self, project: str, uid: str) -> RunKey:
        return RunKey(project, uid, self.query.iteration() or 0)

    async def _apart(self, project: str, changes: dict[str, Any]) -> dict[str, Any]:
        if not tells(changes):
            return changes
        apart = self.service.notifications.of_run
        kept: dict[str, Any] = await self.service.threads.call(apart, project, changes)
        return kept


class Abort(Handler):
    """The end of a run before its time."""

    @guarded("runs")
    async def post(self, project: str, uid: str) -> None:
        """Ask for it; the state tells when it has come."""
        run = await self.service.read(runs.read, RunKey(project, uid))
        if not is_handler(run) and await self.service.forward(self):
            return
        body = self.body_or_none() or {}
        text = body.get("status.status_text") if isinstance(body, dict) else None
        await self.service.abort(project, uid, str(text or ABORT_TEXT))
        self.answer(_background_task(project, uid, "running"), 202)


class AbortTask(Handler):
    """The end of a run as the background task that MLRun's client waits for."""

    @guarded("runs", run=PROJECT)
    async def get(self, project: str, uid: str) -> None:
        """Whether it has come: ``running`` until then, then ``succeeded``."""
        found = await self.service.read(runs.state, RunKey(project, uid))
        if found is None:
            raise MLRunNotFoundError(f"Run uid {uid} of project {project} not found")
        ended = found[0] in states.TERMINAL
        self.answer(_background_task(project, uid, "succeeded" if ended else "running"))


def _read(
    connection: Connection, key: RunKey, full: bool, readable: frozenset[str] | None
) -> dict[str, Any]:
    document = runs.read(connection, key)
    if full and document["status"].get("artifact_uris"):
        found = artifacts.of_run(connection, key.project, key.uid, key.iteration)
        document["status"]["artifacts"] = found or _by_uris(connection, document, readable)
    return document


def _by_uris(
    connection: Connection, document: dict[str, Any], readable: frozenset[str] | None
) -> list[dict[str, Any]]:
    """The artifacts that a run names, of projects that whoever asks may read."""
    found = []
    held = document["status"]["artifact_uris"]
    for text in held.values() if isinstance(held, dict) else ():
        try:
            uri = uris.parse_store(str(text))
            key = artifacts.ArtifactKey(
                uri.project or document["metadata"]["project"], uri.key, uri.tag, uri.tree,
                uri.uid, uri.iter,
            )  # fmt: skip
            if readable is None or key.project in readable:
                found.append(artifacts.read(connection, key))
        except (MLRunNotFoundError, MLRunInvalidArgumentError):
            continue  # what a client wrote there names nothing that is here
    return found


def remove_folders(handler: Handler, project: str, uids: list[str]) -> None:
    """Remove the folders of runs that are not in the store any more."""
    for uid in filter(is_uid, uids):
        shutil.rmtree(handler.service.place.run_folder(project, uid), ignore_errors=True)


def _background_task(project: str, uid: str, state: str) -> dict[str, Any]:
    now = times.text(times.now())
    return {
        "kind": "BackgroundTask",
        "metadata": {"name": f"abort-{uid}", "kind": "run.abort", "project": project,
                     "created": now, "updated": now, "timeout": None},
        "spec": {},
        "status": {"state": state, "error": None},
    }  # fmt: skip


ROUTES = [
    Route(f"{PROJECT_PATH}/runs", Runs),
    Route(f"{PROJECT_PATH}/runs/{UID}", Run),
    Route(f"run/(?P<project>[^/]+)/{UID}", Run),
    Route(f"{PROJECT_PATH}/runs/{UID}/abort", Abort),
    Route(f"{PROJECT_PATH}/background-tasks/abort-{UID}", AbortTask),
]
