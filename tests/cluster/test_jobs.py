"""Jobs on a real cluster, from the task to the end."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_mlrun_runtimes.kube.connection import Connection
from tests.cluster.conftest import ClusterLive, ended, log_of, until

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


@pytest.mark.row("3.301", "3.306")
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
    pods = until(live, uid, lambda run: run["status"].get("pods"))["status"]["pods"]
    assert pods[0]["state"] == "completed"


@pytest.mark.row("3.020")
def test_resources_of_a_run(live: ClusterLive, submit: Submit) -> None:
    uid = submit("import time\ndef handler(context):\n    time.sleep(60)\n")
    path = f"mlrun/api/v1/projects/sea/runtime-resources?object-id={uid}"
    until(live, uid, lambda run: run["status"]["state"] == "running")

    def phase() -> str:
        (kind,) = live.call("GET", path)
        (pod,) = kind["resources"]["pod_resources"]
        assert kind["kind"] == "job" and pod["labels"]["mlrun/uid"] == uid
        return str(pod["status"]["phase"])

    # the run tells that it works before the cluster does
    until(live, uid, lambda run: phase() == "Running", 30)
    live.call("DELETE", f"{path}&force=true")
    assert ended(live, uid)["status"]["state"] == "aborted"


OFFICIAL = os.environ.get("CLUSTER_OFFICIAL_PATH", "")


@pytest.mark.skipif(
    not OFFICIAL, reason="CLUSTER_OFFICIAL_PATH names no folder with mlrun's command"
)
def test_an_image_that_holds_mlrun_and_nothing_of_ours(live: ClusterLive, submit: Submit) -> None:
    """Its artifacts come to the service, large ones too, and others find them there."""
    source = (
        "import mlrun, sys\n"
        "import pandas as pd\n"
        "def handler(context, n: int):\n"
        "    print('by mlrun', mlrun.__version__)\n"
        "    context.log_result('sum', n + 1)\n"
        "    context.log_result('ours', 'jupyter_mlrun' in sys.modules)\n"
        "    context.log_artifact('note', body='sent by mlrun', format='txt')\n"
        "    context.log_artifact('large', body=b'0123456789' * 2_500_000, format='bin')\n"
        "    table = context.log_dataset('table', df=pd.DataFrame({'a': range(5)}), format='csv')\n"
        "    context.log_result('back', int(table.to_dataitem().as_df()['a'].sum()))\n"
    )
    env = [{"name": "PATH", "value": f"{OFFICIAL}:/usr/bin:/bin"}]
    uid = submit(source, {"env": env}, parameters={"n": 1})
    run = ended(live, uid)
    status = run["status"]
    assert (status["state"], status["results"]) == (
        "completed", {"sum": 2, "ours": False, "back": 10},
    ), (status, log_of(live, uid))  # fmt: skip
    assert "by mlrun 1.12.1" in log_of(live, uid)
    assert "place_reason" not in status and "v3io" not in str(run)
    artifacts = live.call("GET", f"mlrun/api/v1/projects/sea/artifacts?tree={uid}")["artifacts"]
    paths = {each["metadata"]["key"]: Path(each["spec"]["target_path"]) for each in artifacts}
    assert paths["note"].read_text() == "sent by mlrun" and uid in paths["note"].parts
    assert paths["large"].read_bytes() == b"0123456789" * 2_500_000
    assert paths["table"].read_text().splitlines()[1:] == ["0", "1", "2", "3", "4"]
    read = (
        "def handler(context, note):\n    context.log_result('text', note.get(encoding='utf-8'))\n"
    )
    after = submit(read, inputs={"note": status["artifact_uris"]["note"]})
    assert ended(live, after)["status"]["results"] == {"text": "sent by mlrun"}
