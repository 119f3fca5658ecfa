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


def artifact_uri(artifact: Mapping[str, Any]) -> str:
    """The ``store://`` address of an artifact document."""
    metadata, spec = artifact.get("metadata") or {}, artifact.get("spec") or {}
    return uris.format_store(
        uris.StoreUri(
            kind=uris.KIND_PREFIX.get(str(artifact.get("kind")), "artifacts"),
            project=metadata.get("project") or "",
            key=spec.get("db_key") or metadata.get("key") or "",
            iter=metadata.get("iter") or 0,
            tree=metadata.get("tree") or "",
        )
    )
