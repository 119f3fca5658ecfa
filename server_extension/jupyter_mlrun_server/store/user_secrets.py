"""Tokens that users leave with the service for other systems, sealed; none is ever shown."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from . import times
from .access_tables import user_secrets


def save(
    connection: Connection, owner: str, name: str, sealed: str, issued: int, expires: int
) -> bool:
    """Whether it is new; one of the name is replaced."""
    values = {"sealed": sealed, "issued": issued, "expires": expires}
    changed = connection.execute(
        user_secrets.update().where(_is(owner, name)).values(**values)
    ).rowcount
    if not changed:
        connection.execute(user_secrets.insert(), {"owner": owner, "name": name, **values})
    return not changed


def names(connection: Connection, owner: str) -> list[str]:
    """The names of a user's tokens."""
    chosen = sa.select(user_secrets.c.name).where(user_secrets.c.owner == owner)
    return list(connection.execute(chosen.order_by(user_secrets.c.id)).scalars())


def select(connection: Connection, owner: str = "*") -> list[dict[str, Any]]:
    """Name, owner and times of a user's tokens, or of everybody's."""
    chosen = sa.select(user_secrets).order_by(user_secrets.c.id)
    if owner != "*":
        chosen = chosen.where(user_secrets.c.owner == owner)
    return [
        {"name": row.name, "username": row.owner, "user_id": row.owner,
         "issued_at": times.text(row.issued), "expiration": times.text(row.expires)}
        for row in connection.execute(chosen)
    ]  # fmt: skip


def delete(connection: Connection, owner: str, name: str = "") -> int:
    """How many were removed: one by name, or all of a user's."""
    query = user_secrets.delete().where(_is(owner, name) if name else user_secrets.c.owner == owner)
    return int(connection.execute(query).rowcount)


def _is(owner: str, name: str) -> sa.ColumnElement[bool]:
    return (user_secrets.c.owner == owner) & (user_secrets.c.name == name)
