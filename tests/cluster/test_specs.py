"""A pod has all that its function asks for, as the methods of the SDK say it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml

import jupyter_mlrun
from jupyter_mlrun import mounts
from jupyter_mlrun_runtimes import kube
from jupyter_mlrun_runtimes.kube.connection import Connection
from tests.cluster.conftest import IMAGE, ClusterLive, body_of, ended, log_of, until

Submit = Callable[..., str]
ROLE = Path(str(kube.__file__)).with_name("role.yaml")
PRIORITY = f"sea-{uuid4().hex[:8]}"

SEES = """
import os
from pathlib import Path

def handler(context):
    names = ("PLAIN", "TWO", "FROM_SECRET", "FROM_MAP", "WHOLE")
    context.log_result("env", {name: os.environ.get(name) for name in names})
    files = ("/keys/WHOLE", "/conf/word")
    context.log_result("files", [Path(file).read_text() for file in files])
    Path("/scratch/note").write_text("x")
    # version 1 and 2 of cgroups
    for file in ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory.max"):
        if Path(file).exists():
            context.log_result("memory", Path(file).read_text().strip())
            break
    context.log_result("folder", os.getcwd())
"""
INSIDE = """
from jupyter_mlrun_runtimes.kube.connection import IN_CLUSTER, Address, Connection

def handler(context):
    found = Connection(Address(IN_CLUSTER))
    jobs = found.request("GET", f"/apis/batch/v1/namespaces/{found.namespace}/jobs")["items"]
    context.log_result("namespace", found.namespace)
    context.log_result("jobs", len(jobs) > 0)
"""


@pytest.fixture(scope="module")
def options() -> tuple[str, ...]:
    settings = {"allowed_secrets": "keys", "allowed_service_accounts": "trainer", "ttl": 15}
    return tuple(f"--MLRunCluster.{name}={value}" for name, value in settings.items())


@pytest.fixture(scope="module", autouse=True)
def _given(connection: Connection, namespace: str) -> Any:
    """What an administrator has put into the namespace."""
    root = f"/api/v1/namespaces/{namespace}"
    rbac = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}"
    put = connection.request
    put("POST", f"{root}/secrets", body={
        "metadata": {"name": "keys"}, "stringData": {"WHOLE": "all of it", "part": "one of it"},
    })  # fmt: skip
    put("POST", f"{root}/configmaps", body={"metadata": {"name": "conf"}, "data": {"word": "mild"}})
    put("POST", f"{root}/serviceaccounts", body={"metadata": {"name": "trainer"}})
    rules = yaml.safe_load(ROLE.read_text())["rules"]
    put("POST", f"{rbac}/roles", body={"metadata": {"name": "trainer"}, "rules": rules})
    put("POST", f"{rbac}/rolebindings", body={
        "metadata": {"name": "trainer"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "trainer"},
        "subjects": [{"kind": "ServiceAccount", "name": "trainer", "namespace": namespace}],
    })  # fmt: skip
    classes = "/apis/scheduling.k8s.io/v1/priorityclasses"
    put("POST", classes, body={"metadata": {"name": PRIORITY}, "value": 7})
    yield
    put("DELETE", f"{classes}/{PRIORITY}")


def asked() -> dict[str, Any]:
    """The spec of a function that asks for everything."""
    function = jupyter_mlrun.new_function("train", "sea", kind="job", image=IMAGE)
    function.set_env("PLAIN", "plain").set_envs({"TWO": 2})
    function.set_env_from_secret("FROM_SECRET", "keys", "part")
    function.set_env("FROM_MAP", value_from={"configMapKeyRef": {"name": "conf", "key": "word"}})
    function.set_env_from_secret_ref("keys")
    function.apply(mounts.mount_secret("keys", "/keys"))
    function.apply(mounts.mount_configmap("conf", "/conf"))
    function.spec.with_volumes({"name": "tmp", "emptyDir": {}})
    function.spec.with_volume_mounts({"name": "tmp", "mountPath": "/scratch"})
    function.with_requests(mem="64Mi", cpu="50m").with_limits(mem="700Mi", cpu="1")
    function.with_node_selection(
        node_selector={"kubernetes.io/os": "linux"},
        tolerations=[{"key": "team", "operator": "Exists", "effect": "NoSchedule"}],
        affinity={"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [
            {"weight": 1, "podAffinityTerm": {
                "topologyKey": "kubernetes.io/hostname",
                "labelSelector": {"matchLabels": {"mlrun/class": "job"}}}}]}},
    )  # fmt: skip
    function.set_image_pull_configuration("IfNotPresent", "registry")
    function.with_annotations({"team": "north"})
    function.spec.priority_class_name = PRIORITY
    function.spec.service_account = "trainer"
    function.spec.security_context = {"runAsUser": 4321, "fsGroup": 1234}
    function.spec.termination_grace_period = 3
    function.spec.workdir = "/scratch"
    spec = function.to_dict()["spec"]
    return {key: value for key, value in spec.items() if key != "build"} | {
        "annotations": function.to_dict()["metadata"]["annotations"]
    }


@pytest.mark.row("3.005", "3.007", "3.008", "3.010", "3.012", "3.014", "3.016", "3.024")
def test_everything_that_a_function_asks_for(
    live: ClusterLive, submit: Submit, connection: Connection
) -> None:
    uid = submit(SEES, asked())
    selector = {"labelSelector": f"mlrun/uid={uid}"}
    where = f"/api/v1/namespaces/{live.namespace}/pods"
    until(live, uid, lambda run: connection.request("GET", where, selector)["items"])
    (pod,) = connection.request("GET", where, selector)["items"]
    status = ended(live, uid)["status"]
    assert status["state"] == "completed", (status, log_of(live, uid))
    results = status["results"]
    assert results["env"] == {
        "PLAIN": "plain", "TWO": "2", "FROM_SECRET": "one of it", "FROM_MAP": "mild",
        "WHOLE": "all of it",
    }  # fmt: skip
    assert results["files"] == ["all of it", "mild"] and results["folder"] == "/scratch"
    assert int(results["memory"]) == 700 << 20
    spec = pod["spec"]
    assert spec["securityContext"] == {"runAsUser": 4321, "fsGroup": 1234}
    assert (spec["priorityClassName"], spec["priority"]) == (PRIORITY, 7)
    assert spec["serviceAccountName"] == "trainer" and spec["imagePullSecrets"] == [
        {"name": "registry"}
    ]
    assert spec["terminationGracePeriodSeconds"] == 3
    assert spec["nodeSelector"] == {"kubernetes.io/os": "linux"} and "podAntiAffinity" in str(spec)
    assert any(each.get("key") == "team" for each in spec["tolerations"])
    (container,) = spec["containers"]
    assert container["resources"] == {
        "limits": {"cpu": "1", "memory": "700Mi"}, "requests": {"cpu": "50m", "memory": "64Mi"},
    }  # fmt: skip
    assert pod["metadata"]["annotations"]["team"] == "north"
    labels = pod["metadata"]["labels"]
    assert {labels[f"mlrun/{name}"] for name in ("project", "function", "name", "class")} == {
        "sea", "train", "job",
    }  # fmt: skip


def test_a_service_in_a_pod_finds_its_own_cluster(live: ClusterLive, submit: Submit) -> None:
    """By the account of its pod, which has the Role that ships."""
    status = ended(live, uid := submit(INSIDE, {"service_account": "trainer"}))["status"]
    expected = {"namespace": live.namespace, "jobs": True}
    assert status.get("results") == expected, (status, log_of(live, uid))


@pytest.mark.row("3.015", "3.018")
def test_what_a_node_waits_for_is_told(live: ClusterLive, submit: Submit) -> None:
    """A volume that is not there keeps a pod from beginning for ever."""
    uid = submit("def handler(context): pass", {
        "volumes": [{"name": "gone", "configMap": {"name": "not-there"}}],
        "volume_mounts": [{"name": "gone", "mountPath": "/gone"}],
        "state_thresholds": {"pending_scheduled": "12s"},
    })  # fmt: skip
    told = until(live, uid, lambda run: "not-there" in run["status"].get("status_text", ""))
    assert told["status"]["state"] == "pending"
    assert told["status"]["status_text"].startswith("FailedMount: ")
    status = ended(live, uid)["status"]
    assert status["state"] == "aborted"
    assert "it was pending_scheduled for more than 12 s" in status["status_text"]


@pytest.mark.row("3.019", "3.022")
def test_what_has_ended_goes_from_the_cluster_and_stays_here(
    live: ClusterLive, submit: Submit, connection: Connection
) -> None:
    uid = submit("def handler(context):\n    print('kept')\n    context.log_result('n', 1)\n")
    assert ended(live, uid)["status"]["state"] == "completed"
    selector = {"labelSelector": f"mlrun/uid={uid}"}
    places = [
        f"/apis/batch/v1/namespaces/{live.namespace}/jobs",
        *(f"/api/v1/namespaces/{live.namespace}/{kind}" for kind in ("pods", "secrets")),
    ]
    assert all(connection.request("GET", where, selector)["items"] for where in places)
    until(
        live, uid,
        lambda run: not any(connection.request("GET", each, selector)["items"] for each in places),
    )  # fmt: skip
    found = live.call("GET", f"mlrun/api/v1/projects/sea/runs/{uid}")["data"]["status"]
    assert (found["state"], found["results"]) == ("completed", {"n": 1})
    assert log_of(live, uid) == "kept\n"
    pods = live.call("GET", f"mlrun/api/v1/lab/runs/sea/{uid}/pods")["pods"]
    assert [pod["state"] for pod in pods] == ["completed"]


def test_a_hostile_spec_is_refused_by_the_service(live: ClusterLive) -> None:
    """Not by the cluster: it would let an administrator's kubeconfig do all of these."""
    quick = "def handler(context): pass"
    for spec, word in (
        ({"env_from": [{"secretRef": {"name": "others"}}]}, "allowed_secrets"),
        ({"service_account": "default-admin"}, "allowed_service_accounts"),
        ({"volumes": [{"name": "h", "hostPath": {"path": "/"}}]}, "allowed_host_paths"),
    ):
        with pytest.raises(AssertionError, match=word):
            live.call("POST", "mlrun/api/v1/submit_job", body_of(quick, spec))
    assert json.dumps(live.call("GET", "mlrun/api/v1/lab/cluster")["configured"]) == "true"
