"""Notifications: whom a run or an alert tells, each once.

A row is planned with the run or the activation, becomes due with the state it waits for, is claimed
by the server of one host, and ends as sent or with the reason why it was not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_mlrun.model.document import dumps

from . import clock, events, times
from .service_tables import alert_activations
from .service_tables import notifications as table

PENDING, SENDING, SENT, ERROR = "pending", "sending", "sent", "error"
MOST_ATTEMPTS = 4
BACKOFF = 5_000_000
CLAIM_HOLDS = 300_000_000
LOST = "the server was ended while it sent this: it may have been sent or not"


@dataclass(frozen=True)
class Notification:
    """One notification to send; ``source`` is ``run`` or ``alert``."""

    id: int
    project: str
    source: str
    uid: str
    name: str
    attempts: int
    document: dict[str, Any]


def plan(
    connection: Connection,
    project: str,
    source: str,
    uid: str,
    definitions: Sequence[Mapping[str, Any]],
    due: int | None = None,
) -> None:
    """Keep what is to be told; what was planned before and not sent is replaced."""
    for definition in definitions:
        name = str(definition.get("name") or definition.get("kind"))[:255]
        where = _key(project, source, uid) & (table.c.name == name)
        connection.execute(table.delete().where(where))
        row = {
            "project": project, "source": source, "uid": uid, "name": name, "status": PENDING,
            "attempts": 0, "due": due, "document": dumps(dict(definition)),
        }  # fmt: skip
        connection.execute(table.insert(), row)
    if definitions and due is not None:
        events.add(connection, "notification", "created", project, uid=uid, state=PENDING)


def replace(
    connection: Connection,
    project: str,
    source: str,
    uid: str,
    definitions: Sequence[Mapping[str, Any]],
) -> None:
    """Plan these alone."""
    connection.execute(table.delete().where(_key(project, source, uid)))
    plan(connection, project, source, uid, definitions)


def wake_run(
    connection: Connection, project: str, uid: str, state: str, again: bool = False
) -> int:
    """How many of a run's became due by its state; ``again``: those sent before too."""
    statuses = (PENDING, SENT, ERROR) if again else (PENDING,)
    chosen = sa.select(table).where(_key(project, "run", uid), table.c.status.in_(statuses))
    waiting = [
        row.id for row in connection.execute(chosen)
        if (row.due is None or again) and state in (json.loads(row.document).get("when") or ())
    ]  # fmt: skip
    if waiting:
        values = {"due": clock.now(connection), "status": PENDING, "attempts": 0, "claimed": None}
        connection.execute(table.update().where(table.c.id.in_(waiting)).values(**values))
        events.add(connection, "notification", "updated", project, uid=uid, state=PENDING)
    return len(waiting)


def claim(connection: Connection, now: int, sender: str = "", most: int = 20) -> list[Notification]:
    """What is due by the store's clock, now this sender's."""
    chosen = sa.select(table).where(table.c.status == PENDING, table.c.due <= now)
    rows = connection.execute(chosen.order_by(table.c.due, table.c.id).limit(most)).all()
    if rows:
        ids = [row.id for row in rows]
        attempts = table.c.attempts + 1
        values = {"status": SENDING, "claimed": now, "host": sender, "attempts": attempts}
        connection.execute(table.update().where(table.c.id.in_(ids)).values(**values))
    return [_claimed(row, row.attempts + 1) for row in rows]


def settle_lost(connection: Connection, now: int, sender: str | None = None) -> list[Notification]:
    """What has failed now, since the server that had claimed it is dead.

    That is what has not been sent for long; with ``sender``, all that was its own.
    """
    dead = table.c.claimed < now - CLAIM_HOLDS if sender is None else table.c.host == sender
    rows = connection.execute(sa.select(table).where(table.c.status == SENDING, dead)).all()
    lost = [_claimed(row, row.attempts) for row in rows]
    for each in lost:
        set_failed(connection, each, LOST, again=False)
    return lost


def next_moment(connection: Connection) -> int | None:
    """When something is due or lost, None where nothing is."""
    due = sa.select(sa.func.min(table.c.due)).where(table.c.status == PENDING)
    claimed = sa.select(sa.func.min(table.c.claimed)).where(table.c.status == SENDING)
    first, held = connection.execute(due).scalar(), connection.execute(claimed).scalar()
    found = [first, None if held is None else held + CLAIM_HOLDS + 1]
    return min((each for each in found if each is not None), default=None)


def set_sent(connection: Connection, notification: Notification) -> None:
    """It was sent."""
    _set(connection, notification, status=SENT, sent=clock.now(connection), reason=None, due=None)
    _tell(connection, notification, SENT)


def set_unmet(connection: Connection, notification: Notification) -> None:
    """Its condition does not hold: it waits for another state."""
    _set(connection, notification, status=PENDING, due=None, claimed=None, attempts=0)


def set_failed(
    connection: Connection, notification: Notification, reason: str, again: bool
) -> bool:
    """Whether it will be tried again; else it has failed for good."""
    if again and notification.attempts < MOST_ATTEMPTS:
        due = clock.now(connection) + BACKOFF * 4 ** (notification.attempts - 1)
        _set(connection, notification, status=PENDING, due=due, claimed=None, reason=reason)
        _tell(connection, notification, PENDING)
        return True
    _set(connection, notification, status=ERROR, reason=reason, due=None)
    _tell(connection, notification, ERROR)
    return False


def states(connection: Connection, project: str, uid: str) -> dict[str, dict[str, Any]]:
    """How the notifications of a run went, by name, as its status holds them."""
    rows = connection.execute(sa.select(table).where(_key(project, "run", uid)))
    return {
        row.name: {
            "status": PENDING if row.status == SENDING else row.status,
            "sent_time": times.text(row.sent) if row.sent else None, "reason": row.reason,
        }
        for row in rows
    }  # fmt: skip


def summaries(connection: Connection, project: str, source: str, uid: str) -> list[dict[str, Any]]:
    """How the notifications of an activation went, by kind."""
    found: dict[str, dict[str, Any]] = {}
    for row in connection.execute(sa.select(table).where(_key(project, source, uid))):
        kind = str(json.loads(row.document).get("kind"))
        entry = found.setdefault(
            kind, {"kind": kind, "err": None, "summary": {"failed": 0, "succeeded": 0}}
        )
        entry["summary"]["succeeded"] += row.status == SENT
        entry["summary"]["failed"] += row.status == ERROR
        entry["err"] = row.reason if row.status == ERROR else entry["err"]
    return list(found.values())


def planned(
    connection: Connection, project: str, source: str, uids: Sequence[str], name: str
) -> bool:
    """Whether one of these has a notification of that name."""
    where = (
        table.c.project == project, table.c.source == source, table.c.uid.in_(list(uids)),
        table.c.name == name, table.c.status != ERROR,
    )  # fmt: skip
    return connection.execute(sa.select(table.c.id).where(*where).limit(1)).first() is not None


def drop(connection: Connection, project: str, source: str, uid: str) -> None:
    """Forget those of a run or an activation that is gone."""
    connection.execute(table.delete().where(_key(project, source, uid)))


def _claimed(row: Any, attempts: int) -> Notification:
    document = json.loads(row.document)
    return Notification(row.id, row.project, row.source, row.uid, row.name, attempts, document)


def _set(connection: Connection, notification: Notification, **values: Any) -> None:
    connection.execute(table.update().where(table.c.id == notification.id).values(**values))


def _tell(connection: Connection, notification: Notification, state: str) -> None:
    """An event of the alert's name; a run's notifications are told by the run itself."""
    if notification.source != "alert":
        return
    named = sa.select(alert_activations.c.name).where(
        alert_activations.c.project == notification.project,
        alert_activations.c.id == int(notification.uid),
    )
    name = connection.execute(named).scalar() or ""
    events.add(
        connection, "notification", "updated", notification.project, name=name,
        uid=notification.uid, state=state,
    )  # fmt: skip


def _key(project: str, source: str, uid: str) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.project == project, table.c.source == source, table.c.uid == uid)
