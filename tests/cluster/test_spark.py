"""Spark on the cluster without its operator: a driver by spark-submit, and executors as pods.

The pods need Spark and Java. SPARK_PATH and SPARK_JAVA name the image's folders that have them;
without a word that is what ``make .venv-spark/.installed`` makes, which the node's image shows.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from jupyter_mlrun_runtimes import kube
from jupyter_mlrun_runtimes.kube.connection import Connection
from tests.cluster.conftest import ClusterLive, body_of, ended, get, log_of, read
from tests.cluster.test_faults import pods_of
from tests.cluster.test_jobs import OFFICIAL

PROGRAMS = Path(os.environ.get("SPARK_PATH") or Path(__file__).parents[2] / ".venv-spark" / "bin")
JAVA = os.environ.get("SPARK_JAVA", "/usr/lib/jvm/java-17-openjdk-amd64")
ROLE = Path(str(kube.__file__)).with_name("spark-role.yaml")
pytestmark = pytest.mark.skipif(
    not os.environ.get("SPARK_PATH") and not PROGRAMS.exists(),
    reason="make .venv-spark/.installed makes the Spark of these tests",
)

SUMS = """
def handler(context, spark):
    found = spark.sparkContext.parallelize(range(1000), 4).map(lambda each: each * 2).sum()
    hosts = spark.sparkContext.parallelize(range(2), 2).map(
        lambda each: __import__("socket").gethostname()
    ).collect()
    print("the sum is", found)
    context.log_result("sum", found)
    context.log_result("elsewhere", __import__("socket").gethostname() not in hosts)
    context.log_artifact("table", body=b"a,b\\n1,2\\n", format="csv")
"""
LONG = """
import time
def handler(context, spark):
    spark.sparkContext.parallelize(range(10), 2).count()
    print("now at work", flush=True)
    time.sleep(300)
"""


@pytest.fixture(scope="module", autouse=True)
def _account(connection: Connection, namespace: str) -> None:
    make_account(connection, namespace)


def make_account(connection: Connection, namespace: str) -> None:
    """The account that ships with the package, as an administrator makes it."""
    for body in yaml.safe_load_all(ROLE.read_text()):
        group = body["apiVersion"]
        root = f"/api/{group}" if "/" not in group else f"/apis/{group}"
        if body["kind"] == "RoleBinding":
            body["subjects"][0]["namespace"] = namespace
        plural = f"{body['kind'].lower()}s"
        connection.request("POST", f"{root}/namespaces/{namespace}/{plural}", body=body)


def submit(live: ClusterLive, source: str, **given: Any) -> str:
    """The uid of a run with one executor."""
    small = {"requests": {"cpu": "200m", "memory": "600m"}}
    function = {
        "kind": "spark",
        "replicas": 1,
        "driver_resources": small,
        "executor_resources": small,
        "env": [
            {"name": "PATH", "value": f"{PROGRAMS}:/usr/local/bin:/usr/bin:/bin"},
            {"name": "JAVA_HOME", "value": JAVA},
        ],
        **given,
    }
    answer = live.call("POST", "mlrun/api/v1/submit_job", body_of(source, function))
    return str(answer["data"]["metadata"]["uid"])


def executors(connection: Connection, namespace: str) -> list[str]:
    """The names of the executors that are there."""
    where = f"/api/v1/namespaces/{namespace}/pods"
    found = connection.request("GET", where, {"labelSelector": "mlrun/role=executor"})
    return [each["metadata"]["name"] for each in found["items"]]


def waits_for(reached: Callable[[], object], seconds: float, why: Callable[[], object]) -> None:
    """Return when it is so."""
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline, why()
        time.sleep(0.3)


@pytest.mark.row("3.601")
def test_a_driver_and_its_executor(
    live: ClusterLive, connection: Connection, namespace: str
) -> None:
    uid = submit(live, SUMS, spark_conf={"spark.ui.enabled": "false"})
    seen: set[str] = set()

    def over() -> bool:
        seen.update(pod["role"] for pod in pods_of(live, uid))
        return read(live, uid)["status"]["state"] in ("completed", "error", "aborted")

    waits_for(over, 300, lambda: read(live, uid)["status"])
    status = ended(live, uid)["status"]
    assert status["state"] == "completed", (status, log_of(live, uid)[-3000:])
    assert status["results"] == {"sum": 999000, "elsewhere": True}
    assert "the sum is 999000" in log_of(live, uid)
    assert seen >= {"driver", "executor"}
    assert "table" in status["artifact_uris"]
    waits_for(lambda: not executors(connection, namespace), 60, lambda: "executors stay")


OFFICIAL_SUMS = """
import sys
import mlrun
def handler(context):
    from pyspark.sql import SparkSession
    spark = SparkSession.builder.getOrCreate()
    found = spark.sparkContext.parallelize(range(1000), 4).map(lambda each: each * 2).sum()
    print("by mlrun", mlrun.__version__)
    context.log_result("sum", found)
    context.log_result("ours", "jupyter_mlrun" in sys.modules)
    context.log_artifact("table", body=b"a,b\\n1,2\\n", format="csv")
"""


@pytest.mark.skipif(
    not OFFICIAL, reason="CLUSTER_OFFICIAL_PATH names no folder with mlrun's command"
)
def test_a_driver_that_holds_mlrun_and_nothing_of_ours(live: ClusterLive) -> None:
    """Its own program is called by spark-submit, and its artifacts come to the service."""
    python = str(Path(OFFICIAL) / "python")
    found = subprocess.run(
        [str(PROGRAMS / "python"), "-c", "import pyspark; print(pyspark.__path__[0])"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    # MLRun's Python with Spark's own modules behind its own
    more = f"{found}/python/lib/pyspark.zip:{next(Path(found).glob('python/lib/py4j*.zip'))}"
    env = [
        {"name": "PATH", "value": f"{PROGRAMS}:/usr/local/bin:/usr/bin:/bin"},
        {"name": "JAVA_HOME", "value": JAVA},
        {"name": "PYSPARK_PYTHON", "value": python},
        {"name": "SPARK_HOME", "value": found},
    ]
    uid = submit(live, OFFICIAL_SUMS, env=env, pythonpath=more)
    status = ended(live, uid, 300)["status"]
    log = log_of(live, uid)
    assert status.get("results") == {"sum": 999000, "ours": False}, (status, log[-4000:])
    assert "by mlrun 1.12.1" in log
    artifacts = live.call("GET", f"mlrun/api/v1/projects/sea/artifacts?tree={uid}")["artifacts"]
    (table,) = (each for each in artifacts if each["metadata"]["key"] == "table")
    assert Path(table["spec"]["target_path"]).read_text() == "a,b\n1,2\n"


def test_an_abort_ends_driver_and_executors(
    live: ClusterLive, connection: Connection, namespace: str
) -> None:
    uid = submit(live, LONG)
    log = f"mlrun/api/v1/projects/sea/logs/{uid}"
    waits_for(
        lambda: b"now at work" in get(live, log), 300, lambda: (read(live, uid), get(live, log))
    )
    assert executors(connection, namespace)
    live.call("POST", f"mlrun/api/v1/projects/sea/runs/{uid}/abort", {})
    assert ended(live, uid)["status"]["state"] == "aborted"
    waits_for(lambda: not executors(connection, namespace), 90, lambda: "executors stay")


def test_a_handler_that_fails_and_an_image_without_spark(live: ClusterLive) -> None:
    failing = submit(live, "def handler(context, spark):\n    raise KeyError('x')\n")
    without = submit(live, SUMS, env=[{"name": "PATH", "value": "/usr/bin:/bin"}])
    status = ended(live, failing)["status"]
    assert (status["state"], status["error"]) == ("error", "'x'"), log_of(live, failing)[-2000:]
    status = ended(live, without)["status"]
    assert (status["state"], status["exit_code"]) == ("error", 127)
    assert "The image has no spark-submit" in log_of(live, without)


def test_an_account_that_is_missing_is_named(live: ClusterLive) -> None:
    with pytest.raises(AssertionError, match=r"service account .*none.*spark-role.yaml"):
        submit(live, SUMS, service_account="none")
