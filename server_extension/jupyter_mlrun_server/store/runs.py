"""Runs: one row for each iteration; a terminal state never reopens."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_mlrun import names, states
from jupyter_mlrun.errors import MLRunBadRequestError, MLRunInvalidArgumentError, MLRunNotFoundError
from jupyter_mlrun.model.artifact import artifact_uri
from jupyter_mlrun.model.document import apply_dotted, dumps

from . import (
    events,
    launches,
    notifications,
    projects,
    query,
    run_changes,
    run_counts,
    run_row,
    run_values,
    shape,
    times,
)
from .prepared import Prepared
from .tables import launches as launches_table
from .tables import run_labels, runs
from .tables import run_values as run_values_table

_KEY = (
    (runs.c.project == sa.bindparam("k_project"))
    & (runs.c.uid == sa.bindparam("k_uid"))
    & (runs.c.iteration == sa.bindparam("k_iteration"))
)
_SELECT = Prepared(sa.select(
    runs.c.id, runs.c.name, runs.c.state, runs.c.start_time, runs.c.document
).where(_KEY))  # fmt: skip
_STATE = Prepared(sa.select(runs.c.state, runs.c.host).where(_KEY))
_INSERT = Prepared(runs.insert())
_UPDATE = Prepared(runs.update().where(runs.c.id == sa.bindparam("k_id")))
_LABELS = sa.select(run_labels.c.name, run_labels.c.value).where(
    run_labels.c.run_id == sa.bindparam("k_id")
)
_DELETE_LABELS = run_labels.delete().where(run_labels.c.run_id == sa.bindparam("k_id"))
_DELETE_VALUES = run_values_table.delete().where(run_values_table.c.run_id == sa.bindparam("k_id"))

# What the service itself writes into a status, which a later document of the run does not unsay.
_SERVICE_STATUS = (
    "host", "boot_id", "reason", "status_text", "notifications", "place", "place_reason",
    "retry_count", "retries",
)  # fmt: skip


@dataclass(frozen=True)
class RunKey:
    """Which run: an iteration of a uid of a project."""

    project: str
    uid: str
    iteration: int = 0

    def params(self) -> dict[str, Any]:
        """The key as the statements' parameters."""
        return {"k_project": self.project, "k_uid": self.uid, "k_iteration": self.iteration}


def save(connection: Connection, key: RunKey, document: dict[str, Any]) -> dict[str, Any]:
    """The document as stored, made or replaced; times and state are the store's to decide."""
    projects.require(connection, key.project)
    document = _identified(document, key)
    name = document["metadata"]["name"]
    old = _SELECT.first(connection, key.params())
    if old is None:
        names.validate_run(name)
    elif old.name != name:
        raise MLRunBadRequestError(
            f"Run {key.uid} is named {old.name!r}, the body names it {name!r}: a name stays"
        )
    if old is not None:
        _keep_service_status(document["status"], json.loads(old.document).get("status") or {})
    return _write(connection, key, document, old, with_labels=True)


def update(connection: Connection, key: RunKey, updates: dict[str, Any]) -> dict[str, Any]:
    """The document after dotted updates, as MLRun's client sends them."""
    old = _SELECT.first(connection, key.params())
    if old is None:
        raise _missing(key)
    document = apply_dotted(json.loads(old.document), updates)
    document = _identified(document, key)
    document["metadata"]["name"] = old.name
    with_labels = any(name.startswith("metadata") for name in updates)
    return _write(connection, key, document, old, with_labels)


def read(connection: Connection, key: RunKey) -> dict[str, Any]:
    """The run's document."""
    old = _SELECT.first(connection, key.params())
    if old is None:
        raise _missing(key)
    document: dict[str, Any] = json.loads(old.document)
    return document


def find(connection: Connection, key: RunKey) -> dict[str, Any] | None:
    """The run's document, None where there is none."""
    old = _SELECT.first(connection, key.params())
    return None if old is None else json.loads(old.document)


def state(connection: Connection, key: RunKey) -> tuple[str, str] | None:
    """State and host of a run, None where there is none."""
    found = _STATE.first(connection, key.params())
    return None if found is None else (found.state, found.host)


def delete(connection: Connection, project: str, uid: str, iteration: int | None = None) -> bool:
    """Whether anything was removed: all iterations of the uid, or one; a live run is refused."""
    where = [runs.c.project == project, runs.c.uid == uid]
    if iteration:
        where.append(runs.c.iteration == iteration)
    found = connection.execute(
        sa.select(runs.c.id, runs.c.state, runs.c.name, runs.c.iteration).where(*where)
    ).all()
    for row in found:
        if row.iteration == (iteration or 0) and row.state not in states.TERMINAL | {"unknown"}:
            raise MLRunBadRequestError(
                f"Can not delete run in {row.state} state, consider aborting the run first"
            )
    if found and not iteration and launches.find(connection, project, uid) is not None:
        raise MLRunBadRequestError(
            f"Can not delete run {uid}: its process has not ended yet, try again in a moment"
        )
    for row in found:
        connection.execute(_DELETE_LABELS, {"k_id": row.id})
        connection.execute(_DELETE_VALUES, {"k_id": row.id})
        if not row.iteration:
            run_counts.add(connection, project, row.state, -1)
    connection.execute(runs.delete().where(*where))
    if found:
        events.add(connection, "run", "deleted", project, found[0].name, uid, iteration or 0)
        if not iteration:
            notifications.drop(connection, project, "run", uid)
    return bool(found)


def delete_ended(connection: Connection, project: str, uids: Sequence[str]) -> list[str]:
    """The uids of those runs that had ended and are gone now, with their iterations."""
    mine = (runs.c.project == project) & runs.c.uid.in_(uids)
    held = sa.select(runs.c.uid).where(
        mine, runs.c.iteration == 0, runs.c.state.not_in(sorted(states.TERMINAL))
    )
    working = sa.select(launches_table.c.uid).where(launches_table.c.project == project)
    found = connection.execute(
        sa.select(
            runs.c.id, runs.c.uid, runs.c.name, runs.c.state, runs.c.iteration, runs.c.notified
        ).where(mine, runs.c.uid.not_in(held), runs.c.uid.not_in(working))
    ).all()
    if not found:
        return []
    ids = [row.id for row in found]
    for table in (run_labels, run_values_table):
        connection.execute(table.delete().where(table.c.run_id.in_(ids)))
    connection.execute(runs.delete().where(runs.c.id.in_(ids)))
    whole = [row for row in found if not row.iteration]
    for state_gone, number in Counter(row.state for row in whole).items():
        run_counts.add(connection, project, state_gone, -number)
    for row in whole:
        if row.notified:
            notifications.drop(connection, project, "run", row.uid)
    names_of = {row.uid: row.name for row in found}
    events.add_deleted(connection, ((project, name, uid) for uid, name in names_of.items()))
    return list(names_of)


def _missing(key: RunKey) -> MLRunNotFoundError:
    iteration = f" (iteration {key.iteration})" if key.iteration else ""
    return MLRunNotFoundError(f"Run uid {key.uid}{iteration} of project {key.project} not found")


def _identified(document: dict[str, Any], key: RunKey) -> dict[str, Any]:
    """The document with the parts it must have, under its key's project, uid and iteration."""
    document = shape.parts({"kind": "run", **document}, f"run {key.uid}")
    metadata = document["metadata"]
    if not isinstance(metadata.get("name"), str) or not metadata["name"]:
        raise MLRunInvalidArgumentError(f"Run {key.uid} has no metadata.name: give one")
    metadata |= {"project": key.project, "uid": key.uid, "iteration": key.iteration}
    return document


def _keep_service_status(status: dict[str, Any], old: dict[str, Any]) -> None:
    for field in _SERVICE_STATUS:
        if status.get(field) in (None, "", {}) and old.get(field) not in (None, "", {}):
            status[field] = old[field]
    if isinstance(old.get("times"), dict):
        given = status.get("times")
        status["times"] = old["times"] | (given if isinstance(given, dict) else {})


def _write(
    connection: Connection, key: RunKey, document: dict[str, Any], old: Any, with_labels: bool
) -> dict[str, Any]:
    status = document["status"]
    seen = status.get("state") or states.CREATED
    if not isinstance(seen, str):
        raise MLRunInvalidArgumentError(
            f"'status.state' of run {key.uid} must be a word, not {seen!r:.80}"
        )
    status["state"] = states.advance(old.state if old else None, seen)
    now = times.now()
    started = times.parse(status.get("start_time"))
    status["start_time"] = times.text(started or (old.start_time if old else now))
    status["last_update"] = times.text(now)
    if status["state"] in states.TERMINAL and times.parse(status.get("end_time")) is None:
        status["end_time"] = times.text(now)
    _strip_artifacts(status)
    values = run_row.columns(document)
    if old is None:
        row = {"project": key.project, "uid": key.uid, "iteration": key.iteration, **values}
        identity = _INSERT.insert(connection, row)
    else:
        identity = old.id
        _UPDATE.change(connection, {"k_id": identity, **values})
    run_values.save(connection, identity, document, new=old is None)
    if not key.iteration:
        run_counts.move(connection, key.project, old.state if old else None, status["state"])
    if with_labels:
        _write_labels(connection, identity, document["metadata"].get("labels"), new=old is None)
    events.add(
        connection, "run", "updated" if old else "created", key.project, values["name"], key.uid,
        key.iteration, status["state"],
    )  # fmt: skip
    run_changes.follow(connection, document, old.state if old else None)
    return document


def _strip_artifacts(status: dict[str, Any]) -> None:
    artifacts = status.pop("artifacts", None)
    if not isinstance(artifacts, list):
        return
    held = status.get("artifact_uris")
    uris = dict(held) if isinstance(held, dict) else {}
    for artifact in artifacts:
        if isinstance(artifact, dict) and all(
            isinstance(artifact.get(part), dict) for part in ("metadata", "spec")
        ):
            uris[str(artifact["metadata"].get("key"))] = artifact_uri(artifact)
    status["artifact_uris"] = uris


def _write_labels(connection: Connection, identity: int, labels: Any, new: bool) -> None:
    wanted = {}
    if isinstance(labels, dict):
        wanted = {
            str(name)[:255]: (value if isinstance(value, str) else dumps(value))[:255]
            for name, value in labels.items()
        }
    if not new:
        held = {row.name: row.value for row in connection.execute(_LABELS, {"k_id": identity})}
        if held == wanted:
            return
        connection.execute(_DELETE_LABELS, {"k_id": identity})
    if wanted:
        rows = [{"run_id": identity, "name": n, "value": v} for n, v in wanted.items()]
        query.insert_labels(connection, run_labels, rows)


def validate(document: dict[str, Any]) -> None:
    """Nothing, when the run's name and labels are allowed."""
    metadata = document.get("metadata") or {}
    names.validate_run(metadata.get("name"))
    for name, value in (metadata.get("labels") or {}).items():
        names.validate_label(name, value)
