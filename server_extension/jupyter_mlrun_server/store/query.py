"""What the lists of all nouns share: name and label filters, and joined documents."""

from __future__ import annotations

import functools
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from jupyter_mlrun.errors import MLRunConflictError, MLRunInvalidArgumentError
from jupyter_mlrun.model.document import dumps

from .prepared import Prepared

LONGEST = 255
# documents that are sent at once: the server's loop does nothing else meanwhile
PIECE = 200
# the name of a project, ``*`` for all, or the projects that somebody may read
Scope = str | frozenset[str]
F = TypeVar("F")


@dataclass
class Page:
    """The documents of one page as JSON texts, and where the next begins."""

    documents: list[str]
    last: tuple[Any, ...] | None


class Folded(FunctionElement[str]):
    """A text in lower case, letters beyond ASCII included."""

    type = sa.Text()
    inherit_cache = True


@compiles(Folded)
def _folded(element: Folded, compiler: Any, **kw: Any) -> str:
    return f"lower({compiler.process(element.clauses, **kw)})"


@compiles(Folded, "sqlite")
def _sqlite_folded(element: Folded, compiler: Any, **kw: Any) -> str:
    return f"mlrun_lower({compiler.process(element.clauses, **kw)})"


@compiles(Folded, "postgresql")
def _postgresql_folded(element: Folded, compiler: Any, **kw: Any) -> str:
    return f'lower({compiler.process(element.clauses, **kw)} COLLATE "und-x-icu")'


def by_name(column: sa.ColumnElement[str], name: str) -> sa.ColumnElement[bool]:
    """``~x`` matches names that contain x, in any case; else the name itself."""
    if not name.startswith("~"):
        return column == name
    wanted = name[1:].lower()
    # letters beyond ASCII cost a slower function, so only those who write some pay it
    folded = sa.func.lower(column) if wanted.isascii() else Folded(column)
    return folded.contains(wanted, autoescape=True)


class LastWhereNone(FunctionElement[Any]):
    """A column's place in an order, rows without a value last."""

    inherit_cache = True


class LastDescending(LastWhereNone):
    """The same, the largest first."""

    inherit_cache = True


def last_where_none(column: sa.ColumnElement[Any], descending: bool) -> LastWhereNone:
    """The order of a column, rows without a value last."""
    return (LastDescending if descending else LastWhereNone)(column)


@compiles(LastWhereNone)
def _last_where_none(element: LastWhereNone, compiler: Any, **kw: Any) -> str:
    word = "DESC" if isinstance(element, LastDescending) else "ASC"
    return f"{compiler.process(element.clauses, **kw)} {word} NULLS LAST"


@compiles(LastWhereNone, "mysql", "mariadb")
def _mysql_last_where_none(element: LastWhereNone, compiler: Any, **kw: Any) -> str:
    column = compiler.process(element.clauses, **kw)
    # MySQL knows no NULLS LAST, and takes an absent value for the smallest
    if isinstance(element, LastDescending):
        return f"{column} DESC"
    return f"{column} IS NULL, {compiler.process(element.clauses, **kw)} ASC"


def within(column: sa.ColumnElement[str], scope: Scope) -> list[sa.ColumnElement[bool]]:
    """The condition of a project, of some, or of all (``*``)."""
    if isinstance(scope, frozenset):
        return [column.in_(sorted(scope))]
    return [] if scope in ("", "*") else [column == scope]


def by_labels(
    owner_id: sa.ColumnElement[int], labels: sa.Table, wanted: Iterable[str]
) -> list[sa.ColumnElement[bool]]:
    """One condition a label: ``k`` (has it) or ``k=v``; either side may start with ``~``."""
    key_column = labels.c[0]
    conditions: list[sa.ColumnElement[bool]] = []
    for label in wanted:
        name, has_value, value = label.partition("=")
        if not name:
            raise MLRunInvalidArgumentError(f"Label filter {label!r} names no label: use k or k=v")
        found = sa.select(key_column).where(by_name(labels.c.name, name))
        if has_value:
            found = found.where(by_name(labels.c.value, value))
        conditions.append(owner_id.in_(found))
    return conditions


def label_rows(owner: str, identity: int | str, labels: Any) -> list[dict[str, Any]]:
    """The rows of a document's labels."""
    if not isinstance(labels, Mapping):
        return []
    # by what is kept of the names: two long ones may be one
    kept = {
        str(name)[:LONGEST]: (value if isinstance(value, str) else dumps(value))[:LONGEST]
        for name, value in labels.items()
    }
    return [{owner: identity, "name": name, "value": value} for name, value in kept.items()]


def save_labels(
    connection: Connection, table: sa.Table, identity: int | str, labels: Any, new: bool
) -> None:
    """Keep the labels of a document whose row has this identity."""
    owner = table.c[0]
    if not new:
        connection.execute(table.delete().where(owner == identity))
    if rows := label_rows(owner.name, identity, labels):
        insert_labels(connection, table, rows)


def insert_labels(connection: Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    """Store the rows of labels; refused where the database takes two names for one."""
    try:
        _insertion(table).each(connection, rows)
    except sa.exc.IntegrityError:
        names = ", ".join(repr(str(row["name"])[:60]) for row in rows[:20])
        raise MLRunConflictError(
            f"Two of the labels {names} are one name for the database: rename one"
        ) from None


@functools.cache
def _insertion(table: sa.Table) -> Prepared:
    return Prepared(table.insert())


def rebuilt(kind: type[F], value: Any) -> F:
    """The dataclass that ``dataclasses.asdict`` took apart; a ValueError where it is none."""
    if not isinstance(value, Mapping):
        raise ValueError(kind.__name__)
    hints = typing.get_type_hints(kind)
    found = {part.name: _fitting(value.get(part.name), hints[part.name]) for part in fields(kind)}  # type: ignore[arg-type]
    return kind(**found)


def _fitting(value: Any, hint: Any) -> Any:
    """The value as the type hint has it, lists as tuples."""
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        for each in arguments:
            try:
                return _fitting(value, each)
            except ValueError:
                continue
    elif typing.get_origin(hint) is tuple and isinstance(value, list | tuple):
        each_is = arguments[:1] * len(value) if arguments[-1] is Ellipsis else arguments
        if len(each_is) == len(value):
            return tuple(map(_fitting, value, each_is))
    elif type(value) is hint:
        return value
    raise ValueError(value)


def joined(documents: Sequence[str]) -> str:
    """A JSON list of documents that are JSON already."""
    return f"[{','.join(documents)}]"


def pieces(head: str, documents: Sequence[str], tail: str) -> list[bytes]:
    """A JSON text with a list of documents in it, in pieces that are no work to send."""
    texts = [
        ",".join(documents[first : first + PIECE]) for first in range(0, len(documents), PIECE)
    ] or [""]
    texts[0] = f"{head}[{texts[0]}"
    texts[1:] = [f",{text}" for text in texts[1:]]
    texts[-1] = f"{texts[-1]}]{tail}"
    return [text.encode() for text in texts]


def inserted(result: sa.CursorResult[Any]) -> int:
    """The id of the row that was inserted."""
    assert result.inserted_primary_key is not None
    return int(result.inserted_primary_key[0])
