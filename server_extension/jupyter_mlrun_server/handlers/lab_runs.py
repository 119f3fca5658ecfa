"""Rows of runs for the panels, when they started, what is done to many, and running again."""

from __future__ import annotations

from jupyter_mlrun import states
from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.model.document import dumps

from ..services.bulk import Bulk as BackgroundBulk
from ..store import run_activity, run_groups, run_rows, runs, times
from ..store.query import joined
from ..store.run_filter import RowFilter
from ..store.runs import RunKey
from . import UID, Route
from .base import EACH, PROJECT, Handler, guarded
from .runs import ABORT_TEXT

MOST_ROWS = 20_000
MOST_AT_ONCE = 100
MOST_EXCEPT = 1000


class Rows(Handler):
    """A page of rows."""

    _track_activity = False

    @guarded("runs", where=EACH)
    async def get(self) -> None:
        """Rows, their total, the counts by state, and the service's time before it looked."""
        asked = await self.allowed()
        looked = dumps(times.text(times.now()))
        found = await self.service.read(run_rows.select, asked, self.service.place.host)
        groups = "" if found.groups is None else f',"groups":{dumps(found.groups)}'
        rows = joined(self.service.monitor.unsaved.in_rows(found.rows))
        self.answer_text(
            f'{{"total":{found.total},"all":{found.all},"counts":{dumps(found.counts)}{groups},'
            f'"time":{looked},"rows":{rows}}}'
        )

    async def allowed(self) -> RowFilter:
        """What is asked for, within the projects that the sender may read."""
        asked, readable = self.asked(), await self.readable()
        if readable is not None:
            named = asked.project not in ("", "*")
            asked.project = readable & {str(asked.project)} if named else readable
        return asked

    def asked(self) -> RowFilter:
        """What the request's query asks for."""
        query = self.query
        wanted = [word for text in query.texts("states", "state") for word in text.split(",")]
        if unknown := [word for word in wanted if word and word not in states.ALL]:
            known = ", ".join(states.ALL)
            raise MLRunInvalidArgumentError(f"'{unknown[0]}' is no state: use one of {known}")
        return RowFilter(
            project=query.text("project", "*"),
            text=query.text("q"),
            states=tuple(word for word in wanted if word),
            function=query.text("function"),
            notebook=query.text("notebook"),
            labels=query.texts("label", "labels"),
            sort=query.text("sort", "-start_time"),
            group=query.choice("group", run_groups.GROUPS),
            zone=query.text("zone", "UTC"),
            offset=query.whole("offset", 0, low=0) or 0,
            limit=min(query.whole("limit", 200, low=1) or 200, MOST_ROWS),
        )


class Activity(Rows):
    """When runs started."""

    @guarded("runs", where=EACH)
    async def get(self) -> None:
        """Runs in each span of time that a filter lets through: well, failed, going on, others."""
        found = await self.service.read(run_activity.select, await self.allowed())
        self.answer(
            {"start": None, "step": None, "spans": []} if found is None else
            {"start": times.text(found.start), "step": found.step / 1e6, "spans": found.spans}
        )  # fmt: skip


class Iterations(Handler):
    """The iterations of a run."""

    _track_activity = False

    @guarded("runs", run=PROJECT)
    async def get(self, project: str, uid: str) -> None:
        """Their rows, in their order."""
        host = self.service.place.host
        found = await self.service.read(run_rows.of_iterations, project, uid, host)
        self.answer_text(f'{{"rows":{joined(found)}}}')


class Bulk(Handler):
    """All runs of a project that fit a filter."""

    @guarded("runs")
    async def post(self, project: str) -> None:
        """Delete or abort the next of them: how many, and how many are left; ask until none is.

        With ``background`` all of them, as a background task.
        """
        if project == "*":
            raise MLRunInvalidArgumentError("Runs are changed in one project at a time: name it")
        action, asked, before, but = self._order(project)
        if action == "abort" and await self.service.forward(self):
            return
        bulk = BackgroundBulk(self.service, action, asked, before, list(but), ABORT_TEXT)
        if self.body().get("background") is True:
            self.answer(await bulk.start(), 202)
        else:
            self.answer(await bulk.once())

    def _order(self, project: str) -> tuple[str, RowFilter, int, list[str]]:
        body = self.body()
        action, text, wanted = body.get("action"), body.get("q", ""), body.get("states", [])
        if action not in ("delete", "abort"):
            raise MLRunInvalidArgumentError(f"'action' is {action!r}: use 'delete' or 'abort'")
        if not isinstance(text, str) or not isinstance(body.get("notebook", ""), str):
            raise MLRunInvalidArgumentError("'q' and 'notebook' must be texts, as lists take them")
        if not isinstance(wanted, list) or not all(word in states.ALL for word in wanted):
            raise MLRunInvalidArgumentError(f"'states' must be a list of {', '.join(states.ALL)}")
        but = body.get("except", [])
        if not isinstance(but, list) or len(but) > MOST_EXCEPT or set(map(type, but)) - {str}:
            raise MLRunInvalidArgumentError(
                f"'except' must be a list of at most {MOST_EXCEPT} uids, which stay as they are"
            )
        before = times.parse(body.get("before"))
        if before is None:
            raise MLRunInvalidArgumentError(
                "'before' must be the ISO time of the choice: runs that start later stay"
            )
        return action, RowFilter(
            project=project, text=text, states=tuple(wanted), notebook=body.get("notebook", ""),
            limit=MOST_AT_ONCE,
        ), before, but  # fmt: skip


class Cells(Handler):
    """The cells of a notebook."""

    _track_activity = False

    @guarded("runs", where=EACH)
    async def get(self) -> None:
        """For each cell the row of its last run."""
        notebook = self.query.text("notebook")
        if not notebook:
            raise MLRunInvalidArgumentError("Which notebook? Give its path as notebook=")
        readable, host = await self.readable(), self.service.place.host
        scope = "*" if readable is None else readable
        found = await self.service.read(run_rows.of_cells, notebook, host, scope)
        cells = ",".join(f"{dumps(cell)}:{row}" for cell, row in found.items())
        self.answer_text(f'{{"cells":{{{cells}}}}}')


class Rerun(Handler):
    """A run once more."""

    @guarded("runs")
    async def post(self, project: str, uid: str) -> None:
        """A new run of the same function, with the changes in the body."""
        if await self.service.forward(self):
            return
        changes = self.body_or_none() or {}
        if not isinstance(changes, dict):
            raise MLRunInvalidArgumentError("The body must be an object: parameters, inputs")
        run = await self.service.read(runs.read, RunKey(project, uid))
        task = self.service.launcher.rerun(run, changes)
        sent = {"task": task, "secrets": changes.get("secrets")}
        self.answer({"data": await self.service.submit(sent, self.user)})


ROUTES = [
    Route("lab/runs", Rows),
    Route("lab/runs/activity", Activity),
    Route("lab/runs/(?P<project>[^/]+)/bulk", Bulk),
    Route(f"lab/runs/(?P<project>[^/]+)/{UID}/iterations", Iterations),
    Route("lab/cells", Cells),
    Route(f"lab/runs/(?P<project>[^/]+)/{UID}/rerun", Rerun),
]
