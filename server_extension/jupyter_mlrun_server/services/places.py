"""Where a run works: on this machine, or on the cluster that the settings name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_mlrun import names
from jupyter_mlrun.errors import MLRunBadRequestError, MLRunInvalidArgumentError
from jupyter_mlrun_runtimes import HERE, KINDS, KUBERNETES, ON_KUBERNETES, PLACES

if TYPE_CHECKING:
    from jupyter_mlrun_runtimes.kube.cluster import Cluster

NO_CLUSTER = "no cluster configured: ran here"
ALWAYS_HERE = ("local", "handler")


@dataclass(frozen=True)
class Choice:
    """A place, and the sentence that explains it where it may surprise."""

    place: str
    reason: str = ""


class Places:
    """The places of this service: its machine, and at most one cluster."""

    def __init__(self, cluster: Cluster | None = None) -> None:
        self.cluster = cluster

    def choose(self, kind: str, wish: object = None) -> Choice:
        """The place for a run of a kind; a wish that cannot be granted is refused."""
        if wish not in (None, "", *PLACES):
            raise MLRunInvalidArgumentError(
                f"task.spec.place is {wish!r:.40}: give 'here' or 'kubernetes'."
                f"{names.near(str(wish), PLACES)}"
            )
        if kind in ALWAYS_HERE and wish == KUBERNETES:
            raise MLRunBadRequestError(
                f"Kind '{kind}' runs on this machine only: take kind 'job' for Kubernetes"
            )
        if kind in ALWAYS_HERE or wish == HERE:
            return Choice(HERE)
        if self.cluster is not None and (kind in ON_KUBERNETES or wish == KUBERNETES):
            return Choice(KUBERNETES)
        if wish == KUBERNETES:
            raise MLRunBadRequestError(
                "No cluster is configured, so nothing can run on Kubernetes: set "
                "MLRunCluster.kubeconfig for this service, or leave the wish away to run here"
            )
        if kind in KINDS and self.cluster is None:
            return Choice(HERE, NO_CLUSTER)
        return Choice(HERE)
