"""Rows of runs for tables and cells: joined from stored JSON, counted by state."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

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
MOST_BY_ID = 1000


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
    everything = run_counts.select(connection, asked.scope)
    if asked.is_whole_project and not asked.group:
        page = _whole_page(asked.scope, asked.states, asked.sort, asked.offset, asked.limit)
        rows = _shown(connection.execute(page).all(), this_host)
        return Rows(rows, everything, _total(everything, asked), sum(everything.values()))
    where = run_filter.conditions(asked)
    first: list[int] | None = None
    if asked.is_whole_project:
        counts = everything
    elif value := _one_pass_value(asked):
        counts, first = _counts_and_first(connection, asked, where, *value)
    else:
        counts = _counts(connection, where)
    if asked.states:
        where.append(runs.c.state.in_(asked.states))
    found = connection.execute(_page(asked, where, first)).all()
    return Rows(
        _shown(found, this_host),
        counts,
        _total(counts, asked),
        sum(everything.values()),
        run_groups.counts(connection, where, asked.group, asked.zone) if asked.group else None,
    )


def _total(counts: dict[str, int], asked: RowFilter) -> int:
    return sum(n for state, n in counts.items() if not asked.states or state in asked.states)


# to build a statement takes longer than to read a page by it
@functools.lru_cache(100)
def _whole_page(
    scope: Scope, wanted: tuple[str, ...], sort: str, offset: int, limit: int
) -> sa.Select[Any]:
    """The page of everything that a project holds in some states."""
    asked = RowFilter(project=scope, states=wanted, sort=sort, offset=offset, limit=limit)
    where = run_filter.conditions(asked)
    return _page(asked, [*where, runs.c.state.in_(wanted)] if wanted else where, None)


def _page(
    asked: RowFilter, where: list[sa.ColumnElement[bool]], first: list[int] | None
) -> sa.Select[Any]:
    """The rows of a page, in their order; ``first`` are their ids where they are known."""
    order = [*run_groups.order(asked.group), *run_filter.order(asked.sort)]
    valued = run_filter.orders_by_value(asked.sort)
    chosen = sa.select(runs.c.row, runs.c.state, runs.c.host).order_by(*order)
    if first is None:
        ids = (
            sa.select(runs.c.id).where(*where, *([OF_RUN] if valued else [])).order_by(*order)
            .offset(asked.offset).limit(asked.limit).subquery()
        )  # fmt: skip
        chosen = chosen.join(ids, ids.c.id == runs.c.id)
    else:
        chosen = chosen.where(runs.c.id.in_(first))
    if valued:
        chosen = chosen.join(run_values, OF_RUN)
    return chosen


def _shown(found: Sequence[Any], this_host: str) -> list[str]:
    """The rows' texts as this host shows them; those of ended runs are the same on all."""
    ended = states.TERMINAL
    return [
        row if state in ended else shown(row, state, host, this_host) for row, state, host in found
    ]


def _one_pass_value(asked: RowFilter) -> tuple[sa.ColumnElement[Any], bool] | None:
    """The value by which to order, where counting and ordering can be one pass over all runs."""
    small = asked.limit <= MOST_BY_ID and not asked.group
    return run_filter.only_value(asked.sort) if small else None


def _counts_and_first(
    connection: Connection,
    asked: RowFilter,
    where: list[sa.ColumnElement[bool]],
    value: sa.ColumnElement[Any],
    descending: bool,
) -> tuple[dict[str, int], list[int]]:
    """How many runs of each state fit, and the ids of the page that is asked for."""
    fit = (
        sa.select(runs.c.id, runs.c.state, value.label("value"))
        .where(runs.c.state.in_(states.ALL), OF_RUN, *where)
        .cte("fit")
    )
    here = [fit.c.state.in_(asked.states)] if asked.states else []
    page = (
        sa.select(fit.c.id).where(*here)
        .order_by(query.last_where_none(fit.c.value, descending), fit.c.id.desc())
        .offset(asked.offset).limit(asked.limit).subquery()
    )  # fmt: skip
    both = sa.union_all(
        sa.select(fit.c.state, sa.func.count().label("number")).group_by(fit.c.state),
        sa.select(sa.literal("").label("state"), page.c.id.label("number")),
    )
    counts: dict[str, int] = {}
    first: list[int] = []
    for state, number in connection.execute(both):
        if state:
            counts[state] = number
        else:
            first.append(number)
    return counts, first


def of_iterations(connection: Connection, project: str, uid: str, this_host: str) -> list[str]:
    """The rows of a run's iterations, in their order."""
    chosen = (
        sa.select(runs.c.row, runs.c.state, runs.c.host)
        .where(runs.c.project == project, runs.c.uid == uid, runs.c.iteration > 0)
        .order_by(runs.c.iteration)
        .limit(MOST_ITERATIONS)
    )
    return _shown(connection.execute(chosen).all(), this_host)


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
