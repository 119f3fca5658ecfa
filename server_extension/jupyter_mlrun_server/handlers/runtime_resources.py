"""Runtime resources: the processes of runs that have not ended."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from jupyter_mlrun_runtimes import KUBERNETES
from jupyter_mlrun_runtimes.function_cluster import ClusterSeen

from ..store import runtime_resources
from ..store.launches import Launch
from ..store.runtime_resources import told
from . import PROJECT as PROJECT_PATH
from . import Route
from .base import EACH, Handler, guarded

TEXT = "Its runtime resources were deleted"
GROUPS = ("job", "project")

Resources = dict[tuple[str, str], list[dict[str, Any]]]
"""what runs have on a cluster or a machine, by project and uid"""


class RuntimeResources(Handler):
    """The runtime resources of a project; ``*`` is every project."""

    @guarded("runtime-resources", where=EACH)
    async def get(self, project: str) -> None:
        """By kind, or grouped by run (``job``) or project."""
        by = self.query.choice("group-by", GROUPS)
        found = await self._found(project)
        resources = await self.service.threads.slow(self._resources, found)
        if not by:
            kinds = _by(found, resources, "kind")
            for seen in await self._clusters(project):
                _group(kinds, seen.kind)["pod_resources"].append(_cluster(seen))
            self.answer([{"kind": kind, "resources": each} for kind, each in kinds.items()])
            return
        self.answer(_grouped(found, resources, "uid" if by == "job" else "kind"))

    @guarded("runtime-resources", where=EACH)
    async def delete(self, project: str) -> None:
        """With ``force`` the runs are aborted; those that have ended hold nothing."""
        self.query.whole("grace-period", low=0)
        if not self.query.flag("force"):
            await self._found(project)
            self.answer({})
            return
        if await self.service.forward(self):
            return
        found = await self._found(project)
        for launch in found:
            await self.require_role(launch.project, "write")
            await self.service.abort(launch.project, launch.uid, TEXT)
        resources = await self.service.threads.slow(self._resources, found)
        answer = _grouped(found, resources, "kind")
        for seen in await self._clusters(project):
            await self.require_role(seen.project, "write")
            stop = self.service.function_clusters.stop
            await self.service.threads.slow(stop, seen.project, seen.function, TEXT)
            group = _group(answer.setdefault(seen.project, {}), seen.kind)
            group["pod_resources"].append(_cluster(seen))
        self.answer(answer)

    async def _clusters(self, project: str) -> list[ClusterSeen]:
        """The clusters of functions that were asked for and are alive: they have no labels."""
        query = self.query
        kind, name = query.text("kind"), query.text("object-id")
        if query.text("label-selector"):
            return []
        readable = await self.readable() if project == "*" else None
        return [
            seen
            for seen in await self.service.threads.slow(
                self.service.function_clusters.find, project
            )
            if seen.is_alive
            and kind in ("", seen.kind)
            and name in ("", seen.function, seen.name)
            and (readable is None or seen.project in readable)
        ]

    def _resources(self, found: list[Launch]) -> Resources:
        """What each run has: its pods where it is on a cluster, else its process."""
        pods = self.service.monitor.pods
        resources: Resources = {}
        for launch in found:
            rows = [
                {"name": row["name"], "labels": told(launch)["labels"], "status": row}
                for row in pods.rows(launch)
            ]
            resources[launch.project, launch.uid] = rows or [told(launch)]
        return resources

    async def _found(self, project: str) -> list[Launch]:
        query = self.query
        labels = tuple(
            part.strip() for part in query.text("label-selector").split(",") if part.strip()
        )
        readable = await self.readable() if project == "*" else None
        asked = runtime_resources.Filter(
            project, query.text("kind"), query.text("object-id"), labels, readable
        )
        return await self.service.read(runtime_resources.select, asked)


def _group(groups: dict[str, dict[str, Any]], name: str) -> dict[str, Any]:
    empty: dict[str, Any] = {"crd_resources": [], "pod_resources": [], "service_resources": None}
    return groups.setdefault(name, empty)


def _cluster(seen: ClusterSeen) -> dict[str, Any]:
    """A function's cluster as the resource that MLRun's client reads."""
    return {
        "name": seen.name,
        "labels": {
            "mlrun/project": seen.project, "mlrun/function": seen.function,
            "mlrun/class": seen.kind,
        },
        "status": {"phase": seen.state, "scheduler_address": seen.scheduler_address},
    }  # fmt: skip


def _by(found: list[Launch], resources: Resources, part: str) -> dict[str, dict[str, Any]]:
    groups: dict[str, dict[str, Any]] = {}
    for launch in found:
        group = groups.setdefault(
            getattr(launch, part),
            {"crd_resources": [], "pod_resources": [], "service_resources": None},
        )
        group["pod_resources"] += resources[launch.project, launch.uid]
        name = (launch.handle or {}).get("name")
        if launch.place == KUBERNETES and launch.kind not in ("job",) and name:
            group["crd_resources"].append({**told(launch), "name": name})
    return groups


def _grouped(
    found: list[Launch], resources: Resources, part: str
) -> dict[str, dict[str, dict[str, Any]]]:
    projects: dict[str, list[Launch]] = defaultdict(list)
    for launch in found:
        projects[launch.project].append(launch)
    return {name: _by(launches, resources, part) for name, launches in projects.items()}


ROUTES = [
    Route(f"{PROJECT_PATH}/runtime-resources", RuntimeResources),
]
