"""Sources of hubs: the service's own list, in an order that users give; the default one is last."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_mlrun import names
from jupyter_mlrun.errors import (
    MLRunConflictError,
    MLRunInvalidArgumentError,
    MLRunNotFoundError,
)
from jupyter_mlrun.model.document import dumps

from . import events, times
from .document_tables import hub_sources

LAST = -1

Indexed = dict[str, Any]


def select(connection: Connection) -> list[Indexed]:
    """Every source with its place, in order."""
    ordered = sa.select(hub_sources).order_by(hub_sources.c.position)
    return [_told(row) for row in connection.execute(ordered)]


def read(connection: Connection, name: str) -> Indexed:
    """One source with its place."""
    row = _find(connection, name)
    if row is None:
        raise MLRunNotFoundError(f"Hub source not found. name = {name}")
    return _told(row)


def create(connection: Connection, index: int, source: dict[str, Any]) -> Indexed:
    """The new source with its place; a name that is taken is a conflict."""
    name = source["metadata"]["name"]
    if _find(connection, name) is not None:
        raise MLRunConflictError(f"Hub source name already exists. name = {name}")
    return save(connection, name, index, source)


def save(connection: Connection, name: str, index: int, source: dict[str, Any]) -> Indexed:
    """The source with its place, made or replaced; the others move."""
    if source["metadata"]["name"] != name:
        raise MLRunInvalidArgumentError(
            f"The body names hub source {source['metadata']['name']!r:.80}, the address {name!r}: "
            "use one name"
        )
    names.validate_document("hub-source", name)
    row = _find(connection, name)
    counted = sa.select(sa.func.count()).select_from(hub_sources)
    count = int(connection.execute(counted).scalar_one())
    largest = count if row is not None else count + 1
    position = largest if index == LAST else index
    if not 1 <= position <= largest:
        raise MLRunInvalidArgumentError(
            f"Invalid source order = {index}. max_order={largest}: give 1 to {largest}, or -1 for "
            "the end"
        )
    if row is not None:
        connection.execute(hub_sources.delete().where(hub_sources.c.name == name))
        _shift(connection, hub_sources.c.position > row.position, -1)
    _shift(connection, hub_sources.c.position >= position, +1)
    now = times.now()
    created = row.created if row is not None else now
    source["metadata"] |= {"created": times.text(created), "updated": times.text(now)}
    values = {"name": name, "position": position, "created": created, "document": dumps(source)}
    connection.execute(hub_sources.insert(), values)
    events.add(connection, "hub-source", "updated" if row is not None else "created", "", name)
    return {"index": position, "source": source}


def delete(connection: Connection, name: str) -> None:
    """Remove it and close the gap; one that is not there is fine."""
    row = _find(connection, name)
    if row is not None:
        connection.execute(hub_sources.delete().where(hub_sources.c.name == name))
        _shift(connection, hub_sources.c.position > row.position, -1)
        events.add(connection, "hub-source", "deleted", "", name)


def _find(connection: Connection, name: str) -> Any:
    return connection.execute(sa.select(hub_sources).where(hub_sources.c.name == name)).first()


def _shift(connection: Connection, which: sa.ColumnElement[bool], by: int) -> None:
    moved = hub_sources.update().where(which)
    connection.execute(moved.values(position=hub_sources.c.position + by))


def _told(row: Any) -> Indexed:
    return {"index": row.position, "source": json.loads(row.document)}
