"""Lists of documents: one entry for each document and tag."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from . import query
from .document_tables import document_labels, document_tags, documents, feature_columns
from .documents import Noun, tagged
from .partitions import Partition, first_ids


@dataclass(frozen=True)
class Filter:
    """Which documents of a project; ``*`` is every project, and as a tag every tag."""

    project: str
    name: str = ""
    names: tuple[str, ...] = ()
    uids: tuple[str, ...] = ()
    tag: str = ""
    state: str = ""
    labels: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    partition: Partition | None = None


def select(connection: Connection, noun: Noun, asked: Filter) -> list[dict[str, Any]]:
    """The documents that fit, newest first, each with its tag."""
    conditions = _conditions(noun, asked)
    if asked.partition is not None:
        columns: dict[str, Any] = {
            name: documents.c[name] for name in ("id", "project", "name", "created", "updated")
        }
        kept = first_ids(asked.partition, columns, conditions).subquery()
        conditions = [documents.c.id.in_(sa.select(kept.c.id))]
    wanted_tag = asked.tag if asked.tag != "*" else ""
    tags = document_tags.c.document_id == documents.c.id
    if wanted_tag:
        tags &= document_tags.c.tag == wanted_tag
    chosen = (
        sa.select(documents.c.document, document_tags.c.tag)
        .select_from(documents.join(document_tags, tags, isouter=not wanted_tag))
        .where(*conditions)
        .order_by(documents.c.updated.desc(), documents.c.id.desc(), document_tags.c.tag)
    )
    return [tagged(row.document, row.tag) for row in connection.execute(chosen)]


def _conditions(noun: Noun, asked: Filter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = [documents.c.noun == noun.name]
    if asked.project != "*":
        found.append(documents.c.project == asked.project)
    if asked.name:
        found.append(query.by_name(documents.c.name, asked.name))
    if asked.names:
        found.append(documents.c.name.in_(asked.names))
    if asked.uids:
        found.append(documents.c.uid.in_(asked.uids))
    if asked.state:
        found.append(documents.c.state == asked.state)
    for kind, wanted in (("feature", asked.features), ("entity", asked.entities)):
        if wanted:
            found.append(documents.c.id.in_(_holding(kind, wanted)))
    return found + query.by_labels(documents.c.id, document_labels, asked.labels)


def _holding(kind: str, wanted: tuple[str, ...]) -> sa.Select[tuple[int]]:
    """The ids of documents with any of these features or entities."""
    return sa.select(feature_columns.c.document_id).where(
        feature_columns.c.noun == kind, feature_columns.c.name.in_(wanted)
    )
