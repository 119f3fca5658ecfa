"""Lists of artifacts: one entry for each artifact and tag."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from . import artifacts as store
from . import query
from .tables import artifact_labels, artifact_tags, artifacts

CATEGORIES = ("model", "dataset", "document", "other", "llm-prompt")


@dataclass(frozen=True)
class Filter:
    """What a list of artifacts is asked for."""

    name: str | None = None
    tag: str | None = None
    labels: tuple[str, ...] = ()
    iteration: int | None = None
    best_iteration: bool = False
    kind: str | None = None
    category: str | None = None
    tree: str | None = None
    producer_uri: str | None = None
    since: int | None = None
    until: int | None = None
    limit: int | None = None


def select(connection: Connection, project: str, asked: Filter) -> list[dict[str, Any]]:
    """The artifacts that fit, newest first, each once for each of its tags."""
    chosen = (
        sa.select(artifacts.c.document, artifact_tags.c.tag)
        .select_from(
            artifacts.outerjoin(artifact_tags, artifact_tags.c.artifact_id == artifacts.c.id)
        )
        .where(*_conditions(project, asked))
        .order_by(artifacts.c.updated.desc(), artifacts.c.id.desc(), artifact_tags.c.tag)
    )
    if asked.limit:
        chosen = chosen.limit(asked.limit)
    found = []
    for row in connection.execute(chosen):
        document = json.loads(row.document)
        document["metadata"]["tag"] = row.tag
        found.append(document)
    return found


def delete(connection: Connection, project: str, asked: Filter) -> None:
    """Remove the artifacts that fit."""
    chosen = (
        sa.select(artifacts.c.id, artifacts.c.key)
        .select_from(
            artifacts.outerjoin(artifact_tags, artifact_tags.c.artifact_id == artifacts.c.id)
        )
        .where(*_conditions(project, asked))
        .distinct()
    )
    by_key: dict[str, list[int]] = {}
    for row in connection.execute(chosen):
        by_key.setdefault(row.key, []).append(row.id)
    for key, ids in by_key.items():
        store.remove(connection, project, key, ids)


def tags(connection: Connection, project: str) -> list[str]:
    """Every tag of a project's artifacts, once."""
    chosen = sa.select(artifact_tags.c.tag).where(artifact_tags.c.project == project).distinct()
    return sorted(connection.execute(chosen).scalars())


def _conditions(project: str, asked: Filter) -> list[sa.ColumnElement[bool]]:
    table = artifacts.c
    conditions = [table.project == project]
    conditions += query.by_labels(table.id, artifact_labels, asked.labels)
    if asked.name:
        conditions.append(query.by_name(table.key, asked.name))
    if asked.tag and asked.tag != "*":
        conditions.append(artifact_tags.c.tag == asked.tag)
    if asked.iteration is not None:
        conditions.append(table.iter == asked.iteration)
    if asked.best_iteration:
        conditions.append(table.best_iteration)
    if asked.tree:
        conditions.append(table.tree == asked.tree)
    if asked.producer_uri:
        conditions.append(table.producer_uri.contains(asked.producer_uri, autoescape=True))
    if asked.since is not None:
        conditions.append(table.updated >= asked.since)
    if asked.until is not None:
        conditions.append(table.updated <= asked.until)
    return conditions + _of_kind(asked)


def _of_kind(asked: Filter) -> list[sa.ColumnElement[bool]]:
    kind = artifacts.c.kind
    if asked.kind:
        return [kind.in_(["", "artifact"]) if asked.kind == "artifact" else kind == asked.kind]
    if asked.category == "other":
        return [kind.not_in([word for word in CATEGORIES if word != "other"])]
    return [kind == asked.category] if asked.category else []
