"""How often the versions of a function ran, and the last run of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .run_row import shown
from .tables import runs


@dataclass(frozen=True)
class Usage:
    """The number of a version's runs, and the row of the last one."""

    version: str
    runs: int
    last: str


def select(
    connection: Connection, project: str, name: str, versions: Sequence[str], this_host: str
) -> list[Usage]:
    """The usage of those versions that ran."""
    counted = (
        sa.select(runs.c.version, sa.func.count().label("runs"), sa.func.max(runs.c.id).label("id"))
        .where(
            runs.c.project == project, runs.c.function == name, runs.c.iteration == 0,
            runs.c.version.in_(versions),
        )
        .group_by(runs.c.version)
        .subquery()
    )  # fmt: skip
    chosen = sa.select(
        counted.c.version, counted.c.runs, runs.c.row, runs.c.state, runs.c.host
    ).join(runs, runs.c.id == counted.c.id)
    return [
        Usage(row.version, row.runs, shown(row.row, row.state, row.host, this_host))
        for row in connection.execute(chosen)
    ]
