"""Tags of artifacts: a tag names one producer's artifact of a key, and all its iterations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .tables import artifact_tags, artifacts


@dataclass(frozen=True)
class Identity:
    """A row, and what tells it from the others of its key."""

    id: int
    project: str
    key: str
    tree: str
    iteration: int


def save(connection: Connection, at: Identity, tag: str) -> None:
    """Let the tag name this artifact and its producer's other iterations only."""
    others = sa.select(artifacts.c.id).where(
        artifacts.c.project == at.project,
        artifacts.c.key == at.key,
        (artifacts.c.tree != at.tree)
        | ((artifacts.c.iter == at.iteration) & (artifacts.c.id != at.id)),
    )
    connection.execute(
        artifact_tags.delete().where(
            artifact_tags.c.project == at.project,
            artifact_tags.c.key == at.key,
            artifact_tags.c.tag == tag,
            artifact_tags.c.artifact_id.in_(others),
        )
    )
    held = sa.select(artifact_tags.c.tag).where(
        artifact_tags.c.artifact_id == at.id, artifact_tags.c.tag == tag
    )
    if connection.execute(held).first() is None:
        row = {"artifact_id": at.id, "tag": tag, "project": at.project, "key": at.key}
        connection.execute(artifact_tags.insert(), row)


def replace(connection: Connection, at: Identity, tag: str) -> None:
    """Let the artifact have this tag and no other."""
    connection.execute(artifact_tags.delete().where(artifact_tags.c.artifact_id == at.id))
    save(connection, at, tag)


def delete(connection: Connection, ids: Iterable[int], tag: str) -> None:
    """Take the tag from artifacts; one that has it not is fine."""
    for identity in ids:
        mine = artifact_tags.c.artifact_id == identity
        connection.execute(artifact_tags.delete().where(mine, artifact_tags.c.tag == tag))
