"""The hosts whose servers share this store; when one was heard of last is told by its clock."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from . import clock
from .service_tables import hosts as table


def sign(connection: Connection, host: str, began: int) -> None:
    """Say that a host is there, whose server began to lead at ``began`` by its own clock."""
    values = {"began": began, "seen": clock.now(connection)}
    changed = connection.execute(table.update().where(table.c.host == host).values(**values))
    if not changed.rowcount:
        connection.execute(table.delete().where(table.c.host == host))
        connection.execute(table.insert(), {"host": host, **values})


def began(connection: Connection, host: str, seconds: float) -> int | None:
    """Since when a host leads that was heard of in the last seconds; None where it was not."""
    since = clock.now(connection) - int(seconds * 1e6)
    chosen = sa.select(table.c.began).where(table.c.host == host, table.c.seen >= since)
    return connection.execute(chosen).scalar()


def leave(connection: Connection, host: str, began: int) -> None:
    """Say that a host ends, unless another server of it has begun since."""
    connection.execute(table.delete().where(table.c.host == host, table.c.began == began))
