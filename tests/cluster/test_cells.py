"""The example notebook's own cells on the cluster: one cell as job, mpijob, spark and dask."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jupyter_mlrun_runtimes.kube.connection import Connection
from tests.cluster import test_spark as spark
from tests.cluster.conftest import ClusterLive

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "examples" / "train.ipynb"
KINDS = ("job", "mpijob", "spark", "dask")


@pytest.fixture(scope="module")
def options() -> tuple[str, ...]:
    """Pods find Spark and Java, and ask for as little as a small node has."""
    names = {
        "PATH": f"{spark.PROGRAMS}:{ROOT / '.venv' / 'bin'}:/usr/local/bin:/usr/bin:/bin",
        "JAVA_HOME": spark.JAVA,
    }
    return (f"--MLRunCluster.env={names}",)


@pytest.fixture(scope="module", autouse=True)
def _account(connection: Connection, namespace: str) -> None:
    """The account of Spark's drivers."""
    spark.make_account(connection, namespace)


def cells() -> dict[str, str]:
    """The notebook's cells by their ids."""
    found: list[dict[str, Any]] = json.loads(NOTEBOOK.read_text())["cells"]
    return {each["id"]: "".join(each["source"]) for each in found}


@spark.pytestmark
def test_one_cell_on_every_engine(live: ClusterLive) -> None:
    with live.kernel("train.ipynb") as kernel:
        assert kernel.run(cells()["load"]).ok
        for kind in KINDS:
            before = uids(live)
            answer = kernel.run(cells()[f"kind-{kind}"], f"kind-{kind}", seconds=300)
            (uid,) = uids(live) - before
            run = live.call("GET", f"mlrun/api/v1/projects/default/runs/{uid}")["data"]
            status = run["status"]
            log = live.call(
                "GET", f"mlrun/api/v1/lab/runs/default/{uid}/log/lines?first=1&count=200"
            )
            assert answer.ok and status["state"] == "completed", (answer.error, status, log)
            assert status["place"] == "kubernetes"
            assert run["metadata"]["labels"]["kind"] == kind
            assert 3.0 < status["results"]["pi"] < 3.3
        assert kernel.run(cells()["close"], seconds=120).ok


def test_what_a_run_waits_for_is_told_where_one_waits(live: ClusterLive) -> None:
    """Under the cell, and to a program that shows the run's log."""
    program = """
import jupyter_mlrun as mlrun
function = mlrun.new_function("huge", kind="job").with_code(body="def handler(context): pass")
function.with_requests(cpu="4000")
run = function.run(handler="handler", watch=False)
try:
    run.wait_for_completion(show_logs=True, timeout=8)
except mlrun.errors.MLRunTimeoutError as error:
    print(error)
run.abort()
"""
    with live.kernel("huge.ipynb") as kernel:
        assert kernel.run("%load_ext jupyter_mlrun").ok
        line = "%%mlrun large --kind job --memory 90000G --timeout 8s"
        cell = kernel.run(f"{line}\npass")
        assert "longer than its limit of 8 s; it waited: unschedulable: 0/" in cell.error
        for said in (cell.text, kernel.run(program).text):
            assert said.count("mlrun: unschedulable: 0/") == 1, said
    assert "was still pending after 8 s" in said


def uids(live: ClusterLive) -> set[str]:
    """The runs that there are."""
    rows = live.call("GET", "mlrun/api/v1/lab/runs?project=default")["rows"]
    return {row["uid"] for row in rows}
