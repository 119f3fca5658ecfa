"""Tags of artifacts at the service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .transport import Client, part


def path(project: str, tag: str) -> str:
    """The address of a tag below the API."""
    return f"projects/{part(project)}/tags/{part(tag)}"


def identify(artifact: Mapping[str, Any]) -> dict[str, Any]:
    """What names one artifact among all of its project."""
    metadata, spec = artifact.get("metadata") or {}, artifact.get("spec") or {}
    found = {
        "key": spec.get("db_key") or metadata.get("key"),
        "kind": artifact.get("kind") or "artifact",
        "uid": metadata.get("uid"),
        "producer_id": metadata.get("tree"),
        "iter": metadata.get("iter"),
    }
    return {name: value for name, value in found.items() if value is not None}


def save(
    client: Client,
    project: str,
    tag: str,
    identifiers: Sequence[Mapping[str, Any]],
    replace: bool = False,
) -> None:
    """Give artifacts a tag; with ``replace`` it is the only one that they keep."""
    body = {"kind": "artifact", "identifiers": [dict(each) for each in identifiers]}
    client.request("POST" if replace else "PUT", path(project, tag), body=body, idempotent=True)


def delete(
    client: Client, project: str, tag: str, identifiers: Sequence[Mapping[str, Any]]
) -> None:
    """Take a tag from artifacts."""
    body = {"kind": "artifact", "identifiers": [dict(each) for each in identifiers]}
    client.request("DELETE", path(project, tag), body=body)
