"""What the panels show of the service itself, and its projects with their counters."""

from __future__ import annotations

from importlib.metadata import version

from ..store import projects
from . import Route
from .base import Handler, guarded


class Status(Handler):
    """The service in a few facts."""

    _track_activity = False

    @guarded("service")
    async def get(self) -> None:
        """Version, host, whether it leads, and the counters over all projects."""
        service = self.service
        counted = await service.read(projects.counters)
        self.answer(
            {
                "version": version("jupyter-mlrun"),
                "store": str(service.database.path or service.database.url),
                "leader": service.leader.leads,
                "host": service.place.host,
                "owner": service.place.owner,
                "running": sum(each["running"] for each in counted),
                "failed_since": sum(each["failed"] for each in counted),
                "projects": [each["name"] for each in counted],
            }
        )


class Projects(Handler):
    """The projects with their counters."""

    _track_activity = False

    @guarded("projects")
    async def get(self) -> None:
        """By name."""
        self.answer(await self.service.read(projects.counters))


ROUTES = [Route("lab/status", Status), Route("lab/projects", Projects)]
