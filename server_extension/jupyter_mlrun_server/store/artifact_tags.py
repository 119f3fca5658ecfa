"""Tags of artifacts: a tag names one producer's artifact of a key, and all its iterations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .prepared import Prepared
from .tables import artifact_tags, artifacts

# built once: these are executed with every artifact
_OF_OTHERS = (
    sa.select(artifacts.c.id)
    .where(
        artifacts.c.id == artifact_tags.c.artifact_id,
        (artifacts.c.tree != sa.bindparam("k_tree"))
        | ((artifacts.c.iter == sa.bindparam("k_iter")) & (artifacts.c.id != sa.bindparam("k_id"))),
    )
    .exists()
)
# asked of those that hold the tag alone: a key can have any number of versions
_TAKE = Prepared(
    artifact_tags.delete().where(
        artifact_tags.c.project == sa.bindparam("k_project"),
        artifact_tags.c.key == sa.bindparam("k_key"),
        artifact_tags.c.tag == sa.bindparam("k_tag"),
        _OF_OTHERS,
    )
)
_HELD = Prepared(
    sa.select(artifact_tags.c.tag).where(
        artifact_tags.c.artifact_id == sa.bindparam("k_id"),
        artifact_tags.c.tag == sa.bindparam("k_tag"),
    )
)
_INSERT = Prepared(artifact_tags.insert())
_RENEW = Prepared(artifact_tags.update().where(artifact_tags.c.artifact_id == sa.bindparam("k_id")))


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
    _TAKE.change(connection, _place(at) | {"k_tag": tag})
    if _HELD.first(connection, {"k_id": at.id, "k_tag": tag}) is None:
        _INSERT.change(connection, _row(at, tag))


def save_new(connection: Connection, at: Identity, tags: Iterable[str]) -> None:
    """The same for an artifact that is new, with several tags."""
    rows = [_row(at, tag) for tag in sorted(tags)]
    for row in rows:
        _TAKE.change(connection, _place(at) | {"k_tag": row["tag"]})
    _INSERT.each(connection, rows)


def renew(connection: Connection, at: Identity) -> None:
    """Let the tags of an artifact know that it has changed: lists by tag are in its order."""
    _RENEW.change(connection, {"k_id": at.id, "updated": at.updated})


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
