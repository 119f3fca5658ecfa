"""Run logs at the service."""

from __future__ import annotations

from typing import NamedTuple

from .transport import Client, part


class Chunk(NamedTuple):
    """A piece of a log and the state of its run when it was read."""

    data: bytes
    state: str


def _path(project: str, uid: str) -> str:
    return f"projects/{part(project)}/logs/{part(uid)}"


def append(client: Client, project: str, uid: str, data: bytes) -> None:
    """Put bytes at the end of a run's log."""
    client.request("POST", _path(project, uid), {"append": "yes"}, data)


def read(client: Client, project: str, uid: str, offset: int = 0, size: int | None = None) -> Chunk:
    """Bytes from an offset on, at most 1 MiB where no size is given."""
    answer = client.request("GET", _path(project, uid), {"offset": offset, "size": size})
    return Chunk(answer.body, answer.headers.get("x-mlrun-run-state", ""))


def size(client: Client, project: str, uid: str) -> int:
    """The log's length in bytes."""
    return int(client.json("GET", f"{_path(project, uid)}/size")["size"])
