"""Functions: versions by hash, names by tag."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_mlrun import names
from jupyter_mlrun.errors import MLRunInvalidArgumentError, MLRunNotFoundError
from jupyter_mlrun.masking import MASK
from jupyter_mlrun.model.document import dumps
from jupyter_mlrun.model.function import function_hash

from . import events, projects, query, shape, times
from .query import Page, Scope
from .tables import function_labels, function_tags, functions

UNVERSIONED = "unversioned-"
MINIMAL = (
    "kind", "metadata", "status", "spec.description", "spec.command", "spec.image",
    "spec.default_handler", "spec.default_class", "spec.graph", "spec.preemption_mode",
    "spec.node_selector", "spec.priority_class_name",
)  # fmt: skip


@dataclass
class Filter:
    """What a list of functions is asked for."""

    name: str | None = None
    tag: str | None = None
    kind: str | None = None
    hash_key: str | None = None
    labels: tuple[str, ...] = ()
    since: int | None = None
    until: int | None = None
    states: tuple[str, ...] = ()
    minimal: bool = False
    limit: int | None = None
    skip: int = 0
    after: tuple[int, int, str | None] | None = None


def save(
    connection: Connection,
    project: str,
    name: str,
    document: dict[str, Any],
    tag: str = "",
    versioned: bool = False,
) -> str:
    """The version (hash) under which the function is stored; its tag points to it."""
    projects.require(connection, project)
    document = _named(document, project, name)
    tag = tag or document["metadata"].get("tag") or "latest"
    names.validate_tag(tag)
    hash_key = function_hash(document)
    uid = hash_key if versioned else f"{UNVERSIONED}{tag}"
    now = times.now()
    document["metadata"] |= {"hash": hash_key, "updated": times.text(now)}
    document["metadata"].pop("tag", None)
    values = {
        "kind": str(document.get("kind") or "")[:64],
        "state": str(document["status"].get("state") or "")[:32],
        "updated": now,
        "document": dumps(document),
    }
    identity = _id(connection, project, name, uid)
    if identity is None:
        row = {"project": project, "name": name, "uid": uid, **values}
        identity = query.inserted(connection.execute(functions.insert(), row))
        action = "created"
    else:
        connection.execute(functions.update().where(functions.c.id == identity).values(**values))
        action = "updated"
    labels = document["metadata"].get("labels")
    query.save_labels(connection, function_labels, identity, labels, new=action == "created")
    _tag(connection, project, name, tag, identity)
    events.add(connection, "function", action, project, name, hash_key)
    return hash_key


def read(
    connection: Connection, project: str, name: str, tag: str = "", hash_key: str = ""
) -> dict[str, Any]:
    """The function's document, by hash or by tag (default ``latest``).

    A run names what it was sent with by hash, also where that stands behind a tag alone.
    """
    tag = "" if hash_key and not tag else tag or "latest"
    normal = names.normalize_name(name)
    for each in dict.fromkeys((normal, name)):
        text = connection.execute(_one(project, each, tag, hash_key)).scalar()
        document: dict[str, Any] | None = None if text is None else json.loads(text)
        if document is None and hash_key and not tag:
            document = _behind_tag(connection, project, each, hash_key)
        if document is not None:
            if tag:
                document["metadata"]["tag"] = tag
            return document
    where = f"@{hash_key}" if hash_key else f":{tag}"
    near = _near(connection, project, name)
    raise MLRunNotFoundError(f"Function not found {project}/{name}{where}{near}")


def read_hash(connection: Connection, project: str, name: str, hash_key: str) -> dict[str, Any]:
    """The version of a hash, wherever it is: among the versions, else behind a tag."""
    version = connection.execute(_one(project, name, "", hash_key)).scalar()
    if version is not None:
        document: dict[str, Any] = json.loads(version)
        return document
    found = _behind_tag(connection, project, name, hash_key)
    if found is None:
        raise MLRunNotFoundError(f"Function not found {project}/{name}@{hash_key}")
    return found


def _behind_tag(
    connection: Connection, project: str, name: str, hash_key: str
) -> dict[str, Any] | None:
    """What was stored without a version, where it still has this hash."""
    chosen = _one(project, name, "", "").where(functions.c.uid.like(f"{UNVERSIONED}%"))
    for text in connection.execute(chosen).scalars():
        document: dict[str, Any] = json.loads(text)
        if document["metadata"].get("hash") == hash_key:
            return document
    return None


def select(connection: Connection, scope: Scope, asked: Filter) -> Page:
    """One entry for each version and tag, newest first; no un-versioned ones without a tag."""
    table, tag = functions.c, function_tags.c.tag
    hidden = tag.is_(None) & table.uid.like(f"{UNVERSIONED}%")
    chosen = (
        sa.select(table.id, table.updated, table.document, tag)
        .select_from(functions.outerjoin(function_tags, function_tags.c.function_id == table.id))
        .where(*_conditions(scope, asked), sa.not_(hidden))
        .order_by(table.updated.desc(), table.id.desc(), tag)
    )
    if asked.after is not None:
        updated, identity, last_tag = asked.after
        at = sa.tuple_(sa.literal(updated), sa.literal(identity))
        here = sa.tuple_(table.updated, table.id)
        if last_tag is None:
            chosen = chosen.where(here < at)
        else:
            chosen = chosen.where(here <= at, sa.not_((table.id == identity) & (tag <= last_tag)))
    if asked.limit is not None:
        chosen = chosen.limit(asked.limit)
    if asked.skip and asked.after is None:
        chosen = chosen.offset(asked.skip)
    found = connection.execute(chosen).all()
    last = (found[-1].updated, found[-1].id, found[-1].tag) if found else None
    return Page([_shown(row.document, row.tag, asked.minimal) for row in found], last)


def set_status(
    connection: Connection, project: str, name: str, tag: str, status: dict[str, Any]
) -> None:
    """Set the status of the function behind a tag; one that is gone is fine."""
    tagged = sa.select(function_tags.c.function_id).where(
        function_tags.c.project == project, function_tags.c.name == name,
        function_tags.c.tag == tag,
    )  # fmt: skip
    rows = connection.execute(
        sa.select(functions.c.id, functions.c.document).where(functions.c.id.in_(tagged))
    ).all()
    for row in rows:
        document = json.loads(row.document)
        document["status"] = status
        values = {"document": dumps(document), "state": str(status.get("state") or "")[:32]}
        connection.execute(functions.update().where(functions.c.id == row.id).values(**values))
        events.add(
            connection, "function", "updated", project, name, document["metadata"].get("hash")
        )


def delete(
    connection: Connection, project: str, name: str, tag: str = "", hash_key: str = ""
) -> None:
    """Remove the version of a tag or hash, else every version; nothing there is fine."""
    where = [functions.c.project == project, functions.c.name == name]
    if hash_key:
        where.append(functions.c.uid == hash_key)
    if tag:
        tagged = sa.select(function_tags.c.function_id).where(
            function_tags.c.project == project, function_tags.c.name == name,
            function_tags.c.tag == tag,
        )  # fmt: skip
        where.append(functions.c.id.in_(tagged))
    ids = list(connection.execute(sa.select(functions.c.id).where(*where)).scalars())
    for identity in ids:
        connection.execute(functions.delete().where(functions.c.id == identity))
        for table in (function_tags, function_labels):
            connection.execute(table.delete().where(table.c.function_id == identity))
    if ids:
        events.add(connection, "function", "deleted", project, name)


def _shown(text: str, tag: str | None, minimal: bool) -> str:
    document = json.loads(text)
    document["metadata"]["tag"] = tag or ""
    if tag is None:
        document["status"] = None
    return dumps(shape.picked(document, MINIMAL) if minimal else document)


def _one(project: str, name: str, tag: str, hash_key: str) -> sa.Select[Any]:
    chosen = sa.select(functions.c.document).where(
        functions.c.project == project, functions.c.name == name
    )
    if hash_key:
        chosen = chosen.where(functions.c.uid == hash_key)
    if tag:
        chosen = chosen.join(function_tags, function_tags.c.function_id == functions.c.id)
        chosen = chosen.where(function_tags.c.tag == tag)
    return chosen


def _named(document: dict[str, Any], project: str, name: str) -> dict[str, Any]:
    document = shape.parts(document, f"function {name}")
    metadata = document["metadata"]
    if metadata.get("name") not in (None, "", name):
        raise MLRunInvalidArgumentError(
            f"The body names function {metadata['name']!r}, the address {name!r}: use one name"
        )
    names.validate_function(name)
    document["metadata"] = _keyless(metadata) | {"name": name, "project": project}
    return document


def _keyless(metadata: dict[str, Any]) -> dict[str, Any]:
    """Without the value of an access key: every run gets a token of its own, and none is kept."""
    given = metadata.get("credentials")
    key = given.get("access_key") if isinstance(given, dict) else None
    if key is None or str(key).startswith(("$generate", "$ref:")) or key == "":
        return metadata
    return metadata | {"credentials": {**given, "access_key": MASK}}  # type: ignore[dict-item]


def _id(connection: Connection, project: str, name: str, uid: str) -> int | None:
    return connection.execute(
        sa.select(functions.c.id).where(
            functions.c.project == project, functions.c.name == name, functions.c.uid == uid
        )
    ).scalar()


def _tag(connection: Connection, project: str, name: str, tag: str, identity: int) -> None:
    key = {"project": project, "name": name, "tag": tag}
    where = [function_tags.c[part] == value for part, value in key.items()]
    moved = function_tags.update().where(*where).values(function_id=identity)
    if not connection.execute(moved).rowcount:
        connection.execute(function_tags.insert(), {**key, "function_id": identity})


def _conditions(scope: Scope, asked: Filter) -> list[sa.ColumnElement[bool]]:
    conditions = query.within(functions.c.project, scope)
    conditions += query.by_labels(functions.c.id, function_labels, asked.labels)
    if asked.states:
        conditions.append(functions.c.state.in_(asked.states))
    if asked.name:
        conditions.append(query.by_name(functions.c.name, asked.name))
    if asked.kind:
        conditions.append(functions.c.kind == asked.kind)
    if asked.hash_key:
        conditions.append(functions.c.uid == asked.hash_key)
    if asked.tag and asked.tag != "*":
        conditions.append(function_tags.c.tag == asked.tag)
    if asked.since is not None:
        conditions.append(functions.c.updated >= asked.since)
    if asked.until is not None:
        conditions.append(functions.c.updated <= asked.until)
    return conditions


def _near(connection: Connection, project: str, name: str) -> str:
    known = connection.execute(
        sa.select(functions.c.name).where(functions.c.project == project).distinct()
    ).scalars()
    return names.near(name, [other for other in known if other != name])
