"""Artifacts: versions of a key, told apart by content, producer and iteration; named by tags."""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_mlrun import names
from jupyter_mlrun.errors import MLRunBadRequestError, MLRunInvalidArgumentError, MLRunNotFoundError
from jupyter_mlrun.model.artifact import artifact_uid
from jupyter_mlrun.model.document import dumps

from . import artifact_tags, events, projects, query, shape, times
from .artifact_tags import Identity
from .prepared import Prepared
from .tables import artifact_labels, artifacts
from .tables import artifact_tags as tags_table

LATEST = "latest"
LONGEST_KEY = 255
SLICE = 500
# of the tags that a key has, in a sentence
NAMED = 20
# how every stored document begins, so that a list can name a tag without parsing it
_HEAD = '{"metadata":{'
_quoted = functools.lru_cache(100)(dumps)


_SELECT = Prepared(
    sa.select(artifacts.c.id, artifacts.c.created).where(
        artifacts.c.project == sa.bindparam("k_project"),
        artifacts.c.key == sa.bindparam("k_key"),
        artifacts.c.uid == sa.bindparam("k_uid"),
    )
)
_INSERT = Prepared(artifacts.insert())
_UPDATE = Prepared(artifacts.update().where(artifacts.c.id == sa.bindparam("k_id")))


@dataclass(frozen=True)
class ArtifactKey:
    """Which artifact of a project: by key, and what else is known of it."""

    project: str
    key: str
    tag: str = ""
    tree: str = ""
    uid: str = ""
    iteration: int | None = None


def save(connection: Connection, key: ArtifactKey, document: dict[str, Any]) -> dict[str, Any]:
    """The document as stored; the same content, producer and iteration replace their row."""
    projects.require(connection, key.project)
    document = _identified(document, key)
    if document["kind"] == "link":
        return _move_best(connection, key, document)
    metadata = document["metadata"]
    uid = artifact_uid(document)
    if key.uid and key.uid != uid:
        raise MLRunBadRequestError(
            f"object-uid {key.uid} is not that of the artifact ({uid}): leave it out"
        )
    place = {"k_project": key.project, "k_key": key.key, "k_uid": uid}
    found = _SELECT.first(connection, place)
    now = times.now()
    metadata |= {
        "uid": uid, "updated": times.text(now),
        "created": times.text(found.created if found else now),
    }  # fmt: skip
    tag = key.tag or metadata.pop("tag", None) or LATEST
    metadata.pop("tag", None)
    names.validate_tag(tag)
    identity = Identity(
        _write(connection, key.key, document, found.id if found else None, now),
        key.project, key.key, str(metadata["tree"] or "")[:255], metadata["iter"], now,
    )  # fmt: skip
    if found:
        artifact_tags.renew(connection, identity)
        artifact_tags.save(connection, identity, tag)
    else:
        artifact_tags.save_new(connection, identity, {tag, LATEST})
    events.add(
        connection, "artifact", "updated" if found else "created", key.project, key.key, uid,
        metadata["iter"],
    )  # fmt: skip
    metadata["tag"] = tag
    return document


def with_tag(text: str, tag: str | None) -> str:
    """The document's text with the tag in its metadata, where there is one."""
    if tag is None:
        return text
    if text.startswith(_HEAD) and text[len(_HEAD)] != "}":
        return f'{_HEAD}"tag":{_quoted(tag)},{text[len(_HEAD) :]}'
    document = json.loads(text)
    document["metadata"]["tag"] = tag
    return dumps(document)


def trees(tree: str, document: dict[str, Any]) -> set[str]:
    """The producers whose artifacts storing the document may change."""
    spec = document.get("spec")
    linked = spec.get("link_tree") if isinstance(spec, dict) else None
    return {tree, str(linked)} if linked else {tree}


def is_made_by(document: dict[str, Any], project: str, uid: str) -> bool:
    """Whether the document names a run, or one of its iterations, as its producer.

    The producer is part of an artifact's identity: what one has made, no other replaces.
    """
    spec = document.get("spec")
    producer = spec.get("producer") if isinstance(spec, dict) else None
    made_by = str(producer.get("uri") or "") if isinstance(producer, dict) else ""
    return re.fullmatch(rf"{re.escape(f'{project}/{uid}')}(-\d+)?", made_by) is not None


def read(connection: Connection, key: ArtifactKey) -> dict[str, Any]:
    """The newest artifact that fits; without an iteration, and for 0, the best one."""
    by_tag = bool(key.tag) and not (key.uid and key.tag == LATEST)
    text = _newest(connection, key, by_tag)
    if text is None and by_tag and key.uid and key.tree:
        # what a run recorded names tree and uid, and stays true when its tag has moved on
        by_tag = False
        text = _newest(connection, key, by_tag)
    if text is None:
        raise MLRunNotFoundError(_not_found(connection, key))
    document: dict[str, Any] = json.loads(text)
    if by_tag:
        document["metadata"]["tag"] = key.tag
    return document


def _newest(connection: Connection, key: ArtifactKey, by_tag: bool) -> str | None:
    chosen = (
        sa.select(artifacts.c.document)
        .where(*_conditions(key, by_tag))
        .order_by(artifacts.c.updated.desc(), artifacts.c.id.desc())
        .limit(1)
    )
    best = chosen.where(artifacts.c.best_iteration)
    if key.iteration is None:
        tries = [best, chosen]
    else:
        tries = [chosen.where(artifacts.c.iter == key.iteration)]
        tries += [best] if key.iteration == 0 else []
    for attempt in tries:
        text: str | None = connection.execute(attempt).scalar()
        if text is not None:
            return text
    return None


def by_uid(connection: Connection, project: str, uid: str) -> dict[str, Any]:
    """The artifact of a uid."""
    text = connection.execute(
        sa.select(artifacts.c.document).where(
            artifacts.c.uid == uid, artifacts.c.project == project
        )
    ).scalar()
    if text is None:
        raise MLRunNotFoundError(f"Artifact with uid {uid} of project {project} not found")
    document: dict[str, Any] = json.loads(text)
    return document


def of_run(connection: Connection, project: str, tree: str, iteration: int) -> list[dict[str, Any]]:
    """The artifacts that a run left; of a parent run, also those of its best iteration.

    Each has the tag by which it is told: its newest, and ``latest`` where it has no other.
    """
    wanted = artifacts.c.iter == iteration
    if iteration == 0:
        wanted = wanted | artifacts.c.best_iteration
    chosen = (
        sa.select(artifacts.c.id, artifacts.c.document, tags_table.c.tag)
        .outerjoin(tags_table, tags_table.c.artifact_id == artifacts.c.id)
        .where(artifacts.c.project == project, artifacts.c.tree == tree, wanted)
        .order_by(artifacts.c.id, tags_table.c.tag != LATEST, tags_table.c.updated)
    )
    found = {row.id: (row.document, row.tag) for row in connection.execute(chosen)}
    return [json.loads(with_tag(text, tag)) for text, tag in found.values()]


def chosen(connection: Connection, key: ArtifactKey) -> list[tuple[int, dict[str, Any]]]:
    """Id and document of what the tag or the uid names, else of every version."""
    if key.tag and key.uid:
        raise MLRunBadRequestError("Give either a tag or an object-uid, not both")
    where = _conditions(key, bool(key.tag))
    if key.iteration is not None:
        where.append(artifacts.c.iter == key.iteration)
    found = connection.execute(sa.select(artifacts.c.id, artifacts.c.document).where(*where))
    return [(row.id, json.loads(row.document)) for row in found]


def delete(connection: Connection, key: ArtifactKey) -> None:
    """Remove what the tag or the uid names, else every version; nothing there is fine."""
    ids = [identity for identity, _ in chosen(connection, key)]
    remove(connection, key.project, key.key, ids)


def remove(connection: Connection, project: str, name: str, ids: list[int]) -> None:
    """Remove rows with their tags and labels."""
    for first in range(0, len(ids), SLICE):
        part = ids[first : first + SLICE]
        connection.execute(artifacts.delete().where(artifacts.c.id.in_(part)))
        for table in (tags_table, artifact_labels):
            connection.execute(table.delete().where(table.c.artifact_id.in_(part)))
    if ids:
        events.add(connection, "artifact", "deleted", project, name)


def columns(document: dict[str, Any], now: int) -> dict[str, Any]:
    """The indexed columns of a document; its text begins with its metadata."""
    metadata, spec = document["metadata"], document["spec"]
    producer = spec.get("producer")
    return {
        "tree": str(metadata["tree"] or "")[:255],
        "iter": metadata["iter"],
        "kind": document["kind"][:64],
        "producer_uri": str((producer if isinstance(producer, dict) else {}).get("uri") or "")[
            :255
        ],
        "parent_uri": str(spec.get("parent_uri") or "")[:255],
        "updated": now,
        "document": dumps({"metadata": metadata, **document}),
    }


def _identified(document: dict[str, Any], key: ArtifactKey) -> dict[str, Any]:
    document = shape.parts(document, f"artifact {key.key}")
    document["kind"] = str(document.get("kind") or "artifact")
    metadata = document["metadata"]
    names.validate_artifact_key(key.key)
    if len(key.key) > LONGEST_KEY:
        raise MLRunInvalidArgumentError(
            f"Artifact key {key.key[:40]}… has more than 255 characters"
        )
    iteration = metadata.get("iter") or 0
    if not isinstance(iteration, int) or not 0 <= iteration < 2**31:
        raise MLRunInvalidArgumentError(f"'metadata.iter' of {key.key} must be a whole number")
    metadata |= {
        "project": key.project,
        "key": metadata.get("key") or key.key,
        "tree": key.tree or metadata.get("tree"),
        "iter": key.iteration if key.iteration is not None else metadata.get("iter") or 0,
    }
    return document


def _write(
    connection: Connection, key: str, document: dict[str, Any], old: int | None, now: int
) -> int:
    metadata, values = document["metadata"], columns(document, now)
    if old is not None:
        _UPDATE.change(connection, {"k_id": old, **values})
        identity = old
    else:
        row = {
            "project": metadata["project"], "key": key, "uid": metadata["uid"],
            "best_iteration": metadata["iter"] == 0, "created": now, **values,
        }  # fmt: skip
        identity = _INSERT.insert(connection, row)
    query.save_labels(
        connection, artifact_labels, identity, metadata.get("labels"), new=old is None
    )
    return int(identity)


def _move_best(connection: Connection, at: ArtifactKey, document: dict[str, Any]) -> dict[str, Any]:
    """A link stores nothing: it says which iteration is the best."""
    metadata, spec = document["metadata"], document["spec"]
    project, key = at.project, str(spec.get("link_key") or at.key)
    tree = str(spec.get("link_tree") or metadata["tree"] or "")
    mine = (artifacts.c.project == project) & (artifacts.c.key == key) & (artifacts.c.tree == tree)
    iteration = spec.get("link_iteration") or 0
    if not isinstance(iteration, int) or not 0 <= iteration < 2**31:
        raise MLRunInvalidArgumentError(f"'spec.link_iteration' of {key} must be a whole number")
    best = mine & (artifacts.c.iter == iteration)
    if connection.execute(sa.select(artifacts.c.id).where(best)).first() is None:
        raise MLRunNotFoundError(
            f"Artifact {key} of {tree} has no iteration {spec.get('link_iteration')}"
        )
    connection.execute(artifacts.update().where(mine).values(best_iteration=False))
    connection.execute(artifacts.update().where(best).values(best_iteration=True))
    events.add(connection, "artifact", "updated", project, key)
    return document


def _conditions(key: ArtifactKey, by_tag: bool) -> list[sa.ColumnElement[bool]]:
    conditions = [artifacts.c.project == key.project, artifacts.c.key == key.key]
    if key.uid:
        conditions.append(artifacts.c.uid == key.uid)
    if key.tree:
        conditions.append(artifacts.c.tree == key.tree)
    if by_tag:
        tagged = sa.select(tags_table.c.artifact_id).where(
            tags_table.c.project == key.project,
            tags_table.c.key == key.key,
            tags_table.c.tag == key.tag,
        )
        conditions.append(artifacts.c.id.in_(tagged))
    return conditions


def _not_found(connection: Connection, key: ArtifactKey) -> str:
    parts = {"tag": key.tag, "tree": key.tree, "uid": key.uid, "iter": key.iteration}
    asked = ", ".join(f"{name}={value}" for name, value in parts.items() if value not in ("", None))
    where = f" ({asked})" if asked else ""
    return (
        f"Artifact {key.key} of project {key.project}{where} not found.{_instead(connection, key)}"
    )


def _instead(connection: Connection, key: ArtifactKey) -> str:
    """The tags that the key has in place of the one asked for; the nearest key where it is none."""
    of_project, of_key = tags_table.c.project == key.project, tags_table.c.key == key.key
    tagged = sa.select(tags_table.c.tag).where(of_project, of_key).distinct().limit(NAMED)
    if tags := sorted(connection.execute(tagged).scalars()):
        return "" if key.tag in tags else f" It has the tags {', '.join(tags)}."
    mine = artifacts.c.project == key.project
    known = connection.execute(sa.select(artifacts.c.key).where(mine).distinct()).scalars()
    return names.near(key.key, [other for other in known if other != key.key])
