"""What is built for a cluster is right to its API server, and a Job that people apply ends well."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from jupyter_mlrun.errors import MLRunBaseError
from jupyter_mlrun_runtimes.kube.connection import Connection
from jupyter_mlrun_runtimes.kube.objects import _group, path
from tests.cluster.conftest import IMAGE, ClusterLive
from tests.cluster.test_survival import KIT

GOLDENS = sorted((Path(__file__).parents[1] / "golden" / "kubernetes").glob("*.yaml"))
STRICT = {"dryRun": "All", "fieldValidation": "Strict"}


def served(connection: Connection, body: dict[str, Any]) -> bool:
    """Whether the cluster knows the object's kind."""
    try:
        found = connection.request("GET", _group(body["apiVersion"]))["resources"]
    except MLRunBaseError:
        return False
    return any(each["kind"] == body["kind"] for each in found)


@pytest.fixture(scope="module", autouse=True)
def _given(connection: Connection, namespace: str) -> Iterator[None]:
    """What the goldens name: an account and a priority class."""
    accounts = f"/api/v1/namespaces/{namespace}/serviceaccounts"
    for name in ("trainer", "sparkapp"):
        connection.request("POST", accounts, body={"metadata": {"name": name}})
    classes = "/apis/scheduling.k8s.io/v1/priorityclasses"
    connection.request("POST", classes, body={"metadata": {"name": "high"}, "value": 1})
    yield
    connection.request("DELETE", f"{classes}/high")


@pytest.mark.parametrize("golden", GOLDENS, ids=lambda file: file.stem)
def test_goldens_are_right_to_the_api_server(
    golden: Path, connection: Connection, namespace: str
) -> None:
    """Each object as it would be made, with fields that are unknown refused; pods by themselves."""
    seen = 0
    for body in yaml.safe_load_all(golden.read_text()):
        body["metadata"]["namespace"] = namespace
        if not served(connection, body):
            continue
        where = path((body["apiVersion"], body["kind"]), namespace)
        made = connection.request("POST", where, STRICT, body)
        assert made["metadata"]["name"] == body["metadata"]["name"]
        seen += body["kind"] not in ("Secret", "ConfigMap")
        for template in templates(body.get("spec", {})):
            spec = {"restartPolicy": "Never", **template["spec"]}
            pod = {
                "apiVersion": "v1", "kind": "Pod",
                "metadata": {**template["metadata"], "name": "one"}, "spec": spec,
            }  # fmt: skip
            made = connection.request("POST", path(("v1", "Pod"), namespace), STRICT, pod)
            assert made["spec"]["containers"][0]["image"] == spec["containers"][0]["image"]
    if not seen:
        pytest.skip("the cluster does not know the operator's objects")


def templates(spec: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The pods of a Job, or of the roles of an MPIJob or a Dask cluster."""
    if "template" in spec:
        yield spec["template"]
    for each in (spec.get("worker"), spec.get("scheduler")):
        if each:
            yield each
    for each in (spec.get("mpiReplicaSpecs") or {}).values():
        yield each["template"]


CODE = """
def handler(context, n: int = 1):
    print("applied by hand")
    context.log_result("next", n + 1)
    context.log_artifact("note", body="sent from there", format="txt")
"""


def kubectl(*words: str, text: str = "") -> str:
    """What kubectl answers."""
    own = shutil.which("kubectl")
    command = [own] if own else [str(KIT / "node.sh"), "kubectl"]
    done = subprocess.run([*command, *words], input=text, capture_output=True, text=True,
                          env=os.environ, timeout=120)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(
    not shutil.which("kubectl") and not (KIT / "node.sh").exists(),
    reason="neither kubectl is here, nor does CLUSTER_KIT name a folder with node.sh",
)
def test_a_manifest_that_was_exported_runs_where_it_is_applied(
    live: ClusterLive, tmp_path: Path
) -> None:
    """As the notes in it say: the Secret first, then the file; twice, each a run of its own."""
    code = base64.b64encode(CODE.encode()).decode()
    function = {
        "kind": "job", "metadata": {"name": "apply", "project": "sea"},
        "spec": {"image": IMAGE, "default_handler": "handler",
                 "build": {"functionSourceCode": code}},
    }  # fmt: skip
    live.call("POST", "mlrun/api/v1/projects/sea/functions/apply", function)
    told = live.call("GET", "mlrun/api/v1/lab/functions/sea/apply/manifest")
    (make,) = [
        line.strip() for note in told["notes"] for line in note.splitlines()
        if line.strip().startswith("kubectl create secret")
    ]  # fmt: skip
    words = make.removeprefix("kubectl ").replace("=…", f"={live.token}").split()
    kubectl(*words)
    file = tmp_path / "job.yaml"
    file.write_text(yaml.safe_dump_all(told["objects"], sort_keys=False))
    kubectl("create", "-f", "-", text=file.read_text())
    job = next(each for each in told["objects"] if each["kind"] == "Job")["metadata"]
    waits = ("wait", "--for=condition=complete", "--timeout=100s", "-n", job["namespace"],
             f"job/{job['name']}")  # fmt: skip
    kubectl(*waits)
    assert "applied by hand" in kubectl("logs", "-n", job["namespace"], f"job/{job['name']}")
    kubectl("replace", "--force", "-f", "-", text=file.read_text())
    kubectl(*waits)
    runs = live.call("GET", "mlrun/api/v1/projects/sea/runs?name=apply")["runs"]
    assert [run["status"]["state"] for run in runs] == ["completed", "completed"]
    for run in runs:
        assert run["status"]["results"] == {"next": 2}
        uid = run["metadata"]["uid"]
        (found,) = live.call("GET", f"mlrun/api/v1/projects/sea/artifacts?tree={uid}")["artifacts"]
        assert Path(found["spec"]["target_path"]).read_text() == "sent from there"
