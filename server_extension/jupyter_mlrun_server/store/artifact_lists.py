"""Lists of artifacts: one entry for each artifact and tag, in pages."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_mlrun import uris
from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.model.document import dumps

from . import artifacts as store
from . import partitions, query, shape
from .artifact_tags import Identity
from .partitions import Partition
from .query import Page, Scope
from .tables import artifact_labels, artifact_tags, artifacts

CATEGORIES = ("model", "dataset", "document", "llm-prompt", "other")
# what the column of parents holds of an address
LONGEST_PARENT = 255
MINIMAL = (
    "kind", "metadata", "status.state", "project", "spec.producer", "spec.db_key", "spec.size",
    "spec.framework", "spec.algorithm", "spec.metrics", "spec.target_path", "spec.parent_uri",
    "spec.has_children",
)  # fmt: skip


@dataclass(unsafe_hash=True)
class Filter:
    """What a list of artifacts is asked for; ``after`` is the (time, id, tag) of the last seen."""

    name: str | None = None
    tag: str | None = None
    labels: tuple[str, ...] = ()
    iteration: int | None = None
    best_iteration: bool = False
    kind: str | None = None
    category: str | None = None
    tree: str | None = None
    uid: str | None = None
    producer_uri: str | None = None
    parent: str | None = None
    since: int | None = None
    until: int | None = None
    partition_by: str | None = None
    rows_per_partition: int = 1
    partition_sort_by: str = partitions.UPDATED
    partition_order: str = "desc"
    minimal: bool = False
    limit: int | None = None
    skip: int = 0
    after: tuple[int, int, str | None] | None = None


def select(connection: Connection, scope: Scope, asked: Filter) -> Page:
    """The artifacts that fit, newest first, each once for each of its tags."""
    found = connection.execute(_chosen(scope, asked)).all()
    end = (found[-1].updated, found[-1].id, found[-1].tag) if found else None
    show = _minimal if asked.minimal else store.with_tag
    return Page([show(text, tag) for _, _, text, tag in found], end)


# to build a statement takes longer than to read a page by it
@functools.lru_cache(100)
def _chosen(scope: Scope, asked: Filter) -> sa.Select[Any]:
    table, tag = artifacts.c, artifact_tags.c.tag
    tagged = asked.tag is not None and asked.tag != "*"
    # what a tag names is read in the order of the tags' own index
    updated, identity = (
        (artifact_tags.c.updated, artifact_tags.c.artifact_id)
        if tagged
        else (table.updated, table.id)
    )
    chosen = (
        sa.select(table.id, table.updated, table.document, tag)
        .select_from(_tagged(asked))
        .where(*_conditions(scope, asked))
        .order_by(updated.desc(), identity.desc(), tag)
    )
    if tagged:
        chosen = chosen.where(*query.within(artifact_tags.c.project, scope))
    if asked.partition_by:
        chosen = chosen.where(table.id.in_(_partitioned(scope, asked)))
    if asked.after is not None:
        moment, last, last_tag = asked.after
        at, here = sa.tuple_(sa.literal(moment), sa.literal(last)), sa.tuple_(updated, identity)
        if last_tag is None or tagged:
            chosen = chosen.where(here < at)
        else:
            chosen = chosen.where(here <= at, sa.not_((identity == last) & (tag <= last_tag)))
    if asked.limit is not None:
        chosen = chosen.limit(asked.limit)
    if asked.skip and asked.after is None:
        chosen = chosen.offset(asked.skip)
    return chosen


def delete(connection: Connection, project: str, asked: Filter) -> None:
    """Remove the artifacts that fit."""
    chosen = (
        sa.select(artifacts.c.id, artifacts.c.key)
        .select_from(_tagged(asked))
        .where(*_conditions(project, asked))
        .distinct()
    )
    by_key: dict[str, list[int]] = {}
    for row in connection.execute(chosen):
        by_key.setdefault(row.key, []).append(row.id)
    for key, ids in by_key.items():
        store.remove(connection, project, key, ids)


def identities(connection: Connection, project: str, asked: Filter) -> list[Identity]:
    """What tells the artifacts that fit from others of their key."""
    table = artifacts.c
    chosen = (
        sa.select(table.id, table.project, table.key, table.tree, table.iter, table.updated)
        .where(*_conditions(project, asked))
        .order_by(table.updated, table.id)
    )
    return [Identity(*row) for row in connection.execute(chosen)]


def tags(connection: Connection, project: str, category: str | None = None) -> list[str]:
    """Every tag of a project's artifacts, of one category or of all, once."""
    chosen = sa.select(artifact_tags.c.tag).where(artifact_tags.c.project == project).distinct()
    if category:
        chosen = chosen.join(artifacts, artifacts.c.id == artifact_tags.c.artifact_id)
        chosen = chosen.where(*_of_kind(Filter(category=category)))
    return sorted(connection.execute(chosen).scalars())


def _minimal(text: str, tag: str | None) -> str:
    document = shape.picked(json.loads(text), MINIMAL)
    return store.with_tag(dumps(document), tag)


def _tagged(asked: Filter) -> sa.FromClause:
    mine = artifact_tags.c.artifact_id == artifacts.c.id
    if asked.tag and asked.tag != "*":
        return artifacts.join(artifact_tags, mine & (artifact_tags.c.tag == asked.tag))
    return artifacts.outerjoin(artifact_tags, mine)


def _partitioned(scope: Scope, asked: Filter) -> sa.Select[Any]:
    table = artifacts.c
    columns: dict[str, sa.ColumnElement[Any]] = {
        "id": table.id, "project": table.project, "name": table.key, "created": table.created,
        "updated": table.updated,
    }  # fmt: skip
    cut = Partition(
        asked.partition_by or "", asked.rows_per_partition, asked.partition_sort_by,
        asked.partition_order,
    )  # fmt: skip
    conditions = _conditions(scope, asked)
    if asked.tag and asked.tag != "*":
        tagged = sa.select(artifact_tags.c.artifact_id).where(artifact_tags.c.tag == asked.tag)
        conditions.append(table.id.in_(tagged))
    return partitions.first_ids(cut, columns, conditions)


def _conditions(scope: Scope, asked: Filter) -> list[sa.ColumnElement[bool]]:
    table = artifacts.c
    conditions = query.within(table.project, scope)
    conditions += query.by_labels(table.id, artifact_labels, asked.labels)
    if asked.name:
        conditions.append(query.by_name(table.key, asked.name))
    for column, value in (
        (table.iter, asked.iteration), (table.tree, asked.tree or None),
        (table.uid, asked.uid or None),
    ):  # fmt: skip
        if value is not None:
            conditions.append(column == value)
    if asked.best_iteration:
        conditions.append(table.best_iteration)
    if asked.producer_uri:
        conditions.append(table.producer_uri.contains(asked.producer_uri, autoescape=True))
    if asked.parent:
        conditions.append(_of_parent(asked.parent))
    if asked.since is not None:
        conditions.append(table.updated >= asked.since)
    if asked.until is not None:
        conditions.append(table.updated <= asked.until)
    return conditions + _of_kind(asked)


def _of_parent(parent: str) -> sa.ColumnElement[bool]:
    """The direct children of a parent, which is named by its address or as NAME:TAG."""
    column = artifacts.c.parent_uri
    if parent.startswith("store://"):
        return (column > "") & _of_address(parent)
    name, colon, tag = parent.partition(":")
    if not name or (colon and not tag):
        raise MLRunInvalidArgumentError(f"parent={parent!r} is neither a store:// URI nor NAME:TAG")
    return (column > "") & _of_tag(name, tag or store.LATEST)


def _of_address(parent: str) -> sa.ColumnElement[bool]:
    """Children that name the artifact, by whatever tag it had when they were stored."""
    column, document = artifacts.c.parent_uri, artifacts.c.document
    fits = [column == parent[:LONGEST_PARENT]]
    # of a longer address the column has the beginning alone
    is_cut = sa.func.length(column) >= LONGEST_PARENT
    parts = uris.parse_store(parent)
    if not parts.tree and not parts.uid:
        fits.append(_of_tag(parts.key, parts.tag or store.LATEST))
    for pattern in _patterns(parts):
        within = f'%"parent\\_uri":"{pattern}"%'
        fits.append(column.like(pattern, escape="\\"))
        fits.append(is_cut & document.like(within, escape="\\"))
    if len(parent) > LONGEST_PARENT:
        fits.pop(0)
    return sa.or_(*fits)


def _patterns(parent: uris.StoreUri) -> list[str]:
    """How the same artifact may have been written: by its uid, else by its tree and iteration."""
    key, tree, uid = (_escaped(each) for each in (parent.key, parent.tree, parent.uid))
    project = f"{_escaped(parent.project)}/" if parent.project else ""
    heads = [f"store://%/{project}{key}"]
    if project:
        heads.append(f"store://{parent.kind}/{key}")
    ends = [f"^{uid}", f"#%^{uid}", f":%^{uid}", f"@%^{uid}"] if uid else []
    if tree:
        number = parent.iter or 0
        untagged = [f"#{number}", "" if number == 0 else f"#{number}"]
        tagged = [f"{each}{tag}@{tree}" for each in dict.fromkeys(untagged) for tag in ("", ":%")]
        ends += tagged if uid else [*tagged, *(f"{each}^%" for each in tagged)]
    return [head + end for head in heads for end in ends]


def _of_tag(name: str, tag: str) -> sa.ColumnElement[bool]:
    """Children of the artifact that has the tag now, or that name nothing but the tag."""
    column, parents = artifacts.c.parent_uri, artifacts.alias("parents")
    tagged = sa.select(artifact_tags.c.artifact_id).where(
        artifact_tags.c.key == name, artifact_tags.c.tag == tag
    )
    key = _escaped(name)
    named = sa.or_(*(column.like(f"%/{key}{mark}%", escape="\\") for mark in "#:@^"))
    number = sa.cast(parents.c.iter, sa.String(12))
    of_iteration = sa.or_(
        column.like(sa.literal("%#").concat(number).concat("@%")),
        column.like(sa.literal("%#").concat(number).concat(":%")),
        (parents.c.iter == 0) & column.not_like("%#%"),
    )
    of_tree = (parents.c.tree != "") & column.endswith(sa.literal("@").concat(parents.c.tree))
    by_identity = (
        sa.select(parents.c.id)
        .where(
            parents.c.project == artifacts.c.project, parents.c.key == name,
            parents.c.id.in_(tagged),
            column.endswith(sa.literal("^").concat(parents.c.uid)) | (of_tree & of_iteration),
        )
        .exists()
    )  # fmt: skip
    by_words = column.like(f"%/{key}:{_escaped(tag)}", escape="\\") | column.like(
        f"%/{key}#%:{_escaped(tag)}", escape="\\"
    )
    has_no_other = column.not_like("%@%") & column.not_like("%^%")
    return (named & by_identity) | (by_words & has_no_other)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _of_kind(asked: Filter) -> list[sa.ColumnElement[bool]]:
    kind = artifacts.c.kind
    if asked.kind:
        return [kind.in_(["", "artifact"]) if asked.kind == "artifact" else kind == asked.kind]
    if asked.category == "other":
        return [kind.not_in([word for word in CATEGORIES if word != "other"])]
    return [kind == asked.category] if asked.category else []
