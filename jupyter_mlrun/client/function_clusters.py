"""Clusters that belong to a function, at the service: started, looked at and stopped."""

from __future__ import annotations

from typing import Any

from .transport import Client, part


def start(client: Client, function: str) -> dict[str, Any]:
    """The background task that starts the cluster of ``PROJECT/NAME:TAG``."""
    found: dict[str, Any] = client.json("POST", "start/function", body={"functionUrl": function})
    return found


def task(client: Client, project: str, name: str) -> dict[str, Any]:
    """How far a background task of the project is."""
    path = f"projects/{part(project)}/background-tasks/{part(name)}"
    found: dict[str, Any] = client.json("GET", path)
    return found


def status(client: Client, project: str, name: str, kind: str) -> str:
    """The state of a function's cluster; empty where it has none."""
    body = {"kind": kind, "project": project, "name": name, "selector": []}
    answer = client.json("POST", "status/function", body=body)
    return str(answer.get("data") or "")


def listed(client: Client, project: str) -> list[dict[str, Any]]:
    """The project's clusters as the service sees them; ``*`` is every project."""
    path = f"lab/projects/{part(project)}/function-clusters"
    found: list[dict[str, Any]] = client.json("GET", path)["clusters"]
    return found


def stop(client: Client, project: str, name: str) -> None:
    """Stop a function's cluster; none is fine."""
    client.json("DELETE", f"lab/projects/{part(project)}/function-clusters/{part(name)}")
