"""The events table: what changed, in order; ids are the cursors of every listener."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from . import times
from .prepared import Prepared
from .tables import events, runs

KEPT = 100_000

_INSERT = Prepared(events.insert())
_FIRST = sa.select(sa.func.min(events.c.id))
_LAST = sa.select(sa.func.max(events.c.id))
_AFTER = (
    sa.select(events, runs.c.row, runs.c.state.label("run_state"), runs.c.host)
    .select_from(
        events.outerjoin(
            runs,
            (events.c.kind == "run")
            & (runs.c.project == events.c.project)
            & (runs.c.uid == events.c.uid)
            & (runs.c.iteration == events.c.iter),
        )
    )
    .where(events.c.id > sa.bindparam("cursor"))
    .order_by(events.c.id)
    .limit(sa.bindparam("count"))
)


_BRIEF = (
    sa.select(events)
    .where(events.c.id > sa.bindparam("cursor"))
    .order_by(events.c.id)
    .limit(sa.bindparam("count"))
)


def add(
    connection: Connection,
    kind: str,
    action: str,
    project: str,
    name: str = "",
    uid: str = "",
    iteration: int = 0,
    state: str = "",
) -> None:
    """Record one change, in the transaction of the change itself."""
    event = {
        "kind": kind, "action": action, "project": project, "name": name, "uid": uid,
        "iter": iteration, "state": state, "time": times.now(),
    }  # fmt: skip
    identity = _INSERT.insert(connection, event)
    if identity % 1000 == 0:
        connection.execute(events.delete().where(events.c.id <= identity - KEPT))


def add_deleted(connection: Connection, runs: Iterable[tuple[str, str, str]]) -> None:
    """Record that runs are gone: project, name and uid of each."""
    now = times.now()
    gone = [
        {"kind": "run", "action": "deleted", "project": project, "name": name, "uid": uid,
         "iter": 0, "state": "", "time": now}
        for project, name, uid in runs
    ]  # fmt: skip
    if gone:
        _INSERT.each(connection, gone)
        connection.execute(events.delete().where(events.c.id <= last(connection) - KEPT))


def first(connection: Connection) -> int:
    """The oldest id that is still kept, 0 where there is none."""
    return connection.execute(_FIRST).scalar() or 0


def last(connection: Connection) -> int:
    """The newest id, 0 where there is none."""
    return connection.execute(_LAST).scalar() or 0


def brief(connection: Connection, cursor: int, count: int = 500) -> list[dict[str, Any]]:
    """The events after a cursor."""
    found = connection.execute(_BRIEF, {"cursor": cursor, "count": count})
    return [dict(row) for row in found.mappings()]


def after(connection: Connection, cursor: int, count: int = 500) -> list[dict[str, Any]]:
    """The events after a cursor, each with the row of its run as that is now."""
    found = connection.execute(_AFTER, {"cursor": cursor, "count": count})
    return [dict(row) for row in found.mappings()]
