"""The folders of files that servers with this store use: logs lie there, and not in the store.

When one was used last is told by the store's clock.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from . import clock
from .service_tables import data_folders as table

LONGEST_PATH = 1000


@dataclass(frozen=True)
class DataFolder:
    """A folder, by an identity that goes with its files, and where it was last used."""

    id: str
    host: str
    path: str


def sign(connection: Connection, folder: DataFolder) -> None:
    """Say that a server uses this folder now."""
    values = {
        "host": folder.host, "path": folder.path[:LONGEST_PATH], "seen": clock.now(connection),
    }  # fmt: skip
    changed = connection.execute(table.update().where(table.c.id == folder.id).values(**values))
    if not changed.rowcount:
        connection.execute(table.delete().where(table.c.id == folder.id))
        connection.execute(table.insert(), {"id": folder.id, **values})


def others(connection: Connection, folder: DataFolder, seconds: float) -> list[DataFolder]:
    """The other folders that were used in the last seconds."""
    since = clock.now(connection) - int(seconds * 1e6)
    chosen = sa.select(table).where(table.c.id != folder.id, table.c.seen >= since)
    found = connection.execute(chosen.order_by(table.c.host, table.c.path))
    return [DataFolder(row.id, row.host, row.path) for row in found]


def forget(connection: Connection, seconds: float) -> None:
    """Drop those that nobody has used in the last seconds."""
    since = clock.now(connection) - int(seconds * 1e6)
    connection.execute(table.delete().where(table.c.seen < since))
