"""What the panels show of the service itself, and its projects with their counters."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from jupyter_mlrun_runtimes import kinds

from ..store import projects
from . import Route
from .base import ANYBODY, EACH, Handler, guarded

HANDLER = "handler"


class Counted(Handler):
    """What routes of counters need."""

    async def counted(self) -> list[dict[str, Any]]:
        """The projects that the sender may read, with their counters."""
        found, readable = await self.service.read(projects.counters), await self.readable()
        return [row for row in found if readable is None or row["name"] in readable]


class Status(Counted):
    """The service in a few facts."""

    _track_activity = False

    @guarded("service", where=ANYBODY)
    async def get(self) -> None:
        """Version, host, whether it leads, and the counters over all projects."""
        service = self.service
        counted = await self.counted()
        self.answer(
            {
                "version": version("jupyter-mlrun"),
                "store": ""
                if service.alone
                else str(service.database.path or service.database.url),
                "leader": service.leader.leads,
                "host": service.place.host,
                "owner": self.user,
                "running": sum(each["running"] for each in counted),
                "failed_since": sum(each["failed"] for each in counted),
                "projects": [each["name"] for each in counted],
                "kinds": [kind for kind in kinds() if kind != HANDLER],
                "notifications": list(service.notifications.kinds.names()),
                "cluster": service.launcher.places.cluster is not None,
            }
        )


class Projects(Counted):
    """The projects with their counters."""

    _track_activity = False

    @guarded("projects", where=EACH)
    async def get(self) -> None:
        """By name."""
        self.answer(await self.counted())


ROUTES = [Route("lab/status", Status), Route("lab/projects", Projects)]
