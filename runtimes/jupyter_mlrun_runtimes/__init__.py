"""Where runs run: one runtime per kind and place, imported when it is first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .contract import Runtime
    from .kube.cluster import Cluster

HERE = "here"
KUBERNETES = "kubernetes"
PLACES = (HERE, KUBERNETES)

KINDS = {
    "dask": "jupyter_mlrun_runtimes.dask:DaskRuntime",
    "handler": "jupyter_mlrun_runtimes.handler:HandlerRuntime",
    "job": "jupyter_mlrun_runtimes.job:JobRuntime",
    "local": "jupyter_mlrun_runtimes.local:LocalRuntime",
    "mpijob": "jupyter_mlrun_runtimes.mpi:MpiRuntime",
    "remote-spark": "jupyter_mlrun_runtimes.spark:RemoteSparkRuntime",
    "spark": "jupyter_mlrun_runtimes.spark:SparkRuntime",
}
ON_KUBERNETES: dict[str, str] = {
    "dask": "jupyter_mlrun_runtimes.kube.dask:KubeDask",
    "job": "jupyter_mlrun_runtimes.kube.job:KubeJob",
    "mpijob": "jupyter_mlrun_runtimes.kube.mpi:KubeMpi",
    "remote-spark": "jupyter_mlrun_runtimes.kube.spark:KubeRemoteSpark",
    "spark": "jupyter_mlrun_runtimes.kube.spark_kinds:KubeSpark",
}
ENTRY_POINTS = "jupyter_mlrun.runtimes"


def kinds() -> list[str]:
    """The kinds that this installation can run, ours and those of installed packages."""
    return sorted({*KINDS, *ON_KUBERNETES, *_installed()})


def get_runtime(kind: str, place: str = HERE, cluster: Cluster | None = None) -> Runtime:
    """The runtime of a kind, on this machine or on a cluster.

    A kind that is not here is refused with the list of those that are.
    """
    if place == KUBERNETES:
        if kind not in ON_KUBERNETES or cluster is None:
            raise _refusal(f"kind '{kind}' does not run on Kubernetes", list(ON_KUBERNETES))
        made: Runtime = _load(ON_KUBERNETES[kind])(cluster)
        return made
    path = KINDS.get(kind) or _installed().get(kind)
    if path is None:
        raise _refusal(f"kind '{kind}' is not in this release", kinds())
    runtime: Runtime = _load(path)()
    return runtime


def _load(path: str) -> type:
    module, _, name = path.partition(":")
    found: type = getattr(import_module(module), name)
    return found


def _refusal(text: str, available: list[str]) -> Exception:
    from jupyter_mlrun.errors import MLRunBadRequestError

    return MLRunBadRequestError(f"{text}; available: {', '.join(sorted(available)) or 'none'}")


def _installed() -> dict[str, str]:
    from importlib.metadata import entry_points

    return {point.name: point.value for point in entry_points(group=ENTRY_POINTS)}
