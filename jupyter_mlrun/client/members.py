"""Who belongs to a project, and in which role."""

from __future__ import annotations

from typing import Any

from .transport import Client, part


def _path(project: str, kind: str, name: str) -> str:
    return f"lab/projects/{part(project)}/members/{part(kind)}/{part(name)}"


def list(client: Client, project: str) -> Any:
    """The members: kind, name and role of each."""
    return client.json("GET", f"lab/projects/{part(project)}/members")["members"]


def store(client: Client, project: str, kind: str, name: str, role: str) -> None:
    """Give a user or group a role in a project."""
    client.request("PUT", _path(project, kind, name), body={"role": role})


def delete(client: Client, project: str, kind: str, name: str) -> None:
    """Take a user or group out of a project."""
    client.request("DELETE", _path(project, kind, name))
