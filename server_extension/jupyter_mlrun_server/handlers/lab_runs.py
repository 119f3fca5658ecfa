"""Rows of runs for the panels, the last run of each cell, and running again."""

from __future__ import annotations

from jupyter_mlrun import states
from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.model.document import dumps

from ..store import run_rows, runs
from ..store.query import joined
from ..store.run_filter import RowFilter
from ..store.runs import RunKey
from . import UID, Route
from .base import Handler, guarded

MOST_ROWS = 20_000


class Rows(Handler):
    """A page of rows."""

    _track_activity = False

    @guarded("runs")
    async def get(self) -> None:
        """Rows, their total, and the counts by state."""
        found = await self.service.read(run_rows.select, self._asked(), self.service.place.host)
        self.answer_text(
            f'{{"total":{found.total},"counts":{dumps(found.counts)},"rows":{joined(found.rows)}}}'
        )

    def _asked(self) -> RowFilter:
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
            offset=query.whole("offset", 0, low=0) or 0,
            limit=min(query.whole("limit", 200, low=1) or 200, MOST_ROWS),
        )


class Cells(Handler):
    """The cells of a notebook."""

    _track_activity = False

    @guarded("runs")
    async def get(self) -> None:
        """For each cell the row of its last run."""
        notebook = self.query.text("notebook")
        if not notebook:
            raise MLRunInvalidArgumentError("Which notebook? Give its path as notebook=")
        found = await self.service.read(run_rows.of_cells, notebook, self.service.place.host)
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
        self.answer({"data": await self.service.submit(
            {"task": self.service.launcher.rerun(run, changes), "secrets": changes.get("secrets")}
        )})  # fmt: skip


ROUTES = [
    Route("lab/runs", Rows),
    Route("lab/cells", Cells),
    Route(f"lab/runs/(?P<project>[^/]+)/{UID}/rerun", Rerun),
]
