"""Which host leads the runs of a cluster: one row each, whose beat counts on while it is alive."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .service_tables import cluster_holders as table


@dataclass(frozen=True)
class Holder:
    """Who leads, and how often it has said so."""

    host: str
    beat: int


def read(connection: Connection, name: str) -> Holder | None:
    """Who leads now, None where nobody does."""
    row = connection.execute(sa.select(table).where(table.c.name == name)).first()
    return None if row is None else Holder(row.holder, row.beat)


def beat(connection: Connection, name: str, host: str) -> bool:
    """Say that this host is alive; whether it leads."""
    mine = (table.c.name == name) & (table.c.holder == host)
    changed = connection.execute(table.update().where(mine).values(beat=table.c.beat + 1))
    return changed.rowcount > 0


def take(connection: Connection, name: str, host: str, known: Holder | None) -> bool:
    """Whether this host leads from now on: only where nothing was heard since ``known``."""
    if known is None:
        if read(connection, name) is not None:
            return False
        connection.execute(table.insert(), {"name": name, "holder": host, "beat": 1})
        return True
    same = (table.c.name == name) & (table.c.holder == known.host) & (table.c.beat == known.beat)
    values = {"holder": host, "beat": known.beat + 1}
    return connection.execute(table.update().where(same).values(**values)).rowcount > 0


def release(connection: Connection, name: str, host: str) -> None:
    """Let another host lead at once."""
    mine = (table.c.name == name) & (table.c.holder == host)
    connection.execute(table.delete().where(mine))
