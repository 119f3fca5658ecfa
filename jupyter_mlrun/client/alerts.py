"""Alerts at the service, their templates, their activations, and the events that they count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .transport import Client, part


def _path(project: str, name: str) -> str:
    return f"projects/{part(project)}/alerts/{part(name)}"


def store(client: Client, project: str, name: str, alert: Mapping[str, Any]) -> dict[str, Any]:
    """Make or replace an alert, which begins inactive; it as it was stored."""
    stored: dict[str, Any] = client.json("PUT", _path(project, name), body=dict(alert))
    return stored


def read(client: Client, project: str, name: str) -> dict[str, Any]:
    """An alert with its state; raises MLRunNotFoundError."""
    alert: dict[str, Any] = client.json("GET", _path(project, name))
    return alert


def list(client: Client, project: str, **filters: Any) -> Any:
    """The alerts of a project, by name; filters are ``limit`` and ``offset``."""
    return client.json("GET", f"projects/{part(project)}/alerts", filters)["alerts"]


def delete(client: Client, project: str, name: str) -> None:
    """Delete an alert."""
    client.request("DELETE", _path(project, name))


def reset(client: Client, project: str, name: str) -> None:
    """Make an alert listen again, with nothing seen."""
    client.request("POST", f"{_path(project, name)}/reset", body={}, idempotent=True)


def templates(client: Client) -> Any:
    """What alerts can be made of."""
    return client.json("GET", "alert-templates")


def template(client: Client, name: str) -> dict[str, Any]:
    """One template; raises MLRunNotFoundError."""
    found: dict[str, Any] = client.json("GET", f"alert-templates/{part(name)}")
    return found


def activations(client: Client, project: str, **filters: Any) -> Any:
    """The activations of a project's alerts, newest first; filters are MLRun's query names."""
    params = {key.replace("_", "-"): value for key, value in filters.items()}
    return client.json("GET", f"projects/{part(project)}/alert-activations", params)["activations"]


def send_event(client: Client, project: str, kind: str, event: Mapping[str, Any]) -> None:
    """Tell an event, which the alerts that listen to it count."""
    client.request("POST", f"projects/{part(project)}/events/{part(kind)}", body=dict(event))
