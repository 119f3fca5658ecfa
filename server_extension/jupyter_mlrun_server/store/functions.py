"""Functions: versions by hash, names by tag."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_mlrun import names
from jupyter_mlrun.errors import MLRunInvalidArgumentError, MLRunNotFoundError
from jupyter_mlrun.model.document import dumps
from jupyter_mlrun.model.function import function_hash

from . import events, projects, query, shape, times
from .tables import function_tags, functions


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
    uid = hash_key if versioned else f"unversioned-{tag}"
    now = times.now()
    document["metadata"] |= {"hash": hash_key, "updated": times.text(now)}
    document["metadata"].pop("tag", None)
    values = {
        "kind": str(document.get("kind") or "")[:64],
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
    _tag(connection, project, name, tag, identity)
    events.add(connection, "function", action, project, name, hash_key)
    return hash_key


def read(
    connection: Connection, project: str, name: str, tag: str = "", hash_key: str = ""
) -> dict[str, Any]:
    """The function's document, by hash or by tag (default ``latest``)."""
    asked = sa.select(functions.c.document).where(
        functions.c.project == project, functions.c.name.in_([name, names.normalize_function(name)])
    )
    if hash_key:
        asked = asked.where(functions.c.uid == hash_key)
    else:
        tag = tag or "latest"
    if tag:
        asked = asked.join(function_tags, function_tags.c.function_id == functions.c.id).where(
            function_tags.c.tag == tag
        )
    found = connection.execute(asked).scalar()
    if found is None:
        where = f"@{hash_key}" if hash_key else f":{tag}"
        near = _near(connection, project, name)
        raise MLRunNotFoundError(f"Function not found {project}/{name}{where}{near}")
    document: dict[str, Any] = json.loads(found)
    document["metadata"]["tag"] = tag
    return document


def read_hash(connection: Connection, project: str, name: str, hash_key: str) -> dict[str, Any]:
    """The version of a hash, wherever it is: among the versions, else behind a tag."""
    of_name = (functions.c.project == project) & (functions.c.name == name)
    chosen = sa.select(functions.c.document).where(of_name)
    texts = list(connection.execute(chosen.where(functions.c.uid == hash_key)).scalars())
    texts += connection.execute(chosen.where(functions.c.uid.like("unversioned-%"))).scalars()
    for text in texts:
        document: dict[str, Any] = json.loads(text)
        if document["metadata"].get("hash") == hash_key:
            return document
    raise MLRunNotFoundError(f"Function not found {project}/{name}@{hash_key}")


def select(connection: Connection, project: str, asked: Filter) -> list[dict[str, Any]]:
    """One entry for each version and tag, newest first; no un-versioned ones without a tag."""
    listed = (
        sa.select(functions.c.document, functions.c.uid, function_tags.c.tag)
        .select_from(
            functions.outerjoin(function_tags, function_tags.c.function_id == functions.c.id)
        )
        .where(*_conditions(project, asked))
        .order_by(functions.c.updated.desc(), functions.c.id.desc())
    )
    found = []
    for row in connection.execute(listed):
        if row.tag is None and row.uid.startswith("unversioned-"):
            continue
        document = json.loads(row.document)
        document["metadata"]["tag"] = row.tag or ""
        if row.tag is None:
            document["status"] = None
        if _has_labels(document, asked.labels):
            found.append(document)
    return found


def delete(connection: Connection, project: str, name: str) -> None:
    """Remove every version and tag of the name; a name that is not there is fine."""
    where = (functions.c.project == project, functions.c.name == name)
    if connection.execute(functions.delete().where(*where)).rowcount:
        tags = (function_tags.c.project == project, function_tags.c.name == name)
        connection.execute(function_tags.delete().where(*tags))
        events.add(connection, "function", "deleted", project, name)


def _named(document: dict[str, Any], project: str, name: str) -> dict[str, Any]:
    document = shape.parts(document, f"function {name}")
    metadata = document["metadata"]
    if metadata.get("name") not in (None, "", name):
        raise MLRunInvalidArgumentError(
            f"The body names function {metadata['name']!r}, the address {name!r}: use one name"
        )
    names.validate_function(name)
    document["metadata"] = metadata | {"name": name, "project": project}
    return document


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


def _conditions(project: str, asked: Filter) -> list[sa.ColumnElement[bool]]:
    conditions = [] if project == "*" else [functions.c.project == project]
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


def _has_labels(document: dict[str, Any], wanted: tuple[str, ...]) -> bool:
    labels = {k: str(v) for k, v in (document["metadata"].get("labels") or {}).items()}

    def matches(text: str, pattern: str) -> bool:
        return pattern[1:].lower() in text.lower() if pattern.startswith("~") else text == pattern

    def has(label: str) -> bool:
        name, with_value, value = label.partition("=")
        return any(
            matches(k, name) and (not with_value or matches(v, value)) for k, v in labels.items()
        )

    return all(has(label) for label in wanted)


def _near(connection: Connection, project: str, name: str) -> str:
    known = connection.execute(
        sa.select(functions.c.name).where(functions.c.project == project).distinct()
    ).scalars()
    return names.near(name, [other for other in known if other != name])
