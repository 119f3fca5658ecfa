"""Background tasks at the service: what it works on after it has answered."""

from __future__ import annotations

from typing import Any

from .transport import Client, part


def read(client: Client, name: str, project: str = "") -> dict[str, Any]:
    """How far a task is, a project's or the service's own; raises MLRunNotFoundError."""
    path = f"background-tasks/{part(name)}"
    task: dict[str, Any] = client.json(
        "GET", f"projects/{part(project)}/{path}" if project else path
    )
    return task


def list(client: Client, project: str, **filters: Any) -> Any:
    """The tasks of a project, newest first; filters are MLRun's query names."""
    return client.json("GET", f"projects/{part(project)}/background-tasks", filters)[
        "background_tasks"
    ]
