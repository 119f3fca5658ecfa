"""Dask clusters of functions on Kubernetes: DaskClusters of the operator, else pods of our own."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import count
from typing import Any, ClassVar

from jupyter_mlrun import states
from jupyter_mlrun.errors import (
    MLRunAccessDeniedError,
    MLRunBadRequestError,
    MLRunHTTPError,
    MLRunNotFoundError,
    MLRunServiceUnavailableError,
)

from .. import requirements
from ..contract import Handle, Limits, Observation, Request, Task
from ..function_cluster import ClusterEnding, ClusterSeen, ClusterTask, FunctionCluster, Tending
from . import dask_scheduler, dask_trouble, manifests, reasons
from .cluster import POD, Cluster
from .dask_objects import (
    AUTOSCALER,
    BOUNDS,
    DASK,
    GROUP,
    PORTS,
    SCHEDULER,
    SERVICE,
    THREADS,
    WORKER,
    build_objects,
)
from .job import KubeJob
from .manifests import Body
from .runtime import KubeRequest

MOST_READ = 1 << 20
# of a run's handle: the cluster beside it
CLUSTER = "dask"
# seconds between two looks at a pod that shall go, and until it is given up
LOOK, LONGEST_END = 0.2, 30.0
# seconds for which a run waits for its scheduler, and where that installs something first
LONGEST_START, LONGEST_INSTALL = 120, 600
# looks in a row at which a cluster has workers to spare, before they go
PATIENCE = 3
# looks in a row without an answer of a scheduler that runs, before they are told of, and of one
# that installs something first
LONGEST_SILENCE, LONGEST_SILENCE_INSTALLING = 24, 120
SILENT = (
    "The scheduler {} runs and does not answer, so that its Dask cluster keeps the workers it has: "
    f"let the cluster's API server reach its port {PORTS['http-dashboard']}"
)
# a scheduler that may not be asked, or does not know the question
_CANNOT = (MLRunAccessDeniedError, MLRunNotFoundError)
_STATES = {states.PENDING: "pending", states.RUNNING: "running"}


class KubeDask(KubeJob):
    """A run as a Job beside the cluster of its function, which is started where it is not there."""

    kind: ClassVar[str] = "dask"

    def build(self, task: Task) -> KubeRequest:
        """The Job, told where the scheduler is, and the objects of the cluster."""
        request = super().build(task)
        given = ClusterTask(
            task.function, root="", interpreter="", user_id=task.user_id,
            environments=task.environments,
        )  # fmt: skip
        objects = build_objects(given, self.cluster.settings)
        meta = objects["cluster"]["metadata"]
        address = f"tcp://{meta['name']}-scheduler.{meta['namespace']}:{PORTS['tcp-comm']}"
        (container,) = request.root["spec"]["template"]["spec"]["containers"]
        installs = requirements.variables(given, self.kind, in_image=True)
        told = {"DASK_SCHEDULER_ADDRESS": address,
                "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT":
                    f"{LONGEST_INSTALL if installs else LONGEST_START}s"}  # fmt: skip
        container["env"] = manifests.merge_env(container["env"], manifests.value_env(told))
        files = {name: json.dumps(body) for name, body in objects.items()}
        return replace(request, files=files)

    def submit(self, request: Request) -> Iterator[Handle]:
        """Start the cluster, then the Job."""
        key = ""
        for handle in DaskClusterOnKubernetes(self.cluster).start(request):
            key = handle["key"]
        for handle in super().submit(request):
            yield {**handle, CLUSTER: key}

    def poll(self, handles: Sequence[Handle]) -> list[Observation]:
        """As for jobs; a run that works says what hinders the workers of its cluster."""
        return [self._with_workers(seen) for seen in super().poll(handles)]

    def _with_workers(self, seen: Observation) -> Observation:
        key = seen.handle.get(CLUSTER)
        if seen.state != states.RUNNING or seen.detail or not key:
            return seen
        pods = self.cluster.mirror(POD).of_run(key)
        workers = [body for body, gone in pods if not gone and _role(body) == WORKER]
        return replace(seen, detail=dask_trouble.explain(workers, WORKER))


class DaskClusterOnKubernetes(FunctionCluster):
    """A scheduler and workers as pods, behind a Service of the cluster."""

    kind: ClassVar[str] = "dask"
    place: ClassVar[str] = "kubernetes"

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self._fewer: dict[str, int] = {}
        self._silent: dict[str, int] = {}
        self._searched = False

    def build(self, task: ClusterTask) -> Request:
        """All objects of the cluster, for the operator and without it."""
        objects = build_objects(task, self.cluster.settings)
        return Request(
            kind=self.kind,
            folder="",
            argv=(),
            workdir="",
            limits=Limits(),
            files={name: json.dumps(body) for name, body in objects.items()},
        )

    def start(self, request: Request) -> Iterator[Handle]:
        """Make the objects; those of the same function that are there are taken as they are."""
        objects = {name: json.loads(text) for name, text in request.files.items()}
        custom = objects["cluster"]
        meta = custom["metadata"]
        has_operator = self.cluster.serves(DASK)
        handle: Handle = {
            "namespace": meta["namespace"],
            "name": meta["name"],
            "key": meta["labels"]["mlrun/uid"],
            "operator": has_operator,
        }
        yield handle
        if has_operator:
            _start_operated(self.cluster, custom, objects.get("autoscaler"))
            return
        service = {**objects["service"], **self.cluster.create(objects["service"])}
        for name, body in objects.items():
            if name.startswith((SCHEDULER, WORKER)):
                self.cluster.know(self._made(manifests.owned(body, service)))

    def _made(self, body: Body) -> Body:
        """The pod as made, in the place of one of its name that has ended."""
        made = self.cluster.create(body)
        deadline = time.monotonic() + LONGEST_END
        while _has_ended(made):
            if time.monotonic() > deadline:
                raise MLRunServiceUnavailableError(
                    f"Pod {body['metadata']['name']} of an earlier cluster has ended and does not "
                    "go: try again"
                )
            where = (POD, body["metadata"]["namespace"], body["metadata"]["name"])
            self.cluster.delete(*where, grace=0)
            time.sleep(LOOK)
            made = self.cluster.create(body)
        return made

    def find(self, project: str = "*", function: str = "") -> list[Handle]:
        """The clusters that the cluster has, newest first."""
        labels = {"mlrun/class": self.kind}
        labels |= {"mlrun/project": project} if project != "*" else {}
        labels |= {"mlrun/function": function} if function else {}
        found: list[Body] = []
        if self.cluster.serves(DASK):
            found += self.cluster.select(DASK, labels)
        else:
            found += self.cluster.select(SERVICE, labels)
        found.sort(key=lambda body: str(body["metadata"].get("creationTimestamp")), reverse=True)
        return [_handle(body) for body in found if not _is_ending(body)]

    def observe(self, handles: Sequence[Handle]) -> list[ClusterSeen]:
        """What their pods say."""
        return [self._observe(handle) for handle in handles]

    def scale(self, handle: Handle, workers: int) -> None:
        """Tell the operator; without one, make pods or remove them. It adapts no more."""
        namespace, name = handle["namespace"], handle["name"]
        if handle.get("operator"):
            with suppress(MLRunAccessDeniedError):
                # who may not remove one could not make one
                self.cluster.delete(AUTOSCALER, namespace, name)
            patch = {"spec": {"worker": {"replicas": workers}}}
            self.cluster.patch(GROUP, namespace, f"{name}-default", patch)
            return
        if _bounds(self.cluster, handle):
            fixed = {"metadata": {"annotations": {BOUNDS: None}}}
            self.cluster.patch(SERVICE, namespace, f"{name}-scheduler", fixed)
        self._have(handle, workers, wished=True)

    def tend(self) -> Tending:
        """What an operator does else: clusters that have ended go, others adapt to their work."""
        if not (self.cluster.watches(POD) or self._search()) or self.cluster.serves(DASK):
            return Tending()
        troubles: list[str] = []
        removed: list[ClusterSeen] = []
        for body in self.cluster.mirror(POD).all():
            if _role(body) != SCHEDULER:
                continue
            name = body["metadata"]["name"]
            try:
                removed += self._tend(body)
                self._silent.pop(name, None)
            except MLRunServiceUnavailableError:
                # it may not answer yet: it is asked again at the next look
                self._silent[name] = self._silent.get(name, 0) + 1
                if self._silent[name] >= _longest_silence(body):
                    troubles.append(SILENT.format(name))
            except (MLRunHTTPError, KeyError, TypeError, ValueError) as error:
                why = str(error) if isinstance(error, MLRunHTTPError) else repr(error)
                troubles.append(f"The Dask cluster of {name} keeps the workers it has: {why}")
        return Tending(troubles, removed)

    def _search(self) -> bool:
        """Whether clusters of an earlier process are there, at the first look alone."""
        if self._searched:
            return False
        found: list[Body] = []
        with suppress(MLRunAccessDeniedError):
            # who may not list Services made none
            if not self.cluster.serves(DASK):
                found = self.cluster.select(SERVICE, {"mlrun/class": self.kind})
        self._searched = True
        return bool(found)

    def _tend(self, body: Body) -> list[ClusterSeen]:
        handle, state = _handle_of_pod(body), _state([body])[0]
        if state == "running":
            self._adapt(handle)
        elif state == "stopped":
            metadata = body["metadata"]
            now = self.cluster.read(POD, metadata["namespace"], metadata["name"])
            # one of its name may have been started since
            if now and now["metadata"]["uid"] == metadata["uid"] and _has_ended(now):
                seen = self._observe(handle)
                self.stop(handle)
                return [seen]
        return []

    def _adapt(self, handle: Handle) -> None:
        """Have as many workers as the scheduler could use; fewer, once it says so for a while."""
        name = handle["name"]
        least, _, most = _bounds(self.cluster, handle).partition("-")
        if not most:
            return
        wanted = dask_scheduler.ask_wanted(self.cluster, handle)
        # others are made after one that is there
        wanted = max(int(least), 1, min(int(most), wanted))
        there = len(self._workers(handle))
        self._fewer[name] = self._fewer.get(name, 0) + 1 if wanted < there else 0
        if wanted > there or self._fewer[name] >= PATIENCE:
            self._fewer[name] = 0
            self._have(handle, wanted)

    def _have(self, handle: Handle, workers: int, wished: bool = False) -> None:
        known = self._workers(handle)
        if workers > len(known):
            self._add(handle, known, workers - len(known))
        elif workers < len(known):
            names = self._retired(handle, known, len(known) - workers, wished)
            for name in names:
                self.cluster.delete(POD, handle["namespace"], name)

    def _retired(self, handle: Handle, known: list[Body], fewer: int, wished: bool) -> list[str]:
        """Which workers go: those that the scheduler names; the last ones where it cannot."""
        names = [str(body["metadata"]["name"]) for body in known]
        try:
            told = dask_scheduler.retire(self.cluster, handle, fewer)
        except MLRunHTTPError as error:
            # without an answer it may be moving what others hold: only a wish does not wait for it
            if not wished and not isinstance(error, _CANNOT):
                raise
            told = []
        chosen = [name for name in told if name in names]
        return chosen or names[len(names) - fewer :]

    def _workers(self, handle: Handle) -> list[Body]:
        pods = self._pods(handle)
        return [body for body in pods if _role(body) == WORKER and not _has_ended(body)]

    def stop(self, handle: Handle, reason: str = "") -> None:
        """Delete its root, and with it everything."""
        if handle.get("operator"):
            self.cluster.delete(DASK, handle["namespace"], handle["name"])
        else:
            self.cluster.delete(SERVICE, handle["namespace"], f"{handle['name']}-scheduler")

    def parts(self, handle: Handle) -> list[str]:
        """Its pods."""
        return [str(body["metadata"]["name"]) for body in self._pods(handle)]

    def log(self, handle: Handle, part: str = "", offset: int = 0) -> bytes:
        """What a pod has printed, the scheduler where none is named; while the pod is there."""
        for body in self._pods(handle):
            if part == body["metadata"]["name"] or (not part and _role(body) == SCHEDULER):
                container = str(body["spec"]["containers"][0]["name"])
                data = b"".join(self.cluster.log(body, container))
                return data[offset : offset + MOST_READ]
        return b""

    def _pods(self, handle: Handle) -> list[Body]:
        pods = self.cluster.mirror(POD).of_run(handle["key"])
        return [body for body, gone in pods if not gone]

    def _add(self, handle: Handle, known: list[Body], more: int) -> None:
        # one that has ended, or is gone, says as well how the others are
        heard = [body for body, _ in self.cluster.mirror(POD).of_run(handle["key"])]
        known = known or [body for body in heard if _role(body) == WORKER]
        if not known:
            raise MLRunBadRequestError(
                f"The cluster {handle['name']} has no worker to make others of: stop it, and start "
                "it with function.spec.replicas"
            )
        name = f"{handle['name']}-scheduler"
        service = self.cluster.read(SERVICE, handle["namespace"], name)
        first = known[0]
        taken = {body["metadata"]["name"] for body in self._pods(handle)}
        numbers = (number for number in count() if f"{handle['name']}-w{number}" not in taken)
        for _ in range(more):
            metadata = {
                "name": f"{handle['name']}-w{next(numbers)}",
                "namespace": handle["namespace"],
                "labels": first["metadata"]["labels"],
            }
            spec = {k: v for k, v in first["spec"].items() if k not in ("nodeName", "hostname")}
            body = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
            if service is not None:
                owner = {"apiVersion": SERVICE[0], "kind": SERVICE[1], **service}
                body = manifests.owned(body, owner)
            self.cluster.know(self._made(body))

    def _observe(self, handle: Handle) -> ClusterSeen:
        pods = self._pods(handle)
        schedulers = [body for body in pods if _role(body) == SCHEDULER]
        labels = (pods[0]["metadata"].get("labels") or {}) if pods else {}
        address = f"{handle['name']}-scheduler.{handle['namespace']}"
        seen = _state(schedulers)
        return ClusterSeen(
            handle=handle,
            project=str(handle.get("project") or labels.get("mlrun/project") or ""),
            function=str(handle.get("function") or labels.get("mlrun/function") or ""),
            state=seen[0] if schedulers else "pending",
            reason=seen[1],
            name=str(handle["name"]),
            scheduler_address=f"tcp://{address}:{PORTS['tcp-comm']}",
            dashboard=f"http://{address}:{PORTS['http-dashboard']}/status",
            workers=[_worker_row(body) for body in pods if _role(body) == WORKER],
            started_at=reasons.moment(handle.get("created")),
            place=self.place,
        )


def _start_operated(cluster: Cluster, custom: Body, autoscaler: Body | None) -> None:
    meta = custom["metadata"]
    # one that is there may have been told a number of workers since
    is_new = cluster.read(DASK, meta["namespace"], meta["name"]) is None
    if _is_ending(cluster.create(custom)):
        raise ClusterEnding(
            f"the Dask cluster {meta['name']} of before is still being removed by its operator"
        )
    if autoscaler is None or not is_new:
        return
    try:
        # the operator lets it go with its cluster
        cluster.create(autoscaler)
    except _CANNOT as error:
        replicas = custom["spec"]["worker"]["replicas"]
        logging.getLogger(__name__).warning(
            "The Dask cluster %s does not adapt, it keeps %d workers: %s",
            meta["name"], replicas, error,
        )  # fmt: skip


def _bounds(cluster: Cluster, handle: Handle) -> str:
    name = f"{handle['name']}-scheduler"
    service = cluster.read(SERVICE, handle["namespace"], name) or {}
    annotations = (service.get("metadata") or {}).get("annotations") or {}
    return str(annotations.get(BOUNDS) or "")


def _handle(body: Body) -> Handle:
    metadata = body["metadata"]
    return {
        "namespace": metadata["namespace"],
        "name": metadata["name"].removesuffix("-scheduler"),
        "key": metadata["labels"]["mlrun/uid"],
        "operator": body["kind"] == DASK[1],
        "project": metadata["labels"].get("mlrun/project"),
        "function": metadata["labels"].get("mlrun/function"),
        "created": metadata.get("creationTimestamp"),
    }


def _handle_of_pod(body: Body) -> Handle:
    metadata = body["metadata"]
    return {
        "namespace": metadata["namespace"],
        "name": metadata["name"].removesuffix(f"-{SCHEDULER}"),
        "key": metadata["labels"]["mlrun/uid"],
        "operator": False,
    }


def _state(schedulers: list[Body]) -> tuple[str, str]:
    if not schedulers:
        return "pending", ""
    seen = reasons.of_pod(schedulers[-1], SCHEDULER)
    if seen.state in states.TERMINAL:
        return ("stopped" if seen.state == states.COMPLETED else "error"), seen.reason
    return _STATES.get(seen.state, "pending"), seen.detail


def _longest_silence(scheduler: Body) -> int:
    container = scheduler["spec"]["containers"][0]
    installs = any(each["name"] == requirements.WANTED for each in container.get("env") or [])
    return LONGEST_SILENCE_INSTALLING if installs else LONGEST_SILENCE


def _has_ended(body: Body) -> bool:
    ended = (body.get("status") or {}).get("phase") in ("Succeeded", "Failed")
    return ended or _is_ending(body)


def _is_ending(body: Body) -> bool:
    """Whether somebody has deleted it: with an operator it is there for a while."""
    return bool(body["metadata"].get("deletionTimestamp"))


def _role(body: Body) -> str:
    return str((body["metadata"].get("labels") or {}).get("mlrun/role") or "")


def _worker_row(body: Body) -> dict[str, Any]:
    seen = reasons.of_pod(body, WORKER)
    container = body["spec"]["containers"][0]
    limits = (container.get("resources") or {}).get("limits") or {}
    words = [str(each) for each in container.get("args") or []]
    return {
        "name": body["metadata"]["name"],
        "address": str((body.get("status") or {}).get("podIP") or ""),
        "nthreads": int(words[words.index(THREADS) + 1]) if THREADS in words else 1,
        "memory_limit": limits.get("memory") or "",
        "state": seen.state,
        "reason": seen.reason or seen.detail,
    }
