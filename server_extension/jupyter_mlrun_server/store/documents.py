"""Documents of the smaller nouns: named in a project, by tag and uid, found by state and label.

A versioned document's uid is the hash of its content, so the same content is stored once; an
un-versioned one is replaced with its tag. A simple one has its name alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_mlrun import names
from jupyter_mlrun.errors import (
    MLRunConflictError,
    MLRunInvalidArgumentError,
    MLRunNotFoundError,
)
from jupyter_mlrun.model.document import dumps, sha1

from . import events, projects, query, shape, times
from .document_tables import (
    document_labels,
    document_tags,
    documents,
    feature_columns,
    feature_labels,
)

UNVERSIONED = "unversioned-"
_UID = re.compile(r"[0-9a-f]{40}")
_VOLATILE = ("tag", "uid", "updated", "created")

Index = Callable[[Connection, int, str, Mapping[str, Any]], None]


def no_index(connection: Connection, identity: int, project: str, body: Mapping[str, Any]) -> None:
    """Nothing beyond name, state and labels."""


@dataclass(frozen=True)
class Noun:
    """One kind of document: its name in the store and in sentences, and what else is indexed."""

    name: str
    kind: str
    title: str
    index: Index = no_index

    def missing(self, project: str, name: str, reference: str = "") -> MLRunNotFoundError:
        """The error for a document that is not there."""
        where = f":{reference}" if reference else ""
        return MLRunNotFoundError(f"{self.title} not found {project}/{name}{where}")


@dataclass(frozen=True)
class Place:
    """Where a document is: its project and name, and a tag or a uid."""

    project: str
    name: str
    reference: str = ""

    @property
    def uid(self) -> str:
        """The uid, where the reference is one."""
        known = _UID.fullmatch(self.reference) or self.reference.startswith(UNVERSIONED)
        return self.reference if known else ""

    @property
    def tag(self) -> str:
        """The tag; empty where the reference is a uid."""
        return "" if self.uid else self.reference


def create(
    connection: Connection, noun: Noun, project: str, body: Mapping[str, Any], versioned: bool
) -> dict[str, Any]:
    """The new document as stored; the same content under the same name is a conflict."""
    metadata = body.get("metadata")
    given = metadata if isinstance(metadata, Mapping) else {}
    place = Place(project, str(given.get("name") or ""), str(given.get("tag") or "latest"))
    document = named(connection, noun, place, body)
    uid = hash_of(document) if versioned else UNVERSIONED + place.tag
    if find(connection, noun, Place(project, place.name, uid)) is not None:
        raise MLRunConflictError(
            f"{noun.title} {project}/{place.name} is there already with uid {uid}"
        )
    return _store(connection, noun, place, document, uid, None)


def save(
    connection: Connection, noun: Noun, place: Place, body: Mapping[str, Any], versioned: bool
) -> dict[str, Any]:
    """The document as stored: new content is a new version and takes the tag."""
    document = named(connection, noun, place, body)
    uid = hash_of(document) if versioned else UNVERSIONED + (place.tag or "latest")
    if place.uid and place.uid != uid:
        raise MLRunInvalidArgumentError(
            f"The content of {noun.title.lower()} {place.project}/{place.name} has the uid {uid}, "
            f"the address {place.uid}: store changed content under a tag"
        )
    row = find(connection, noun, Place(place.project, place.name, uid))
    return _store(connection, noun, place, document, uid, row)


def patch(
    connection: Connection,
    noun: Noun,
    place: Place,
    changes: Mapping[str, Any],
    additive: bool,
    check: Callable[[dict[str, Any]], Any],
) -> dict[str, Any]:
    """The document after a deep merge that passes the check: it takes the old one's place."""
    row = find(connection, noun, place)
    if row is None:
        raise noun.missing(place.project, place.name, place.reference)
    merged = projects.merge(json.loads(row.document), dict(changes), additive)
    check(merged)
    document = named(connection, noun, place, merged)
    uid = row.uid if row.uid.startswith(UNVERSIONED) else hash_of(document)
    twin = find(connection, noun, Place(place.project, place.name, uid))
    if twin is not None and twin.id != row.id:
        moved = document_tags.update().where(document_tags.c.document_id == twin.id)
        connection.execute(moved.values(document_id=row.id))
        remove(connection, [twin.id])
    return _store(connection, noun, place, document, uid, row)


def read(connection: Connection, noun: Noun, place: Place) -> dict[str, Any]:
    """The document, with the tag that it was asked for by."""
    row = find(connection, noun, place)
    if row is None:
        raise noun.missing(place.project, place.name, place.reference)
    return tagged(row.document, place.tag)


def delete(connection: Connection, noun: Noun, place: Place) -> None:
    """Remove what the reference names, without one every version; nothing there is fine."""
    chosen = sa.select(documents.c.id).where(*_of(noun, place.project, place.name))
    if place.reference:
        row = find(connection, noun, place)
        identities = [row.id] if row is not None else []
    else:
        identities = list(connection.execute(chosen).scalars())
    if identities:
        remove(connection, identities)
        events.add(connection, noun.name, "deleted", place.project, place.name)


def put(
    connection: Connection, noun: Noun, place: Place, body: Mapping[str, Any]
) -> dict[str, Any]:
    """A simple document as stored, made or replaced."""
    document = named(connection, noun, place, body)
    write(connection, noun, place, document, "", find(connection, noun, place))
    return document


def tags(connection: Connection, noun: Noun, project: str, name: str = "*") -> list[str]:
    """Every tag once, by name."""
    chosen = sa.select(document_tags.c.tag).distinct().where(document_tags.c.noun == noun.name)
    chosen = chosen.where(document_tags.c.project == project).order_by(document_tags.c.tag)
    if name != "*":
        chosen = chosen.where(document_tags.c.name == name)
    return list(connection.execute(chosen).scalars())


def find(connection: Connection, noun: Noun, place: Place) -> Any:
    """The row of a document; None where there is none."""
    chosen = sa.select(documents).where(*_of(noun, place.project, place.name))
    if place.tag:
        joined = document_tags.c.document_id == documents.c.id
        chosen = chosen.join(document_tags, joined).where(document_tags.c.tag == place.tag)
    else:
        chosen = chosen.where(documents.c.uid == place.uid)
    return connection.execute(chosen).first()


def named(
    connection: Connection, noun: Noun, place: Place, body: Mapping[str, Any]
) -> dict[str, Any]:
    """The body in a document's shape, with the name and the project of its address."""
    projects.require(connection, place.project)
    what = f"{noun.title.lower()} {place.name}"
    document = shape.parts(body, what)
    metadata = document["metadata"]
    for key, address in (("name", place.name), ("project", place.project)):
        if metadata.get(key) not in (None, "", address):
            raise MLRunInvalidArgumentError(
                f"The body names {key} {metadata[key]!r:.80}, the address {address!r}: use one"
            )
    names.validate_document(noun.name, place.name)
    if place.tag:
        names.validate_tag(place.tag)
    metadata |= {"name": place.name, "project": place.project}
    for key in _VOLATILE:
        metadata.pop(key, None)
    return {**document, "kind": noun.kind} if noun.kind else document


def hash_of(document: Mapping[str, Any]) -> str:
    """The uid of a content: what its state says is not part of it."""
    return sha1({key: value for key, value in document.items() if key != "status"})


def tagged(text: str, tag: str | None) -> dict[str, Any]:
    """A stored document with its tag."""
    document: dict[str, Any] = json.loads(text)
    document["metadata"]["tag"] = tag or None
    return document


def write(
    connection: Connection, noun: Noun, place: Place, document: dict[str, Any], uid: str, row: Any
) -> int:
    """The identity of the row that holds the document: ``row`` anew, or a new one."""
    now = times.now()
    created = row.created if row is not None else now
    document["metadata"] |= {
        "uid": uid or None, "created": times.text(created), "updated": times.text(now),
    }  # fmt: skip
    state = (document.get("status") or {}).get("state")
    values = {
        "uid": uid, "state": str(state or "")[:64], "updated": now, "document": dumps(document),
    }  # fmt: skip
    if row is None:
        key = {"noun": noun.name, "project": place.project, "name": place.name}
        added = connection.execute(documents.insert(), {**key, **values, "created": now})
        identity = query.inserted(added)
    else:
        identity = int(row.id)
        connection.execute(documents.update().where(documents.c.id == identity).values(**values))
    labels = document["metadata"].get("labels")
    query.save_labels(connection, document_labels, identity, labels, new=row is None)
    noun.index(connection, identity, place.project, document)
    action = "updated" if row is not None else "created"
    events.add(connection, noun.name, action, place.project, place.name, uid)
    return identity


def give_tag(connection: Connection, noun: Noun, place: Place, tag: str, identity: int) -> None:
    """Let the tag name this row, and no other of its name."""
    key = {"noun": noun.name, "project": place.project, "name": place.name, "tag": tag}
    where = [document_tags.c[part] == value for part, value in key.items()]
    if not connection.execute(
        document_tags.update().where(*where).values(document_id=identity)
    ).rowcount:
        found = connection.execute(sa.select(document_tags.c.tag).where(*where)).first()
        if found is None:
            connection.execute(document_tags.insert(), {**key, "document_id": identity})


def _store(
    connection: Connection, noun: Noun, place: Place, document: dict[str, Any], uid: str, row: Any
) -> dict[str, Any]:
    identity = write(connection, noun, place, document, uid, row)
    if place.tag:
        give_tag(connection, noun, place, place.tag, identity)
    document["metadata"]["tag"] = place.tag or None
    return document


def _of(noun: Noun, project: str, name: str) -> list[sa.ColumnElement[bool]]:
    return [
        documents.c.noun == noun.name, documents.c.project == project, documents.c.name == name,
    ]  # fmt: skip


def remove(connection: Connection, identities: list[int]) -> None:
    features = sa.select(feature_columns.c.id).where(feature_columns.c.document_id.in_(identities))
    for table, owner, owners in (
        (feature_labels, feature_labels.c.feature_id, features),
        (feature_columns, feature_columns.c.document_id, identities),
        (document_labels, document_labels.c.document_id, identities),
        (document_tags, document_tags.c.document_id, identities),
        (documents, documents.c.id, identities),
    ):
        connection.execute(table.delete().where(owner.in_(owners)))
