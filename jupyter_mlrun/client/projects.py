"""Projects at the service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import MLRunConflictError, MLRunNotFoundError
from ..names import near, validate_project
from .transport import Client, part


def get(client: Client, name: str) -> dict[str, Any]:
    """The project document; raises MLRunNotFoundError with the nearest known name."""
    validate_project(name)
    try:
        project: dict[str, Any] = client.json("GET", f"projects/{part(name)}")
    except MLRunNotFoundError:
        known = names(client)
        raise MLRunNotFoundError(
            f"There is no project '{name}'.{near(name, known)} Make it by "
            f"get_or_create_project('{name}'), in a cell by %mlrun project {name}"
        ) from None
    return project


def create(client: Client, name: str) -> dict[str, Any]:
    """A new project; raises MLRunConflictError where it is there already."""
    validate_project(name)
    document = {"kind": "project", "metadata": {"name": name}, "spec": {}, "status": {}}
    project: dict[str, Any] = client.json("POST", "projects", body=document)
    return project


def create_document(client: Client, document: Mapping[str, Any]) -> dict[str, Any]:
    """A new project of a document; raises MLRunConflictError where it is there already."""
    project: dict[str, Any] = client.json("POST", "projects", body=document)
    return project


def store(client: Client, name: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """Make or replace a project; the document as stored."""
    validate_project(name)
    project: dict[str, Any] = client.json("PUT", f"projects/{part(name)}", body=document)
    return project


def delete(client: Client, name: str, strategy: str = "restricted") -> None:
    """Delete a project: ``restricted`` an empty one only, ``cascade`` with all it holds."""
    headers = {"x-mlrun-deletion-strategy": strategy}
    client.request("DELETE", f"projects/{part(name)}", headers=headers, timeout=300)


def get_or_create(client: Client, name: str) -> dict[str, Any]:
    """The project of that name, made where it is not there."""
    validate_project(name)
    try:
        return dict(client.json("GET", f"projects/{part(name)}"))
    except MLRunNotFoundError:
        pass
    try:
        return create(client, name)
    except MLRunConflictError:
        return get(client, name)


def list(client: Client) -> Any:
    """Project documents."""
    return client.json("GET", "projects", {"format": "full"})["projects"]


def names(client: Client) -> Any:
    """The names of all projects."""
    return client.json("GET", "projects", {"format": "name_only"})["projects"]
