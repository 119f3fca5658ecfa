"""Where a run works: on this machine, or on the cluster that the settings name."""

from __future__ import annotations

import time
from dataclasses import dataclass
from http.client import HTTPException
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen

from jupyter_mlrun import names
from jupyter_mlrun.errors import MLRunBadRequestError, MLRunInvalidArgumentError
from jupyter_mlrun_runtimes import HERE, KINDS, KUBERNETES, ON_KUBERNETES, PLACES
from jupyter_mlrun_runtimes.kube.settings import Settings

if TYPE_CHECKING:
    from jupyter_mlrun_runtimes.kube.cluster import Cluster

NO_CLUSTER = "no cluster configured: ran here"
NOT_THERE = "kind '{kind}' does not run on the cluster in this release: ran here"
REMEMBERED = 60.0
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
        self.planned = Settings()
        self._good_until = 0.0

    @property
    def settings(self) -> Settings:
        """What pods get: as the cluster has it, or would where none is configured."""
        return self.planned if self.cluster is None else self.cluster.settings

    def likely(self, kind: str, wish: object = None) -> str:
        """The place that ``choose`` will say; a wish that cannot be granted is its to refuse."""
        if self.cluster is None or kind not in ON_KUBERNETES or wish == HERE:
            return HERE
        return KUBERNETES

    def check_way_back(self) -> None:
        """Nothing, where pods can be expected to reach this service; else a sentence."""
        url = self.settings.url.rstrip("/")
        if time.monotonic() < self._good_until:
            return
        if is_loopback(url):
            raise MLRunBadRequestError(
                f"Pods cannot reach this service at {url or 'an address that nobody has set'}: set "
                "MLRunCluster.url to an address of this service that the cluster's nodes reach, "
                "and let the service listen there (ServerApp.ip)"
            )
        try:
            with urlopen(f"{url}/api/v1/healthz", timeout=5) as answer:
                answer.read()
        except HTTPError as error:
            # it asks who we are: that is an answer
            if error.code not in (401, 403):
                raise _no_answer(url, error) from error
        except (OSError, ValueError, HTTPException) as error:
            raise _no_answer(url, error) from error
        self._good_until = time.monotonic() + REMEMBERED

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
        if kind in KINDS:
            return Choice(HERE, NO_CLUSTER if self.cluster is None else NOT_THERE.format(kind=kind))
        return Choice(HERE)


def is_loopback(url: str) -> bool:
    """Whether an address leads nowhere but to the machine that uses it."""
    name = urlsplit(url).hostname or ""
    return name in ("", "localhost", "::1", "0.0.0.0") or name.startswith("127.")


def _no_answer(url: str, error: Exception) -> MLRunBadRequestError:
    return MLRunBadRequestError(
        f"This service does not answer at {url}, the address that pods are given ({error}): set "
        "MLRunCluster.url to where it does"
    )
