"""Runtime resources: the processes of runs that have not ended."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from ..store import runtime_resources
from ..store.launches import Launch
from ..store.runtime_resources import told
from . import PROJECT as PROJECT_PATH
from . import Route
from .base import EACH, Handler, guarded

TEXT = "Its runtime resources were deleted"
GROUPS = ("job", "project")


class RuntimeResources(Handler):
    """The runtime resources of a project; ``*`` is every project."""

    @guarded("runtime-resources", where=EACH)
    async def get(self, project: str) -> None:
        """By kind, or grouped by run (``job``) or project."""
        by = self.query.choice("group-by", GROUPS)
        found = await self._found(project)
        if not by:
            kinds = _by(found, lambda launch: launch.kind)
            self.answer([{"kind": kind, "resources": each} for kind, each in kinds.items()])
            return
        self.answer(_grouped(found, "uid" if by == "job" else "kind"))

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
        self.answer(_grouped(found, "kind"))

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


def _by(found: list[Launch], key: Any) -> dict[str, dict[str, Any]]:
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for launch in found:
        groups[key(launch)].append(told(launch))
    return {
        name: {"crd_resources": [], "pod_resources": resources, "service_resources": None}
        for name, resources in groups.items()
    }


def _grouped(found: list[Launch], part: str) -> dict[str, dict[str, Any]]:
    projects: dict[str, list[Launch]] = defaultdict(list)
    for launch in found:
        projects[launch.project].append(launch)
    return {
        name: _by(launches, lambda launch: getattr(launch, part))
        for name, launches in projects.items()
    }


ROUTES = [
    Route(f"{PROJECT_PATH}/runtime-resources", RuntimeResources),
]
