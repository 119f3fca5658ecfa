"""Dask clusters of functions as pods, by the operator and without it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jupyter_mlrun_runtimes.function_cluster import ClusterSeen, ClusterTask
from jupyter_mlrun_runtimes.kube.cluster import Cluster
from jupyter_mlrun_runtimes.kube.connection import Address, Connection
from jupyter_mlrun_runtimes.kube.dask import DASK, DaskClusterOnKubernetes
from jupyter_mlrun_runtimes.kube.settings import Settings
from tests.cluster.conftest import IMAGE, ClusterLive, ended, log_of

Submit = Callable[..., str]

SUM = """
def handler(context, address: str):
    from distributed import Client
    with Client(address, timeout=60) as client:
        client.wait_for_workers(2, timeout=60)
        context.log_result("sum", client.submit(sum, range(101)).result(timeout=60))
"""


@pytest.fixture
def cluster(namespace: str) -> Iterator[Cluster]:
    """The cluster as a service uses it."""
    settings = Settings(namespace=namespace, service="dask-test", url="http://nobody:1")
    made = Cluster(Address(os.environ["KUBECONFIG"]), settings)
    yield made
    made.close()


def task(name: str) -> ClusterTask:
    """A function with two workers."""
    resources = {"limits": {"memory": "600Mi"}, "requests": {"cpu": "50m"}}
    function: dict[str, Any] = {
        "kind": "dask",
        "metadata": {"name": name, "project": "sea"},
        "spec": {
            "image": IMAGE, "replicas": 2, "nthreads": 1, "scheduler_timeout": "10 minutes",
            "worker_resources": resources, "scheduler_resources": resources,
        },
    }  # fmt: skip
    return ClusterTask(function=function, root="/nowhere", interpreter="python")


def until(
    dask: DaskClusterOnKubernetes, handle: Any, reached: Callable[[ClusterSeen], object]
) -> ClusterSeen:
    deadline = time.monotonic() + 120
    while not reached(seen := dask.observe([handle])[0]):
        assert time.monotonic() < deadline, seen
        time.sleep(0.3)
    return seen


@pytest.mark.parametrize("operator", [True, False])
def test_a_cluster_works_is_found_scaled_and_stopped(
    cluster: Cluster, live: ClusterLive, submit: Submit, operator: bool, connection: Connection
) -> None:
    if operator and not cluster.serves(DASK):
        pytest.skip("the cluster has no Dask operator")
    if not operator:
        cluster._served["/".join(DASK)] = (time.monotonic() + 3600, False)
    dask = DaskClusterOnKubernetes(cluster)
    *_, handle = dask.start(dask.build(task(f"f{int(operator)}")))
    seen = until(dask, handle, lambda seen: seen.state == "running" and len(seen.workers) == 2)
    assert (seen.project, seen.place) == ("sea", "kubernetes")
    uid = submit(SUM, parameters={"address": seen.scheduler_address})
    status = ended(live, uid)["status"]
    assert status.get("results") == {"sum": 5050}, (status, log_of(live, uid))

    (found,) = dask.find("sea", f"f{int(operator)}")
    assert found["name"] == handle["name"]
    dask.scale(found, 1)
    until(dask, found, lambda seen: len(seen.workers) == 1)
    assert b"cheduler" in dask.log(found)
    dask.stop(found)
    until(dask, found, lambda seen: not seen.workers)
    assert not dask.find("sea", f"f{int(operator)}")


def test_a_run_beside_its_functions_cluster(live: ClusterLive, submit: Submit) -> None:
    source = (
        "def handler(context):\n"
        "    context.dask_client.wait_for_workers(1, timeout=90)\n"
        "    context.log_result('sum', context.dask_client.submit(sum, [1, 2]).result())\n"
    )
    resources = {"limits": {"memory": "600Mi"}, "requests": {"cpu": "50m"}}
    given = {"kind": "dask", "worker_resources": resources, "scheduler_resources": resources}
    uid = submit(source, given)
    status = ended(live, uid)["status"]
    assert status.get("results") == {"sum": 3}, (status, log_of(live, uid))
    path = "mlrun/api/v1/lab/projects/sea/function-clusters"
    (seen,) = live.call("GET", path)["clusters"]
    assert (seen["function"], seen["place"], seen["state"]) == ("train", "kubernetes", "running")
    live.call("DELETE", f"{path}/train")
