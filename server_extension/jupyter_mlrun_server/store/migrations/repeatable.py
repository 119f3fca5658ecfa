"""Steps of a migration that may have been done before: each leaves what is there already.

MySQL and MariaDB commit with each change of a table. A server that dies between two of them leaves
a part of a revision behind, and the next server does the whole revision again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op


def create_table(name: str, *columns: Any, **options: Any) -> None:
    """A table."""
    if not _here().has_table(name):
        op.create_table(name, *columns, **options)


def drop_table(name: str) -> None:
    """Away with a table."""
    if _here().has_table(name):
        op.drop_table(name)


def add_column(table: str, column: sa.Column[Any]) -> None:
    """A column of a table."""
    if column.name not in _columns(table):
        op.add_column(table, column)


def drop_column(table: str, name: str) -> None:
    """Away with a column."""
    if name in _columns(table):
        op.drop_column(table, name)


def create_index(name: str, table: str, columns: Sequence[str], unique: bool = False) -> None:
    """An index of a table."""
    if name not in _indexes(table):
        op.create_index(name, table, list(columns), unique=unique)


def drop_index(name: str, table_name: str) -> None:
    """Away with an index."""
    if name in _indexes(table_name):
        op.drop_index(name, table_name=table_name)


def get_bind() -> Any:
    """The connection over which the migration works."""
    return op.get_bind()


def _here() -> sa.Inspector:
    return sa.inspect(op.get_bind())


def _columns(table: str) -> set[str]:
    return {column["name"] for column in _here().get_columns(table)}


def _indexes(table: str) -> set[str | None]:
    return {index["name"] for index in _here().get_indexes(table)}
