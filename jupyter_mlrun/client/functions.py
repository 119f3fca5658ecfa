"""Functions at the service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .transport import Client, part


def _path(project: str, name: str) -> str:
    return f"projects/{part(project)}/functions/{part(name)}"


def store(
    client: Client, function: Mapping[str, Any], tag: str = "", versioned: bool = True
) -> str:
    """Store a function; its hash, which is its version."""
    metadata = function["metadata"]
    params = {"tag": tag or metadata.get("tag") or "latest", "versioned": versioned}
    address = _path(metadata["project"], metadata["name"])
    answer = client.json("POST", address, params, function, idempotent=True)
    return str(answer["hash_key"])


def read(
    client: Client, project: str, name: str, tag: str = "", hash_key: str = ""
) -> dict[str, Any]:
    """The function document of a tag (``latest``) or a hash; raises MLRunNotFoundError."""
    params = {"tag": tag or None, "hash_key": hash_key or None}
    function: dict[str, Any] = client.json("GET", _path(project, name), params)["func"]
    return function


def list(client: Client, project: str, **filters: Any) -> Any:
    """Function documents, one for each function and tag."""
    return client.json("GET", f"projects/{part(project)}/functions", filters)["funcs"]


def delete(client: Client, project: str, name: str) -> None:
    """Delete a function with all its versions."""
    client.request("DELETE", _path(project, name))
