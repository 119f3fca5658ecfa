"""Projects: the rooms of all other nouns; nothing creates one on its own."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_mlrun import names
from jupyter_mlrun.errors import (
    MLRunConflictError,
    MLRunInvalidArgumentError,
    MLRunNotFoundError,
    MLRunPreconditionFailedError,
)
from jupyter_mlrun.model.document import dumps
from jupyter_mlrun.model.project import Project

from . import events, launches, shape, tables, times
from .tables import projects

STATES = ("online", "offline", "archived")

_EXISTS = sa.select(projects.c.name).where(projects.c.name == sa.bindparam("name"))


def require(connection: Connection, name: str) -> None:
    """Nothing, when the project exists; else a sentence with near names."""
    if connection.execute(_EXISTS, {"name": name}).first() is None:
        known = connection.execute(sa.select(projects.c.name)).scalars()
        raise MLRunNotFoundError(f"Project {name} does not exist.{names.near(name, known)}")


def create(connection: Connection, document: dict[str, Any]) -> str:
    """The new project's document as stored; a name that is taken is a conflict."""
    document = shape.parts(document, "the project")
    name = names.validate_project(document["metadata"].get("name"))
    if connection.execute(_EXISTS, {"name": name}).first() is not None:
        raise MLRunConflictError(f"Project {name} already exists")
    return _write(connection, name, document, None)


def save(connection: Connection, name: str, document: dict[str, Any]) -> str:
    """The project's document as stored, made or replaced."""
    names.validate_project(name)
    document = shape.parts(document, f"project {name}")
    given = document["metadata"].get("name")
    if (given or name) != name:
        raise MLRunInvalidArgumentError(
            f"The body names project {given!r}, the address {name!r}: use one name"
        )
    row = connection.execute(sa.select(projects).where(projects.c.name == name)).first()
    return _write(connection, name, document, row.created if row else None)


def patch(connection: Connection, name: str, changes: dict[str, Any], additive: bool) -> str:
    """The project's document after a deep merge; ``additive`` makes lists longer."""
    document = merge(json.loads(read(connection, name)), changes, additive)
    return save(connection, name, document)


def merge(old: Any, new: Any, additive: bool) -> Any:
    """Objects key by key; lists one after the other if ``additive``, else the new ones."""
    if isinstance(old, dict) and isinstance(new, dict):
        return old | {
            key: merge(old[key], value, additive) if key in old else value
            for key, value in new.items()
        }
    if additive and isinstance(old, list) and isinstance(new, list):
        return [*old, *new]
    return new


def read(connection: Connection, name: str) -> str:
    """The project's document."""
    found = connection.execute(sa.select(projects.c.document).where(projects.c.name == name))
    text = found.scalar()
    if text is None:
        raise MLRunNotFoundError(f"Project not found: {name}")
    return str(text)


def select(
    connection: Connection, state: str | None = None, owner: str | None = None
) -> list[tuple[str, str]]:
    """Name and document of every project, by name."""
    query = sa.select(projects.c.name, projects.c.document).order_by(projects.c.name)
    if state:
        query = query.where(projects.c.state == state)
    found = [(row.name, row.document) for row in connection.execute(query)]
    if owner:
        found = [pair for pair in found if json.loads(pair[1])["spec"].get("owner") == owner]
    return found


def counters(connection: Connection) -> list[dict[str, Any]]:
    """For each project: its name and how many runs are running, failed, and in all."""
    runs = tables.runs
    states = connection.execute(
        sa.select(
            runs.c.project, runs.c.state, sa.func.count(), sa.func.max(runs.c.start_time)
        ).where(runs.c.iteration == 0).group_by(runs.c.project, runs.c.state)
    )  # fmt: skip
    by_project: dict[str, dict[str, Any]] = {
        name: {"name": name, "running": 0, "failed": 0, "runs": 0, "last": None}
        for name, _ in select(connection)
    }
    for project, state, count, newest in states:
        if (counted := by_project.get(project)) is None:
            continue
        counted["runs"] += count
        counted["running"] += count if state in ("running", "aborting") else 0
        counted["failed"] += count if state == "error" else 0
        counted["last"] = max(counted["last"] or "", times.text(newest))
    return list(by_project.values())


def delete(connection: Connection, name: str, strategy: str) -> bool:
    """Whether there was such a project; ``restrict`` refuses one that holds anything."""
    if connection.execute(_EXISTS, {"name": name}).first() is None:
        return False
    held = [table for table in (tables.artifacts, tables.runs, tables.functions)
            if _holds(connection, table, name)]  # fmt: skip
    if not strategy.startswith("cascad") and held:
        found = ", ".join(table.name for table in held)
        raise MLRunPreconditionFailedError(
            f"Project {name} can not be deleted since related resources found: {found}"
        )
    if working := launches.uids(connection, name):
        raise MLRunPreconditionFailedError(
            f"Project {name} can not be deleted while run {working[0]} works: abort it first"
        )
    if strategy == "check":
        return False
    _delete_content(connection, name)
    connection.execute(projects.delete().where(projects.c.name == name))
    events.add(connection, "project", "deleted", name, name)
    return True


def _holds(connection: Connection, table: sa.Table, project: str) -> bool:
    found = connection.execute(sa.select(table.c.id).where(table.c.project == project).limit(1))
    return found.first() is not None


def _delete_content(connection: Connection, name: str) -> None:
    for owner, labels in (
        (tables.runs, tables.run_labels), (tables.artifacts, tables.artifact_labels),
    ):  # fmt: skip
        ids = sa.select(owner.c.id).where(owner.c.project == name)
        connection.execute(labels.delete().where(labels.c[0].in_(ids)))
    for table in (
        tables.artifact_tags, tables.artifacts, tables.function_tags, tables.functions,
        tables.runs, tables.run_counts, tables.launches, tables.tokens,
    ):  # fmt: skip
        connection.execute(table.delete().where(table.c.project == name))


def _write(connection: Connection, name: str, document: dict[str, Any], created: int | None) -> str:
    now = times.now()
    project = Project.from_dict(document)
    project.kind = "project"
    project.metadata.name = name
    project.metadata.created = times.text(created or now)
    project.status.state = project.spec.desired_state or "online"
    if project.status.state not in STATES:
        raise MLRunInvalidArgumentError(
            f"'spec.desired_state' of project {name} must be one of {', '.join(STATES)}"
        )
    text = dumps(project.to_dict())
    values = {"state": project.status.state, "updated": now, "document": text}
    if created is None:
        connection.execute(projects.insert(), {"name": name, "created": now, **values})
    else:
        connection.execute(projects.update().where(projects.c.name == name).values(**values))
    action = "created" if created is None else "updated"
    events.add(connection, "project", action, name, name, state=project.status.state)
    return text
