"""What a cluster would be sent for a job, for the panels to show and save."""

from __future__ import annotations

from typing import Any

from ..store import runs
from ..store.runs import RunKey
from . import UID, Route
from .base import Handler, guarded


class Manifests(Handler):
    """Manifests of Jobs: the objects, and what is to be done before they are applied.

    Who may run a function may have them.
    """

    _track_activity = False

    async def show(self, task: dict[str, Any]) -> None:
        """Answer with the manifest of a task."""
        found = await self.service.threads.call(self.service.launcher.manifest, task, self.user)
        self.answer({"objects": found.objects, "notes": found.notes})


class OfFunction(Manifests):
    """The Job of a function."""

    @guarded("functions", action="write")
    async def get(self, project: str, name: str) -> None:
        """With the handler's own defaults; of the newest version, or that of ``hash``."""
        version = self.query.text("hash")
        uri = f"{project}/{name}@{version}" if version else f"{project}/{name}"
        await self.show({"metadata": {"project": project}, "spec": {"function": uri}})


class OfRun(Manifests):
    """The Job that runs a run once more."""

    @guarded("runs", action="write")
    async def get(self, project: str, uid: str) -> None:
        """With the parameters and inputs that the run had, and its secrets as references."""
        run = await self.service.read(runs.read, RunKey(project, uid))
        given = run["spec"].get("secrets")
        held = [str(name) for name in given] if isinstance(given, list) else []
        task = self.service.launcher.rerun(run, {"secrets": dict.fromkeys(held, "")})
        task["spec"]["secrets"] = held
        await self.show(task)


ROUTES = [
    Route("lab/functions/(?P<project>[^/]+)/(?P<name>[^/]+)/manifest", OfFunction),
    Route(f"lab/runs/(?P<project>[^/]+)/{UID}/manifest", OfRun),
]
