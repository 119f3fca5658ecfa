"""What befalls pods, and what a run says of it. Each test breaks something for real."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from jupyter_mlrun_runtimes.kube.connection import Connection
from tests.cluster.conftest import ClusterLive, body_of, ended, get, log_of, read, until

Submit = Callable[..., str]

SLEEPS = "import time\ndef handler(context):\n    print('on', flush=True)\n    time.sleep(120)\n"
QUICK = "def handler(context):\n    print('done')\n"


def pods_of(live: ClusterLive, uid: str) -> list[dict[str, Any]]:
    """The run's pods as the service tells them."""
    return list(live.call("GET", f"mlrun/api/v1/lab/runs/sea/{uid}/pods")["pods"])


def until_printed(live: ClusterLive, uid: str) -> str:
    """The name of the run's pod, once it has printed."""
    deadline = time.monotonic() + 90
    while b"on" not in get(live, f"mlrun/api/v1/projects/sea/logs/{uid}"):
        assert time.monotonic() < deadline, read(live, uid)["status"]
        time.sleep(0.1)
    return str(pods_of(live, uid)[0]["name"])


def delete_pod(connection: Connection, live: ClusterLive, name: str, grace: int) -> None:
    """As kubectl delete pod."""
    connection.request(
        "DELETE",
        f"/api/v1/namespaces/{live.namespace}/pods/{name}",
        body={"gracePeriodSeconds": grace},
    )


def test_a_handler_that_fails(live: ClusterLive, submit: Submit) -> None:
    uid = submit(
        "def handler(context):\n    context.log_result('before', 1)\n    raise KeyError('x')\n"
    )
    status = ended(live, uid)["status"]
    assert (status["state"], status["error"]) == ("error", "'x'")
    assert status["results"] == {"before": 1}
    assert "KeyError" in log_of(live, uid)


def test_a_process_that_just_exits(live: ClusterLive, submit: Submit) -> None:
    status = ended(live, submit("import os\ndef handler(context):\n    os._exit(3)\n"))["status"]
    assert (status["state"], status["exit_code"]) == ("error", 3)
    assert status["reason"] == "the process ended with exit code 3"


@pytest.mark.row("3.018")
def test_out_of_memory(live: ClusterLive, submit: Submit) -> None:
    source = "def handler(context):\n    x = [bytearray(1 << 24) for _ in range(200)]\n"
    uid = submit(source, {"resources": {"limits": {"memory": "200Mi"}}})
    status = ended(live, uid)["status"]
    assert status["state"] == "error"
    assert status["reason"] == "OOMKilled: it used more memory than its limit of 200Mi"


def test_a_pod_that_is_killed(live: ClusterLive, submit: Submit, connection: Connection) -> None:
    uid = submit(SLEEPS)
    delete_pod(connection, live, until_printed(live, uid), 0)
    status = ended(live, uid)["status"]
    assert status["state"] == "error"
    ends = ("its pod was deleted from outside", "the process was killed (exit code ")
    assert status["reason"].startswith(ends)
    assert log_of(live, uid).startswith("on\n")


def test_a_pod_that_is_evicted(live: ClusterLive, submit: Submit, connection: Connection) -> None:
    uid = submit(SLEEPS)
    name = until_printed(live, uid)
    where = f"/api/v1/namespaces/{live.namespace}/pods/{name}/eviction"
    eviction = {
        "apiVersion": "policy/v1", "kind": "Eviction",
        "metadata": {"name": name, "namespace": live.namespace},
    }  # fmt: skip
    connection.request("POST", where, body=eviction)
    status = ended(live, uid)["status"]
    assert status["state"] in ("error", "aborted")
    assert status["reason"].startswith("evicted: its node node1 is being drained")


@pytest.mark.row("3.021")
def test_an_abort_ends_the_pod(live: ClusterLive, submit: Submit, connection: Connection) -> None:
    uid = submit(SLEEPS)
    name = until_printed(live, uid)
    live.call(
        "POST", f"mlrun/api/v1/projects/sea/runs/{uid}/abort", {"status.status_text": "enough"}
    )
    done = ended(live, uid)
    assert (done["status"]["state"], done["status"]["status_text"]) == ("aborted", "enough")
    deadline = time.monotonic() + 30
    while any(pod["metadata"]["name"] == name for pod in _pods(connection, live)):
        assert time.monotonic() < deadline
        time.sleep(0.2)


@pytest.mark.row("3.015", "3.302")
def test_an_image_that_is_not_there(live: ClusterLive, submit: Submit) -> None:
    uid = submit(
        QUICK, {"image": "nowhere/nothing:9", "state_thresholds": {"image_pull_backoff": "6s"}}
    )
    found = until(live, uid, lambda run: "image not found" in run["status"].get("status_text", ""))
    assert found["status"]["state"] == "pending"
    status = ended(live, uid)["status"]
    assert status["state"] == "aborted"
    assert status["status_text"].startswith("Run aborted due to exceeded state threshold")
    assert "nowhere/nothing:9" in status["status_text"]


def test_a_node_that_no_one_has(live: ClusterLive, submit: Submit) -> None:
    uid = submit(QUICK, {
        "node_selector": {"disk": "none"}, "state_thresholds": {"pending_not_scheduled": "4s"},
    })  # fmt: skip
    found = until(live, uid, lambda run: "unschedulable" in run["status"].get("status_text", ""))
    assert found["status"]["state"] == "pending"
    assert ended(live, uid)["status"]["state"] == "aborted"


def test_a_time_limit(live: ClusterLive, submit: Submit) -> None:
    status = ended(live, submit(SLEEPS, limits={"timeout": 5}))["status"]
    assert status["state"] == "aborted"
    assert status["reason"] == "the run took longer than its limit of 5 s"


def test_a_quota(live: ClusterLive, submit: Submit, connection: Connection) -> None:
    quota = {
        "apiVersion": "v1", "kind": "ResourceQuota",
        "metadata": {"name": "none", "namespace": live.namespace}, "spec": {"hard": {"pods": "0"}},
    }  # fmt: skip
    where = f"/api/v1/namespaces/{live.namespace}/resourcequotas"
    connection.request("POST", where, body=quota)
    try:
        uid = submit(QUICK)
        text = until(
            live, uid, lambda run: "exceeded quota" in run["status"].get("status_text", "")
        )["status"]["status_text"]
        assert text.startswith("FailedCreate")
    finally:
        connection.request("DELETE", f"{where}/none")
    live.call("POST", f"mlrun/api/v1/projects/sea/runs/{uid}/abort", {})
    assert ended(live, uid)["status"]["state"] == "aborted"


@pytest.mark.row("4.117", "3.303")
def test_further_attempts(live: ClusterLive, submit: Submit, connection: Connection) -> None:
    source = (
        "import os\ndef handler(context):\n"
        "    print('attempt of', os.environ['MLRUN_POD_NAME'])\n    raise ValueError('no')\n"
    )
    uid = submit(source, retry={"count": 1, "backoff": {"base_delay": 1}})
    waiting = until(live, uid, lambda run: run["status"]["state"] == "pendingRetry")
    assert waiting["status"]["retry_count"] == 1
    status = until(
        live, uid, lambda run: run["status"]["state"] == "error" and len(pods_of(live, uid)) >= 1
    )["status"]
    assert status["retry_count"] == 1
    assert [each["error"] for each in status["retries"]] == ["no"]
    assert log_of(live, uid).count("attempt of") == 2


@pytest.mark.parametrize(
    "spec, word",
    [
        ({"volumes": [{"name": "v", "hostPath": {"path": "/etc"}}]}, "allowed_host_paths"),
        ({"service_account": "admin"}, "allowed_service_accounts"),
    ],
)
def test_what_takes_an_administrator_is_refused(
    live: ClusterLive, spec: dict[str, Any], word: str
) -> None:
    with pytest.raises(AssertionError, match=word):
        live.call("POST", "mlrun/api/v1/submit_job", body_of(QUICK, spec))


def _pods(connection: Connection, live: ClusterLive) -> list[dict[str, Any]]:
    found = connection.request("GET", f"/api/v1/namespaces/{live.namespace}/pods")
    return list(found["items"])
