"""Every route: the sum of the resources' ROUTES below the mount, in each version they answer."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

MOUNT = "/mlrun"
RESOURCES = (
    "health",
    "projects",
    "functions",
    "runs",
    "logs",
    "artifacts",
    "files",
    "submit",
    "lab_status",
    "lab_events",
    "lab_runs",
    "lab_logs",
    "lab_artifacts",
    "lab_functions",
    "lab_export",
    "missing",
)
# the un-versioned alias is version 1, and a doubled slash comes from an address that ends in one
PREFIXES = {"v1": "//?api(?:/v1)?/", "v2": "//?api/v2/", "all": "//?api(?:/v[12])?/"}

PROJECT = r"projects/(?P<project>[^/]+)"
UID = r"(?P<uid>[^/]+)"


@dataclass(frozen=True)
class Route:
    """A path below the version, and who answers it."""

    path: str
    handler: type[Any]
    version: str = "v1"


def routes() -> list[tuple[str, type[Any]]]:
    """All routes below Jupyter's base address."""
    found: list[tuple[str, type[Any]]] = []
    for name in RESOURCES:
        module = importlib.import_module(f".{name}", __name__)
        found += [
            (f"{MOUNT}{PREFIXES[route.version]}{route.path}/?", route.handler)
            for route in module.ROUTES
        ]
    return found
