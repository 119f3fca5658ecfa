"""Runs on Kubernetes: how soon they are sent and seen, beside a Python client's own requests.

Needs KUBECONFIG, as the tests of the cluster do; without one nothing is measured.
"""

from __future__ import annotations

import base64
import copy
import json
import os
import re
import tempfile
import threading
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from jupyter_mlrun_runtimes.kube.connection import Connection
from tests.cluster import place
from tests.live import Live

from .figure import Figure, in_turn, median, percentile, timed
from .push import connect
from .rest import Rest

PROJECT = "kube"
ROUNDS = 30
MANY = 200
SEEN = 7
DIES = "import os\ndef handler(context):\n    os._exit(3)\n"
WATCHED = re.compile(r'(?=.*resource="(?:jobs|pods)")(?=.*verb="WATCH")')


def measure() -> list[Figure]:
    """Nothing without a cluster."""
    if "KUBECONFIG" not in os.environ:
        return []
    connection = place.connect()
    with (
        place.namespaced(connection, f"mlrun-bench-{uuid4().hex[:8]}") as namespace,
        tempfile.TemporaryDirectory() as folder,
    ):
        server = place.ClusterLive(Path(folder), namespace, place.own_address(connection))
        server.start()
        try:
            client = Rest(server)
            body = {"metadata": {"name": PROJECT}, "spec": {}}
            client.call("POST", "mlrun/api/v1/projects", body)
            seen = states_seen(server, client, connection, namespace)
            return [
                *submissions(client, connection, namespace),
                seen,
                *many(server, client, connection, namespace),
            ]
        finally:
            server.stop()


def task(source: str = DIES, **spec: Any) -> dict[str, Any]:
    """The body of a submission."""
    code = base64.b64encode(source.encode()).decode()
    return {
        "task": {
            "metadata": {"name": "train", "project": PROJECT}, "spec": {"handler": "handler"},
        },
        "function": {
            "kind": "job",
            "metadata": {"name": "train", "project": PROJECT},
            "spec": {"image": place.IMAGE, "build": {"functionSourceCode": code}, **spec},
        },
    }  # fmt: skip


def send(client: Rest, body: dict[str, Any]) -> str:
    """The uid of a run that was sent."""
    return str(
        json.loads(client.call("POST", "mlrun/api/v1/submit_job", body))["data"]["metadata"]["uid"]
    )


def submissions(client: Rest, connection: Connection, namespace: str) -> list[Figure]:
    """A run that is sent, beside the POST of its Job by MLRun's way: the official client, warm."""
    nowhere = task(node_selector={"bench": "none"})
    send(client, nowhere)
    jobs = f"/apis/batch/v1/namespaces/{namespace}/jobs"
    while not (found := connection.request("GET", jobs)["items"]):
        time.sleep(0.1)
    peer = peers(found[0], namespace)
    ours, theirs = in_turn((lambda: send(client, nowhere), peer), ROUNDS)
    made = [timed(lambda: arrival(client, connection, jobs, nowhere)) for _ in range(10)]
    return [
        Figure(
            "a run's Job is on the cluster, beside the same Job by the warm client",
            median(made) / median(theirs), 1.2, "x",
            f"{median(made) * 1e3:.0f} ms and {median(theirs) * 1e3:.1f} ms; the run is answered "
            f"after {median(ours) * 1e3:.1f} ms, {ROUNDS} each",
        )
    ]  # fmt: skip


def arrival(client: Rest, connection: Connection, jobs: str, body: dict[str, Any]) -> None:
    """Send a run, and wait until its Job is there."""
    asked = {"labelSelector": f"mlrun/uid={send(client, body)}"}
    while not connection.request("GET", jobs, asked)["items"]:
        time.sleep(0.005)


def peers(job: dict[str, Any], namespace: str) -> Any:
    """What makes the same Job by the Kubernetes package's own API."""
    from kubernetes import client, config

    config.load_kube_config(os.environ["KUBECONFIG"])
    api = client.BatchV1Api()
    pod = job["spec"]["template"]["spec"]

    def post() -> None:
        body = copy.deepcopy({
            "apiVersion": "batch/v1", "kind": "Job",
            "metadata": {"name": f"peer-{uuid4().hex[:8]}"},
            "spec": {"backoffLimit": 0, "template": {"spec": pod}},
        })  # fmt: skip
        api.create_namespaced_job(namespace, body)

    post()
    return post


def states_seen(server: Live, client: Rest, connection: Connection, namespace: str) -> Figure:
    """From what a watch of our own hears of a pod's end to the event that a panel hears.

    The runs end without a word to the service: it knows of their end by their pods alone.
    """
    panel = connect(server, "mlrun/api/v1/lab/socket")
    panel.send(json.dumps({"subscribe": {"projects": [PROJECT], "logs": []}}))
    deaths: dict[str, float] = {}
    threading.Thread(target=watch, args=(connection, namespace, deaths), daemon=True).start()
    ages: list[float] = []
    for _ in range(SEEN):
        uid = send(client, task(source=DIES))
        while True:
            event = json.loads(panel.recv()).get("event") or {}
            if event.get("uid") == uid and event.get("state") == "error":
                break
        at = time.monotonic()
        while uid not in deaths:
            time.sleep(0.01)
        ages.append(at - deaths[uid])
    panel.close()
    return Figure(
        "a pod's end to the panel's socket", median(ages), 0.5, "s",
        f"worst {max(ages):.2f} s of {len(ages)}, counted from what another watch hears",
    )  # fmt: skip


def watch(connection: Connection, namespace: str, deaths: dict[str, float]) -> None:
    """Note when each run's container is heard to have ended."""
    where = f"/api/v1/namespaces/{namespace}/pods"
    query = {"watch": "true", "labelSelector": "mlrun/uid", "timeoutSeconds": 600}
    for line in connection.lines(where, query, timeout=600):
        pod = json.loads(line)["object"]
        for each in (pod.get("status") or {}).get("containerStatuses") or []:
            if each["state"].get("terminated"):
                deaths.setdefault(pod["metadata"]["labels"]["mlrun/uid"], time.monotonic())


def many(server: Live, client: Rest, connection: Connection, namespace: str) -> list[Figure]:
    """How long the service takes to answer others meanwhile, and what its watching costs."""
    answers: list[float] = []
    stop = threading.Event()

    def ask() -> None:
        other = Rest(server)
        while not stop.wait(0.02):
            answers.append(timed(lambda: other.call("GET", "mlrun/api/v1/healthz")))

    before = watches(connection)
    asking = threading.Thread(target=ask)
    asking.start()
    try:
        nowhere = task(node_selector={"bench": "none"})
        took = timed(lambda: [send(client, nowhere) for _ in range(MANY)])
        jobs = f"/apis/batch/v1/namespaces/{namespace}/jobs"
        while len(connection.request("GET", jobs)["items"]) < MANY:
            time.sleep(0.2)
        time.sleep(2.0)
    finally:
        stop.set()
        asking.join()
    return [
        Figure(
            f"another's request while {MANY} runs are sent, p99", percentile(answers, 0.99),
            0.5, "s", f"p50 {median(answers) * 1e3:.0f} ms; all were sent in {took:.1f} s",
        ),
        Figure(
            f"watches more for {MANY} runs", float(watches(connection) - before), 0.0, "x",
            "the cluster's own count of open watches on jobs and pods",
        ),
    ]  # fmt: skip


def watches(connection: Connection) -> int:
    """How many watches of jobs and pods the API server has open."""
    found = 0
    for line in connection.lines("/metrics", timeout=60):
        text = line.decode()
        if text.startswith("apiserver_longrunning_requests{") and WATCHED.search(text):
            found += int(float(text.rsplit(" ", 1)[1]))
    return found
