"""Activations of alerts: when each had seen enough, of what, and whom it told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_mlrun.errors import MLRunNotFoundError
from jupyter_mlrun.model import alert
from jupyter_mlrun.model.document import dumps

from . import clock, notifications, query, times
from .query import Page, Scope
from .service_tables import alert_activations as table


@dataclass
class Filter:
    """Which activations are asked for."""

    name: str | None = None
    entity: str | None = None
    entity_kind: str | None = None
    event_kind: str | None = None
    severities: tuple[str, ...] = ()
    since: int | None = None
    until: int | None = None
    limit: int | None = None
    skip: int = 0
    after: tuple[int, int] | None = None


def add(
    connection: Connection,
    project: str,
    config: Mapping[str, Any],
    event: Mapping[str, Any],
    number: int,
    reset_time: int | None,
) -> int:
    """The id of a new activation; its notifications are sent soon."""
    now = clock.now(connection)
    entity = event["entity"]
    document = {
        "criteria": config.get("criteria") or {"count": 1, "period": None},
        "number_of_events": number, "event": dict(event), "alert": dict(config),
    }  # fmt: skip
    row = {
        "project": project, "name": config["name"], "severity": config["severity"],
        "entity_kind": entity["kind"], "entity_id": str(entity["ids"][0])[:255],
        "event_kind": event["kind"], "time": now, "reset_time": reset_time,
        "document": dumps(document),
    }  # fmt: skip
    identity = query.inserted(connection.execute(table.insert(), row))
    wanted = [each for each in config.get("notifications") or ()
              if not _cools(connection, project, config["name"], each, now)]  # fmt: skip
    definitions = [each["notification"] for each in wanted]
    notifications.plan(connection, project, "alert", str(identity), definitions, due=now)
    return identity


def reset(connection: Connection, project: str, name: str, moment: int) -> None:
    """Say of an alert's open activations that they are over."""
    where = (table.c.project == project, table.c.name == name, table.c.reset_time.is_(None))
    connection.execute(table.update().where(*where).values(reset_time=moment))


def read(connection: Connection, project: str, identity: int) -> dict[str, Any]:
    """One activation."""
    row = _row(connection, project, identity)
    if row is None:
        raise MLRunNotFoundError(f"Alert activation {identity} of project {project} not found")
    return _activation(connection, row)


def cause(connection: Connection, project: str, identity: int) -> dict[str, Any] | None:
    """The alert and the event of an activation, None where it is gone."""
    row = _row(connection, project, identity)
    if row is None:
        return None
    document: dict[str, Any] = json.loads(row.document)
    return {"alert": document["alert"], "event": document["event"]}


def select(connection: Connection, scope: Scope, asked: Filter) -> Page:
    """A page of activations, newest first."""
    where = [*query.within(table.c.project, scope), *_conditions(asked)]
    if asked.after is not None:
        time, identity = asked.after
        where.append(sa.tuple_(table.c.time, table.c.id) < sa.tuple_(time, identity))
    chosen = sa.select(table).where(*where).order_by(table.c.time.desc(), table.c.id.desc())
    if asked.limit is not None:
        chosen = chosen.limit(asked.limit).offset(0 if asked.after else asked.skip)
    rows = connection.execute(chosen).all()
    last = (rows[-1].time, rows[-1].id) if rows else None
    return Page([dumps(_activation(connection, row)) for row in rows], last)


def forget(connection: Connection, before: int) -> int:
    """How many were removed that are older."""
    return int(connection.execute(table.delete().where(table.c.time < before)).rowcount)


def _conditions(asked: Filter) -> list[sa.ColumnElement[bool]]:
    found = []
    for column, wanted in ((table.c.name, asked.name), (table.c.entity_id, asked.entity)):
        if wanted:
            found.append(query.by_name(column, wanted))
    if asked.entity_kind:
        found.append(table.c.entity_kind == asked.entity_kind)
    if asked.event_kind:
        found.append(table.c.event_kind == asked.event_kind)
    if asked.severities:
        found.append(table.c.severity.in_(asked.severities))
    if asked.since is not None:
        found.append(table.c.time >= asked.since)
    if asked.until is not None:
        found.append(table.c.time <= asked.until)
    return found


def _row(connection: Connection, project: str, identity: int) -> Any:
    where = (table.c.project == project, table.c.id == identity)
    return connection.execute(sa.select(table).where(*where)).first()


def _cools(
    connection: Connection, project: str, name: str, wanted: Mapping[str, Any], now: int
) -> bool:
    """Whether the notification was planned so shortly before that this one is left out."""
    period = alert.parse_period(wanted.get("cooldown_period"), "cooldown_period")
    if not period:
        return False
    recent = sa.select(table.c.id).where(
        table.c.project == project, table.c.name == name, table.c.time > now - period
    )
    uids = [str(each) for each in connection.execute(recent).scalars()]
    return notifications.planned(
        connection, project, "alert", uids, str(wanted["notification"].get("name") or "")
    )


def _activation(connection: Connection, row: Any) -> dict[str, Any]:
    document = json.loads(row.document)
    states = notifications.summaries(connection, row.project, "alert", str(row.id))
    return {
        "id": row.id, "name": row.name, "project": row.project, "severity": row.severity,
        "activation_time": times.text(row.time), "entity_id": row.entity_id,
        "entity_kind": row.entity_kind, "criteria": document["criteria"],
        "event_kind": row.event_kind, "number_of_events": document["number_of_events"],
        "notifications": states,
        "reset_time": times.text(row.reset_time) if row.reset_time else None,
    }  # fmt: skip
