"""What runs have left where they work: processes, pods, clusters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .transport import Client, part

_PARTS = ("crd_resources", "pod_resources", "service_resources")


def list(client: Client, project: str = "*", label_selector: str = "", kind: str = "") -> Any:
    """The resources of each kind; of all projects with ``*``."""
    query = {"label-selector": label_selector or None, "kind": kind or None}
    return client.json("GET", _path(project), query)


def delete(
    client: Client,
    project: str = "*",
    label_selector: str = "",
    kind: str | None = None,
    object_id: str | None = None,
    force: bool = False,
    grace_period: int | None = None,
) -> Any:
    """Remove the resources of runs that have ended, with ``force`` of all; what was removed."""
    query = {
        "label-selector": label_selector or None, "kind": kind, "object-id": object_id,
        "force": "true" if force else None, "grace-period": grace_period,
    }  # fmt: skip
    return client.json("DELETE", _path(project), query)


def count(groups: Any) -> int:
    """How many resources an answer names, however it is grouped."""
    if isinstance(groups, Mapping):
        own = sum(len(groups.get(name) or ()) for name in _PARTS)
        return own + sum(count(each) for key, each in groups.items() if key not in _PARTS)
    if isinstance(groups, Iterable) and not isinstance(groups, str):
        return sum(count(each) for each in groups)
    return 0


def _path(project: str) -> str:
    return f"projects/{part(project)}/runtime-resources"
