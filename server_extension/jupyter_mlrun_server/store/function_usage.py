"""How often the versions of a function ran, and the last run of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .run_filter import of_version
from .run_row import shown
from .tables import runs

MOST_LOOKED_AT = 20_000


@dataclass(frozen=True)
class Usage:
    """The number of a version's runs, and the row of the last one."""

    version: str
    runs: int
    last: str


def select(
    connection: Connection, project: str, name: str, versions: Sequence[str], this_host: str
) -> list[Usage]:
    """The usage of those versions that ran, among the newest runs of the function."""
    if not versions:
        return []
    newest = (
        sa.select(runs.c.id)
        .where(runs.c.project == project, runs.c.function == name, runs.c.iteration == 0)
        .order_by(runs.c.start_time.desc())
        .limit(MOST_LOOKED_AT)
        .subquery()
    )
    ran = [(of_version(f'"{project}/{name}', f'{version}"'), version) for version in versions]
    each = (
        sa.select(runs.c.id, sa.case(*ran, else_="").label("version"))
        .join(newest, newest.c.id == runs.c.id)
        .subquery()
    )
    counted = (
        sa.select(each.c.version, sa.func.count().label("runs"), sa.func.max(each.c.id).label("id"))
        .where(each.c.version != "")
        .group_by(each.c.version)
        .subquery()
    )
    chosen = sa.select(
        counted.c.version, counted.c.runs, runs.c.row, runs.c.state, runs.c.host
    ).join(runs, runs.c.id == counted.c.id)
    return [
        Usage(row.version, row.runs, shown(row.row, row.state, row.host, this_host))
        for row in connection.execute(chosen)
    ]
