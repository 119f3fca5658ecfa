"""Feature sets, and the features and entities that they hold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_mlrun.model.document import dumps

from . import query
from .document_tables import document_tags, documents, feature_columns, feature_labels
from .documents import Noun

KINDS = {"feature": "features", "entity": "entities"}


def index(connection: Connection, identity: int, project: str, body: Mapping[str, Any]) -> None:
    """Keep a row for each feature and entity of a feature set."""
    old = sa.select(feature_columns.c.id).where(feature_columns.c.document_id == identity)
    connection.execute(feature_labels.delete().where(feature_labels.c.feature_id.in_(old)))
    connection.execute(feature_columns.delete().where(feature_columns.c.document_id == identity))
    spec = body.get("spec") or {}
    for kind, part in KINDS.items():
        for position, column in enumerate(spec.get(part) or []):
            row = {
                "document_id": identity, "noun": kind, "project": project,
                "name": str(column["name"])[: query.LONGEST], "position": position,
                "document": dumps(column),
            }  # fmt: skip
            added = query.inserted(connection.execute(feature_columns.insert(), row))
            query.save_labels(connection, feature_labels, added, column.get("labels"), new=True)


FEATURE_SETS = Noun("feature-set", "FeatureSet", "Feature set", index)


@dataclass(frozen=True)
class Filter:
    """Which features or entities of a project."""

    project: str
    name: str = ""
    tag: str = ""
    labels: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """A feature or entity, and the feature set it belongs to."""

    column: dict[str, Any]
    owner: dict[str, Any]
    tag: str | None


def select(connection: Connection, kind: str, asked: Filter) -> list[Found]:
    """Features (or entities) by name, one entry for each tag of their set."""
    tags = document_tags.c.document_id == documents.c.id
    wanted_tag = asked.tag if asked.tag != "*" else ""
    if wanted_tag:
        tags &= document_tags.c.tag == wanted_tag
    chosen = (
        sa.select(
            feature_columns.c.document.label("column"), documents.c.document, document_tags.c.tag
        )
        .select_from(
            feature_columns.join(documents, documents.c.id == feature_columns.c.document_id).join(
                document_tags, tags, isouter=not wanted_tag
            )
        )
        .where(*_conditions(kind, asked))
        .order_by(feature_columns.c.name, documents.c.id, feature_columns.c.position)
    )
    return [
        Found(json.loads(row.column), json.loads(row.document), row.tag)
        for row in connection.execute(chosen)
    ]


def _conditions(kind: str, asked: Filter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = [feature_columns.c.noun == kind]
    if asked.project != "*":
        found.append(feature_columns.c.project == asked.project)
    if asked.name:
        found.append(query.by_name(feature_columns.c.name, asked.name))
    if asked.entities:
        other = feature_columns.alias()
        found.append(
            feature_columns.c.document_id.in_(
                sa.select(other.c.document_id).where(
                    other.c.noun == "entity", other.c.name.in_(asked.entities)
                )
            )
        )
    return found + query.by_labels(feature_columns.c.id, feature_labels, asked.labels)
