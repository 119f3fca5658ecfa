"""An image is built on a real cluster: a Job of buildah, pushed to a registry of this machine."""

from __future__ import annotations

import base64
import os
import shlex
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from jupyter_mlrun_runtimes.kube.connection import Connection
from tests import base_image
from tests.cluster.conftest import IMAGE, ClusterLive, ended, log_of
from tests.cluster.place import IMPORT, RUNTIME_CLASS

pytestmark = pytest.mark.skipif(
    not (base_image.has_buildah and base_image.has_registry),
    reason="needs buildah and docker-registry on this machine",
)
LONGEST = 300


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Images of this machine."""
    return tmp_path_factory.mktemp("storage") / "images"


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory, host: str, storage: Path) -> Iterator[str]:
    """The address of a registry that pods reach, with the base image in it."""
    folder = tmp_path_factory.mktemp("registry")
    base_image.make_base(storage, folder)
    with base_image.registry(folder, "0.0.0.0") as found:
        address = f"{host}:{found.port}"
        target = f"docker://127.0.0.1:{found.port}/base:1"
        base_image.buildah(storage, "push", "--tls-verify=false", base_image.NAME, target)
        yield address


@pytest.fixture(scope="module")
def options(registry: str) -> tuple[str, ...]:
    """buildah as the builder; the node's image has it, for its /usr is this machine's."""
    settings = {
        "registry": registry, "builder": "buildah", "buildah_image": IMAGE, "init_image": IMAGE,
        "insecure_pull": "enabled", "insecure_push": "enabled",
    }  # fmt: skip
    return tuple(f"--MLRunBuilder.{name}={value}" for name, value in settings.items())


def build(live: ClusterLive, name: str, base: str, **spec: Any) -> dict[str, Any]:
    function = {
        "kind": "job",
        "metadata": {"name": name, "project": "sea"},
        "spec": {"build": {"base_image": base, **spec}},
    }
    body = {"function": function, "with_mlrun": "no", "builder_env": {"WHO": "nobody-known"}}
    answer: dict[str, Any] = live.call("POST", "mlrun/api/v1/build/function", body)
    return answer


def followed(live: ClusterLive, name: str) -> tuple[str, str, int]:
    """The state at the end, the log as it was read piece by piece, and how many pieces it had."""
    text, pieces, deadline = b"", 0, time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        query = f"name={name}&project=sea&logs=yes&offset={len(text)}"
        request = Request(
            f"{live.url}/mlrun/api/v1/build/status?{query}",
            headers={"Authorization": f"token {live.token}"},
        )
        with urlopen(request, timeout=60) as answer:
            data, state = answer.read(), answer.headers["x-mlrun-function-status"]
        text, pieces = text + data, pieces + bool(data)
        if state not in ("pending", "running"):
            return state, text.decode(), pieces
        time.sleep(0.3)
    raise TimeoutError(text)


def test_an_image_is_built_and_pushed(
    live: ClusterLive, registry: str, connection: Connection
) -> None:
    commands = ["echo by $WHO", "sleep 3", "echo built"]
    begun = build(live, "train", f"{registry}/base:1", requirements=["demo-sum"], commands=commands)
    assert begun["ready"] is False and begun["data"]["status"]["state"] == "deploying"
    assert begun["data"]["status"]["build"]["builder"] == "buildah"
    state, log, pieces = followed(live, "train")
    assert state == "ready", log
    # live, and each line once
    assert pieces > 1 and log.count("Successfully installed demo-sum-1.0") == 1
    assert log.count("STEP 1/") == 1 and "\nbuilt\n" in log
    found = live.call("GET", "mlrun/api/v1/projects/sea/functions/train")["func"]
    assert found["status"]["state"] == "ready"
    assert found["spec"]["image"] == ".mlrun/func-sea-train:latest"
    with urlopen(f"http://{registry}/v2/mlrun/func-sea-train/tags/list", timeout=10) as answer:
        assert b"latest" in answer.read()
    jobs = connection.request("GET", f"/apis/batch/v1/namespaces/{live.namespace}/jobs")["items"]
    assert jobs and "nobody-known" not in str(jobs)
    secrets = connection.request("GET", f"/api/v1/namespaces/{live.namespace}/secrets")["items"]
    assert [each["metadata"]["ownerReferences"][0]["kind"] for each in secrets] == ["Job"]


def test_a_build_survives_the_service(live: ClusterLive, registry: str) -> None:
    build(live, "long", f"{registry}/base:1", commands=["echo begun", "sleep 6", "echo over"])
    deadline = time.monotonic() + LONGEST
    path = "mlrun/api/v1/projects/sea/functions/long"
    while "running" not in str(_state(live, "long")) and time.monotonic() < deadline:
        time.sleep(0.2)
    live.kill()
    live.start()
    state, log, _ = followed(live, "long")
    assert state == "ready" and log.count("\nbegun\n") == 1 and log.count("\nover\n") == 1, log
    assert live.call("GET", path)["func"]["status"]["state"] == "ready"


def _state(live: ClusterLive, name: str) -> str:
    request = Request(
        f"{live.url}/mlrun/api/v1/build/status?name={name}&project=sea&logs=no",
        headers={"Authorization": f"token {live.token}"},
    )
    with urlopen(request, timeout=60) as answer:
        return str(answer.headers["x-mlrun-function-status"])


def test_failures_say_why(live: ClusterLive, registry: str) -> None:
    build(live, "broken", f"{registry}/base:1", requirements=["no-such-package"])
    build(live, "baseless", f"{registry}/nothing-there:1", commands=["true"])
    build(live, "halted", f"{registry}/base:1", commands=["echo the disk is full >&2; exit 3"])
    for name, words in (
        ("halted", "the disk is full · "),
        ("broken", "No matching distribution found for no-such-package"),
        ("baseless", "nothing-there"),
    ):
        state, log, _ = followed(live, name)
        assert state == "error", log
        path = f"mlrun/api/v1/projects/sea/functions/{name}"
        reason = live.call("GET", path)["func"]["status"]["build"]["reason"]
        assert words in reason, (reason, log)


def test_a_build_is_stopped(live: ClusterLive, registry: str, connection: Connection) -> None:
    build(live, "endless", f"{registry}/base:1", commands=["sleep 500"])
    live.call("DELETE", "mlrun/api/v1/lab/projects/sea/builds/endless")
    state, _, _ = followed(live, "endless")
    assert state == "error"
    jobs = connection.request("GET", f"/apis/batch/v1/namespaces/{live.namespace}/jobs")["items"]
    assert not [each for each in jobs if "endless" in each["metadata"]["name"]]


def test_requirements_are_installed_in_a_pod(
    live: ClusterLive, tmp_path: Path, connection: Connection
) -> None:
    """Without a build: when the run starts, and the lock is recorded."""
    code = "import demo_sum\ndef handler(context):\n    return demo_sum.add(40, 2)\n"
    wheel = base_image.write_wheel(tmp_path)
    carried = base64.b64encode(wheel.read_bytes()).decode()
    # the node reaches no package index: the wheel travels in a ConfigMap
    wheels: dict[str, Any] = {
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "wheels", "namespace": live.namespace},
        "binaryData": {wheel.name: carried},
    }  # fmt: skip
    maps = f"/api/v1/namespaces/{live.namespace}/configmaps"
    connection.request("POST", maps, body=wheels)
    function = {
        "kind": "job",
        "metadata": {"name": "fast", "project": "sea"},
        "spec": {
            "image": "", "default_handler": "handler",
            "build": {
                "base_image": IMAGE, "requirements": ["demo-sum"],
                "functionSourceCode": base64.b64encode(code.encode()).decode(),
            },
            "env": [{"name": "PIP_NO_INDEX", "value": "1"},
                    {"name": "PIP_FIND_LINKS", "value": "/wheels"}],
            "volumes": [{"name": "wheels", "configMap": {"name": "wheels"}}],
            "volume_mounts": [{"name": "wheels", "mountPath": "/wheels"}],
        },
    }  # fmt: skip
    task = {"metadata": {"name": "fast", "project": "sea"}, "spec": {"handler": "handler"}}
    body = {"task": task, "function": function}
    uid = live.call("POST", "mlrun/api/v1/submit_job", body)["data"]["metadata"]["uid"]
    done = ended(live, uid)
    assert done["status"]["state"] == "completed", log_of(live, uid)
    assert done["status"]["results"] == {"return": 42}
    assert done["status"]["requirements"]["lock"] == ["demo-sum==1.0"]


BUILT = """
import os, pathlib
import demo_sum

def handler(context, n: int):
    context.log_result("sum", demo_sum.add(n, 2))
    context.log_result("made", pathlib.Path("/made").read_text().strip())
    context.log_result("of the node", os.path.exists("/usr/bin/buildah"))
    context.log_artifact("note", body="from the image that was built", format="txt")
"""


@pytest.mark.skipif(
    not IMPORT, reason="CLUSTER_IMPORT is no command that brings an image archive to the nodes"
)
def test_what_was_built_runs_as_a_pod(
    tmp_path: Path, namespace: str, host: str, options: tuple[str, ...], registry: str,
    storage: Path,
) -> None:  # fmt: skip
    """With requirements and commands: both are in the pod, and nothing of its node is."""
    more = (f"--MLRunCluster.runtime_class={RUNTIME_CLASS}",)
    live = ClusterLive(tmp_path, namespace, host, (*options, *more))
    live.start()
    try:
        live.call("PUT", "mlrun/api/v1/projects/sea", {"metadata": {"name": "sea"}, "spec": {}})
        code = base64.b64encode(BUILT.encode()).decode()
        build(live, "whole", f"{registry}/base:1", requirements=["demo-sum"],
              commands=["echo by a command > /made"], functionSourceCode=code)  # fmt: skip
        state, log, _ = followed(live, "whole")
        assert state == "ready", log
        bring(f"{registry}/mlrun/func-sea-whole:latest", registry, storage, tmp_path)
        task = {"metadata": {"name": "whole", "project": "sea"},
                "spec": {"function": "sea/whole", "handler": "handler",
                         "parameters": {"n": 40}}}  # fmt: skip
        answer = live.call("POST", "mlrun/api/v1/submit_job", {"task": task})
        uid = answer["data"]["metadata"]["uid"]
        status = ended(live, uid)["status"]
        assert status["state"] == "completed", (status, log_of(live, uid))
        assert status["results"] == {
            "sum": 42, "made": "by a command", "of the node": not RUNTIME_CLASS,
        }  # fmt: skip
        (found,) = live.call("GET", f"mlrun/api/v1/projects/sea/artifacts?tree={uid}")["artifacts"]
        assert Path(found["spec"]["target_path"]).read_text() == "from the image that was built"
    finally:
        live.stop()


def bring(image: str, registry: str, storage: Path, folder: Path) -> None:
    """The image from its registry to the nodes, which pull from none that speaks plain HTTP."""
    port = registry.rpartition(":")[2]
    here = f"127.0.0.1:{port}/{image.partition('/')[2]}"
    base_image.buildah(storage, "pull", "--quiet", "--tls-verify=false", f"docker://{here}")
    archive = folder / "image.tar"
    base_image.buildah(storage, "push", "--quiet", here, f"docker-archive:{archive}:{image}")
    done = subprocess.run(
        [*shlex.split(IMPORT), str(archive)], capture_output=True, text=True, env=os.environ
    )
    assert done.returncode == 0, done.stderr
