"""What a cluster of a function is: started for the function, shared by its runs, stopped at last.

As for runs, whoever implements this gets documents and places, and keeps no state that a new
process would need: clusters are found again where they work.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, ClassVar

from jupyter_mlrun.errors import MLRunServiceUnavailableError

from .contract import Handle, Request

HERE, KUBERNETES = "here", "kubernetes"
MOST_WORKERS = 1000
PLACES: dict[tuple[str, str], str] = {
    ("dask", HERE): "jupyter_mlrun_runtimes.dask_cluster:DaskClusterHere",
    ("dask", KUBERNETES): "jupyter_mlrun_runtimes.kube.dask:DaskClusterOnKubernetes",
}


@dataclass(frozen=True)
class ClusterTask:
    """A function whose cluster is to be started, with all that it needs to find its way.

    ``root`` is the service's data folder. ``secrets`` are the project's that the function names.
    ``user_id`` is the number of whoever starts it, where that is known. ``environments`` is where
    the requirements of functions without an image are installed; None: they are not.
    """

    function: Mapping[str, Any]
    root: str
    interpreter: str
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    user_id: int | None = None
    environments: str | None = None


@dataclass(frozen=True)
class ClusterSeen:
    """What is known of a cluster now.

    ``state`` is ``pending``, ``running``, ``stopped`` (by itself or by a wish) or ``error``.
    """

    handle: Handle
    project: str
    function: str
    state: str
    name: str = ""
    reason: str = ""
    scheduler_address: str = ""
    dashboard: str = ""
    node_ports: Mapping[str, int] = field(default_factory=dict)
    workers: Sequence[Mapping[str, Any]] = ()
    tasks: int = 0
    started_at: float | None = None
    place: str = HERE
    kind: str = "dask"

    @property
    def is_alive(self) -> bool:
        """Whether it works, or is about to."""
        return self.state in ("pending", "running")


@dataclass(frozen=True)
class Tending:
    """What a look at clusters came to: what cannot be done, in sentences, and what was removed."""

    troubles: Sequence[str] = ()
    removed: Sequence[ClusterSeen] = ()


class ClusterEnding(MLRunServiceUnavailableError):
    """The cluster of before is still being removed: the next can begin soon."""


class FunctionCluster(ABC):
    """One kind of cluster at one place. All methods block; the server calls them in threads."""

    kind: ClassVar[str]
    place: ClassVar[str] = HERE

    def require(
        self, function: Mapping[str, Any], interpreter: str, environment: Mapping[str, str]
    ) -> None:
        """Nothing, where this place has what the cluster needs.

        Raises MLRunBadRequestError with the line that installs what is missing.
        """
        return None

    @abstractmethod
    def build(self, task: ClusterTask) -> Request:
        """The request for a cluster: pure, the same task gives the same request."""

    @abstractmethod
    def start(self, request: Request) -> Iterator[Handle]:
        """Start the cluster, or find the one of the same request that is alive.

        Yields a handle that grows; does not wait until the cluster works.
        """

    @abstractmethod
    def find(self, project: str = "*", function: str = "") -> list[Handle]:
        """The handles of the clusters that are there, newest first, those that ended too."""

    @abstractmethod
    def observe(self, handles: Sequence[Handle]) -> list[ClusterSeen]:
        """What is known of each, in order; never raises for a handle of the past."""

    @abstractmethod
    def scale(self, handle: Handle, workers: int) -> None:
        """Have that many workers from now on."""

    @abstractmethod
    def stop(self, handle: Handle, reason: str = "") -> None:
        """Ask for its end; idempotent, an unknown handle is fine."""

    def tend(self) -> Tending:
        """Do what is due of all clusters, and tell what came of it.

        Called every few seconds by the one server that leads.
        """
        return Tending()

    def forget(self, project: str) -> None:
        """End the clusters of a project, and remove what they left; none is fine."""
        for handle in self.find(project):
            self.stop(handle, "its project was deleted")

    def parts(self, handle: Handle) -> list[str]:
        """The names of those whose logs are kept apart, such as its workers."""
        return []

    @abstractmethod
    def log(self, handle: Handle, part: str = "", offset: int = 0) -> bytes:
        """What the cluster, or a part of it, wrote from a byte on; at most a megabyte."""


def get_function_cluster(
    kind: str, place: str = HERE, root: str = "", cluster: Any = None
) -> FunctionCluster:
    """The clusters of a kind at a place; a kind without them is refused.

    ``cluster`` is the Kubernetes cluster, for that place.
    """
    path = PLACES.get((kind, place))
    if path is None:
        from jupyter_mlrun.errors import MLRunBadRequestError

        known = sorted({kind for kind, _ in PLACES})
        raise MLRunBadRequestError(
            f"A function of kind '{kind}' has no cluster of its own: kind {', '.join(known)} has"
        )
    module, _, name = path.partition(":")
    where = cluster if place == KUBERNETES else root
    made: FunctionCluster = getattr(import_module(module), name)(where)
    return made
