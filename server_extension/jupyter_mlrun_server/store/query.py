"""What the lists of all nouns share: name and label filters, and joined documents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from jupyter_mlrun.errors import MLRunInvalidArgumentError


def by_name(column: sa.ColumnElement[str], name: str) -> sa.ColumnElement[bool]:
    """``~x`` matches names that contain x, in any case; else the name itself."""
    if not name.startswith("~"):
        return column == name
    return sa.func.lower(column).contains(name[1:].lower(), autoescape=True)


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


def joined(documents: Sequence[str]) -> str:
    """A JSON list of documents that are JSON already."""
    return f"[{','.join(documents)}]"


def inserted(result: sa.CursorResult[Any]) -> int:
    """The id of the row that was inserted."""
    assert result.inserted_primary_key is not None
    return int(result.inserted_primary_key[0])
