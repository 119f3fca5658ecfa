"""Kinds whose root is an operator's object: its conditions as states, and what installs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from jupyter_mlrun import states
from jupyter_mlrun.errors import MLRunBadRequestError

from . import reasons
from .manifests import Body
from .pod import CONTAINER
from .reasons import Seen
from .runtime import Found, KubeRuntime

ROLE = "mlrun/role"


class CustomResource(KubeRuntime):
    """A kind that an operator runs."""

    operator: ClassVar[str]
    """the operator's name, for people"""
    install: ClassVar[str]
    """the line that installs it"""
    main_role: ClassVar[str]
    """the role of the pod whose output is the run's log, and whose end is the run's end"""

    def require(
        self, function: Mapping[str, Any], interpreter: str, environment: Mapping[str, str]
    ) -> None:
        """Refused where the cluster does not know the operator's objects."""
        if not self.cluster.serves(self.root):
            raise MLRunBadRequestError(
                f"Kind '{self.kind}' needs {self.operator} on the cluster, which does not know "
                f"{self.root[1]} of {self.root[0]}: an administrator installs it with "
                f"{self.install}"
            )

    def state_of(self, root: Body) -> Seen:
        """What the operator says of the object."""
        raise NotImplementedError

    def main_container(self, body: Body) -> str | None:
        """Its container, for the pod of the main role."""
        return CONTAINER if role_of(body) == self.main_role else None

    def read(self, found: Found) -> Seen | None:
        """What the main pod says, else the operator."""
        mains = [each for each in found.pods if role_of(each[0]) == self.main_role]
        told = None if found.root is None else self.state_of(found.root)
        if mains:
            seen = reasons.of_pod(mains[-1][0], CONTAINER, mains[-1][1])
            if seen.state in states.TERMINAL or told is None or told.state not in states.TERMINAL:
                return self._explained(seen, found)
            return Seen(told.state, seen.reason or told.reason, ended_at=told.ended_at)
        return told

    def _explained(self, seen: Seen, found: Found) -> Seen:
        """With the trouble of a worker, where the main pod only waits for it."""
        if seen.state in states.TERMINAL or seen.detail:
            return seen
        for pod, gone in found.pods:
            other = reasons.of_pod(pod, gone=gone)
            if role_of(pod) != self.main_role and other.state == states.PENDING and other.detail:
                name = pod["metadata"]["name"]
                return Seen(
                    seen.state, detail=f"{name}: {other.detail}", stage=other.stage,
                    since=other.since,
                )  # fmt: skip
        return seen


def role_of(body: Mapping[str, Any]) -> str:
    """What a pod is among those of its run."""
    return str((body["metadata"].get("labels") or {}).get(ROLE) or "")
