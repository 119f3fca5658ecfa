"""Rows of runs for tables and cells: joined from stored JSON, counted by state."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_mlrun import states

from . import run_counts, run_filter
from .run_filter import RowFilter
from .run_row import shown
from .tables import runs


@dataclass(frozen=True)
class Rows:
    """One page of rows as JSON texts, with the counts of everything that fits."""

    rows: list[str]
    counts: dict[str, int]
    total: int


def select(connection: Connection, asked: RowFilter, this_host: str) -> Rows:
    """The rows that fit; ``counts`` leaves out the states asked for, ``total`` does not."""
    where = run_filter.conditions(asked)
    if asked.is_whole_project:
        counts = run_counts.select(connection, asked.project or "*")
    else:
        counts = _counts(connection, where)
    total = sum(n for state, n in counts.items() if not asked.states or state in asked.states)
    if asked.states:
        where.append(runs.c.state.in_(asked.states))
    order = run_filter.order(asked.sort)
    ids = (
        sa.select(runs.c.id).where(*where).order_by(*order)
        .offset(asked.offset).limit(asked.limit).subquery()
    )  # fmt: skip
    chosen = (
        sa.select(runs.c.row, runs.c.state, runs.c.host)
        .join(ids, ids.c.id == runs.c.id)
        .order_by(*order)
    )
    found = connection.execute(chosen)
    return Rows(
        [shown(each.row, each.state, each.host, this_host) for each in found], counts, total
    )


def of_cells(connection: Connection, notebook: str, this_host: str) -> dict[str, str]:
    """For each cell of a notebook the row of its last run."""
    mine = (runs.c.notebook == notebook[-255:]) & (runs.c.cell_id != "") & (runs.c.iteration == 0)
    ranked = (
        sa.select(
            runs.c.id,
            sa.func.row_number()
            .over(
                partition_by=runs.c.cell_id,
                order_by=[runs.c.start_time.desc(), runs.c.id.desc()],
            )
            .label("place"),
        )
        .where(mine)
        .subquery()
    )
    chosen = (
        sa.select(runs.c.cell_id, runs.c.row, runs.c.state, runs.c.host)
        .join(ranked, ranked.c.id == runs.c.id)
        .where(ranked.c.place == 1)
    )
    return {
        row.cell_id: shown(row.row, row.state, row.host, this_host)
        for row in connection.execute(chosen)
    }


def _counts(connection: Connection, where: list[sa.ColumnElement[bool]]) -> dict[str, int]:
    counted = (
        sa.select(runs.c.state, sa.func.count().label("number"))
        .where(runs.c.state.in_(states.ALL), *where)
        .group_by(runs.c.state)
    )
    return {row.state: row.number for row in connection.execute(counted)}
