"""The statements of every write, on SQLite without SQLAlchemy's work for each execution.

There that work takes four times as long as the statement itself; a server of databases is some
way off, and the difference with it small.
"""

from __future__ import annotations

import sqlite3
from collections import namedtuple
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

Values = Mapping[str, Any]


class Prepared:
    """A statement with named values, which are the same each time."""

    def __init__(self, statement: Any) -> None:
        self.statement = statement
        self._row: Any = None
        if isinstance(statement, sa.Select):
            self._row = namedtuple("Row", statement.selected_columns.keys())  # type: ignore[misc]
        self._text = ""
        self._names: Sequence[str] = ()

    def first(self, connection: Connection, values: Values) -> Any:
        """The first row, with its columns as attributes; None where there is none."""
        if connection.dialect.name != "sqlite":
            return connection.execute(self.statement, values).first()
        found = self._execute(connection, values).fetchone()
        return None if found is None else self._row._make(found)

    def insert(self, connection: Connection, values: Values) -> int:
        """The id of the row that is new."""
        if connection.dialect.name != "sqlite":
            key = connection.execute(self.statement, values).inserted_primary_key
            assert key is not None
            return int(key[0])
        return int(self._execute(connection, values).lastrowid or 0)

    def change(self, connection: Connection, values: Values) -> int:
        """How many rows were changed."""
        if connection.dialect.name != "sqlite":
            return int(connection.execute(self.statement, values).rowcount)
        return self._execute(connection, values).rowcount

    def each(self, connection: Connection, values: Sequence[Values]) -> None:
        """Execute it once with each of the values, of which there are some."""
        if connection.dialect.name != "sqlite":
            connection.execute(self.statement, values)
        else:
            self._execute(connection, values[0], values)

    def _execute(
        self, connection: Connection, values: Values, many: Sequence[Values] | None = None
    ) -> sqlite3.Cursor:
        if not self._text:
            self._compile(connection, values)
        driver: Any = connection.connection.dbapi_connection
        names = self._names
        try:
            if many is None:
                return driver.execute(self._text, [values[name] for name in names])  # type: ignore[no-any-return]
            rows = [[each[name] for name in names] for each in many]
            return driver.executemany(self._text, rows)  # type: ignore[no-any-return]
        except sqlite3.Error as error:
            raise _known(connection, self._text, error) from error

    def _compile(self, connection: Connection, values: Values) -> None:
        compiled: Any = self.statement.compile(
            dialect=connection.dialect, column_keys=None if self._row else list(values)
        )
        # the names first: another thread may be here as well
        self._names, self._text = compiled.positiontup, str(compiled)


def begin(connection: Connection, text: str) -> None:
    """Begin a transaction of SQLite in its own words."""
    driver: Any = connection.connection.dbapi_connection
    try:
        driver.execute(text)
    except sqlite3.Error as error:
        raise _known(connection, text, error) from error


def _known(connection: Connection, text: str, error: sqlite3.Error) -> BaseException:
    """SQLite's error as SQLAlchemy's of the same name."""
    return sa.exc.DBAPIError.instance(
        text, None, error, sqlite3.Error, hide_parameters=True, dialect=connection.dialect
    )
