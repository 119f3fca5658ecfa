"""What has changed at the service, by cursor."""

from __future__ import annotations

from typing import Any

from .transport import Client


def poll(
    client: Client,
    cursor: int | None = None,
    project: str | None = None,
    uid: str | None = None,
    timeout: float = 20,
) -> dict[str, Any]:
    """Events after a cursor, at once or when the first one comes: cursor, events, reset."""
    params = {"cursor": cursor, "project": project, "uid": uid, "timeout": timeout}
    answer: dict[str, Any] = client.json("GET", "lab/events", params, timeout=timeout + 15)
    return answer


def status(client: Client) -> dict[str, Any]:
    """The service's own state: version, store, leader, counts."""
    answer: dict[str, Any] = client.json("GET", "lab/status")
    return answer
