"""The function document: code and how it wants to run; its hash is its version."""

from __future__ import annotations

import base64
import binascii
import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..errors import MLRunInvalidArgumentError
from .document import Document, Part, sha1


@dataclass
class FunctionMetadata(Part):
    """Who the function is."""

    name: str | None = None
    tag: str | None = None
    hash: str | None = None
    project: str | None = None
    labels: dict[str, Any] = field(default_factory=dict)
    annotations: dict[str, Any] | None = None
    categories: list[str] | None = None
    updated: str | None = None
    credentials: dict[str, Any] | None = None


@dataclass
class FunctionSpec(Part):
    """The code and how it wants to run."""

    command: str = ""
    args: list[Any] = field(default_factory=list)
    image: str = ""
    mode: str | None = None
    build: dict[str, Any] = field(default_factory=dict)
    description: str = ""
    default_handler: str = ""
    entry_points: dict[str, Any] | None = None
    env: list[Any] | None = None
    workdir: str | None = None
    pythonpath: str | None = None
    # additions of ours: files shipped beside the module, and values captured from a notebook
    files: list[Any] | None = None
    captured: list[Any] | None = None


@dataclass
class FunctionStatus(Part):
    """Whether the function is ready."""

    state: str | None = None


@dataclass
class Function(Document):
    """A named, versioned piece of code of one project."""

    metadata: FunctionMetadata
    spec: FunctionSpec
    status: FunctionStatus

    Metadata: ClassVar[type[Part]] = FunctionMetadata
    Spec: ClassVar[type[Part]] = FunctionSpec
    Status: ClassVar[type[Part]] = FunctionStatus


def function_hash(function: Mapping[str, Any]) -> str:
    """The version of a function document: sha1 of all but its tag, hash, times and status."""
    body = {key: value for key, value in function.items() if key != "status"}
    metadata = copy.copy(dict(body.get("metadata") or {}))
    for key in ("tag", "hash", "updated"):
        metadata.pop(key, None)
    body["metadata"] = metadata
    return sha1(body)


def encode_source(source: str) -> str:
    """Source text as ``spec.build.functionSourceCode`` holds it."""
    return base64.b64encode(source.encode()).decode()


def decode_source(function: Mapping[str, Any]) -> str:
    """The source text of a function document; empty where it has none."""
    build = (function.get("spec") or {}).get("build") or {}
    encoded = build.get("functionSourceCode") or ""
    try:
        return base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        name = (function.get("metadata") or {}).get("name")
        raise MLRunInvalidArgumentError(
            f"The code of function '{name}' is not base64 of UTF-8 text: save the function again"
        ) from None
