"""Projects: the rooms of all other nouns; nothing creates one on its own."""

from __future__ import annotations

import json
from collections.abc import Iterable
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

from . import events, launches, query, shape, tables, times
from .document_tables import of_noun
from .prepared import Prepared
from .schema import metadata
from .service_tables import schedules
from .tables import projects

STATES = ("online", "offline", "archived")
# what keeps a project from being deleted with the strategy `restrict`, in MLRun's words
HELD: list[tuple[str, sa.FromClause]] = [
    ("artifacts", tables.artifacts),
    ("runs", tables.runs),
    ("schedules", schedules),
    ("functions", tables.functions),
    ("feature_sets", of_noun("feature-set")),
    ("feature_vectors", of_noun("feature-vector")),
]
# the changes of a project are told after its end too
KEPT = ("events",)

_EXISTS = Prepared(sa.select(projects.c.name).where(projects.c.name == sa.bindparam("name")))


def require(connection: Connection, name: str) -> None:
    """Nothing, when the project exists; else a sentence with near names."""
    if _EXISTS.first(connection, {"name": name}) is None:
        known = connection.execute(sa.select(projects.c.name)).scalars()
        raise MLRunNotFoundError(f"Project {name} does not exist.{names.near(name, known)}")


def create(connection: Connection, document: dict[str, Any]) -> str:
    """The new project's document as stored; a name that is taken is a conflict."""
    document = shape.parts(document, "the project")
    name = names.validate_project(document["metadata"].get("name"))
    if _EXISTS.first(connection, {"name": name}) is not None:
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


def created(connection: Connection, name: str) -> int | None:
    """When the project was made; None where there is none."""
    chosen = sa.select(projects.c.created).where(projects.c.name == name)
    return connection.execute(chosen).scalar()


def read(connection: Connection, name: str) -> str:
    """The project's document."""
    found = connection.execute(sa.select(projects.c.document).where(projects.c.name == name))
    text = found.scalar()
    if text is None:
        raise MLRunNotFoundError(f"Project not found: {name}")
    return str(text)


def select(
    connection: Connection,
    state: str | None = None,
    owner: str | None = None,
    labels: Iterable[str] = (),
) -> list[tuple[str, str]]:
    """Name and document of every project that fits, by name."""
    chosen = sa.select(projects.c.name, projects.c.document).order_by(projects.c.name)
    if state:
        chosen = chosen.where(projects.c.state == state)
    if owner:
        chosen = chosen.where(projects.c.owner == owner)
    chosen = chosen.where(*query.by_labels(projects.c.name, tables.project_labels, labels))
    return [(row.name, row.document) for row in connection.execute(chosen)]


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
    if _EXISTS.first(connection, {"name": name}) is None:
        return False
    if not strategy.startswith("cascad"):
        held = [word for word, table in HELD if _holds(connection, table, name)]
        if held:
            raise MLRunPreconditionFailedError(
                f"Project {name} can not be deleted since related resources found: "
                f"{', '.join(held)}"
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


def _holds(connection: Connection, table: sa.FromClause, project: str) -> bool:
    found = connection.execute(
        sa.select(table.c.project).where(table.c.project == project).limit(1)
    )
    return found.first() is not None


def _delete_content(connection: Connection, name: str) -> None:
    """Empty every table of what belongs to the project, the parts before their wholes."""
    every = metadata.sorted_tables
    for table in every:
        owner = table.info.get("owner")
        if owner is not None:
            ids = sa.select(owner.c.id).where(owner.c.project == name)
            connection.execute(table.delete().where(table.c[0].in_(ids)))
    for table in every:
        if "project" in table.c and table.name not in KEPT:
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
    labels = project.metadata.labels or {}
    for label, value in labels.items():
        names.validate_label(label, value)
    text = dumps(project.to_dict())
    values = {
        "state": project.status.state, "owner": str(project.spec.owner or "")[:255],
        "updated": now, "document": text,
    }  # fmt: skip
    if created is None:
        connection.execute(projects.insert(), {"name": name, "created": now, **values})
    else:
        connection.execute(projects.update().where(projects.c.name == name).values(**values))
    query.save_labels(connection, tables.project_labels, name, labels, new=created is None)
    action = "created" if created is None else "updated"
    events.add(connection, "project", action, name, name, state=project.status.state)
    return text
