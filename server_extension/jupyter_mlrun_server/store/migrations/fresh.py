"""A new SQLite store: the schema as it is today at once, not by its history.

A test holds it to be the same as the history makes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from . import HEAD

if TYPE_CHECKING:
    from ..database import Database

# as Alembic makes it
_VERSION = """CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
)"""


def create(database: Database) -> None:
    """Make the newest schema where the store's file is empty; nothing where it holds anything."""
    from ..schema import metadata

    with database.write() as connection:
        there = connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar()
        if there:
            return
        metadata.create_all(connection, checkfirst=False)
        connection.exec_driver_sql(_VERSION)
        connection.execute(
            sa.text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": HEAD}
        )
