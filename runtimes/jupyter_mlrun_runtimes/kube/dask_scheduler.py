"""What a Dask scheduler is asked by HTTP, through the cluster's own proxy to its pod."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..contract import Handle
from .cluster import POD
from .dask_objects import PORTS, SCHEDULER
from .objects import Objects, path


def ask_wanted(cluster: Objects, handle: Handle) -> int:
    """How many workers it could use now."""
    return int(_ask(cluster, handle, "GET", "adaptive_target")["workers"])


def retire(cluster: Objects, handle: Handle, count: int) -> list[str]:
    """The names of that many workers that end now, after they have handed on what they hold."""
    told = _ask(cluster, handle, "POST", "retire_workers", {"n": count})
    return [str(each["name"]) for each in told.values() if isinstance(each, Mapping)]


def _ask(
    cluster: Objects, handle: Handle, verb: str, what: str, body: dict[str, Any] | None = None
) -> dict[str, Any]:
    pod = f"{handle['name']}-{SCHEDULER}:{PORTS['http-dashboard']}"
    where = f"{path(POD, handle['namespace'], pod)}/proxy/api/v1/{what}"
    return cluster.connection.request(verb, where, body=body)
