"""Files that the service can see."""

from __future__ import annotations

from typing import Any

from .transport import Client, part


def client_spec(client: Client) -> dict[str, Any]:
    """What the service tells each client: version, artifact path, switches."""
    spec: dict[str, Any] = client.json("GET", "client-spec")
    return spec


def read(
    client: Client, project: str, path: str, offset: int = 0, size: int | None = None
) -> bytes:
    """Bytes of a file below the project's artifact paths or the Jupyter root."""
    params = {"path": path, "offset": offset, "size": size}
    return client.request("GET", f"projects/{part(project)}/files", params).body
