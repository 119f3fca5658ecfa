"""Jobs on Kubernetes: one pod, tried once; a further attempt is a Job of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from jupyter_mlrun import states

from ..contract import Limits, Task
from . import manifests, pod, reasons
from .manifests import Body
from .pod import CONTAINER, Parts
from .reasons import Seen
from .runtime import Found, KubeRuntime
from .settings import Settings

TOO_LONG = "the run took longer than its limit of {seconds:g} s"


class KubeJob(KubeRuntime):
    """A run as a batch/v1 Job."""

    kind: ClassVar[str] = "job"
    root: ClassVar[tuple[str, str]] = ("batch/v1", "Job")

    @classmethod
    def build_root(cls, parts: Parts, task: Task, settings: Settings) -> Body:
        """The Job."""
        limits = Limits.from_dict((task.run.get("spec") or {}).get("limits"))
        spec: Body = {
            "backoffLimit": 0,
            "completions": 1,
            "parallelism": 1,
            # a pod on its way out may still work: it is not replaced
            "podReplacementPolicy": "Failed",
            "ttlSecondsAfterFinished": settings.ttl,
            "template": parts.template,
        }
        if limits.timeout is not None:
            spec["activeDeadlineSeconds"] = max(1, int(limits.timeout))
        return {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": manifests.metadata(
                parts.name, settings.namespace, parts.labels, parts.annotations
            ),
            "spec": spec,
        }

    def read(self, found: Found) -> Seen | None:
        """What the Job and its pod say; None where there is neither."""
        pods = found.pods
        failed = _condition(found.root, "Failed", "FailureTarget")
        if failed.get("reason") == "DeadlineExceeded":
            seconds = float((found.root or {})["spec"].get("activeDeadlineSeconds") or 0)
            reason = TOO_LONG.format(seconds=seconds) + _waited(pods)
            return Seen(states.ABORTED, reason, ended_at=_at(failed))
        if pods:
            pod, gone = pods[-1]
            seen = reasons.of_pod(pod, CONTAINER, gone)
            if seen.state in states.TERMINAL or not failed:
                return seen
            return Seen(states.ERROR, reasons.DELETED, ended_at=_at(failed))
        if failed:
            return Seen(states.ERROR, reasons.DELETED, ended_at=_at(failed))
        if _condition(found.root, "Complete", "SuccessCriteriaMet"):
            return Seen(states.COMPLETED, exit_code=0)
        if found.root is None:
            return None
        created = reasons.moment(found.root["metadata"].get("creationTimestamp"))
        return Seen(states.PENDING, stage=reasons.NOT_SCHEDULED, since=created)


def build_manifest(task: Task, settings: Settings) -> list[Body]:
    """All objects of a Job as ``submit`` would send them, in that order."""
    parts = pod.parts(task, settings, KubeJob.kind)
    return [*parts.before, KubeJob.build_root(parts, task, settings)]


def _waited(pods: Sequence[tuple[Body, bool]]) -> str:
    """What a pod that never began was waiting for."""
    seen = reasons.of_pod(pods[-1][0], CONTAINER) if pods else None
    waits = seen is not None and seen.state == states.PENDING and seen.detail
    return f"; it waited: {waits}" if waits else ""


def _condition(root: Mapping[str, Any] | None, *kinds: str) -> Mapping[str, Any]:
    for each in ((root or {}).get("status") or {}).get("conditions") or []:
        if each.get("type") in kinds and each.get("status") == "True":
            return dict(each)
    return {}


def _at(condition: Mapping[str, Any]) -> float | None:
    return reasons.moment(condition.get("lastTransitionTime"))
