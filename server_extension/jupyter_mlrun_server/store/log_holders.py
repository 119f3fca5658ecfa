"""Which folder of files holds the log of a run, where servers of one store have several."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .service_tables import log_holders as table
from .tables import runs


def read(connection: Connection, project: str, uid: str) -> str:
    """The identity of the folder; empty where no log was written yet."""
    found = connection.execute(sa.select(table.c.folder).where(*_key(project, uid))).scalar()
    return str(found or "")


def take(connection: Connection, project: str, uid: str, folder: str) -> None:
    """The folder holds the log from now on, whoever held it before."""
    connection.execute(table.delete().where(*_key(project, uid)))
    connection.execute(table.insert(), {"project": project, "uid": uid, "folder": folder})


def forget(connection: Connection) -> None:
    """Drop those of runs that are gone."""
    same = sa.and_(runs.c.project == table.c.project, runs.c.uid == table.c.uid)
    connection.execute(table.delete().where(~sa.exists().where(same)))


def _key(project: str, uid: str) -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.project == project, table.c.uid == uid
