"""What pods, events and operators say, in our words."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_mlrun_runtimes.kube import reasons, spark
from jupyter_mlrun_runtimes.kube.cluster import Cluster
from jupyter_mlrun_runtimes.kube.connection import Address
from jupyter_mlrun_runtimes.kube.mirror import Body
from jupyter_mlrun_runtimes.kube.settings import Settings


def pod(name: str, version: int, **status: Any) -> Body:
    """A pod of the run ``r``."""
    metadata = {
        "name": name, "uid": name, "namespace": "lab", "resourceVersion": str(version),
        "creationTimestamp": f"2026-01-01T00:00:{version:02}Z", "labels": {"mlrun/uid": "r"},
    }  # fmt: skip
    return {"metadata": metadata, "status": status}


def status(**fields: Any) -> Body:
    spec = {
        "nodeName": "n1",
        "containers": [
            {"name": "base", "image": "i:1", "resources": {"limits": {"memory": "1Gi"}}}
        ],
    }
    return {"metadata": {"name": "p"}, "spec": spec, "status": fields}


def ended(code: int, reason: str = "Error") -> dict[str, Any]:
    state = {"terminated": {"exitCode": code, "reason": reason}}
    return {"containerStatuses": [{"name": "base", "state": state}]}


def waiting(reason: str) -> dict[str, Any]:
    scheduled = {"type": "PodScheduled", "status": "True"}
    state = {"waiting": {"reason": reason, "message": "m"}}
    return {
        "phase": "Pending", "conditions": [scheduled],
        "containerStatuses": [{"name": "base", "image": "i:1", "state": state}],
    }  # fmt: skip


@pytest.mark.row("3.302")
@pytest.mark.parametrize("phase", ["Pending", "Running", "Succeeded", "Failed", "Unknown"])
def test_every_phase_has_a_state(phase: str) -> None:
    assert reasons.of_pod(status(phase=phase)).state == reasons.PHASES[phase]


@pytest.mark.row("4.118")
@pytest.mark.parametrize(
    "body, state, word",
    [
        (status(phase="Failed", **ended(137, "OOMKilled")), "error", "limit of 1Gi"),
        (status(phase="Failed", **ended(2)), "error", "exit code 2"),
        (status(phase="Failed", reason="Evicted", message="disk"), "error", "evicted by its"),
        (status(phase="Running", **ended(0)), "completed", ""),
        (status(phase="Sleeping"), "unknown", ""),
        (status(**waiting("ImagePullBackOff")), "pending", "image not found: i:1"),
        (status(**waiting("InvalidImageName")), "error", "'i:1' cannot be the name of an image"),
        (status(**waiting("ContainerCreating")), "pending", ""),
        (status(**waiting("CreateContainerConfigError")), "pending", "CreateContainerConfigError"),
        (status(phase="Failed", conditions=[
            {"type": "DisruptionTarget", "status": "True", "reason": "EvictionByEvictionAPI"}]),
         "error", "its node n1 is being drained"),
        (status(phase="Pending", conditions=[
            {"type": "PodScheduled", "status": "False", "reason": "Unschedulable",
             "message": "0/1 nodes"}]), "pending", "unschedulable: 0/1 nodes"),
    ],
)  # fmt: skip
def test_reasons(body: Body, state: str, word: str) -> None:
    seen = reasons.of_pod(body)
    assert seen.state == state
    assert word in (seen.reason or seen.detail)


def test_a_lost_node_ends_the_run_that_was_on_it() -> None:
    lost = {"type": "DisruptionTarget", "status": "True", "reason": "DeletionByTaintManager"}
    body = status(phase="Running", conditions=[lost])
    assert reasons.of_pod(body).state == "running"
    body["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    seen = reasons.of_pod(body)
    assert (seen.state, seen.reason[:13]) == ("error", "node lost: n1")


class Asked:
    """A connection that counts what it is asked, and has a warning of each of two pods."""

    def __init__(self, more: str = "") -> None:
        self.queries: list[Any] = []
        self.more = more

    def request(self, method: str, path: str, query: Any) -> Any:
        self.queries.append(query["fieldSelector"])
        items = [
            {"type": "Warning", "reason": "FailedMount", "message": f"no volume for {name}",
             "involvedObject": {"uid": name}, "lastTimestamp": f"2026-01-01T00:00:0{second}Z"}
            for name, second in (("a", 5), ("b", 1))
            if query["fieldSelector"] in ("type=Warning", f"involvedObject.uid={name}")
        ]  # fmt: skip
        return {"items": items, "metadata": {"continue": self.more}}


@pytest.mark.row("3.018")
def test_why_pods_wait_is_asked_once_for_all_of_them() -> None:
    cluster = Cluster(Address("nowhere"), Settings())
    cluster._connection = asked = Asked()  # type: ignore[assignment]
    since = reasons.moment("2026-01-01T00:00:03Z") or 0.0
    assert cluster.warning_of(pod("a", 1)) == "FailedMount: no volume for a"
    # what was said before it came to its node is over
    assert cluster.warning_of(pod("b", 1), since) == "" and cluster.warning_of(pod("b", 1))
    assert cluster.warning_of(pod("c", 1)) == ""
    assert asked.queries == ["type=Warning"]
    # of very many, each is asked for by itself
    cluster = Cluster(Address("nowhere"), Settings())
    cluster._connection = asked = Asked("more")  # type: ignore[assignment]
    assert cluster.warning_of(pod("a", 1)) == "FailedMount: no volume for a"
    assert asked.queries == ["type=Warning", "involvedObject.uid=a"]


@pytest.mark.row("3.606")
@pytest.mark.parametrize("state", sorted(spark.STATES))
def test_every_state_of_a_spark_application_is_one_of_ours(state: str) -> None:
    told = {"status": {"applicationState": {"state": state, "errorMessage": "no driver"}}}
    seen = spark.KubeSparkApplication(None).state_of(told)  # type: ignore[arg-type]
    assert seen.state == spark.STATES[state]
    assert bool(seen.reason) == (seen.state == "error")
    unknown = {"status": {"applicationState": {"state": "DANCING"}}}
    assert spark.KubeSparkApplication(None).state_of(unknown).state == "unknown"  # type: ignore[arg-type]
