"""Model endpoints: what is known of models that are served; several may share a name."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_mlrun.errors import MLRunBadRequestError, MLRunConflictError, MLRunNotFoundError

from . import document_lists, documents, events, times
from .document_tables import document_tags
from .document_tables import documents as rows
from .documents import Noun, Place

NOUN = Noun("model-endpoint", "model-endpoint", "Model endpoint")
STRATEGIES = ("inplace", "archive", "overwrite", "skip")
PARTS = ("metadata", "spec", "status")


@dataclass(frozen=True)
class Named:
    """Which endpoint: by its uid, or the latest of a name and a function."""

    project: str
    name: str
    uid: str = ""
    function: str = ""
    function_tag: str = ""

    @property
    def tag(self) -> str:
        """What names the latest of this function."""
        return f"{self.function}:{self.function_tag or 'latest'}"


@dataclass(frozen=True)
class Filter:
    """Which endpoints of a project."""

    documents: document_lists.Filter
    function: str = ""
    function_tag: str = ""
    model: str = ""
    model_tag: str = ""
    modes: tuple[int, ...] = ()
    since: int | None = None
    until: int | None = None
    top_level: bool = False
    latest: bool = False


def create(
    connection: Connection, project: str, body: dict[str, Any], strategy: str
) -> dict[str, Any]:
    """The endpoint as stored: a new one, or the latest of its name and function updated."""
    spec, metadata = body["spec"], body["metadata"]
    which = Named(
        project, metadata["name"], "", spec.get("function_name") or "",
        spec.get("function_tag") or "",
    )  # fmt: skip
    row = _find(connection, which)
    if row is not None and strategy == "skip":
        return _told(row.document, latest=True)
    if row is not None and strategy == "overwrite":
        documents.remove(connection, [row.id])
    if strategy != "inplace":
        row = None
    uid = row.uid if row is not None else uid_of(metadata.get("uid"))
    if row is None and _find(connection, replace(which, uid=uid)) is not None:
        raise MLRunConflictError(f"Model endpoint {uid} of project {project} is there already")
    return _write(connection, which, body, uid, row, tag=True)


def save(connection: Connection, which: Named, body: dict[str, Any]) -> dict[str, Any]:
    """The endpoint of a given uid as stored, made or replaced."""
    row = _find(connection, which)
    return _write(connection, which, body, which.uid, row, tag=True)


def uid_of(given: object) -> str:
    """The uid that was given where it is one; else a new one."""
    try:
        return uuid.UUID(str(given)).hex if given else uuid.uuid4().hex
    except ValueError:
        return str(given)


def patch(
    connection: Connection, which: Named, body: Mapping[str, Any], keys: tuple[str, ...]
) -> dict[str, Any]:
    """The endpoint with the named attributes as the body has them, wherever they stand."""
    row = _required(connection, which)
    document = json.loads(row.document)
    for key in keys:
        parts = [part for part in PARTS if key in (body.get(part) or {})]
        if not parts:
            raise MLRunBadRequestError(f"The body holds no attribute {key!r:.80}")
        document[parts[0]][key] = body[parts[0]][key]
    return _write(connection, _which(which.project, document), document, row.uid, row)


def set_attributes(
    connection: Connection, which: Named, attributes: Mapping[str, Any]
) -> dict[str, Any]:
    """The endpoint with attributes where they are already, else in its status."""
    row = _required(connection, which)
    document = json.loads(row.document)
    for key, value in attributes.items():
        part = next((part for part in PARTS if key in document[part]), "status")
        document[part][key] = value
    return _write(connection, _which(which.project, document), document, row.uid, row)


def read(connection: Connection, which: Named) -> dict[str, Any]:
    """The endpoint's document."""
    row = _required(connection, which)
    return _told(row.document, _is_latest(connection, row.id))


def delete(connection: Connection, which: Named) -> None:
    """Remove it; one that is not there is fine."""
    row = _find(connection, which)
    if row is not None:
        documents.remove(connection, [row.id])
        events.add(connection, NOUN.name, "deleted", which.project, row.name, row.uid)


def select(connection: Connection, asked: Filter) -> list[dict[str, Any]]:
    """The endpoints that fit, newest first."""
    found = document_lists.select(connection, NOUN, asked.documents)
    told = [_with_tag(each, each["metadata"]["tag"] is not None) for each in found]
    return [each for each in told if _fits(each, asked)]


def _fits(document: dict[str, Any], asked: Filter) -> bool:
    metadata, spec = document["metadata"], document["spec"]
    seen = times.parse((document.get("status") or {}).get("last_request"))
    created = times.parse(metadata.get("created")) or 0
    moment = seen if seen is not None else created
    return (
        (not asked.function or spec.get("function_name") == asked.function)
        and (not asked.function_tag or (spec.get("function_tag") or "") == asked.function_tag)
        and (not asked.model or spec.get("model_name") == asked.model)
        and (not asked.model_tag or asked.model_tag in (spec.get("model_tags") or []))
        and (not asked.modes or metadata.get("mode") in asked.modes)
        and (asked.since is None or moment >= asked.since)
        and (asked.until is None or moment <= asked.until)
        and (not asked.top_level or metadata.get("endpoint_type", 1) != 3)
        and (not asked.latest or metadata["tag"] == "latest")
    )


def _which(project: str, document: Mapping[str, Any]) -> Named:
    spec = document["spec"]
    function, tag = spec.get("function_name") or "", spec.get("function_tag") or ""
    return Named(project, document["metadata"]["name"], "", function, tag)


def _find(connection: Connection, which: Named) -> Any:
    of_project = [rows.c.noun == NOUN.name, rows.c.project == which.project]
    if which.uid:
        by_uid = sa.select(rows).where(*of_project, rows.c.uid == which.uid)
        return connection.execute(by_uid).first()
    tagged = sa.select(rows).join(document_tags, document_tags.c.document_id == rows.c.id)
    named = tagged.where(*of_project, rows.c.name == which.name)
    return connection.execute(named.where(document_tags.c.tag == which.tag)).first()


def _required(connection: Connection, which: Named) -> Any:
    row = _find(connection, which)
    if row is None:
        named = which.uid or f"{which.name} of function {which.function}:{which.function_tag}"
        raise MLRunNotFoundError(f"Model endpoint {named} of project {which.project} not found")
    return row


def _write(
    connection: Connection,
    which: Named,
    body: Mapping[str, Any],
    uid: str,
    row: Any,
    tag: bool = False,
) -> dict[str, Any]:
    place = Place(which.project, which.name)
    document = documents.named(connection, NOUN, place, body)
    document["spec"].setdefault("function_name", which.function)
    identity = documents.write(connection, NOUN, place, document, uid, row)
    if tag:
        documents.give_tag(connection, NOUN, place, which.tag, identity)
    return _with_tag(document, latest=tag or _is_latest(connection, identity))


def _is_latest(connection: Connection, identity: int) -> bool:
    tagged = sa.select(document_tags.c.tag).where(document_tags.c.document_id == identity)
    return connection.execute(tagged).first() is not None


def _told(text: str, latest: bool) -> dict[str, Any]:
    return _with_tag(json.loads(text), latest)


def _with_tag(document: dict[str, Any], latest: bool) -> dict[str, Any]:
    document["metadata"]["tag"] = "latest" if latest else None
    return document
