"""How many runs of each state a project has: kept with every change, so that none is counted."""

from __future__ import annotations

import functools
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from . import query
from .prepared import Prepared
from .query import Scope
from .tables import run_counts

_ADD = Prepared(
    run_counts.update()
    .where(
        run_counts.c.project == sa.bindparam("k_project"),
        run_counts.c.state == sa.bindparam("k_state"),
    )
    .values(number=run_counts.c.number + sa.bindparam("more"))
)


def add(connection: Connection, project: str, state: str, more: int) -> None:
    """Count runs of a state in, or out with a negative number."""
    if not _ADD.change(connection, {"k_project": project, "k_state": state, "more": more}):
        connection.execute(
            run_counts.insert(), {"project": project, "state": state, "number": more}
        )


def move(connection: Connection, project: str, old: str | None, new: str) -> None:
    """Count a run from one state into another; None: it is new."""
    if old == new:
        return
    if old is not None:
        add(connection, project, old, -1)
    add(connection, project, new, 1)


def select(connection: Connection, project: Scope = "*") -> dict[str, int]:
    """The number of runs by state, of a project, of some or of all."""
    found = connection.execute(_by_state(project)).all()
    return {state: int(number) for state, number in found if number}


@functools.lru_cache(100)
def _by_state(project: Scope) -> sa.Select[Any]:
    chosen = sa.select(run_counts.c.state, sa.func.sum(run_counts.c.number).label("number"))
    chosen = chosen.where(*query.within(run_counts.c.project, project))
    return chosen.group_by(run_counts.c.state)
