"""The kind ``spark`` on a cluster: by Spark's operator where there is one, else without it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from ..contract import Handle, Observation, Request, Task
from .cluster import Cluster
from .manifests import Body
from .runtime import Found, KubeRequest, KubeRuntime, OnCluster
from .spark import KubeSparkApplication
from .spark_submit import KubeSparkSubmit


class KubeSpark(OnCluster):
    """Each run keeps to the way that it was started on: its handle says which."""

    kind: ClassVar[str] = "spark"

    def __init__(self, cluster: Cluster) -> None:
        super().__init__(cluster)
        self._application = KubeSparkApplication(cluster)
        self._submit = KubeSparkSubmit(cluster)

    def require(
        self, function: Mapping[str, Any], interpreter: str, environment: Mapping[str, str]
    ) -> None:
        """Refused where the cluster lacks what the way needs."""
        self._way().require(function, interpreter, environment)

    def build(self, task: Task) -> KubeRequest:
        """All objects of the run."""
        return self._way().build(task)

    def submit(self, request: Request) -> Iterator[Handle]:
        """Make the objects."""
        assert isinstance(request, KubeRequest)
        yield from self._of(request.root["kind"]).submit(request)

    def poll(self, handles: Sequence[Handle]) -> list[Observation]:
        """What the mirrors know."""
        return [self._of_handle(handle).poll([handle])[0] for handle in handles]

    def logs(self, handle: Handle, follow: bool = False) -> Iterator[bytes]:
        """What the driver has printed, as long as its pod is there."""
        yield from self._of_handle(handle).logs(handle, follow)

    def cancel(self, handle: Handle, reason: str = "", grace: float | None = None) -> None:
        """Delete the root."""
        self._of_handle(handle).cancel(handle, reason, grace)

    def found(self, handle: Handle) -> Found:
        """The run's objects, as last heard."""
        return self._of_handle(handle).found(handle)

    def main_container(self, body: Body) -> str | None:
        """The driver's container, whichever way it came."""
        named = {each["name"] for each in (body.get("spec") or {}).get("containers") or []}
        ways = (self._application, self._submit)
        found = [way.main_container(body) for way in ways]
        return next((name for name in found if name in named), None)

    def _way(self) -> KubeRuntime:
        has_operator = self.cluster.serves(self._application.root)
        return self._application if has_operator else self._submit

    def _of_handle(self, handle: Handle) -> KubeRuntime:
        return self._of(str(handle.get("root") or ""))

    def _of(self, root: str) -> KubeRuntime:
        return self._submit if root == "Job" else self._application
