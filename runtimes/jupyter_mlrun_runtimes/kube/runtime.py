"""What all kinds on Kubernetes share: they make a root object, and watch it with its pods."""

from __future__ import annotations

import contextlib
import time
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from jupyter_mlrun import states
from jupyter_mlrun.errors import MLRunHTTPError, MLRunServiceUnavailableError

from ..contract import Handle, Limits, Observation, Request, Runtime, Task
from . import pod, reasons
from .cluster import Cluster
from .manifests import Body
from .mirror import Resource
from .ownership import OWNED, Ownership
from .pod import Parts
from .reasons import Seen
from .settings import Settings

# an object that was just made may not have been told of yet
DOUBT = 5.0
# until it is asked why nothing has begun
PATIENCE = 2.0
LOST = "its objects on the cluster are gone: they were deleted from outside"


@dataclass(frozen=True)
class KubeRequest(Request):
    """The objects that a run needs: those to be there before its root, and the root."""

    before: tuple[Body, ...] = field(default=(), repr=False)
    root: Body = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Found:
    """What the mirrors know of a run: its root, and its pods, oldest first, dead ones too."""

    root: Body | None
    pods: Sequence[tuple[Body, bool]]


class OnCluster(Runtime):
    """A kind on a cluster, as those see it who read pods and their logs."""

    needs_image: ClassVar[bool] = True
    server_collects_logs: ClassVar[bool] = True
    elsewhere: ClassVar[bool] = True

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster

    def remark(self, task: Task) -> str:
        """That artifacts stay in the pod, where its image knows no way to the service."""
        return pod.remark(task, self.cluster.settings)

    @abstractmethod
    def found(self, handle: Handle) -> Found:
        """The run's objects, as last heard."""

    def main_container(self, body: Body) -> str | None:
        """The container whose output is the run's log; None for a pod with a log of its own."""
        return pod.CONTAINER

    def sort(self, text: bytes) -> tuple[bytes, dict[str, bytes]]:
        """What of the main pod's lines the run's log shows, and what its ranks say, by name."""
        return text, {}


class KubeRuntime(OnCluster):
    """A kind with one root. A handle names it; the rest is what the cluster says of it."""

    root: ClassVar[Resource]

    def __init__(self, cluster: Cluster) -> None:
        super().__init__(cluster)
        self._missing: dict[str, float] = {}
        self._cancelled: dict[str, str] = {}
        self._ownership = Ownership(cluster, self.root)

    @classmethod
    @abstractmethod
    def build_root(cls, parts: Parts, task: Task, settings: Settings) -> Body:
        """The root object, pure."""

    @abstractmethod
    def read(self, found: Found) -> Seen | None:
        """What the objects say; None where there are none."""

    def build(self, task: Task) -> KubeRequest:
        """All objects of the run, complete."""
        settings = self.cluster.settings
        parts = pod.parts(task, settings, self.kind)
        return KubeRequest(
            kind=self.kind,
            folder=task.folder,
            argv=tuple(parts.spec["containers"][0]["args"]),
            workdir=task.workdir,
            limits=Limits.from_dict((task.run.get("spec") or {}).get("limits")),
            before=parts.before,
            root=self.build_root(parts, task, settings),
        )

    def submit(self, request: Request) -> Iterator[Handle]:
        """Make the objects; what is there already from an attempt that broke off is taken over."""
        assert isinstance(request, KubeRequest)
        metadata = request.root["metadata"]
        handle: Handle = {
            "folder": request.folder,
            "root": request.root["kind"],
            "namespace": metadata["namespace"],
            "name": metadata["name"],
            "run": metadata["labels"]["mlrun/uid"],
            "attempt": metadata["labels"]["mlrun/attempt"],
            "before": [
                [body["apiVersion"], body["kind"], body["metadata"]["name"]]
                for body in request.before
            ],
        }
        yield handle
        made: list[Body] = []
        try:
            for body in request.before:
                self.cluster.replace(body)
                made.append(body)
            root = self.cluster.create(request.root)
            made.append(request.root)
            self.cluster.know(root)
            handle = {**handle, "submitted": root["metadata"]["uid"]}
            yield handle
            if self._ownership.give(handle):
                yield {**handle, OWNED: True}
        except MLRunServiceUnavailableError:
            # tried again, with what is there already
            raise
        except MLRunHTTPError:
            self._undo(made)
            raise

    def _undo(self, made: Sequence[Body]) -> None:
        """Delete what was made for a run that cannot be started."""
        for body in reversed(made):
            metadata = body["metadata"]
            what = (body["apiVersion"], body["kind"])
            # why the run could not be started is what is told
            with contextlib.suppress(MLRunHTTPError):
                self.cluster.delete(what, metadata["namespace"], metadata["name"])

    def poll(self, handles: Sequence[Handle]) -> list[Observation]:
        """What the mirrors know; a request is made only where they are in doubt."""
        return [self._observe(handle) for handle in handles]

    def found(self, handle: Handle) -> Found:
        """The run's objects, as last heard."""
        if "run" not in handle:
            # it waits for its turn
            return Found(None, ())
        roots = self.cluster.mirror(self.root).of_run(handle["run"])
        alive = [body for body, gone in roots if not gone]
        named = [body for body in alive if body["metadata"]["name"] == handle["name"]]
        pods = self.cluster.mirror(("v1", "Pod")).of_run(handle["run"])
        attempt = str(handle.get("attempt") or "0")
        mine = [each for each in pods if _label(each[0], "mlrun/attempt") in (attempt, "")]
        return Found(named[0] if named else None, mine)

    def logs(self, handle: Handle, follow: bool = False) -> Iterator[bytes]:
        """What the main pod has printed, as long as it is there."""
        pods = [body for body, gone in self.found(handle).pods if not gone]
        if pods:
            yield from self.cluster.log(pods[-1], pod.CONTAINER, follow)

    def cancel(self, handle: Handle, reason: str = "", grace: float | None = None) -> None:
        """Delete the root, and with it all that it owns; its pods are asked to end first."""
        if name := handle.get("name"):
            self._cancelled[name] = reason
            self.cluster.delete(self.root, handle["namespace"], name, grace)
            self._ownership.remove(handle)

    def _observe(self, handle: Handle) -> Observation:
        if "name" not in handle or not self.cluster.is_synced(self.root):
            return Observation(handle, states.PENDING)
        found = self.found(handle)
        seen = self.read(found)
        name = handle["name"]
        self._ownership.give_again(handle)
        if name in self._cancelled and found.root is None:
            return self._ended_by_us(handle, seen)
        if seen is None:
            return self._look_closer(handle)
        self._missing.pop(name, None)
        if found.root is None and seen.state not in states.TERMINAL:
            return self._look_closer(handle)
        detail = seen.detail or self._why_no_pod(found) or self._why_not_begun(found, seen)
        return Observation(
            handle,
            seen.state,
            reason=seen.reason,
            exit_code=seen.exit_code,
            ended_at=seen.ended_at,
            detail=detail,
            stage=seen.stage,
            since=seen.since,
        )

    def _ended_by_us(self, handle: Handle, seen: Seen | None) -> Observation:
        """The end of what was deleted: when its pods are gone, or have ended by themselves."""
        alive = [body for body, gone in self.found(handle).pods if not gone]
        working = [body for body in alive if reasons.of_pod(body).state not in states.TERMINAL]
        if working:
            return Observation(handle, states.RUNNING)
        if seen is not None and seen.state == states.COMPLETED:
            return Observation(handle, states.COMPLETED, exit_code=0, ended_at=seen.ended_at)
        reason = self._cancelled.get(handle["name"], "")
        return Observation(handle, states.ABORTED, reason=reason, ended_at=time.time())

    def _look_closer(self, handle: Handle) -> Observation:
        """What the cluster itself says of a root that no mirror knows, after a moment of doubt."""
        name, now = handle["name"], time.monotonic()
        since = self._missing.setdefault(name, now)
        if "submitted" in handle and now - since < DOUBT:
            return Observation(handle, states.PENDING)
        body = self.cluster.read(self.root, handle["namespace"], name)
        if body is not None:
            self.cluster.know(body)
            return Observation(handle, states.PENDING)
        self._missing.pop(name, None)
        if "submitted" not in handle:
            return Observation(handle, states.PENDING, unsent=True)
        return Observation(handle, states.ERROR, reason=LOST, lost=True)

    def _why_no_pod(self, found: Found) -> str:
        """What hinders the root from making its pods, such as a quota."""
        if found.pods or found.root is None:
            return ""
        created = reasons.moment(found.root["metadata"].get("creationTimestamp"))
        if created is None or self.cluster.clock() - created < PATIENCE:
            return ""
        return self.cluster.warning_of(found.root)

    def _why_not_begun(self, found: Found, seen: Seen) -> str:
        """What hinders the node from starting its pod, such as a volume that is not there."""
        if seen.stage != reasons.SCHEDULED or seen.since is None or not found.pods:
            return ""
        body, gone = found.pods[-1]
        if gone or self.cluster.clock() - seen.since < PATIENCE:
            return ""
        return self.cluster.warning_of(body, seen.since)


def _label(body: Body, name: str) -> str:
    return str((body["metadata"].get("labels") or {}).get(name) or "")
