"""Jobs on a real cluster, from the task to the end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_mlrun_runtimes.kube.connection import Connection
from tests.cluster.conftest import ClusterLive, ended, log_of, read

SOURCE = """
import os
import pandas as pd

def handler(context, n: int = 1):
    print("hello from", os.environ["MLRUN_POD_NAME"])
    context.log_result("sum", n + 1)
    context.log_artifact("note", body="written in a pod", format="txt")
    context.log_dataset("table", df=pd.DataFrame({"a": range(5)}), format="csv")
"""

Submit = Callable[..., str]


def test_a_job_runs_in_a_pod(live: ClusterLive, submit: Submit, connection: Connection) -> None:
    uid = submit(SOURCE, parameters={"n": 41})
    done = ended(live, uid)
    status = done["status"]
    assert status["state"] == "completed", status
    assert status["results"]["sum"] == 42
    assert status["place"] == "kubernetes"
    assert log_of(live, uid).startswith("hello from train-")

    artifacts = live.call("GET", f"mlrun/api/v1/projects/sea/artifacts?tag=*&uid={uid}")
    by_key: dict[str, Any] = {each["metadata"]["key"]: each for each in artifacts["artifacts"]}
    path = by_key["note"]["spec"]["target_path"]
    assert Path(path).read_text() == "written in a pod"
    table = Path(by_key["table"]["spec"]["target_path"])
    assert table.read_text().startswith("a\n0\n1")

    jobs = connection.request("GET", f"/apis/batch/v1/namespaces/{live.namespace}/jobs")["items"]
    text = str(jobs)
    assert "mlrr" not in text, "a token stands in a Job"
    secrets = connection.request("GET", f"/api/v1/namespaces/{live.namespace}/secrets")["items"]
    (owner,) = secrets[0]["metadata"]["ownerReferences"]
    assert owner["uid"] == jobs[0]["metadata"]["uid"]
    assert read(live, uid)["status"]["pods"][0]["phase"] == "Succeeded"
