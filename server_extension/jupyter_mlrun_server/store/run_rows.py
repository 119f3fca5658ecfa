"""Rows of runs for tables and cells: joined from stored JSON, counted by state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_mlrun import states

from . import query, run_counts, run_filter, run_groups
from .query import Scope
from .run_filter import RowFilter
from .run_row import shown
from .run_values import OF_RUN
from .tables import run_values, runs

MOST_ITERATIONS = 10_000


@dataclass(frozen=True)
class Rows:
    """One page of rows as JSON texts, with the counts of everything that fits.

    ``all`` is what the project holds, whether it fits or not.
    """

    rows: list[str]
    counts: dict[str, int]
    total: int
    all: int
    groups: list[tuple[str, int]] | None = None


def select(connection: Connection, asked: RowFilter, this_host: str) -> Rows:
    """The rows that fit; ``counts`` leaves out the states asked for, ``total`` does not."""
    where = run_filter.conditions(asked)
    if asked.is_whole_project:
        counts = everything = run_counts.select(connection, asked.scope)
    else:
        everything = run_counts.select(connection, asked.scope)
        counts = _counts(connection, where)
    total = sum(n for state, n in counts.items() if not asked.states or state in asked.states)
    if asked.states:
        where.append(runs.c.state.in_(asked.states))
    order = [*run_groups.order(asked.group), *run_filter.order(asked.sort)]
    if valued := run_filter.orders_by_value(asked.sort):
        where.append(OF_RUN)
    ids = (
        sa.select(runs.c.id).where(*where).order_by(*order)
        .offset(asked.offset).limit(asked.limit).subquery()
    )  # fmt: skip
    chosen = (
        sa.select(runs.c.row, runs.c.state, runs.c.host)
        .join(ids, ids.c.id == runs.c.id)
        .order_by(*order)
    )
    if valued:
        chosen = chosen.join(run_values, OF_RUN)
    found = connection.execute(chosen)
    return Rows(
        [shown(each.row, each.state, each.host, this_host) for each in found],
        counts,
        total,
        sum(everything.values()),
        run_groups.counts(connection, where, asked.group, asked.zone) if asked.group else None,
    )


def of_iterations(connection: Connection, project: str, uid: str, this_host: str) -> list[str]:
    """The rows of a run's iterations, in their order."""
    chosen = (
        sa.select(runs.c.row, runs.c.state, runs.c.host)
        .where(runs.c.project == project, runs.c.uid == uid, runs.c.iteration > 0)
        .order_by(runs.c.iteration)
        .limit(MOST_ITERATIONS)
    )
    found = connection.execute(chosen)
    return [shown(each.row, each.state, each.host, this_host) for each in found]


def chosen(
    connection: Connection,
    asked: RowFilter,
    states_wanted: Iterable[str],
    before: int,
    but: Sequence[str] = (),
) -> tuple[list[str], int]:
    """The uids of the first runs that fit, began by a moment and are in a state; how many do.

    Those in ``but`` are left out.
    """
    where = [
        *run_filter.conditions(asked),
        runs.c.start_time <= before,
        runs.c.state.in_(sorted(states_wanted)),
        runs.c.uid.not_in(but),
    ]
    if asked.states:
        where.append(runs.c.state.in_(asked.states))
    total = connection.execute(sa.select(sa.func.count()).where(*where)).scalar_one()
    first = sa.select(runs.c.uid).where(*where).order_by(runs.c.id).limit(asked.limit)
    return list(connection.execute(first).scalars()), total


def of_cells(
    connection: Connection, notebook: str, this_host: str, scope: Scope = "*"
) -> dict[str, str]:
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
        .where(mine, *query.within(runs.c.project, scope))
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
