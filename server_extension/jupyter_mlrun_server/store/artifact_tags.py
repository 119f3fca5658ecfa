"""Tags of artifacts: a tag names one producer's artifact of a key, and all its iterations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .tables import artifact_tags, artifacts

# built once: these are executed with every artifact
_OTHERS = sa.select(artifacts.c.id).where(
    artifacts.c.project == sa.bindparam("k_project"),
    artifacts.c.key == sa.bindparam("k_key"),
    (artifacts.c.tree != sa.bindparam("k_tree"))
    | ((artifacts.c.iter == sa.bindparam("k_iter")) & (artifacts.c.id != sa.bindparam("k_id"))),
)
_TAKE = artifact_tags.delete().where(
    artifact_tags.c.project == sa.bindparam("k_project"),
    artifact_tags.c.key == sa.bindparam("k_key"),
    artifact_tags.c.tag == sa.bindparam("k_tag"),
    artifact_tags.c.artifact_id.in_(_OTHERS),
)
_HELD = sa.select(artifact_tags.c.tag).where(
    artifact_tags.c.artifact_id == sa.bindparam("k_id"),
    artifact_tags.c.tag == sa.bindparam("k_tag"),
)
_INSERT = artifact_tags.insert()
_RENEW = artifact_tags.update().where(artifact_tags.c.artifact_id == sa.bindparam("k_id"))


@dataclass(frozen=True)
class Identity:
    """A row, and what tells it from the others of its key."""

    id: int
    project: str
    key: str
    tree: str
    iteration: int
    updated: int


def save(connection: Connection, at: Identity, tag: str) -> None:
    """Let the tag name this artifact and its producer's other iterations only."""
    connection.execute(_TAKE, _place(at) | {"k_tag": tag})
    if connection.execute(_HELD, {"k_id": at.id, "k_tag": tag}).first() is None:
        connection.execute(_INSERT, _row(at, tag))


def save_new(connection: Connection, at: Identity, tags: Iterable[str]) -> None:
    """The same for an artifact that is new, with several tags."""
    rows = [_row(at, tag) for tag in sorted(tags)]
    for row in rows:
        connection.execute(_TAKE, _place(at) | {"k_tag": row["tag"]})
    connection.execute(_INSERT, rows)


def renew(connection: Connection, at: Identity) -> None:
    """Let the tags of an artifact know that it has changed: lists by tag are in its order."""
    connection.execute(_RENEW, {"k_id": at.id, "updated": at.updated})


def replace(connection: Connection, at: Identity, tag: str) -> None:
    """Let the artifact have this tag and no other."""
    connection.execute(artifact_tags.delete().where(artifact_tags.c.artifact_id == at.id))
    save(connection, at, tag)


def delete(connection: Connection, ids: Iterable[int], tag: str) -> None:
    """Take the tag from artifacts; one that has it not is fine."""
    for identity in ids:
        mine = artifact_tags.c.artifact_id == identity
        connection.execute(artifact_tags.delete().where(mine, artifact_tags.c.tag == tag))


def _place(at: Identity) -> dict[str, Any]:
    return {
        "k_project": at.project, "k_key": at.key, "k_tree": at.tree, "k_iter": at.iteration,
        "k_id": at.id,
    }  # fmt: skip


def _row(at: Identity, tag: str) -> dict[str, Any]:
    return {
        "artifact_id": at.id, "tag": tag, "project": at.project, "key": at.key,
        "updated": at.updated,
    }  # fmt: skip
