"""What a Dask cluster on Kubernetes is made of: an operator's objects, or pods of our own. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError

from .. import requirements
from ..contract import Task, whole
from ..function_cluster import MOST_WORKERS, ClusterTask
from . import manifests, pod
from .manifests import Body
from .mirror import Resource
from .settings import DISABLED, Settings

SERVICE: Resource = ("v1", "Service")
DASK: Resource = ("kubernetes.dask.org/v1", "DaskCluster")
GROUP: Resource = ("kubernetes.dask.org/v1", "DaskWorkerGroup")
AUTOSCALER: Resource = ("kubernetes.dask.org/v1", "DaskAutoscaler")
SCHEDULER, WORKER = "scheduler", "worker"
PORTS = {"tcp-comm": 8786, "http-dashboard": 8787}
THREADS, IDLE = "--nthreads", "--idle-timeout"
# between how many workers a cluster adapts that no operator looks after
BOUNDS = "mlrun/workers"
LEAST, MOST = 0, 16
# what of a scheduler that adapts can be asked by HTTP: Dask's own pages, and how many workers it
# could use
ROUTES = "DASK_DISTRIBUTED__SCHEDULER__HTTP__ROUTES"
PAGES = [
    *(f"distributed.http.scheduler.{name}" for name in ("prometheus", "info", "json", "api")),
    *(f"distributed.http.{name}" for name in ("health", "proxy", "statics")),
]
# longest name of a DaskCluster, whose parts get more letters
LONGEST = 40


def build_objects(task: ClusterTask, settings: Settings) -> dict[str, Body]:
    """What to make: ``cluster`` for the operator; ``service`` and pods where there is none."""
    function: Mapping[str, Any] = task.function.get("spec") or {}
    metadata = task.function.get("metadata") or {}
    parts = _parts(task, settings)
    key = parts.labels["mlrun/uid"]
    name = manifests.name_of(f"mlrun-{metadata.get('name')}", key, LONGEST)
    bounds = bounds_of(function)
    # the first does not wait for work, which one that adapts would
    workers = max(1, bounds[0]) if bounds else int(function["replicas"])
    meta = manifests.metadata(name, settings.namespace, parts.labels)
    wanted = requirements.variables(task, "dask", in_image=True)
    requirements.require_installing(parts.spec["containers"][0]["image"], wanted)
    scheduler = _pod_spec(parts.spec, function, SCHEDULER, name, wanted)
    if bounds:
        (container,) = scheduler["containers"]
        routes = manifests.value_env({ROUTES: json.dumps(PAGES)})
        # one that the function names stands
        container["env"] = manifests.merge_env(routes, container["env"])
    worker = _pod_spec(parts.spec, function, WORKER, name, wanted)
    objects: dict[str, Body] = {
        "cluster": _custom(meta, function, scheduler, worker, workers),
        "service": _service(meta, function, bounds),
        SCHEDULER: _pod(f"{name}-scheduler", meta, SCHEDULER, scheduler),
    }
    if bounds:
        objects["autoscaler"] = _autoscaler(meta, bounds)
    for number in range(workers):
        objects[f"{WORKER}-{number}"] = _pod(f"{name}-w{number}", meta, WORKER, worker)
    return objects


def bounds_of(function: Mapping[str, Any]) -> tuple[int, int] | None:
    """Between how many workers a function's cluster adapts; None where it has a fixed number."""
    found = {}
    for name in ("replicas", "min_replicas", "max_replicas"):
        given = function.get(name)
        number = 0 if given in (None, "") else whole(given)
        if number is None or number < 0:
            raise MLRunInvalidArgumentError(f"{name} is {given!r:.40}: give a whole number from 0")
        if number > MOST_WORKERS:
            raise MLRunInvalidArgumentError(
                f"{name} is {given!r:.40}: a cluster has at most {MOST_WORKERS} workers"
            )
        found[name] = number
    if found["replicas"]:
        return None
    least = found["min_replicas"] or LEAST
    return least, max(least, found["max_replicas"] or MOST, 1)


def _autoscaler(meta: Body, bounds: tuple[int, int]) -> Body:
    least, most = bounds
    return {
        "apiVersion": AUTOSCALER[0],
        "kind": AUTOSCALER[1],
        "metadata": meta,
        "spec": {"cluster": meta["name"], "minimum": least, "maximum": most},
    }


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
        else ["dask", "worker", THREADS, str(threads), "--memory-limit", _bytes(memory)]
    )
    if wanted:
        words = [*requirements.INSTALLING, *words]
    container = manifests.without_empty({
        "name": role, "image": given["image"], "imagePullPolicy": given["imagePullPolicy"],
        "args": words, "env": env, "resources": manifests.quantities(limits),
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
    scheduler = {**scheduler, "containers": [_idle_by_operator(scheduler["containers"][0])]}
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


def _idle_by_operator(container: Body) -> Body:
    """The scheduler's container as the operator wants it, which itself ends what idles.

    A scheduler that ended by itself would be started anew, again and again.
    """
    args = container["args"]
    if IDLE not in args:
        return container
    at = args.index(IDLE)
    return {**container, "args": [*args[:at], *args[at + 2 :]]}


def _service(meta: Body, function: Mapping[str, Any], bounds: tuple[int, int] | None) -> Body:
    metadata = {**meta, "name": f"{meta['name']}-scheduler"}
    if bounds:
        metadata["annotations"] = {BOUNDS: f"{bounds[0]}-{bounds[1]}"}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata,
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


def _is_of_run(entry: Body) -> bool:
    secret = (entry.get("valueFrom") or {}).get("secretKeyRef") or {}
    return entry["name"].startswith("MLRUN_EXEC") or str(secret.get("name")).startswith(
        "mlrun-run-"
    )


def _idle(function: Mapping[str, Any]) -> list[str]:
    seconds = _seconds(function.get("scheduler_timeout"))
    return [IDLE, str(seconds)] if seconds else []


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
