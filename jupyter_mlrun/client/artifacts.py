"""Artifacts at the service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from .transport import Client, part


def path(project: str, key: str) -> str:
    """The address of an artifact below ``api/v2``."""
    return f"projects/{part(project)}/artifacts/{quote(key, safe='/')}"


def store(client: Client, artifact: Mapping[str, Any], tag: str = "") -> dict[str, Any]:
    """Store an artifact document; the stored one, with its uid."""
    metadata, spec = artifact["metadata"], artifact["spec"]
    key = spec.get("db_key") or metadata["key"]
    params = {"tree": metadata.get("tree"), "iter": metadata.get("iter") or 0, "tag": tag or None}
    stored: dict[str, Any] = client.json(
        "PUT", path(metadata["project"], key), params, artifact, version="v2"
    )
    return stored


def read(
    client: Client,
    project: str,
    key: str,
    tag: str | None = None,
    iter: int | None = None,
    tree: str | None = None,
    uid: str | None = None,
    style: str = "full",
) -> dict[str, Any]:
    """The artifact document; without tag, tree and uid the latest. Raises MLRunNotFoundError."""
    if tag is None and tree is None and uid is None:
        tag = "latest"
    params = {"tag": tag or None, "iter": iter, "tree": tree or None, "object-uid": uid or None}
    params["format"] = style
    artifact: dict[str, Any] = client.json("GET", path(project, key), params, version="v2")
    return artifact


def list(client: Client, project: str, **filters: Any) -> Any:
    """Artifact documents, one for each artifact and tag; filters are MLRun's query names."""
    params = {
        key if key == "producer_uri" else key.replace("_", "-"): value
        for key, value in filters.items()
    }
    answer = client.json("GET", f"projects/{part(project)}/artifacts", params, version="v2")
    return answer["artifacts"]


def delete(
    client: Client, project: str, key: str, strategy: str = "metadata-only", **which: Any
) -> None:
    """Delete an artifact's record, by ``data-…`` its data too: all of the key, or the one named."""
    params = {name.replace("_", "-"): value for name, value in which.items()}
    params["deletion_strategy"] = strategy
    client.request("DELETE", path(project, key), params, version="v2")


def delete_many(client: Client, project: str, **filters: Any) -> None:
    """Delete the records of the artifacts that MLRun's filters describe."""
    client.request("DELETE", f"projects/{part(project)}/artifacts", filters, version="v2")
