"""Secrets of projects as sealed texts, in the order in which their names came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from . import projects, times
from .access_tables import project_secrets


def names(connection: Connection, project: str) -> list[str]:
    """The names of a project's secrets."""
    table = project_secrets
    found = sa.select(table.c.name).where(table.c.project == project).order_by(table.c.id)
    return list(connection.execute(found).scalars())


def read(connection: Connection, project: str) -> dict[str, str]:
    """Name and sealed text of each."""
    table = project_secrets
    found = sa.select(table).where(table.c.project == project).order_by(table.c.id)
    return {row.name: row.sealed for row in connection.execute(found)}


def save(connection: Connection, project: str, sealed: Mapping[str, str]) -> None:
    """Add secrets, or give those that are there another value."""
    projects.require(connection, project)
    table, known = project_secrets, set(names(connection, project))
    for name, text in sealed.items():
        values = {"sealed": text, "updated": times.now()}
        if name in known:
            here = (table.c.project == project) & (table.c.name == name)
            connection.execute(table.update().where(here).values(**values))
        else:
            connection.execute(table.insert(), {"project": project, "name": name, **values})


def delete(connection: Connection, project: str, names: Iterable[str]) -> None:
    """Remove these; those that are not there are fine."""
    table = project_secrets
    connection.execute(
        table.delete().where(table.c.project == project, table.c.name.in_(list(names)))
    )


def all_sealed(connection: Connection) -> list[tuple[int, str, str, str]]:
    """Id, project, name and sealed text of every secret."""
    table = project_secrets
    found = sa.select(table.c.id, table.c.project, table.c.name, table.c.sealed)
    return [(row.id, row.project, row.name, row.sealed) for row in connection.execute(found)]


def seal_anew(connection: Connection, identity: int, text: str) -> None:
    """Store the same secret as another sealed text."""
    table = project_secrets
    connection.execute(table.update().where(table.c.id == identity).values(sealed=text))
