"""Pods of runs, their events, the logs of ranks and workers, and the cluster itself."""

from __future__ import annotations

from typing import Any

from jupyter_mlrun import states
from jupyter_mlrun.errors import MLRunBaseError, MLRunHTTPError
from jupyter_mlrun_runtimes import KUBERNETES, ON_KUBERNETES
from jupyter_mlrun_runtimes.kube import reasons
from jupyter_mlrun_runtimes.kube.cluster import POD
from jupyter_mlrun_runtimes.kube.connection import contexts
from jupyter_mlrun_runtimes.kube.objects import path

from ..services.log_parts import Parts
from ..services.logs import CHUNK
from ..services.pods import event_row, pod_row
from ..store import launches, runs
from ..store.runs import RunKey
from . import UID, Route
from .base import ADMINS, guarded
from .logs import OCTETS, LogHandler

EVENT = ("v1", "Event")
NAMESPACES = "/api/v1/namespaces"
MOST_READ, MOST_EVENTS = 1000, 100
RUN = f"lab/runs/(?P<project>[^/]+)/{UID}"


class RunPods(LogHandler):
    """What of a run is on the cluster."""

    _track_activity = False

    @guarded("runs")
    async def get(self, project: str, uid: str) -> None:
        """Its pods and their events, and which logs there are besides the run's own."""
        document = await self.service.read(runs.read, RunKey(project, uid))
        launch = await self.service.read(launches.find, project, uid)
        call, status = self.service.threads.call, document["status"]
        pods, events = status.get("pods") or [], status.get("pod_events") or []
        on_cluster = launch is not None and launch.place == KUBERNETES
        if launch is not None and on_cluster:
            told = self.service.monitor.pods
            pods = await call(told.rows, launch)
            events = await self.service.threads.slow(told.events, launch)
        parts = await call(Parts(self.service.place, project, uid).names)
        self.answer(
            {
                "place": status.get("place") or "here",
                "place_reason": status.get("place_reason") or "",
                "pods": pods,
                "events": events,
                "parts": parts,
                "log_is_whole": status.get("state") in states.TERMINAL and not on_cluster,
            }
        )


class Part(LogHandler):
    """The log of one rank, worker or pod."""

    _track_activity = False

    @guarded("logs")
    async def get(self, project: str, uid: str, name: str) -> None:
        """Its bytes from an offset on, with its size and the run's state in headers."""
        state = await self.state(project, uid)
        parts, call = Parts(self.service.place, project, uid), self.service.threads.call
        offset, size = self.query.whole("offset", 0, low=0), self.query.whole("size", CHUNK)
        data, total = await call(parts.read, name, offset or 0, CHUNK if size is None else size)
        self.set_header("X-Mlrun-Log-Size", str(total))
        self.set_header("x-mlrun-run-state", state)
        self.finish(data, set_content_type=OCTETS)


class ClusterView(LogHandler):
    """The cluster of this service."""

    _track_activity = False

    @guarded("cluster", where=ADMINS)
    async def get(self) -> None:
        """Where it is, whether it answers, and our pods on it."""
        cluster = self.service.launcher.places.cluster
        if cluster is None:
            self.answer({"configured": False, "pods": [], "contexts": []})
            return
        self.answer(await self.service.threads.slow(_told, cluster))


def _told(cluster: Any) -> dict[str, Any]:
    settings = cluster.settings
    trouble, pods, events, served = "", [], [], {}
    try:
        events = _events(cluster)
        pods = [pod_row(pod, False) for pod in cluster.mirror(POD).all()]
        served = {
            "mpijob": cluster.serves(("kubeflow.org/v2beta1", "MPIJob")),
            "dask": cluster.serves(("kubernetes.dask.org/v1", "DaskCluster")),
            "spark": cluster.serves(("sparkoperator.k8s.io/v1beta2", "SparkApplication")),
        }
    except MLRunBaseError as error:
        trouble = str(error)
    return {
        "configured": True,
        "host": cluster.connection.host if not trouble else "",
        "namespace": settings.namespace,
        "namespaces": _namespaces(cluster) if not trouble else [settings.namespace],
        "service": settings.service,
        "url": settings.url,
        "kinds": sorted(ON_KUBERNETES),
        "operators": served,
        "troubles": [*cluster.troubles(), *([trouble] if trouble else [])],
        "contexts": contexts(cluster.address.kubeconfig),
        "pods": sorted(pods, key=lambda pod: str(pod["created"]), reverse=True),
        "events": events,
    }


def _namespaces(cluster: Any) -> list[str]:
    """The cluster's namespaces; that of the service alone where it may not list them."""
    try:
        found = cluster.connection.request("GET", NAMESPACES, {"limit": MOST_READ})
    except MLRunHTTPError:
        return [cluster.settings.namespace]
    return sorted(str(each["metadata"]["name"]) for each in found.get("items") or [])


def _events(cluster: Any) -> list[dict[str, Any]]:
    """What the cluster tells of the namespace, newest first."""
    where = path(EVENT, cluster.settings.namespace)
    found = cluster.connection.request("GET", where, {"limit": MOST_READ}).get("items") or []
    newest = sorted(found, key=reasons.event_time, reverse=True)
    return [event_row(event) for event in newest[:MOST_EVENTS]]


ROUTES = [
    Route(f"{RUN}/pods", RunPods),
    Route(f"{RUN}/parts/(?P<name>[^/]+)", Part),
    Route("lab/cluster", ClusterView),
]
