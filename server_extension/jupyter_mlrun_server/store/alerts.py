"""Alerts: configurations, what they have seen, and their activations."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_mlrun.errors import MLRunNotFoundError, MLRunPreconditionFailedError
from jupyter_mlrun.model import alert
from jupyter_mlrun.model.document import dumps

from . import alert_activations, clock, events, projects, query, times
from .service_tables import alert_triggers, alerts

MOST = 20_000
MOST_ENTITIES = 1000
MOST_NAMED, LONGEST_ID, ANY = 50, 255, "*"
ACTIVE, INACTIVE = "active", "inactive"


def save(connection: Connection, project: str, name: str, config: dict[str, Any]) -> dict[str, Any]:
    """The alert as stored; it begins anew: inactive, with nothing seen."""
    projects.require(connection, project)
    held = _row(connection, project, name)
    now = clock.now(connection)
    kept = {key: value for key, value in config.items()
            if key not in ("id", "state", "count", "created", "updated")}  # fmt: skip
    text = dumps(kept | {"project": project, "name": name})
    values = {"active": False, "reset_at": None, "seen": "{}", "updated": now, "document": text}
    if held is None:
        number = connection.execute(sa.select(sa.func.count()).select_from(alerts)).scalar() or 0
        if number >= MOST:
            raise MLRunPreconditionFailedError(f"There are {MOST} alerts already: delete some")
        row = {"project": project, "name": name, "count": 0, "created": now, **values}
        identity = query.inserted(connection.execute(alerts.insert(), row))
    else:
        identity = held.id
        connection.execute(alerts.update().where(alerts.c.id == held.id).values(**values))
        alert_activations.reset(connection, project, name, now)
    _listen(connection, identity, project, kept)
    _tell(connection, "created" if held is None else "updated", project, name, INACTIVE)
    return read(connection, project, name)


def read(connection: Connection, project: str, name: str) -> dict[str, Any]:
    """The alert with its state and count."""
    row = _row(connection, project, name)
    if row is None:
        raise MLRunNotFoundError(f"Alert {name} of project {project} not found")
    return _config(row)


def select(
    connection: Connection, scope: query.Scope, limit: int | None = None, offset: int = 0
) -> list[dict[str, Any]]:
    """The alerts of one project or of several, by name."""
    where = query.within(alerts.c.project, scope)
    order = alerts.c.project, alerts.c.name
    chosen = sa.select(alerts).where(*where).order_by(*order).limit(limit).offset(offset)
    return [_config(row) for row in connection.execute(chosen)]


def delete(connection: Connection, project: str, name: str) -> None:
    """Remove the alert; its activations stay, as history."""
    projects.require(connection, project)
    row = _row(connection, project, name)
    if row is not None:
        connection.execute(alert_triggers.delete().where(alert_triggers.c.alert_id == row.id))
        connection.execute(alerts.delete().where(alerts.c.id == row.id))
        _tell(connection, "deleted", project, name, "")


def reset(connection: Connection, project: str, name: str) -> None:
    """Let the alert listen again."""
    row = _row(connection, project, name)
    if row is None:
        raise MLRunNotFoundError(f"Alert {name} of project {project} not found")
    _reset(connection, row)


def reset_cooled(connection: Connection) -> None:
    """Let alerts listen again whose cool-down is over."""
    over = sa.select(alerts).where(alerts.c.active, alerts.c.reset_at <= clock.now(connection))
    for row in connection.execute(over).all():
        _reset(connection, row)


def next_reset(connection: Connection) -> int | None:
    """When the next cool-down is over, None where none runs."""
    chosen = sa.select(sa.func.min(alerts.c.reset_at)).where(alerts.c.active)
    return connection.execute(chosen).scalar()


def take(
    connection: Connection,
    project: str,
    kind: str,
    entity: Mapping[str, Any],
    values: Mapping[str, Any],
    names: Sequence[str] = (),
) -> list[int]:
    """The activations that an event has caused; ``names`` are others under which it is known."""
    ids = [str(each) for each in (*entity["ids"], *names)]
    caused = []
    for row in _listeners(connection, project, kind, ids):
        config = json.loads(row.document)
        if alert.concerns(config, kind, str(entity["kind"]), ids):
            found = _count(connection, row, config, kind, entity, values)
            caused += [found] if found is not None else []
    return caused


def _listen(connection: Connection, identity: int, project: str, config: Mapping[str, Any]) -> None:
    """Keep to which events of which entities an alert listens; ``*`` for any."""
    ids = {str(each) for each in (config.get("entities") or {}).get("ids") or ()}
    if len(ids) > MOST_NAMED or any(set(each) & set("*?[") for each in ids):
        ids = {ANY}
    kinds = set((config.get("trigger") or {}).get("events") or ())
    rows = [
        {"alert_id": identity, "event_kind": str(kind), "entity_id": each, "project": project}
        for kind in kinds for each in {each[:LONGEST_ID] for each in ids}
    ]  # fmt: skip
    connection.execute(alert_triggers.delete().where(alert_triggers.c.alert_id == identity))
    if rows:
        connection.execute(alert_triggers.insert(), rows)


def _listeners(
    connection: Connection, project: str, kind: str, ids: Sequence[str]
) -> Sequence[sa.Row[Any]]:
    """The alerts that may concern an event, in the order in which they were made."""
    heard = sa.select(alert_triggers.c.alert_id).where(
        alert_triggers.c.project == project, alert_triggers.c.event_kind == kind,
        alert_triggers.c.entity_id.in_({ANY, *(each[:LONGEST_ID] for each in ids)}),
    )  # fmt: skip
    chosen = sa.select(alerts).where(alerts.c.id.in_(heard), sa.not_(alerts.c.active))
    return connection.execute(chosen.order_by(alerts.c.id)).all()


def _count(
    connection: Connection,
    row: Any,
    config: dict[str, Any],
    kind: str,
    entity: Mapping[str, Any],
    values: Mapping[str, Any],
) -> int | None:
    now = clock.now(connection)
    # each entity of an alert for many (ids with *) is counted for itself
    name = str(entity["ids"][0])
    seen = json.loads(row.seen)
    mine, enough = alert.window(seen.get(name, []), now, config.get("criteria") or {})
    period = alert.parse_period((config.get("criteria") or {}).get("period"), "criteria.period")
    kept = {
        each: moments for each, moments in seen.items()
        if each != name and (period is None or moments[-1] > now - period)
    }  # fmt: skip
    if not enough:
        kept[name] = mine
        latest = dict(list(kept.items())[-MOST_ENTITIES:])
        changed = alerts.update().where(alerts.c.id == row.id).values(seen=dumps(latest))
        connection.execute(changed)
        return None
    cooldown = alert.parse_period(config.get("cooldown_period"), "cooldown_period")
    manual = config.get("reset_policy") == alert.MANUAL
    stays = manual or bool(cooldown)
    changes = {
        "seen": dumps(kept), "count": row.count + 1, "active": stays,
        "reset_at": now + cooldown if cooldown and not manual else None,
    }  # fmt: skip
    connection.execute(alerts.update().where(alerts.c.id == row.id).values(**changes))
    event = {"kind": kind, "entity": dict(entity), "value_dict": dict(values)}
    activation = alert_activations.add(
        connection, row.project, config, event, len(mine), None if stays else now
    )
    _tell(connection, "updated", row.project, row.name, ACTIVE if stays else INACTIVE)
    return activation


def _reset(connection: Connection, row: Any) -> None:
    values = {"active": False, "reset_at": None, "seen": "{}"}
    connection.execute(alerts.update().where(alerts.c.id == row.id).values(**values))
    alert_activations.reset(connection, row.project, row.name, clock.now(connection))
    _tell(connection, "updated", row.project, row.name, INACTIVE)


def _row(connection: Connection, project: str, name: str) -> Any:
    where = (alerts.c.project == project, alerts.c.name == name)
    return connection.execute(sa.select(alerts).where(*where)).first()


def _config(row: Any) -> dict[str, Any]:
    config: dict[str, Any] = json.loads(row.document)
    return config | {
        "id": row.id, "state": ACTIVE if row.active else INACTIVE, "count": row.count,
        "created": times.text(row.created), "updated": times.text(row.updated),
    }  # fmt: skip


def _tell(connection: Connection, action: str, project: str, name: str, state: str) -> None:
    events.add(connection, "alert", action, project, name, state=state)
