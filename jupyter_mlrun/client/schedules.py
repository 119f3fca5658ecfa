"""Schedules at the service: functions that run at the times of a cron line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .transport import Client, part


def _path(project: str, name: str) -> str:
    return f"projects/{part(project)}/schedules/{part(name)}"


def list(client: Client, project: str, **filters: Any) -> Any:
    """The schedules of a project (``*``: of all), each with its next times."""
    return client.json("GET", f"projects/{part(project)}/schedules", filters)["schedules"]


def read(client: Client, project: str, name: str, include_last_run: bool = False) -> dict[str, Any]:
    """A schedule with its next times; raises MLRunNotFoundError."""
    params = {"include_last_run": include_last_run}
    found: dict[str, Any] = client.json("GET", _path(project, name), params)
    return found


def create(client: Client, project: str, schedule: Mapping[str, Any]) -> None:
    """Make a schedule; raises MLRunConflictError where its name is taken."""
    client.request("POST", f"projects/{part(project)}/schedules", body=dict(schedule))


def update(client: Client, project: str, name: str, changes: Mapping[str, Any]) -> None:
    """Change a schedule: its cron trigger, its object, its labels, its state."""
    client.request("PUT", _path(project, name), body=dict(changes))


def delete(client: Client, project: str, name: str) -> None:
    """Delete a schedule; runs that it made stay."""
    client.request("DELETE", _path(project, name))


def invoke(client: Client, project: str, name: str) -> dict[str, Any]:
    """Run a schedule's object now; the run as it was recorded."""
    run: dict[str, Any] = client.json("POST", f"{_path(project, name)}/invoke", body={})["data"]
    return run
