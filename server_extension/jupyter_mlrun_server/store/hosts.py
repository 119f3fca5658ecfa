"""The hosts whose servers share this store; its clock tells all moments."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from . import clock
from .service_tables import hosts as table

DAY = 86_400_000_000


def sign(connection: Connection, host: str, began: int) -> None:
    """Say that a host is there, whose server began to lead at ``began``.

    Hosts that were not heard of for a day are forgotten.
    """
    now = clock.now(connection)
    values = {"began": began, "seen": now}
    changed = connection.execute(table.update().where(table.c.host == host).values(**values))
    if not changed.rowcount:
        connection.execute(table.delete().where(table.c.host == host))
        connection.execute(table.insert(), {"host": host, **values})
    # read first: a DELETE by time may wait for the row of a host that signs now
    old = sa.select(table.c.host).where(table.c.seen < now - DAY)
    for each in connection.execute(old).scalars().all():
        where = (table.c.host == each, table.c.seen < now - DAY)
        connection.execute(table.delete().where(*where))


def began(connection: Connection, host: str, seconds: float) -> int | None:
    """Since when a host leads that was heard of in the last seconds; None where it was not."""
    since = clock.now(connection) - int(seconds * 1e6)
    chosen = sa.select(table.c.began).where(table.c.host == host, table.c.seen >= since)
    return connection.execute(chosen).scalar()


def leave(connection: Connection, host: str, began: int) -> None:
    """Say that a host ends, unless another server of it has begun since."""
    connection.execute(table.delete().where(table.c.host == host, table.c.began == began))
