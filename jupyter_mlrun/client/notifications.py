"""Notifications of runs and of schedules at the service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jupyter_mlrun.errors import MLRunNotFoundError

from .transport import TIMEOUT, Client, part


def set_run(
    client: Client, project: str, uid: str, notifications: Iterable[Mapping[str, Any]]
) -> None:
    """Replace what is sent when a run ends."""
    _set(client, f"projects/{part(project)}/runs/{part(uid)}/notifications", notifications)


def set_schedule(
    client: Client, project: str, name: str, notifications: Iterable[Mapping[str, Any]]
) -> None:
    """Replace what is sent when a run of a schedule ends."""
    _set(client, f"projects/{part(project)}/schedules/{part(name)}/notifications", notifications)


def _set(client: Client, path: str, notifications: Iterable[Mapping[str, Any]]) -> None:
    client.request("PUT", path, body={"notifications": [dict(each) for each in notifications]})


def kinds(client: Client) -> list[str]:
    """The kinds that the service knows, an administrator's own included."""
    try:
        status: dict[str, Any] = client.json("GET", "lab/status")
    except MLRunNotFoundError:
        # MLRun's own service, which has no more than its client
        return []
    return [str(each) for each in status.get("notifications") or ()]


def push(client: Client, project: str, uid: str, timeout: float = TIMEOUT) -> dict[str, Any]:
    """Send a run's notifications now; the background task that does it."""
    path = f"projects/{part(project)}/runs/{part(uid)}/push-notifications"
    task: dict[str, Any] = client.json("POST", path, body={}, timeout=timeout)
    return task
