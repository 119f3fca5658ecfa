"""Members of projects: users and groups with their roles."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_mlrun.errors import MLRunNotFoundError, MLRunPreconditionFailedError

from . import events, projects, times
from .access_tables import members

USER, GROUP = "user", "group"
KINDS = (USER, GROUP)
VIEWER, EDITOR, ADMIN, OWNER = "viewer", "editor", "admin", "owner"
ROLES = (VIEWER, EDITOR, ADMIN, OWNER)


def select(connection: Connection, project: str) -> list[dict[str, Any]]:
    """The members of a project: owners first, then by name."""
    projects.require(connection, project)
    found = connection.execute(sa.select(members).where(members.c.project == project))
    shown = [{"kind": row.kind, "name": row.name, "role": row.role} for row in found]
    return sorted(shown, key=lambda row: (-ROLES.index(row["role"]), row["kind"], row["name"]))


def everybody(connection: Connection) -> dict[tuple[str, str], dict[str, str]]:
    """The role in each project, by kind and name."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for row in connection.execute(sa.select(members)):
        found.setdefault((row.kind, row.name), {})[row.project] = row.role
    return found


def save(connection: Connection, project: str, kind: str, name: str, role: str) -> None:
    """Make somebody a member, or give a member another role."""
    projects.require(connection, project)
    if role != OWNER:
        _keep_an_owner(connection, project, kind, name)
    changed = connection.execute(members.update().where(_is(project, kind, name)).values(role=role))
    if not changed.rowcount and _find(connection, project, kind, name) is None:
        row = {"project": project, "kind": kind, "name": name, "role": role}
        connection.execute(members.insert(), {**row, "created": times.now()})
    events.add(connection, "member", "updated", project, name)


def delete(connection: Connection, project: str, kind: str, name: str) -> None:
    """Let a member go; the last owner stays."""
    _keep_an_owner(connection, project, kind, name)
    connection.execute(members.delete().where(_is(project, kind, name)))
    events.add(connection, "member", "deleted", project, name)


def found_project(connection: Connection, project: str, user: str) -> None:
    """Make the one who has created a project its owner."""
    if _find(connection, project, USER, user) is None:
        row = {"project": project, "kind": USER, "name": user, "role": OWNER}
        connection.execute(members.insert(), {**row, "created": times.now()})


def require(connection: Connection, project: str, kind: str, name: str) -> str:
    """The role of a member; refused where there is no such member."""
    role = _find(connection, project, kind, name)
    if role is None:
        raise MLRunNotFoundError(f"Project {project} has no member {kind} {name}")
    return role


def _find(connection: Connection, project: str, kind: str, name: str) -> str | None:
    found = sa.select(members.c.role).where(_is(project, kind, name))
    return connection.execute(found).scalar()


def _is(project: str, kind: str, name: str) -> sa.ColumnElement[bool]:
    here = (members.c.project == project) & (members.c.kind == kind)
    return here & (members.c.name == name)


def _keep_an_owner(connection: Connection, project: str, kind: str, name: str) -> None:
    if _find(connection, project, kind, name) != OWNER:
        return
    others = sa.select(sa.func.count()).where(members.c.project == project, members.c.role == OWNER)
    if connection.execute(others).scalar() == 1:
        raise MLRunPreconditionFailedError(
            f"{name} is the last owner of project {project}: make somebody else an owner first"
        )
