"""Every route: the sum of the resources' ROUTES below the mount, in each version they answer."""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass, replace
from typing import Any

MOUNT = "/mlrun"
RESOURCES = (
    "health",
    "projects",
    "functions",
    "runs",
    "logs",
    "artifacts",
    "artifacts_v1",
    "tags",
    "files",
    "submit",
    "schedules",
    "background_tasks",
    "notifications",
    "alerts",
    "alert_activations",
    "secrets",
    "user_secrets",
    "authorization",
    "lab_members",
    "lab_status",
    "lab_events",
    "lab_runs",
    "lab_leases",
    "lab_run_files",
    "lab_pods",
    "lab_logs",
    "lab_lineage",
    "lab_artifacts",
    "lab_functions",
    "lab_manifests",
    "lab_export",
    "feature_sets",
    "feature_vectors",
    "model_monitoring",
    "model_endpoints",
    "api_gateways",
    "datastore_profiles",
    "hub",
    "runtime_resources",
    "project_summaries",
    "pipelines",
    "build",
    "function_clusters",
    "operations",
    "frontend",
    "openapi",
    "later",
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


def declared() -> list[tuple[str, Route]]:
    """Every route with the name of its resource, the first that fits answers."""
    return [
        (name, route)
        for name in RESOURCES
        for route in importlib.import_module(f".{name}", __name__).ROUTES
    ]


def routes() -> list[tuple[str, type[Any]]]:
    """All routes below Jupyter's base address; what has no own version 2 answers there as well."""
    *known, missing = [route for _, route in declared()]
    own = [re.compile(f"{route.path}/?") for route in known if route.version != "v1"]

    def answers_all(route: Route) -> bool:
        return not any(each.fullmatch(sample(route.path)) for each in own)

    # one rule for all versions: each request of the whole Jupyter server is compared with them
    ordered = [
        replace(route, version="all") if route.version == "v1" and answers_all(route) else route
        for route in known
    ]
    return [
        (f"{MOUNT}{PREFIXES[route.version]}{route.path}/?", route.handler)
        for route in (*ordered, missing)
    ]


def sample(path: str) -> str:
    """An address that a route's pattern fits."""
    return re.sub(r"\(\?P<\w+>(?:[^()]|\([^()]*\))*\)", "1", path)
