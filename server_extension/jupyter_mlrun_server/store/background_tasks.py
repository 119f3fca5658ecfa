"""Background tasks: what the service works at, with how it went."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_mlrun.errors import MLRunConflictError, MLRunNotFoundError

from . import clock, events, query, times
from .service_tables import background_tasks as table

RUNNING, SUCCEEDED, FAILED = "running", "succeeded", "failed"
STATES = (RUNNING, SUCCEEDED, FAILED)
WEEK = 7 * 86_400 * 1_000_000


@dataclass(frozen=True)
class Moments:
    """Between which times tasks were made and changed."""

    created_from: int | None = None
    created_to: int | None = None
    updated_from: int | None = None
    updated_to: int | None = None


def add(
    connection: Connection,
    project: str,
    name: str,
    kind: str,
    worker: dict[str, Any],
    timeout: int | None,
) -> dict[str, Any]:
    """The new task's document; a second one of a name waits for the first to end."""
    held = _row(connection, project, name)
    if held is not None and held.state == RUNNING:
        raise MLRunConflictError(f"Background task {name} is running already: wait for its end")
    if held is not None:
        connection.execute(table.delete().where(table.c.id == held.id))
    now = clock.now(connection)
    row = {
        "project": project, "name": name, "kind": kind, "state": RUNNING, "created": now,
        "updated": now, "timeout": timeout, "worker": json.dumps(worker), "done": 0,
        "ends_by": None if timeout is None else now + timeout * 1_000_000,
    }  # fmt: skip
    query.inserted(connection.execute(table.insert(), row))
    _tell(connection, "created", project, name, RUNNING)
    return read(connection, project, name)


def read(connection: Connection, project: str, name: str) -> dict[str, Any]:
    """The task's document; one that is past its time has failed."""
    row = _row(connection, project, name)
    if row is None:
        where = f" of project {project}" if project else ""
        raise MLRunNotFoundError(f"Background task {name}{where} not found")
    return _document(row, clock.now(connection))


def select(
    connection: Connection, project: str, state: str, between: Moments
) -> list[dict[str, Any]]:
    """A project's tasks, newest first; without any filter those of the last week."""
    created, updated = table.c.created, table.c.updated
    where, now = [], clock.now(connection)
    if between.created_from is not None:
        where.append(created >= between.created_from)
    if between.created_to is not None:
        where.append(created <= between.created_to)
    if between.updated_from is not None:
        where.append(updated > between.updated_from)
    if between.updated_to is not None:
        where.append(updated < between.updated_to)
    if not where and not state:
        where.append(table.c.created >= now - WEEK)
    chosen = sa.select(table).where(table.c.project == project, *where)
    order = table.c.created.desc(), table.c.id.desc()
    found = [_document(row, now) for row in connection.execute(chosen.order_by(*order))]
    return [task for task in found if state in ("", task["status"]["state"])]


def progress(connection: Connection, project: str, name: str, done: int, total: int | None) -> bool:
    """Whether the task may go on: it is running and its time has not passed."""
    row = _row(connection, project, name)
    now = clock.now(connection)
    if row is None or row.state != RUNNING or _is_late(row, now):
        return False
    values = {"done": done, "total": total, "updated": now}
    connection.execute(table.update().where(table.c.id == row.id).values(**values))
    _tell(connection, "updated", project, name, RUNNING)
    return True


def settle(connection: Connection, project: str, name: str, error: str | None) -> None:
    """The task's end: it failed with the error, or it succeeded; a settled one stays as it is."""
    state = SUCCEEDED if error is None else FAILED
    where = (table.c.project == project, table.c.name == name, table.c.state == RUNNING)
    values = {"state": state, "error": error, "updated": clock.now(connection)}
    if connection.execute(table.update().where(*where).values(**values)).rowcount:
        _tell(connection, "updated", project, name, state)


def running(connection: Connection) -> list[tuple[str, str, dict[str, Any]]]:
    """Project, name and worker of every task that is said to run."""
    found = connection.execute(sa.select(table).where(table.c.state == RUNNING))
    return [(row.project, row.name, json.loads(row.worker)) for row in found]


def forget(connection: Connection, before: int) -> int:
    """How many ended tasks were removed that are older."""
    where = (table.c.state != RUNNING, table.c.updated < before)
    return int(connection.execute(table.delete().where(*where)).rowcount)


def _row(connection: Connection, project: str, name: str) -> Any:
    where = (table.c.project == project, table.c.name == name)
    return connection.execute(sa.select(table).where(*where)).first()


def _is_late(row: Any, now: int) -> bool:
    return row.state == RUNNING and row.ends_by is not None and bool(row.ends_by < now)


def _document(row: Any, now: int) -> dict[str, Any]:
    state, error = row.state, row.error
    if _is_late(row, now):
        state, error = FAILED, f"it did not end within its time of {row.timeout} s"
    return {
        "kind": "BackgroundTask",
        "metadata": {
            "name": row.name, "id": row.id, "kind": row.kind, "project": row.project or None,
            "created": times.text(row.created), "updated": times.text(row.updated),
            "timeout": row.timeout,
        },
        "spec": {},
        "status": {
            "state": state, "error": error,
            "progress": {"done": row.done, "total": row.total},
        },
    }  # fmt: skip


def _tell(connection: Connection, action: str, project: str, name: str, state: str) -> None:
    events.add(connection, "background-task", action, project, name, state=state)
