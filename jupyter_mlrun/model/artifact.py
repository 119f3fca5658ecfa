"""The artifact document: a thing that a run left, and where it lies."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from .. import uris
from .document import Document, Part, sha1


@dataclass
class ArtifactMetadata(Part):
    """Who the artifact is."""

    key: str | None = None
    project: str | None = None
    iter: int | None = None
    tree: str | None = None
    description: str | None = None
    hash: str | None = None
    tag: str | None = None
    uid: str | None = None
    labels: dict[str, Any] | None = None
    created: str | None = None
    updated: str | None = None


@dataclass
class ArtifactSpec(Part):
    """Where it lies and what it is."""

    src_path: str | None = None
    target_path: str | None = None
    viewer: str | None = None
    format: str | None = None
    size: int | None = None
    db_key: str | None = None
    extra_data: dict[str, Any] | None = None
    unpackaging_instructions: dict[str, Any] | None = None
    producer: dict[str, Any] = field(default_factory=dict)
    inline: Any = None
    license: str | None = None


@dataclass
class ArtifactStatus(Part):
    """Whether it is ready, and a preview that the run wrote."""

    state: str | None = None
    stats: dict[str, Any] | None = None
    preview: Any = None


@dataclass
class Artifact(Document):
    """A file, dataset, model or plot, with its producer."""

    metadata: ArtifactMetadata
    spec: ArtifactSpec
    status: ArtifactStatus

    Metadata: ClassVar[type[Part]] = ArtifactMetadata
    Spec: ClassVar[type[Part]] = ArtifactSpec
    Status: ClassVar[type[Part]] = ArtifactStatus
    default_kind: ClassVar[str] = "artifact"


_VOLATILE_METADATA = ("labels", "updated", "created", "tag", "uid")
_VOLATILE_SPEC = ("db_key", "extra_data")
_VOLATILE_BY_KIND = {
    "dataset": ("schema", "header", "length", "stats", "features", "preview", "column_metadata"),
    "model": ("metrics", "parameters", "inputs", "outputs", "feature_stats", "feature_vector"),
}


def artifact_uid(artifact: Mapping[str, Any]) -> str:
    """The identity of an artifact's content, producer and iteration: 40 hexadecimal digits."""
    body = copy.deepcopy({key: value for key, value in artifact.items() if key != "status"})
    metadata, spec = body.get("metadata") or {}, body.get("spec") or {}
    for key in _VOLATILE_METADATA:
        metadata.pop(key, None)
    for key in _VOLATILE_SPEC + _VOLATILE_BY_KIND.get(str(body.get("kind")), ()):
        spec.pop(key, None)
    return sha1(body)


def artifact_uri(artifact: Mapping[str, Any], with_tag: bool = True) -> str:
    """The ``store://`` address of an artifact document, with the tag and uid that it holds.

    Without the tag it goes on naming this very artifact where the tag has moved to another.
    """
    metadata, spec = artifact.get("metadata") or {}, artifact.get("spec") or {}
    return uris.format_store(
        uris.StoreUri(
            kind=uris.noun_of(str(artifact.get("kind"))),
            project=metadata.get("project") or "",
            key=spec.get("db_key") or metadata.get("key") or "",
            iter=metadata.get("iter") or 0,
            tag=(metadata.get("tag") or "") if with_tag else "",
            tree=metadata.get("tree") or "",
            uid=metadata.get("uid") or "",
        )
    )


# artifacts of other kinds are told by where their data lies
_ADDRESSED = frozenset({"artifact", "dataset", "llm-prompt", "model"})


def get_artifact_target(item: Mapping[str, Any], project: str | None = None) -> str | None:
    """An artifact as an output of its run: its ``store://`` address, or its data's for some kinds.

    The address names ``latest`` where the artifact has no tag, and only an iteration's number.
    """
    metadata, spec = item["metadata"], item["spec"]
    if item.get("kind") not in _ADDRESSED or not spec.get("db_key"):
        target: str | None = spec.get("target_path")
        return target
    return uris.format_store(
        uris.StoreUri(
            kind=uris.noun_of(str(item["kind"])),
            project=project or metadata.get("project") or "",
            key=spec["db_key"],
            iter=metadata.get("iter") or None,
            tag=metadata.get("tag") or "latest",
            tree=metadata.get("tree") or "",
            uid=metadata.get("uid") or "",
        )
    )
