"""Launches: which runs this system has to start, watch and settle, in order of their coming."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from . import clock
from .tables import launches

PENDING = "pending"
STARTED = "started"
OWNER, SENT_TO, WORKFLOW = "sent_by", "sent_to", "of_workflow"


@dataclass
class Launch:
    """One run to start or to watch; ``target`` is ``run`` or ``abort``.

    ``place`` says where its kind runs; before ``not_before`` (microseconds) it only waits.
    ``owner`` is who sent it, ``sent_to`` the host whose memory has its secrets, ``workflow`` the
    one that it is a step of: labels can be changed later, and these cannot. ``created`` is when,
    by the clock of the store.
    """

    project: str
    uid: str
    kind: str
    host: str
    boot_id: str
    phase: str = PENDING
    target: str = "run"
    needs_secrets: bool = False
    handle: dict[str, Any] | None = None
    place: str = "here"
    not_before: int = 0
    id: int = 0
    owner: str = ""
    sent_to: str = ""
    workflow: str = ""
    created: int = 0


def add(connection: Connection, launch: Launch) -> None:
    """Queue a run."""
    connection.execute(
        launches.insert(),
        {"project": launch.project, "uid": launch.uid, "kind": launch.kind, "host": launch.host,
         "boot_id": launch.boot_id, "phase": launch.phase, "target": launch.target,
         "needs_secrets": launch.needs_secrets,
         "handle": _kept(launch, launch.handle), "created": clock.now(connection),
         "place": launch.place, "not_before": launch.not_before},
    )  # fmt: skip


def select(connection: Connection, *hosts: str) -> list[Launch]:
    """Every launch of these hosts that is not settled, oldest first."""
    chosen = sa.select(launches).where(launches.c.host.in_(hosts)).order_by(launches.c.id)
    return [of_row(row) for row in connection.execute(chosen)]


def find(connection: Connection, project: str, uid: str) -> Launch | None:
    """The launch of a run, None where it is settled or was never ours."""
    row = connection.execute(sa.select(launches).where(*_key(project, uid))).first()
    return None if row is None else of_row(row)


def trees(connection: Connection, project: str, uid: str) -> set[str]:
    """The trees of the artifacts that a run makes: its own, and its workflow's."""
    launch = find(connection, project, uid)
    return {uid, launch.workflow} if launch is not None and launch.workflow else {uid}


def uids(connection: Connection, project: str) -> list[str]:
    """The runs of a project that are not settled."""
    chosen = sa.select(launches.c.uid).where(launches.c.project == project)
    return list(connection.execute(chosen.order_by(launches.c.id)).scalars())


def set_started(connection: Connection, launch: Launch, handle: dict[str, Any]) -> bool:
    """Whether the handle was kept by which the run's process is found again.

    It is not where the launch is no more as it was read: somebody else started or removed it.
    """
    changed = connection.execute(
        launches.update()
        .where(*_key(launch.project, launch.uid), launches.c.phase == launch.phase)
        .values(phase=STARTED, handle=_kept(launch, handle))
    )
    if changed.rowcount:
        launch.phase = STARTED
    return bool(changed.rowcount)


def set_waiting(
    connection: Connection,
    launch: Launch,
    not_before: int,
    handle: dict[str, Any] | None = None,
) -> None:
    """Queue a launch again, with no more than ``handle`` of what it had started."""
    connection.execute(
        launches.update()
        .where(*_key(launch.project, launch.uid))
        .values(phase=PENDING, handle=_kept(launch, handle), not_before=not_before)
    )


def set_target(connection: Connection, project: str, uid: str, target: str) -> bool:
    """Whether there was a launch whose target could be set."""
    changed = connection.execute(launches.update().where(*_key(project, uid)).values(target=target))
    return bool(changed.rowcount)


def remove(connection: Connection, project: str, uid: str) -> None:
    """Forget a settled run's launch."""
    connection.execute(launches.delete().where(*_key(project, uid)))


def _key(project: str, uid: str) -> tuple[sa.ColumnElement[bool], ...]:
    return launches.c.project == project, launches.c.uid == uid


def _kept(launch: Launch, handle: dict[str, Any] | None) -> str | None:
    """The handle as stored, beside it who sent the run, to which host and in which workflow."""
    named = {OWNER: launch.owner, SENT_TO: launch.sent_to, WORKFLOW: launch.workflow}
    kept = {**(handle or {}), **{key: name for key, name in named.items() if name}}
    return json.dumps(kept) if kept else None


def of_row(row: Any) -> Launch:
    handle = json.loads(row.handle) if row.handle else {}
    owner, sent_to, workflow = (handle.pop(key, "") for key in (OWNER, SENT_TO, WORKFLOW))
    return Launch(
        project=row.project, uid=row.uid, kind=row.kind, host=row.host, boot_id=row.boot_id,
        phase=row.phase, target=row.target, needs_secrets=row.needs_secrets,
        handle=handle or None, place=row.place, not_before=row.not_before, id=row.id, owner=owner,
        sent_to=sent_to, workflow=workflow, created=row.created,
    )  # fmt: skip
