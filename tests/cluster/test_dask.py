"""Dask clusters of functions as pods, by the operator and without it."""

from __future__ import annotations

import base64
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_mlrun_runtimes.function_cluster import ClusterSeen, ClusterTask
from jupyter_mlrun_runtimes.kube.cluster import Cluster
from jupyter_mlrun_runtimes.kube.connection import Address, Connection
from jupyter_mlrun_runtimes.kube.dask import DASK, DaskClusterOnKubernetes
from jupyter_mlrun_runtimes.kube.settings import Settings
from tests import base_image
from tests.cluster.conftest import IMAGE, ClusterLive, body_of, ended, log_of
from tests.cluster.conftest import until as until_run

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


def task(name: str, **more: Any) -> ClusterTask:
    """A function with two workers."""
    resources = {"limits": {"memory": "600Mi"}, "requests": {"cpu": "50m"}}
    function: dict[str, Any] = {
        "kind": "dask",
        "metadata": {"name": name, "project": "sea"},
        "spec": {
            "image": IMAGE, "replicas": 2, "nthreads": 1, "scheduler_timeout": "10 minutes",
            "worker_resources": resources, "scheduler_resources": resources, **more,
        },
    }  # fmt: skip
    return ClusterTask(function=function, root="/nowhere", interpreter="python")


def until(
    dask: DaskClusterOnKubernetes,
    handle: Any,
    reached: Callable[[ClusterSeen], object],
    meanwhile: Callable[[], object] = lambda: None,
    seconds: float = 120,
) -> ClusterSeen:
    deadline = time.monotonic() + seconds
    while not reached(seen := dask.observe([handle])[0]):
        assert time.monotonic() < deadline, seen
        meanwhile()
        time.sleep(0.3)
    return seen


def choose(cluster: Cluster, operator: bool) -> None:
    """Let the cluster's operator do it, or be as if there were none."""
    if operator and not cluster.serves(DASK):
        pytest.skip("the cluster has no Dask operator")
    if not operator:
        cluster._served["/".join(DASK)] = (time.monotonic() + 3600, False)


@pytest.mark.parametrize("operator", [True, False])
def test_a_cluster_works_is_found_scaled_and_stopped(
    cluster: Cluster, live: ClusterLive, submit: Submit, operator: bool, connection: Connection
) -> None:
    choose(cluster, operator)
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


WORK = """
import time
def handler(context, address: str):
    from distributed import Client
    def slow(number):
        time.sleep(1.5)
        return number
    for again in range(60):
        try:
            client = Client(address, timeout=30)
            break
        except OSError:
            # its name is not known yet
            time.sleep(2)
    with client:
        total = sum(client.gather(client.map(slow, range(40))))
        context.log_result("total", total)
        context.log_result("workers", len(client.scheduler_info()["workers"]))
"""


@pytest.mark.row("3.402", "3.403", "3.404")
@pytest.mark.parametrize("operator", [True, False])
def test_workers_come_and_go_with_the_work_and_all_ends_when_idle(
    cluster: Cluster, live: ClusterLive, submit: Submit, operator: bool
) -> None:
    choose(cluster, operator)
    dask = DaskClusterOnKubernetes(cluster)
    name = f"adapts{int(operator)}"
    given = task(name, replicas=None, max_replicas=3, scheduler_timeout="90 seconds")
    request = dask.build(given)
    made = json.loads(request.files["cluster"])["metadata"]
    # who works is on its way before the cluster is, which would be idle meanwhile
    address = f"tcp://{made['name']}-scheduler.{made['namespace']}:8786"
    uid = submit(WORK, parameters={"address": address})
    *_, handle = dask.start(request)
    # a node that has much to do starts pods when it can
    until(dask, handle, lambda seen: len(seen.workers) == 3, dask.tend, 300)
    while live.call("GET", f"mlrun/api/v1/projects/sea/runs/{uid}")["data"]["status"][
        "state"
    ] not in ("completed", "error"):
        dask.tend()
        time.sleep(1)
    status = ended(live, uid)["status"]
    assert status.get("results", {}).get("total") == sum(range(40)), (status, log_of(live, uid))
    until(dask, handle, lambda seen: len(alive(seen)) <= 1, dask.tend)
    deadline = time.monotonic() + 240
    while dask.find("sea", name):
        assert time.monotonic() < deadline, "an idle cluster stays"
        dask.tend()
        time.sleep(1)
    until(dask, handle, lambda seen: not seen.workers, dask.tend)


def alive(seen: ClusterSeen) -> list[Any]:
    """Its workers that work."""
    return [each for each in seen.workers if each["state"] in ("pending", "running")]


def test_workers_have_what_the_function_requires(
    cluster: Cluster, live: ClusterLive, submit: Submit, namespace: str, connection: Connection,
    tmp_path: Path,
) -> None:  # fmt: skip
    """Installed when the pods start, from a folder of wheels: the node reaches no index."""
    wheel = base_image.write_wheel(tmp_path)
    carried = base64.b64encode(wheel.read_bytes()).decode()
    maps = f"/api/v1/namespaces/{namespace}/configmaps"
    body = {"metadata": {"name": "wheels"}, "binaryData": {wheel.name: carried}}
    connection.request("POST", maps, body=body)
    source = (
        "def add(n):\n    import demo_sum\n    return demo_sum.add(n, 2)\n"
        "def handler(context):\n"
        "    context.log_result('sum', context.dask_client.submit(add, 40).result(timeout=120))\n"
        "    where = lambda dask_scheduler: __import__('demo_sum').VERSION\n"
        "    context.log_result('scheduler', context.dask_client.run_on_scheduler(where))\n"
        "    context.log_result('here', add(1))\n"
    )
    resources = {"limits": {"memory": "700Mi"}, "requests": {"cpu": "50m"}}
    given = {
        "kind": "dask", "image": "", "replicas": 1,
        "worker_resources": resources, "scheduler_resources": resources,
        "env": [{"name": "PIP_NO_INDEX", "value": "1"},
                {"name": "PIP_FIND_LINKS", "value": "/wheels"}],
        "volumes": [{"name": "wheels", "configMap": {"name": "wheels"}}],
        "volume_mounts": [{"name": "wheels", "mountPath": "/wheels"}],
    }  # fmt: skip
    request = body_of(source, given)
    request["function"]["metadata"]["name"] = "wants"
    request["function"]["spec"]["build"] |= {"base_image": IMAGE, "requirements": ["demo-sum"]}
    uid = live.call("POST", "mlrun/api/v1/submit_job", request)["data"]["metadata"]["uid"]
    status = ended(live, uid, 400)["status"]
    assert status.get("results") == {"sum": 42, "scheduler": "1.0", "here": 3}, (
        status, log_of(live, uid)[-3000:],
    )  # fmt: skip
    live.call("DELETE", "mlrun/api/v1/lab/projects/sea/function-clusters/wants")


def test_a_run_beside_its_functions_cluster(
    live: ClusterLive, submit: Submit, cluster: Cluster, connection: Connection
) -> None:
    source = (
        "def handler(context):\n"
        "    context.dask_client.wait_for_workers(1, timeout=90)\n"
        "    context.log_result('sum', context.dask_client.submit(sum, [1, 2]).result())\n"
    )
    resources = {"limits": {"memory": "600Mi"}, "requests": {"cpu": "50m"}}
    given = {"kind": "dask", "replicas": 1, "worker_resources": resources,
             "scheduler_resources": resources}  # fmt: skip
    path = "mlrun/api/v1/lab/projects/sea/function-clusters"

    def train() -> list[dict[str, Any]]:
        found = live.call("GET", path)["clusters"]
        return [each for each in found if each["function"] == "train"]

    uids = []
    for _ in range(2):
        uid = submit(source, given)
        status = ended(live, uid)["status"]
        assert status.get("results") == {"sum": 3}, (status, log_of(live, uid))
        (seen,) = train()
        assert (seen["place"], seen["state"]) == ("kubernetes", "running")
        if cluster.serves(DASK):
            where = f"/apis/{DASK[0]}/namespaces/{live.namespace}/daskclusters/{seen['name']}"
            uids.append(connection.request("GET", where)["metadata"]["uid"])
        # what was closed is gone for whoever asks, also while its operator still works on it
        began = time.monotonic()
        live.call("DELETE", f"{path}/train")
        assert time.monotonic() - began < 5 and not train()
    assert len(set(uids)) == len(uids), "a run went to a cluster that was being removed"


@pytest.mark.row("3.406")
@pytest.mark.parametrize(
    "limits, words",
    [
        ({"nvidia.com/gpu": 1}, r"Dask cluster waits: unschedulable: .*nvidia.com/gpu"),
        ({"memory": "30Mi"}, r"Dask cluster ended: OOMKilled: .* limit of 30Mi"),
    ],
)
def test_a_run_says_why_no_worker_works(
    live: ClusterLive, submit: Submit, limits: dict[str, Any], words: str
) -> None:
    source = "def handler(context):\n    context.dask_client.submit(sum, [1, 2]).result()\n"
    small = {"limits": {"memory": "600Mi"}, "requests": {"cpu": "50m"}}
    given = {"kind": "dask", "replicas": 1, "scheduler_resources": small,
             "worker_resources": {"limits": limits}}  # fmt: skip
    uid = submit(source, given)

    def is_told(run: dict[str, Any]) -> bool:
        status = run["status"]
        text = status.get("status_text") or ""
        return status["state"] == "running" and bool(re.search(words, text))

    until_run(live, uid, is_told)
    live.call("POST", f"mlrun/api/v1/projects/sea/runs/{uid}/abort", {})
    assert ended(live, uid)["status"]["state"] == "aborted"
    live.call("DELETE", "mlrun/api/v1/lab/projects/sea/function-clusters/train")


def test_a_notebook_outside_of_the_cluster_is_told_that_it_cannot_connect(
    live: ClusterLive,
) -> None:
    begin = """
import jupyter_mlrun as mlrun
function = mlrun.new_function("outside", kind="dask").with_code(body="def handler(context): pass")
function.with_worker_requests(cpu="50m").with_scheduler_requests(cpu="50m")
function.spec.replicas = 1
function.client
"""
    with live.kernel("outside.ipynb") as kernel:
        answer = kernel.run(begin, seconds=150)
        assert "known in the network of its Kubernetes cluster alone" in answer.error
        assert kernel.run("print(function.get_status())\nfunction.close()").text == "running\n"
