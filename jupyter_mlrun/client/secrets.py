"""Secrets of projects: stored and named; their values are given to runs alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .transport import Client, part

_PROVIDER = {"provider": "kubernetes"}


def names(client: Client, project: str) -> list[str]:
    """The names of a project's secrets."""
    found: list[str] = client.json("GET", f"projects/{part(project)}/secret-keys", _PROVIDER)[
        "secret_keys"
    ]
    return found


def store(client: Client, project: str, secrets: Mapping[str, str]) -> None:
    """Add secrets to a project, or give those that are there another value."""
    body = {**_PROVIDER, "secrets": dict(secrets)}
    client.request("POST", f"projects/{part(project)}/secrets", body=body, idempotent=True)


def delete(client: Client, project: str, secrets: Iterable[str] = ()) -> None:
    """Remove these secrets of a project; all of them where none is named."""
    params = {**_PROVIDER, "secret": [*secrets]}
    client.request("DELETE", f"projects/{part(project)}/secrets", params)
