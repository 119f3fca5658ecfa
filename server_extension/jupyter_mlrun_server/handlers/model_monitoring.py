"""What model monitoring has found: nothing before it comes, and that is what these say."""

from __future__ import annotations

from jupyter_mlrun.errors import MLRunNotFoundError

from ..store import projects
from . import PROJECT as PROJECT_PATH
from . import Route
from .base import Handler, guarded
from .later import SENTENCES


class MonitoringHandler(Handler):
    """A question about a project's model monitoring."""

    async def require(self, project: str) -> None:
        """Nothing, when the project exists."""
        await self.service.read(projects.require, project)


class EndpointsMetrics(MonitoringHandler):
    """The metrics of some model endpoints of a project."""

    @guarded("model-monitoring")
    async def get(self, project: str) -> None:
        """For each ``endpoint-id`` an empty list."""
        await self.require(project)
        form = self.query.choice("events-format", ("separation", "intersection"), "separation")
        wanted = self.query.texts("endpoint-id")
        empty: dict[str, list[str]] = {"intersect_metrics": [], "intersect_results": []}
        self.answer(empty if form == "intersection" else {each: [] for each in wanted})

    @guarded("model-monitoring")
    async def delete(self, project: str) -> None:
        """Forget metrics: there are none."""
        await self.require(project)
        self.answer_nothing()


class FunctionSummaries(MonitoringHandler):
    """The monitoring functions of a project."""

    @guarded("model-monitoring")
    async def get(self, project: str) -> None:
        """None runs."""
        await self.require(project)
        self.query.moment("start"), self.query.moment("end")
        self.answer([])


class FunctionSummary(MonitoringHandler):
    """One monitoring function."""

    @guarded("model-monitoring")
    async def get(self, project: str, name: str) -> None:
        """Not found: none runs."""
        await self.require(project)
        raise MLRunNotFoundError(f"Monitoring function {name} of project {project} not found")


class DriftOverTime(MonitoringHandler):
    """How often drift was seen."""

    @guarded("model-monitoring")
    async def get(self, project: str) -> None:
        """Never, so far."""
        await self.require(project)
        self.query.moment("start"), self.query.moment("end")
        self.answer({"values": []})


class StreamAddress(MonitoringHandler):
    """Where served models send what they see."""

    @guarded("model-monitoring")
    async def get(self, project: str) -> None:
        """Not found: monitoring is not there."""
        await self.require(project)
        raise MLRunNotFoundError(SENTENCES["monitoring"])


PATH = f"{PROJECT_PATH}/model-monitoring"
ROUTES = [
    Route(f"{PATH}/metrics", EndpointsMetrics),
    # where clients before 1.10 ask; no endpoint may have this name
    Route(f"{PROJECT_PATH}/model-endpoints/metrics", EndpointsMetrics),
    Route(f"{PATH}/function-summaries", FunctionSummaries),
    Route(f"{PATH}/function-summaries/(?P<name>[^/]+)", FunctionSummary),
    Route(f"{PATH}/drift-over-time", DriftOverTime),
    Route(f"{PATH}/stream-pod-http-url", StreamAddress),
]
