"""Runs in groups: how many each holds, in the order in which a grouped list shows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_mlrun import states
from jupyter_mlrun.errors import MLRunInvalidArgumentError

from .tables import run_labels, runs

GROUPS = ("day", "function", "notebook", "schedule", "state", "project")
SCHEDULE_LABEL = "mlrun/schedule-name"
MOST_GROUPS = 2000

# every zone's days begin at a quarter of an hour of UTC
QUARTER = 15 * 60 * 1_000_000
_STATES = (
    states.RUNNING, states.ABORTING, states.PENDING, states.PENDING_RETRY, states.CREATED,
    states.UNKNOWN, states.ERROR, states.ABORTED, states.COMPLETED, states.SKIPPED,
)  # fmt: skip


def order(group: str) -> list[sa.ColumnElement[Any]]:
    """What a grouped list is ordered by before its own order; days are the order of starts."""
    if group in ("", "day"):
        return []
    return _in_order(group, _key(group))


def counts(
    connection: Connection, where: Sequence[sa.ColumnElement[bool]], group: str, zone: str
) -> list[tuple[str, int]]:
    """The groups of the runs that fit: name and number of each, in the order of the list.

    A day is named by its date in the time zone, newest first; runs that belong to no function,
    notebook or schedule are in the last group, whose name is empty.
    """
    if group == "day":
        return _days(connection, where, zone)
    # computed once, inside: PostgreSQL takes two equal expressions with parameters for different
    name = sa.select(_key(group).label("name")).where(*where).subquery().c.name
    chosen = (
        sa.select(name, sa.func.count().label("number"))
        .group_by(name)
        .order_by(*_in_order(group, name))
        .limit(MOST_GROUPS)
    )
    return [(row.name or "", row.number) for row in connection.execute(chosen)]


def time_zone(name: str) -> ZoneInfo:
    """The time zone of a name; a refusal where there is none."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise MLRunInvalidArgumentError(
            f"zone={name!r} is no time zone: give a name like Europe/Berlin or UTC"
        ) from None


def _in_order(group: str, key: sa.ColumnElement[str]) -> list[sa.ColumnElement[Any]]:
    if group == "state":
        places = {state: place for place, state in enumerate(_STATES)}
        return [sa.case(places, value=key, else_=len(places))]
    return [sa.case((key == "", 1), else_=0), key]


def _key(group: str) -> sa.ColumnElement[str]:
    if group == "schedule":
        label = (
            sa.select(run_labels.c.value)
            .where(run_labels.c.run_id == runs.c.id, run_labels.c.name == SCHEDULE_LABEL)
            .scalar_subquery()
        )
        return sa.func.coalesce(label, "")
    column: sa.ColumnElement[str] = runs.c[group]
    return column


def _days(
    connection: Connection, where: Sequence[sa.ColumnElement[bool]], zone: str
) -> list[tuple[str, int]]:
    place = time_zone(zone)
    quarter = (runs.c.start_time // QUARTER).label("quarter")
    chosen = (
        sa.select(quarter, sa.func.count().label("number")).where(*where).group_by(quarter)
    )  # fmt: skip
    found: Counter[str] = Counter()
    for row in connection.execute(chosen):
        moment = datetime.fromtimestamp(int(row.quarter) * QUARTER / 1e6, place)
        found[moment.date().isoformat()] += row.number
    return sorted(found.items(), reverse=True)
