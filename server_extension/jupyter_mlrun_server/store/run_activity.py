"""When runs started: how many in each span of time, by what became of them."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_mlrun import states

from . import run_filter, times
from .run_filter import RowFilter
from .tables import runs

MOST_SPANS = 96
SECOND = 1_000_000
HOUR = 3600 * SECOND
SHORTEST, USUAL = 2 * HOUR, 72 * HOUR
STEPS = tuple(
    SECOND * seconds
    for seconds in (300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86_400, 7 * 86_400)
)


@dataclass(frozen=True)
class Activity:
    """Spans of ``step`` microseconds from ``start`` on: ended well, failed, going on, the rest."""

    start: int
    step: int
    spans: list[tuple[int, int, int, int]]


def select(connection: Connection, asked: RowFilter) -> Activity | None:
    """The starts of the runs that fit, within the filter's times, else its last three days."""
    where = run_filter.conditions(asked)
    if asked.states:
        where.append(runs.c.state.in_(asked.states))
    low, high = run_filter.window(asked.text)
    first, last = connection.execute(
        sa.select(sa.func.min(runs.c.start_time), sa.func.max(runs.c.start_time)).where(*where)
    ).one()
    if first is None:
        return None
    end = min(high or times.now(), max(last, min(times.now(), last + HOUR)))
    begin = min(low or max(first, end - USUAL), end - SHORTEST)
    step = _step(end - begin)
    begin -= begin % step
    placed = ((runs.c.start_time - begin) // step).label("place")
    found = connection.execute(
        sa.select(placed, runs.c.state, sa.func.count().label("number"))
        .where(*where, runs.c.start_time >= begin, runs.c.start_time <= end)
        .group_by(placed, runs.c.state)
    )
    spans = [[0, 0, 0, 0] for _ in range((end - begin) // step + 1)]
    for row in found:
        spans[int(row.place)][_kind(row.state)] += row.number
    return Activity(begin, step, [(a, b, c, d) for a, b, c, d in spans])


def _step(span: int) -> int:
    fitting = (step for step in STEPS if span // step < MOST_SPANS)
    return next(fitting, -(-span // MOST_SPANS))


def _kind(state: str) -> int:
    if state == states.COMPLETED:
        return 0
    if state == states.ERROR:
        return 1
    return 3 if state in states.TERMINAL else 2
