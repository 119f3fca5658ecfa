"""The service, the cluster's API and nodes go away and come back; no run ends wrongly by it.

What breaks a node takes the node's own scripts: CLUSTER_KIT is the folder that has node.sh.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_mlrun_runtimes.kube.connection import Connection
from tests.cluster.conftest import ClusterLive, body_of, ended, get, log_of, read, until
from tests.cluster.test_faults import pods_of, until_printed

Submit = Callable[..., str]
KIT = Path(os.environ.get("CLUSTER_KIT", "/nowhere"))
needs_kit = pytest.mark.skipif(
    not (KIT / "node.sh").exists(), reason="CLUSTER_KIT names no folder with node.sh"
)
pytestmark = pytest.mark.timeout(400)

COUNTS = """
import time
def handler(context, seconds: int = 10):
    print("on", flush=True)
    for number in range(seconds * 2):
        print("line", number, flush=True)
        time.sleep(0.5)
    context.log_result("lines", seconds * 2)
"""


def node(*words: str) -> None:
    """One of the node's own commands."""
    subprocess.run([str(KIT / "node.sh"), *words], check=True, capture_output=True, timeout=120)


def counted(log: str, lines: int) -> bool:
    """Whether each line stands in the log once, in order."""
    found = [int(line.split()[1]) for line in log.splitlines() if line.startswith("line ")]
    return found == list(range(lines))


def test_a_killed_service_finds_its_runs_and_their_logs_again(
    live: ClusterLive, submit: Submit
) -> None:
    uids = [submit(COUNTS, parameters={"seconds": 14}) for _ in range(3)]
    until_printed(live, uids[0])
    live.kill()
    time.sleep(4)
    restart(live)
    for uid in uids:
        done = ended(live, uid)
        assert done["status"]["state"] == "completed", done["status"]
        assert counted(log_of(live, uid), 28)


def test_a_run_that_ends_while_the_service_is_away(live: ClusterLive, submit: Submit) -> None:
    uid = submit(COUNTS, parameters={"seconds": 3})
    until_printed(live, uid)
    live.kill()
    time.sleep(10)
    restart(live)
    done = ended(live, uid)
    assert (done["status"]["state"], done["status"]["results"]) == ("completed", {"lines": 6})
    assert counted(log_of(live, uid), 6)


@pytest.mark.parametrize("delay", [0.0, 0.05, 0.15, 0.4])
def test_killed_at_each_step_of_a_submission(
    live: ClusterLive, submit: Submit, connection: Connection, delay: float
) -> None:
    uid = submit("def handler(context):\n    context.log_result('n', 1)\n")
    time.sleep(delay)
    live.kill()
    restart(live)
    done = ended(live, uid)
    assert done["status"]["state"] == "completed", done["status"]
    jobs = connection.request(
        "GET", f"/apis/batch/v1/namespaces/{live.namespace}/jobs",
        {"labelSelector": f"mlrun/uid={uid}"},
    )["items"]  # fmt: skip
    assert len(jobs) == 1


def test_two_services_in_one_namespace(
    live: ClusterLive, submit: Submit, tmp_path: Path, namespace: str, host: str
) -> None:
    other = ClusterLive(tmp_path, namespace, host, ())
    other.start()
    try:
        other.call("PUT", "mlrun/api/v1/projects/sea", {"metadata": {"name": "sea"}, "spec": {}})
        mine = submit(COUNTS, parameters={"seconds": 4})
        sent = other.call(
            "POST", "mlrun/api/v1/submit_job", body_of(COUNTS, parameters={"seconds": 4})
        )
        theirs = sent["data"]["metadata"]["uid"]
        until_printed(other, theirs)
        pods = {pod["name"] for pod in live.call("GET", "mlrun/api/v1/lab/cluster")["pods"]}
        assert not pods & {pod["name"] for pod in pods_of(other, theirs)}
        for server, uid in ((live, mine), (other, theirs)):
            assert ended(server, uid)["status"]["state"] == "completed"
            assert counted(log_of(server, uid), 8)
    finally:
        other.stop()


@needs_kit
def test_the_api_is_away_for_a_minute(live: ClusterLive, submit: Submit) -> None:
    uid = submit(COUNTS, parameters={"seconds": 20})
    until_printed(live, uid)
    node("stop", "kube-apiserver")
    try:
        waits = submit("def handler(context): pass")
        time.sleep(40)
        assert read(live, waits)["status"]["state"] == "pending"
        assert "does not answer" in read(live, waits)["status"]["status_text"]
    finally:
        node("start", "kube-apiserver")
    assert ended(live, waits)["status"]["state"] == "completed"
    assert ended(live, uid)["status"]["state"] == "completed"
    log = log_of(live, uid)
    assert counted(log, 40) or "lines are missing here" in log


@needs_kit
def test_an_api_that_has_forgotten(live: ClusterLive, submit: Submit) -> None:
    """The API server starts anew, and no longer knows the versions that were watched."""
    uid = submit(COUNTS, parameters={"seconds": 8})
    until_printed(live, uid)
    for word in ("stop", "start"):
        node(word, "kube-apiserver")
    assert ended(live, uid)["status"]["state"] == "completed"


@needs_kit
def test_a_drained_node(live: ClusterLive, submit: Submit, connection: Connection) -> None:
    uid = submit(COUNTS, parameters={"seconds": 100})
    until_printed(live, uid)
    try:
        node("kubectl", "drain", "node1", "--force", "--ignore-daemonsets",
             "--delete-emptydir-data", f"--pod-selector=mlrun/uid={uid}")  # fmt: skip
        status = ended(live, uid)["status"]
        assert status["state"] in ("error", "aborted")
        assert "is being drained" in status["reason"]
        assert connection.request("GET", "/api/v1/nodes/node1")["spec"]["unschedulable"]
        waits = submit("def handler(context): pass")
        until(live, waits, lambda run: "unschedulable" in run["status"].get("status_text", ""))
    finally:
        node("kubectl", "uncordon", "node1")
    assert ended(live, waits)["status"]["state"] == "completed"


@needs_kit
def test_a_lost_node(live: ClusterLive, submit: Submit) -> None:
    """Kubernetes never gives up its only node: the run says what it waits for."""
    uid = submit(COUNTS, parameters={"seconds": 75})
    until_printed(live, uid)
    node("stop", "kubelet")
    try:
        found = until(live, uid, lambda run: run["status"].get("status_text"))
        assert found["status"]["status_text"] == "its node node1 does not answer"
        assert found["status"]["state"] == "running"
    finally:
        node("start", "kubelet")
    status = ended(live, uid)["status"]
    assert (status["state"], status["results"]) == ("completed", {"lines": 150})


@pytest.mark.timeout(1200)
def test_many_jobs_at_once(live: ClusterLive, submit: Submit) -> None:
    number = int(os.environ.get("CLUSTER_JOBS", "200"))
    began = time.monotonic()
    uids = [submit("def handler(context, n):\n    print(n)\n", parameters={"n": n})
            for n in range(number)]  # fmt: skip
    assert (time.monotonic() - began) / number < 1.0
    for _ in range(5):
        asked = time.monotonic()
        get(live, "mlrun/api/v1/healthz")
        assert time.monotonic() - asked < 5.0
    states = {uid: ended(live, uid, 900)["status"]["state"] for uid in uids}
    assert set(states.values()) == {"completed"}, states


def restart(live: ClusterLive) -> None:
    """Start a killed service again where it was: pods know its address."""
    for _ in range(20):
        if live._try_start():
            return
        time.sleep(0.5)
    raise AssertionError(live.log()[-3000:])
