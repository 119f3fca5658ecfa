"""What pods say, as states and sentences that a person understands. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jupyter_mlrun import states

Pod = Mapping[str, Any]

# the stages of MLRun's state thresholds
NOT_SCHEDULED, SCHEDULED = "pending_not_scheduled", "pending_scheduled"
PULLING, EXECUTING = "image_pull_backoff", "executing"

PHASES = {
    "Pending": states.PENDING,
    "Running": states.RUNNING,
    "Succeeded": states.COMPLETED,
    "Failed": states.ERROR,
    "Unknown": states.UNKNOWN,
}
_DISRUPTIONS = {
    "PreemptionByScheduler": "its pod had to make room for one of higher priority",
    "DeletionByTaintManager": "node lost: {node} does not answer or was tainted, and its pods "
    "were given up",
    "EvictionByEvictionAPI": "evicted: its node {node} is being drained",
    "DeletionByPodGC": "node lost: {node} is no longer there",
    "TerminationByKubelet": "evicted by its node {node}, which ran out of a resource",
}
_IMAGE_TROUBLES = ("ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "RegistryUnavailable")
_HOPELESS = ("InvalidImageName",)
DELETED = "its pod was deleted from outside"


@dataclass(frozen=True)
class Seen:
    """A pod in our words; ``detail`` explains a state that lasts, ``reason`` one that is final."""

    state: str
    reason: str = ""
    detail: str = ""
    stage: str = ""
    since: float | None = None
    exit_code: int | None = None
    ended_at: float | None = None


def of_pod(pod: Pod, container: str = "base", gone: bool = False) -> Seen:
    """What a pod says; ``gone`` is one that was deleted, as it was last seen."""
    status = pod.get("status") or {}
    state = PHASES.get(str(status.get("phase")), states.UNKNOWN)
    ended = _terminated(status, container)
    if state in states.TERMINAL:
        return _final(pod, state, ended)
    if ended is not None and not _given_up(pod):
        code = int(ended.get("exitCode") or 0)
        return _final(pod, states.COMPLETED if code == 0 else states.ERROR, ended)
    if gone or _given_up(pod):
        reason = _disruption(pod) or DELETED
        return Seen(states.ERROR, reason, ended_at=moment(_deleted(pod)))
    if state == states.PENDING:
        return _pending(pod, container)
    since = _since(status, "Ready") or moment(status.get("startTime"))
    return Seen(state, detail=_unreachable(pod), stage=EXECUTING, since=since)


def node_of(pod: Pod) -> str:
    """The node of a pod; empty where it has none."""
    return str((pod.get("spec") or {}).get("nodeName") or "")


def moment(text: object) -> float | None:
    """Seconds since 1970 of a time as Kubernetes writes it."""
    if not isinstance(text, str) or not text:
        return None
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return None


def of_events(events: Iterable[Mapping[str, Any]], since: float = 0.0) -> str:
    """What the newest warning since a moment says; empty where there is none."""
    warnings = [
        each
        for each in events
        if each.get("type") == "Warning" and (moment(event_time(each)) or since) >= since
    ]
    if not warnings:
        return ""
    last = max(warnings, key=lambda each: event_time(each))
    return f"{last.get('reason')}: {one_line(last.get('message'))}"


def event_time(event: Mapping[str, Any]) -> str:
    """When an event came last, as text that sorts."""
    series = event.get("series") or {}
    return str(
        series.get("lastObservedTime")
        or event.get("lastTimestamp")
        or event.get("eventTime")
        or (event.get("metadata") or {}).get("creationTimestamp")
        or ""
    )


def one_line(text: object, longest: int = 500) -> str:
    """The text on one line."""
    return " ".join(str(text or "").split())[:longest]


def _final(pod: Pod, state: str, ended: Mapping[str, Any] | None) -> Seen:
    status = pod.get("status") or {}
    found = ended or {}
    code = found.get("exitCode")
    at = moment(found.get("finishedAt")) or moment(_deleted(pod))
    if state == states.COMPLETED:
        return Seen(state, exit_code=0, ended_at=at)
    reason = _disruption(pod)
    if status.get("reason") == "Evicted":
        reason = f"evicted by its node {node_of(pod)}: {one_line(status.get('message'))}"
    return Seen(state, reason or end_of(pod, found), exit_code=code, ended_at=at)


def end_of(pod: Pod, ended: Mapping[str, Any]) -> str:
    """What the end of a container was, as its node tells it."""
    if ended.get("reason") == "OOMKilled":
        limit = _memory(pod, ended.get("containerID"))
        return f"OOMKilled: it used more memory than its limit{f' of {limit}' if limit else ''}"
    code = ended.get("exitCode")
    if code is None:
        status = pod.get("status") or {}
        said = one_line(status.get("message") or status.get("reason"))
        return f"the pod failed{f': {said}' if said else ''}"
    if ended.get("reason") in ("StartError", "ContainerCannotRun", "RunContainerError"):
        return f"the container could not be started: {one_line(ended.get('message'))}"
    if code in (137, 143):
        return f"the process was killed (exit code {code})"
    return f"the process ended with exit code {code}"


def _memory(pod: Pod, container_id: object) -> str:
    spec, status = pod.get("spec") or {}, pod.get("status") or {}
    names = [
        each.get("name")
        for each in status.get("containerStatuses") or []
        if not container_id or each.get("containerID") == container_id
    ]
    for container in spec.get("containers") or []:
        if not names or container.get("name") in names:
            limits = (container.get("resources") or {}).get("limits") or {}
            return str(limits.get("memory") or "")
    return ""


def _pending(pod: Pod, container: str) -> Seen:
    status = pod.get("status") or {}
    scheduled = _condition(status, "PodScheduled")
    created = moment((pod.get("metadata") or {}).get("creationTimestamp"))
    if scheduled.get("status") != "True":
        detail = ""
        if scheduled.get("reason") == "Unschedulable":
            detail = f"unschedulable: {one_line(scheduled.get('message'))}"
        return Seen(states.PENDING, detail=detail, stage=NOT_SCHEDULED, since=created)
    since = moment(scheduled.get("lastTransitionTime")) or created
    for each in _statuses(status):
        waiting = (each.get("state") or {}).get("waiting") or {}
        reason, said = str(waiting.get("reason") or ""), one_line(waiting.get("message"))
        image = each.get("image") or _image(pod, str(each.get("name")))
        if reason in _HOPELESS:
            return Seen(states.ERROR, f"'{image}' cannot be the name of an image: {said}")
        if reason in _IMAGE_TROUBLES:
            detail = f"image not found: {image} cannot be pulled ({said or reason})"
            return Seen(states.PENDING, detail=detail, stage=PULLING, since=since)
        if reason and reason not in ("ContainerCreating", "PodInitializing"):
            return Seen(states.PENDING, detail=f"{reason}: {said}", stage=SCHEDULED, since=since)
    return Seen(states.PENDING, stage=SCHEDULED, since=since)


def _statuses(status: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [
        *(status.get("initContainerStatuses") or []),
        *(status.get("containerStatuses") or []),
    ]


def _image(pod: Pod, name: str) -> str:
    spec = pod.get("spec") or {}
    for each in [*(spec.get("initContainers") or []), *(spec.get("containers") or [])]:
        if each.get("name") == name:
            return str(each.get("image") or "")
    return ""


def _terminated(status: Mapping[str, Any], container: str) -> Mapping[str, Any] | None:
    """How the main container ended, else the init container that failed."""
    for each in status.get("containerStatuses") or []:
        if each.get("name") == container and (found := _end_of(each)):
            return found
    for each in status.get("initContainerStatuses") or []:
        found = _end_of(each)
        if found and found.get("exitCode"):
            return found
    others = [found for each in status.get("containerStatuses") or [] if (found := _end_of(each))]
    named = any(each.get("name") == container for each in status.get("containerStatuses") or [])
    return others[0] if others and not named else None


def _end_of(status: Mapping[str, Any]) -> Mapping[str, Any] | None:
    found: Mapping[str, Any] | None = (status.get("state") or {}).get("terminated")
    return found


def _disruption(pod: Pod) -> str:
    found = _condition(pod.get("status") or {}, "DisruptionTarget")
    if found.get("status") != "True":
        return ""
    sentence = _DISRUPTIONS.get(str(found.get("reason")))
    if sentence is None:
        return f"{found.get('reason')}: {one_line(found.get('message'))}"
    said = sentence.format(node=node_of(pod) or "its node")
    return f"{said} ({one_line(found.get('message'))})"


def _given_up(pod: Pod) -> bool:
    """Whether nobody will hear of a pod again: its node is lost, so nothing confirms its end."""
    found = _condition(pod.get("status") or {}, "DisruptionTarget")
    lost = found.get("reason") in ("DeletionByTaintManager", "DeletionByPodGC")
    return bool(_deleted(pod)) and lost


def _unreachable(pod: Pod) -> str:
    ready = _condition(pod.get("status") or {}, "Ready")
    if ready.get("status") == "False" and ready.get("reason") != "ContainersNotReady":
        pod_end = ready.get("reason") in ("PodCompleted", "PodFailed")
        return "" if pod_end or not node_of(pod) else f"its node {node_of(pod)} does not answer"
    return ""


def _deleted(pod: Pod) -> str:
    return str((pod.get("metadata") or {}).get("deletionTimestamp") or "")


def _condition(status: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    for each in status.get("conditions") or []:
        if each.get("type") == kind:
            return dict(each)
    return {}


def _since(status: Mapping[str, Any], kind: str) -> float | None:
    return moment(_condition(status, kind).get("lastTransitionTime"))
