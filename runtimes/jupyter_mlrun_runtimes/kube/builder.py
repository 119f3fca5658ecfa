"""Images built on a cluster: a Job of Kaniko, buildah or BuildKit, and its pod's log."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from jupyter_mlrun import states
from jupyter_mlrun.errors import MLRunHTTPError, MLRunNotFoundError
from jupyter_mlrun.masking import Masker

from .. import logfile
from ..build.contract import (
    ERROR,
    PENDING,
    READY,
    RUNNING,
    Builder,
    BuildSeen,
    BuildTask,
    last_words,
)
from ..build.plan import Plan
from ..build.settings import BuildSettings
from ..contract import Handle
from ..local import write_private
from . import build_jobs, manifests, policy, reasons, scheduling
from .build_jobs import CONTAINER, FIRST
from .cluster import Cluster
from .logs import Position, Reader
from .manifests import Body
from .mirror import Resource
from .settings import DISABLED, Settings

JOB: Resource = ("batch/v1", "Job")
POD: Resource = ("v1", "Pod")
SECRET: Resource = ("v1", "Secret")
LOST = (
    "its Job on the cluster is gone, and how it ended is not known: it was deleted from outside, "
    "or it ended while no server looked (MLRunBuilder.ttl); build it again, or look into the "
    "registry for its image"
)
GONE = b"(its Secret is gone, so that what it printed here cannot be cleared of secret values)\n"
_STATES = {states.PENDING: PENDING, states.RUNNING: RUNNING, states.COMPLETED: READY}


class BuilderOnKubernetes(Builder):
    """A Job for each build. A handle names the Job; the rest is what the cluster says of it."""

    place: ClassVar[str] = "kubernetes"

    def __init__(
        self, settings: BuildSettings, cluster: Cluster,
        hidden: Callable[[], Iterable[str]] = lambda: (),
    ) -> None:  # fmt: skip
        self.settings = settings
        self.cluster = cluster
        self.hidden = hidden
        """what no log may show beside the variables of its build"""
        self._known: dict[str, list[str]] = {}

    @property
    def name(self) -> str:  # type: ignore[override]
        """The builder that the administrator has chosen."""
        return self.settings.builder

    def require(self, plan: Plan) -> None:
        """Refused without a registry, and where the source is out of a pod's reach."""
        build_jobs.check_cluster(plan, self.settings)
        if plan.secret and plan.secret != self.settings.secret:
            policy.check_secret(plan.secret, self.cluster.settings.allowed, plan.project)

    def build(self, task: BuildTask) -> tuple[tuple[Body, ...], Body]:
        """The Secret with the variables, where there are some, and the Job: pure."""
        return build_objects(task, self.settings, self.cluster.settings)

    def start(self, task: BuildTask) -> Iterator[Handle]:
        """Make the objects."""
        before, root = self.build(task)
        metadata = root["metadata"]
        handle: Handle = {
            "folder": task.folder, "namespace": metadata["namespace"], "name": metadata["name"],
            "build": metadata["labels"]["mlrun/uid"], "has_secret": bool(before),
        }  # fmt: skip
        yield handle
        for body in before:
            self.cluster.replace(body)
        made = self.cluster.create(root)
        self.cluster.know(made)
        for body in before:
            self.cluster.give(body, made)
        yield {**handle, "submitted": made["metadata"]["uid"]}

    def observe(self, handle: Handle) -> BuildSeen:
        """What its Job and its pod say."""
        pods = self._pods(handle)
        job = self._job(handle)
        if pods:
            body, gone = pods[-1]
            seen = _of_pod(body, gone)
            failed = _failure(job)
            if seen.state == states.ERROR or (failed and seen.state not in states.TERMINAL):
                return BuildSeen(ERROR, self._why(handle, seen.reason or failed))
            return BuildSeen(_STATES.get(seen.state, RUNNING), detail=seen.detail)
        if job is None:
            return BuildSeen(ERROR, LOST)
        if failed := _failure(job):
            return BuildSeen(ERROR, failed)
        return BuildSeen(PENDING, detail=reasons.of_events(self.cluster.events_of(job)))

    def collect(self, handle: Handle) -> None:
        """Append the lines that its containers have printed since the last time."""
        for body, gone in self._pods(handle)[-1:]:
            for container in () if gone else (FIRST, CONTAINER):
                if _has_begun(body, container):
                    self._collect(handle, body, container)

    def cancel(self, handle: Handle, reason: str = "") -> None:
        """Delete the Job with its pod."""
        if name := handle.get("name"):
            # its Secret goes with it, and the end of its log is still to be read
            self._variables(handle)
            self.cluster.delete(JOB, handle["namespace"], name, 1)

    def _collect(self, handle: Handle, body: Body, container: str) -> None:
        file = Path(handle["folder"]) / f"{container}.position"
        position = Position.load(file)
        if position.ended:
            return
        has_ended = _terminated(body, container)
        reader = Reader(position)
        reader.begin()
        try:
            raw = b"".join(
                self.cluster.log(body, container, timestamps="true", sinceTime=position.since)
            )
        except MLRunNotFoundError:
            return
        text = reader.take(raw.splitlines(keepends=True))
        if text:
            text = self._masked(handle, text)
            with logfile.LogWriter(os.path.join(handle["folder"], "log")) as log:
                log.append(text)
        position.ended = has_ended
        write_private(file, position.text())

    def _masked(self, handle: Handle, text: bytes) -> bytes:
        """The text without values that nobody may read; nothing of it where these are gone."""
        given = self._variables(handle)
        if given is None:
            return GONE
        stream = Masker([*given, *self.hidden()]).stream()
        return stream.feed(text) + stream.close()

    def _variables(self, handle: Handle) -> list[str] | None:
        """The values that the build was given; None where the Secret with them is gone."""
        if not handle.get("has_secret", True):
            return []
        if (name := str(handle.get("name"))) not in self._known:
            secret = self.cluster.read(SECRET, handle["namespace"], name)
            if secret is None:
                return None if "has_secret" in handle else []
            data: Mapping[str, str] = secret.get("data") or {}
            self._known[name] = [
                base64.b64decode(value).decode("utf-8", "replace") for value in data.values()
            ]
        return self._known[name]

    def _why(self, handle: Handle, reason: str) -> str:
        """The reason with the last words of the log."""
        try:
            self.collect(handle)
        except MLRunHTTPError:
            return reason
        log = os.path.join(handle["folder"], "log")
        size = logfile.size(log)
        told = last_words(logfile.read(log, max(0, size - 8192))) if size else ""
        return f"{reason}: {told}" if told else reason

    def _pods(self, handle: Handle) -> list[tuple[Body, bool]]:
        return self.cluster.mirror(POD).of_run(str(handle.get("build")))

    def _job(self, handle: Handle) -> Body | None:
        for body, gone in self.cluster.mirror(JOB).of_run(str(handle.get("build"))):
            if not gone:
                return body
        return self.cluster.read(JOB, handle["namespace"], handle["name"])


def build_objects(
    task: BuildTask, settings: BuildSettings, cluster: Settings
) -> tuple[tuple[Body, ...], Body]:
    """All objects of a build, complete."""
    plan = task.plan
    labels = _labels(task, cluster)
    owner = ""
    if cluster.security_mode != DISABLED and task.user_id is not None:
        group = cluster.group_id if cluster.group_id >= 0 else task.user_id
        owner = f"{task.user_id}:{group}"
    containers = build_jobs.build_containers(plan, settings, owner, task.name)
    spec = _pod_spec(task, cluster, containers, build_jobs.build_volumes(plan))
    root = build_jobs.build_job(task.name, settings, cluster.namespace, labels, spec)
    if not plan.builder_env:
        return (), root
    meta = manifests.metadata(task.name, cluster.namespace, labels)
    return (manifests.secret(meta, plan.builder_env),), root


def _labels(task: BuildTask, cluster: Settings) -> dict[str, str]:
    plan = task.plan
    ours = {
        "mlrun/service": cluster.service,
        "mlrun/class": "build",
        "mlrun/project": plan.project,
        "mlrun/function": plan.function,
        "mlrun/tag": plan.tag,
        "mlrun/name": task.name,
        "mlrun/uid": Path(task.folder).name,
    }
    return {key: manifests.label_value(value) for key, value in ours.items()}


def _pod_spec(
    task: BuildTask, cluster: Settings, containers: tuple[Body, Body], volumes: list[Body]
) -> Body:
    """The pod: placed as the function's own pods are, without its limits."""
    spec: Mapping[str, Any] = task.function.get("spec") or {}
    project: Mapping[str, Any] = task.project.get("spec") or {}
    defaults = cluster.defaults
    placed = scheduling.preempt(
        {
            "nodeSelector": scheduling.node_selector(
                defaults.node_selector,
                project.get("default_function_node_selector"),
                spec.get("node_selector"),
            ),
            "tolerations": spec.get("tolerations"),
            "affinity": spec.get("affinity"),
        },
        spec.get("preemption_mode"), cluster.preemptible, defaults.preemption_mode,
    )  # fmt: skip
    first, main = containers
    pull = defaults.pull_secret
    body = manifests.without_empty({
        "restartPolicy": "Never",
        "nodeName": spec.get("node_name"),
        **placed,
        "serviceAccountName": spec.get("service_account") or defaults.service_account,
        "automountServiceAccountToken": False,
        "imagePullSecrets": [{"name": pull}] if pull else [],
        "priorityClassName": scheduling.priority_class(spec.get("priority_class_name"), defaults),
        "initContainers": [first],
        "containers": [main],
        "volumes": volumes,
    })  # fmt: skip
    # the containers are the administrator's, where the pod works the function's word
    policy.check({**body, "initContainers": [], "containers": [], "volumes": []}, cluster,
                 task.plan.project, task.user_id)  # fmt: skip
    return body


def _of_pod(body: Body, gone: bool) -> reasons.Seen:
    status = body.get("status") or {}
    for each in status.get("initContainerStatuses") or []:
        ended = (each.get("state") or {}).get("terminated")
        if ended and ended.get("exitCode"):
            return reasons.of_pod(body, FIRST, gone)
    return reasons.of_pod(body, CONTAINER, gone)


def _statuses(body: Body, container: str) -> Mapping[str, Any]:
    status = body.get("status") or {}
    for part in ("initContainerStatuses", "containerStatuses"):
        for each in status.get(part) or []:
            if each.get("name") == container:
                return dict(each.get("state") or {})
    return {}


def _has_begun(body: Body, container: str) -> bool:
    return bool({"running", "terminated"} & set(_statuses(body, container)))


def _terminated(body: Body, container: str) -> bool:
    return "terminated" in _statuses(body, container)


def _failure(job: Body | None) -> str:
    for each in ((job or {}).get("status") or {}).get("conditions") or []:
        if each.get("type") == "Failed" and each.get("status") == "True":
            if each.get("reason") == "DeadlineExceeded":
                return "the build took longer than MLRunBuilder.timeout allows"
            return reasons.one_line(each.get("message")) or "its pod failed"
    return ""
