"""Dask clusters of functions on Kubernetes: DaskClusters of the operator, else pods of our own."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from jupyter_mlrun import states
from jupyter_mlrun.errors import MLRunBadRequestError, MLRunServiceUnavailableError

from .. import requirements
from ..contract import Handle, Limits, Request, Task
from ..function_cluster import ClusterSeen, ClusterTask, FunctionCluster
from . import manifests, pod, reasons
from .cluster import POD, Cluster
from .job import KubeJob
from .manifests import Body
from .mirror import Resource
from .runtime import KubeRequest
from .settings import DISABLED, Settings

SERVICE: Resource = ("v1", "Service")
DASK: Resource = ("kubernetes.dask.org/v1", "DaskCluster")
GROUP: Resource = ("kubernetes.dask.org/v1", "DaskWorkerGroup")
SCHEDULER, WORKER = "scheduler", "worker"
PORTS = {"tcp-comm": 8786, "http-dashboard": 8787}
MOST_READ = 1 << 20
# longest name of a DaskCluster, whose parts get more letters
LONGEST = 40
# seconds between two looks at a pod that shall go, and until it is given up
LOOK, LONGEST_END = 0.2, 30.0
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
        told = {"DASK_SCHEDULER_ADDRESS": address,
                "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "120s"}  # fmt: skip
        container["env"] = manifests.merge_env(container["env"], manifests.value_env(told))
        files = {name: json.dumps(body) for name, body in objects.items()}
        return replace(request, files=files)

    def submit(self, request: Request) -> Iterator[Handle]:
        """Start the cluster, then the Job."""
        for _ in DaskClusterOnKubernetes(self.cluster).start(request):
            continue
        yield from super().submit(request)


class DaskClusterOnKubernetes(FunctionCluster):
    """A scheduler and workers as pods, behind a Service of the cluster."""

    kind: ClassVar[str] = "dask"
    place: ClassVar[str] = "kubernetes"

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster

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
            self.cluster.create(custom)
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
        return [_handle(body) for body in found]

    def observe(self, handles: Sequence[Handle]) -> list[ClusterSeen]:
        """What their pods say."""
        return [self._observe(handle) for handle in handles]

    def scale(self, handle: Handle, workers: int) -> None:
        """Tell the operator; without one, make pods or remove them."""
        if handle.get("operator"):
            name = f"{handle['name']}-default"
            patch = {"spec": {"worker": {"replicas": workers}}}
            self.cluster.patch(GROUP, handle["namespace"], name, patch)
            return
        known = [body for body in self._pods(handle) if _role(body) == WORKER]
        for body in known[workers:]:
            metadata = body["metadata"]
            self.cluster.delete(POD, metadata["namespace"], metadata["name"])
        if workers > len(known):
            self._add(handle, known, workers - len(known))

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
        if not known:
            raise MLRunBadRequestError(
                f"The cluster {handle['name']} has no worker to make others of: stop it, and start "
                "it with function.spec.replicas"
            )
        name = f"{handle['name']}-scheduler"
        service = self.cluster.read(SERVICE, handle["namespace"], name)
        first = known[0]
        taken = {body["metadata"]["name"] for body in known}
        numbers = (number for number in range(1000) if f"{handle['name']}-w{number}" not in taken)
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


def build_objects(task: ClusterTask, settings: Settings) -> dict[str, Body]:
    """What to make: ``cluster`` for the operator; ``service`` and pods where there is none."""
    function: Mapping[str, Any] = task.function.get("spec") or {}
    metadata = task.function.get("metadata") or {}
    parts = _parts(task, settings)
    key = parts.labels["mlrun/uid"]
    name = manifests.name_of(f"mlrun-{metadata.get('name')}", key, LONGEST)
    workers = int(function.get("replicas") or function.get("min_replicas") or 1)
    meta = manifests.metadata(name, settings.namespace, parts.labels)
    wanted = requirements.variables(task, "dask", in_image=True)
    requirements.require_installing(parts.spec["containers"][0]["image"], wanted)
    scheduler = _pod_spec(parts.spec, function, SCHEDULER, name, wanted)
    worker = _pod_spec(parts.spec, function, WORKER, name, wanted)
    objects: dict[str, Body] = {
        "cluster": _custom(meta, function, scheduler, worker, workers),
        "service": _service(meta, function),
        SCHEDULER: _pod(f"{name}-scheduler", meta, SCHEDULER, scheduler),
    }
    for number in range(workers):
        objects[f"{WORKER}-{number}"] = _pod(f"{name}-w{number}", meta, WORKER, worker)
    return objects


def _parts(task: ClusterTask, settings: Settings) -> pod.Parts:
    """A pod as a job of the function would have it, without a run."""
    metadata = task.function.get("metadata") or {}
    what = [task.function.get("spec"), metadata.get("project"), metadata.get("name")]
    # whoever has rights of their own has a cluster of their own
    text = json.dumps(what if settings.security_mode == DISABLED else [*what, task.user_id])
    key = hashlib.sha1(text.encode()).hexdigest()[:32]
    run = {
        "metadata": {
            "name": metadata.get("name"), "project": metadata.get("project"), "uid": key,
            "labels": {"owner": (metadata.get("labels") or {}).get("owner") or ""},
        },
        "spec": {},
    }  # fmt: skip
    given = Task(
        run=run, function={**task.function, "spec": {**task.function["spec"], "build": {}}},
        folder="", address=settings.url, token="", interpreter="", workdir="",
        user_id=task.user_id,
    )  # fmt: skip
    return pod.parts(given, settings, "dask")


def _pod_spec(
    spec: Body, function: Mapping[str, Any], role: str, name: str, wanted: Mapping[str, str]
) -> Body:
    given = spec["containers"][0]
    env = [entry for entry in given.get("env") or [] if not _is_of_run(entry)]
    env += manifests.value_env(wanted)
    threads = int(function.get("nthreads") or 1)
    limits = function.get(f"{role}_resources") or given.get("resources") or {}
    memory = ((limits.get("limits") or {}).get("memory")) or "0"
    address = f"tcp://{name}-scheduler:8786" if role == WORKER else ""
    words = (
        ["dask", "scheduler", "--host", "0.0.0.0", *_idle(function)]
        if role == SCHEDULER
        else ["dask", "worker", "--nthreads", str(threads), "--memory-limit", _bytes(memory)]
    )
    if wanted:
        words = [*requirements.INSTALLING, *words]
    container = manifests.without_empty({
        "name": role, "image": given["image"], "imagePullPolicy": given["imagePullPolicy"],
        "args": words, "env": env, "resources": limits,
        "volumeMounts": given.get("volumeMounts"),
    })  # fmt: skip
    if address:
        container["args"] = [*words, "--name", "$(DASK_WORKER_NAME)", address]
        container["env"] = [*env, manifests.field_env("DASK_WORKER_NAME", "metadata.name")]
    else:
        container["ports"] = [
            {"name": name, "containerPort": port, "protocol": "TCP"} for name, port in PORTS.items()
        ]
    return {**{k: v for k, v in spec.items() if k != "restartPolicy"}, "containers": [container]}


def _custom(
    meta: Body, function: Mapping[str, Any], scheduler: Body, worker: Body, workers: int
) -> Body:
    labels = meta["labels"]
    name = meta["name"]
    operated = {**worker, "containers": [dict(worker["containers"][0])]}
    # the operator names workers and tells them where the scheduler is
    container = operated["containers"][0]
    container["args"] = [
        *container["args"][: container["args"].index("--name")], "--name", "$(DASK_WORKER_NAME)",
    ]  # fmt: skip
    container["env"] = [e for e in container["env"] if e["name"] != "DASK_WORKER_NAME"]
    return {
        "apiVersion": DASK[0],
        "kind": DASK[1],
        "metadata": meta,
        "spec": {
            "idleTimeout": _seconds(function.get("scheduler_timeout")),
            "worker": {
                "replicas": workers,
                "metadata": {"labels": {**labels, "mlrun/role": WORKER}},
                "spec": operated,
            },
            "scheduler": {
                "metadata": {"labels": {**labels, "mlrun/role": SCHEDULER}},
                "spec": scheduler,
                "service": {
                    "type": str(function.get("service_type") or "ClusterIP"),
                    "selector": {
                        "dask.org/cluster-name": name, "dask.org/component": SCHEDULER,
                    },
                    "ports": _ports(),
                },
            },
        },
    }  # fmt: skip


def _service(meta: Body, function: Mapping[str, Any]) -> Body:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {**meta, "name": f"{meta['name']}-scheduler"},
        "spec": {
            "type": str(function.get("service_type") or "ClusterIP"),
            "selector": {"mlrun/uid": meta["labels"]["mlrun/uid"], "mlrun/role": SCHEDULER},
            "ports": _ports(),
        },
    }


def _pod(name: str, meta: Body, role: str, spec: Body) -> Body:
    labels = {**meta["labels"], "mlrun/role": role, "dask.org/component": role}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": meta["namespace"], "labels": labels},
        "spec": {**spec, "restartPolicy": "OnFailure"},
    }


def _ports() -> list[Body]:
    return [
        {"name": name, "protocol": "TCP", "port": port, "targetPort": name}
        for name, port in PORTS.items()
    ]


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


def _state(schedulers: list[Body]) -> tuple[str, str]:
    if not schedulers:
        return "pending", ""
    seen = reasons.of_pod(schedulers[-1], SCHEDULER)
    if seen.state in states.TERMINAL:
        return ("stopped" if seen.state == states.COMPLETED else "error"), seen.reason
    return _STATES.get(seen.state, "pending"), seen.detail


def _has_ended(body: Body) -> bool:
    ended = (body.get("status") or {}).get("phase") in ("Succeeded", "Failed")
    return ended or bool(body["metadata"].get("deletionTimestamp"))


def _role(body: Body) -> str:
    return str((body["metadata"].get("labels") or {}).get("mlrun/role") or "")


def _worker_row(body: Body) -> dict[str, Any]:
    seen = reasons.of_pod(body, WORKER)
    container = body["spec"]["containers"][0]
    limits = (container.get("resources") or {}).get("limits") or {}
    return {
        "name": body["metadata"]["name"],
        "address": str((body.get("status") or {}).get("podIP") or ""),
        "nthreads": 1,
        "memory_limit": limits.get("memory") or "",
        "state": seen.state,
        "reason": seen.reason or seen.detail,
    }


def _is_of_run(entry: Body) -> bool:
    secret = (entry.get("valueFrom") or {}).get("secretKeyRef") or {}
    return entry["name"].startswith("MLRUN_EXEC") or str(secret.get("name")).startswith(
        "mlrun-run-"
    )


def _idle(function: Mapping[str, Any]) -> list[str]:
    seconds = _seconds(function.get("scheduler_timeout"))
    return ["--idle-timeout", str(seconds)] if seconds else []


def _seconds(given: object) -> int:
    found = re.match(r"\s*(\d+)\s*(second|sec|s|minute|min|m|hour|h)?", str(given or "60 minutes"))
    if found is None:
        return 3600
    unit = (found[2] or "s")[0]
    return int(found[1]) * {"s": 1, "m": 60, "h": 3600}[unit]


def _bytes(quantity: object) -> str:
    """A quantity as Dask reads it."""
    text = str(quantity)
    return re.sub(r"^(\d+(?:\.\d+)?)([KMGT])(i?)$", r"\1\2\3B", text)
