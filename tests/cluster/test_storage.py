"""Artifacts on a volume of the cluster and in an object store; pods with the user's own number."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from jupyter_mlrun_runtimes.kube.connection import Connection
from tests.cluster.conftest import ClusterLive, body_of, ended, log_of, submit_to
from tests.cluster.test_jobs import OFFICIAL

Submit = Callable[..., str]

WRITES = """
def handler(context):
    context.log_artifact("note", body="kept on the way", format="txt")
"""
READS = """
def handler(context, note):
    context.log_result("text", note.get(encoding="utf-8"))
"""
LISTS = """
import mlrun
def handler(context):
    context.log_artifact("note", body="kept on the way", format="txt")
    folder = mlrun.get_dataitem(context.artifact_path.rstrip("/") + "/many")
    for name in ("a", "b"):
        mlrun.get_dataitem(f"{folder.url}/{name}.txt").put("abc")
    context.log_artifact("many", target_path=folder.url + "/", upload=False)
    context.log_result("names", sorted(each.lstrip("/") for each in folder.listdir()))
    context.log_result("bytes", folder.store.filesystem.du(folder.url))
"""
WHO = """
import os
def handler(context):
    context.log_result("who", [os.getuid(), os.getgid(), 65534 in os.getgroups()])
    context.log_artifact("note", body="mine", format="txt")
"""


@pytest.fixture
def claim(connection: Connection, namespace: str, tmp_path: Path) -> Iterator[str]:
    """A claim on a folder of the node."""
    # what a claim of before leaves goes in its own time
    claimed = f"data-{uuid4().hex[:6]}"
    name, spec = f"{claimed}-{namespace}", {
        "capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteMany"],
        "storageClassName": "", "persistentVolumeReclaimPolicy": "Retain",
    }  # fmt: skip
    folder = {"path": f"/tmp/{name}", "type": "DirectoryOrCreate"}
    volume = {"metadata": {"name": name}, "spec": {**spec, "hostPath": folder}}
    connection.request("POST", "/api/v1/persistentvolumes", body=volume)
    asked = {
        "metadata": {"name": claimed},
        "spec": {
            "accessModes": ["ReadWriteMany"], "storageClassName": "", "volumeName": name,
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }  # fmt: skip
    claims = f"/api/v1/namespaces/{namespace}/persistentvolumeclaims"
    connection.request("POST", claims, body=asked)
    yield claimed
    connection.request("DELETE", f"{claims}/{claimed}")
    connection.request("DELETE", f"/api/v1/persistentvolumes/{name}")


@pytest.fixture
def store(host: str) -> Iterator[str]:
    """The address of an S3 server on this machine, with a bucket."""
    from botocore.session import Session
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="0.0.0.0", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    client = Session().create_client(
        "s3", "us-east-1", endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id="key", aws_secret_access_key="secret",
    )  # fmt: skip
    client.create_bucket(Bucket="lab")
    yield f"http://{host}:{port}"
    server.stop()


def passed_on(live: ClusterLive, submit: Submit, function: dict[str, object], path: str) -> str:
    """Where one run has put an artifact that another run has read by its address."""
    first = ended(live, submit(WRITES, function, output_path=path))
    assert first["status"]["state"] == "completed", first["status"]
    address = first["status"]["artifact_uris"]["note"]
    uid = submit(READS, function, inputs={"note": address})
    second = ended(live, uid)["status"]
    assert second.get("results") == {"text": "kept on the way"}, (second, log_of(live, uid))
    uid = first["metadata"]["uid"]
    (found,) = live.call("GET", f"mlrun/api/v1/projects/sea/artifacts?tree={uid}")["artifacts"]
    return str(found["spec"]["target_path"])


def test_artifacts_on_a_volume(live: ClusterLive, submit: Submit, claim: str) -> None:
    function = {
        "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": claim}}],
        "volume_mounts": [{"name": "data", "mountPath": "/data"}],
    }
    where = passed_on(live, submit, function, "/data/artifacts")
    assert where.startswith("/data/artifacts/") and not Path(where).exists()


@pytest.mark.row("3.006")
@pytest.mark.skipif(
    not OFFICIAL, reason="CLUSTER_OFFICIAL_PATH names no folder with mlrun's command"
)
def test_an_image_of_mlrun_on_the_volume_that_all_pods_have(
    tmp_path: Path, namespace: str, host: str, claim: str
) -> None:
    """It writes there, lists what it wrote, and another of its runs reads it."""
    params = {"pvc_name": claim, "volume_mount_path": "/shared"}
    options = (
        "--MLRunCluster.auto_mount_type=pvc", f"--MLRunCluster.auto_mount_params={params}",
        "--MLRunServerApp.artifact_path=/shared/artifacts/{{run.project}}/{{run.uid}}",
    )  # fmt: skip
    live = ClusterLive(tmp_path, namespace, host, options)
    live.start()
    try:
        live.call("PUT", "mlrun/api/v1/projects/sea", {"metadata": {"name": "sea"}, "spec": {}})
        function = {"env": [{"name": "PATH", "value": f"{OFFICIAL}:/usr/bin:/bin"}]}
        first = ended(live, submit_to(live, LISTS, function))
        status = first["status"]
        assert status.get("results") == {"names": ["a.txt", "b.txt"], "bytes": 6}, (
            status, log_of(live, first["metadata"]["uid"]),
        )  # fmt: skip
        uid = submit_to(live, READS, function, inputs={"note": status["artifact_uris"]["note"]})
        second = ended(live, uid)["status"]
        assert second.get("results") == {"text": "kept on the way"}, (second, log_of(live, uid))
        uid = first["metadata"]["uid"]
        found = live.call("GET", f"mlrun/api/v1/projects/sea/artifacts?tree={uid}")["artifacts"]
        assert {Path(each["spec"]["target_path"]).parts[1] for each in found} == {"shared"}
    finally:
        live.stop()


def test_artifacts_in_an_object_store(live: ClusterLive, submit: Submit, store: str) -> None:
    names = {
        "AWS_ENDPOINT_URL_S3": store, "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret",
    }  # fmt: skip
    function = {"env": [{"name": name, "value": value} for name, value in names.items()]}
    where = passed_on(live, submit, function, "s3://lab/{{run.uid}}")
    assert where.startswith("s3://lab/")


@pytest.mark.row("3.013")
def test_pods_have_the_number_of_their_user(tmp_path: Path, namespace: str, host: str) -> None:
    name = pwd.getpwuid(os.getuid()).pw_name
    options = (
        "--MLRunCluster.security_mode=override",
        f"--MLRunCluster.user_ids={{'{name}': 1234}}",
    )
    live = ClusterLive(tmp_path, namespace, host, options)
    live.start()
    try:
        live.call("PUT", "mlrun/api/v1/projects/sea", {"metadata": {"name": "sea"}, "spec": {}})
        uid = submit_to(live, WHO, None)
        status = ended(live, uid)["status"]
        assert status.get("results") == {"who": [1234, 65534, True]}, (status, log_of(live, uid))
        assert "note" in status["artifact_uris"]
        with pytest.raises(AssertionError, match=r"allowed_users = \[99\]"):
            given = body_of(WHO, {"security_context": {"runAsUser": 99}})
            live.call("POST", "mlrun/api/v1/submit_job", given)
    finally:
        live.stop()
