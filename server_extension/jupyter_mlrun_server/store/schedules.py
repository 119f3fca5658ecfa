"""Schedules: what runs when, whose it is, and which run is being made of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_mlrun import states
from jupyter_mlrun.errors import MLRunConflictError, MLRunNotFoundError
from jupyter_mlrun.model.document import dumps

from . import events, projects, query, times
from .service_tables import schedules
from .tables import run_labels, runs

ACTIVE, PAUSED, ENDED = "active", "paused", "completed"
LABEL = "mlrun/schedule-name"
CLAIM_HOLDS = 30 * 1_000_000


@dataclass(frozen=True)
class Schedule:
    """One schedule; ``document`` holds trigger, object to run, labels and policies."""

    project: str
    name: str
    kind: str
    owner: str
    keeper: str
    state: str
    document: dict[str, Any]
    next_run: int | None = None
    waits: bool = False
    run_uid: str | None = None
    claimed: int | None = None
    last_run_uri: str | None = None
    created: int = 0
    id: int = 0


def create(connection: Connection, schedule: Schedule) -> Schedule:
    """The new schedule; a name that is taken is a conflict."""
    projects.require(connection, schedule.project)
    if find(connection, schedule.project, schedule.name) is not None:
        raise MLRunConflictError(
            f"Schedule {schedule.name} of project {schedule.project} already exists"
        )
    made = replace(schedule, created=times.now())
    row = {**_values(made), "project": made.project, "name": made.name, "created": made.created}
    identity = query.inserted(connection.execute(schedules.insert(), row))
    _tell(connection, "created", made)
    return replace(made, id=identity)


def save(connection: Connection, schedule: Schedule) -> None:
    """Keep what has changed of a schedule."""
    connection.execute(
        schedules.update().where(schedules.c.id == schedule.id).values(**_values(schedule))
    )
    _tell(connection, "updated", schedule)


def find(connection: Connection, project: str, name: str) -> Schedule | None:
    """The schedule, None where there is none."""
    chosen = sa.select(schedules).where(schedules.c.project == project, schedules.c.name == name)
    row = connection.execute(chosen).first()
    return None if row is None else _schedule(row)


def read(connection: Connection, project: str, name: str) -> Schedule:
    """The schedule; one that is not there is refused."""
    found = find(connection, project, name)
    if found is None:
        raise MLRunNotFoundError(f"Schedule not found: project={project}, name={name}")
    return found


def select(
    connection: Connection,
    scope: query.Scope,
    name: str = "",
    kind: str = "",
    since: int | None = None,
    until: int | None = None,
    labels: Sequence[str] = (),
) -> list[Schedule]:
    """Schedules by name, of a project, of some, or of all (``*``)."""
    where = query.within(schedules.c.project, scope)
    if name:
        where.append(query.by_name(schedules.c.name, name))
    if kind:
        where.append(schedules.c.kind == kind)
    if since is not None:
        where.append(schedules.c.next_run >= since)
    if until is not None:
        where.append(schedules.c.next_run <= until)
    order = schedules.c.project, schedules.c.name
    found = connection.execute(sa.select(schedules).where(*where).order_by(*order))
    rows = [_schedule(row) for row in found]
    return [row for row in rows if all(_has(row, label) for label in labels)]


def delete(connection: Connection, project: str, name: str = "") -> int:
    """How many were removed: one, or all of a project."""
    where = [schedules.c.project == project]
    if name:
        where.append(schedules.c.name == name)
    removed = connection.execute(schedules.delete().where(*where)).rowcount
    if removed:
        events.add(connection, "schedule", "deleted", project, name)
    return removed


def due(connection: Connection, keeper: str, now: int) -> list[Schedule]:
    """What this keeper has to look at: its time has come, it waits, or a claim was left behind."""
    row = schedules.c
    left = row.run_uid.is_not(None) & (row.claimed <= now - CLAIM_HOLDS)
    ready = (row.state == ACTIVE) & row.run_uid.is_(None) & (row.waits | (row.next_run <= now))
    chosen = sa.select(schedules).where(row.keeper == keeper, left | ready)
    return [_schedule(found) for found in connection.execute(chosen.order_by(row.next_run))]


def next_moment(connection: Connection, keeper: str) -> int | None:
    """When a keeper has to look again, None where nothing is planned."""
    row = schedules.c
    planned = sa.select(sa.func.min(row.next_run)).where(
        row.keeper == keeper, row.state == ACTIVE, row.run_uid.is_(None)
    )
    claimed = sa.select(sa.func.min(row.claimed)).where(
        row.keeper == keeper, row.run_uid.is_not(None)
    )
    first = connection.execute(planned).scalar()
    held = connection.execute(claimed).scalar()
    found = [first, None if held is None else held + CLAIM_HOLDS]
    return min((each for each in found if each is not None), default=None)


def any_waits(connection: Connection, keeper: str) -> bool:
    """Whether a schedule of a keeper waits for the end of an earlier run."""
    row = schedules.c
    waiting = sa.select(row.id).where(row.keeper == keeper, row.state == ACTIVE, row.waits)
    return connection.execute(waiting.limit(1)).first() is not None


def settle(
    connection: Connection, schedule: Schedule, run_uri: str | None, changes: dict[str, Any]
) -> None:
    """Let a claim go: its run is recorded, or it failed with what ``changes`` say."""
    found = find(connection, schedule.project, schedule.name)
    if found is None or found.run_uid != schedule.run_uid:
        return
    document = {**found.document, "status": {**found.document.get("status", {}), **changes}}
    uri = run_uri or found.last_run_uri
    settled = replace(found, run_uid=None, claimed=None, last_run_uri=uri, document=document)
    save(connection, settled)


def note(connection: Connection, schedule: Schedule, changes: dict[str, Any]) -> None:
    """Say something of a claim that is still held."""
    found = find(connection, schedule.project, schedule.name)
    if found is not None and found.run_uid == schedule.run_uid:
        document = {**found.document, "status": {**found.document.get("status", {}), **changes}}
        save(connection, replace(found, document=document))


def live_runs(connection: Connection, schedule: Schedule) -> int:
    """How many runs of the schedule have not ended."""
    labelled = sa.select(run_labels.c.run_id).where(
        run_labels.c.name == LABEL, run_labels.c.value == schedule.name
    )
    chosen = sa.select(sa.func.count()).where(
        runs.c.project == schedule.project, runs.c.iteration == 0,
        runs.c.state.not_in(sorted(states.TERMINAL)), runs.c.id.in_(labelled),
    )  # fmt: skip
    return int(connection.execute(chosen).scalar() or 0)


def _has(schedule: Schedule, label: str) -> bool:
    name, given, value = label.partition("=")
    labels = schedule.document.get("labels") or {}
    return name in labels and (not given or labels[name] == value)


def _values(schedule: Schedule) -> dict[str, Any]:
    return {
        "kind": schedule.kind, "owner": schedule.owner, "keeper": schedule.keeper,
        "state": schedule.state, "next_run": schedule.next_run, "waits": schedule.waits,
        "run_uid": schedule.run_uid, "claimed": schedule.claimed,
        "last_run_uri": schedule.last_run_uri, "document": dumps(schedule.document),
    }  # fmt: skip


def _schedule(row: Any) -> Schedule:
    return Schedule(
        project=row.project, name=row.name, kind=row.kind, owner=row.owner, keeper=row.keeper,
        state=row.state, document=json.loads(row.document), next_run=row.next_run,
        waits=row.waits, run_uid=row.run_uid, claimed=row.claimed,
        last_run_uri=row.last_run_uri, created=row.created, id=row.id,
    )  # fmt: skip


def _tell(connection: Connection, action: str, schedule: Schedule) -> None:
    events.add(
        connection, "schedule", action, schedule.project, schedule.name, state=schedule.state
    )
