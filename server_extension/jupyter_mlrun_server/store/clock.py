"""The clock of the store: one for all of its servers, whose own may differ.

What one server writes and another compares with now is a moment of this clock.
"""

from __future__ import annotations

from sqlalchemy.engine import Connection

from . import times

_MARIADB = "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))"
_ASKED = {
    "postgresql": "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)",
    "mysql": _MARIADB,
    "mariadb": _MARIADB,
}


def now(connection: Connection) -> int:
    """This moment by the database; a SQLite store has the clock of its machine."""
    asked = _ASKED.get(connection.dialect.name)
    return times.now() if asked is None else int(connection.exec_driver_sql(asked).scalar_one())
