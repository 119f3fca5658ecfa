"""buildah builds images on this machine: chroot isolation, a base made here, a registry here."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from jupyter_mlrun import new_function
from jupyter_mlrun.errors import MLRunBaseError
from tests import base_image
from tests.live import Live, live_server

pytestmark = [
    pytest.mark.timeout(400),
    pytest.mark.skipif(not base_image.has_buildah, reason="needs buildah, and root for its build"),
]


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Images of these tests, with the base image among them."""
    folder = tmp_path_factory.mktemp("images")
    base_image.make_base(folder / "storage", folder)
    return folder / "storage"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, storage: Path) -> Iterator[Live]:
    """A service that builds into that storage, and pushes nowhere."""
    options = (f"--MLRunBuilder.storage={storage}", "--MLRunBuilder.storage_driver=vfs")
    with live_server(tmp_path_factory.mktemp("live"), options=options) as live:
        yield live


def build(live: Live, name: str, **spec: Any) -> dict[str, Any]:
    function = {
        "kind": "job",
        "metadata": {"name": name, "project": "default"},
        "spec": {"build": {"base_image": base_image.NAME, **spec}},
    }
    body = {"function": function, "with_mlrun": "no"}
    live.call("PUT", "mlrun/api/v1/projects/default", {"metadata": {"name": "default"}})
    answer: dict[str, Any] = live.call("POST", "mlrun/api/v1/build/function", body)
    return answer


def status(live: Live, name: str, offset: int = 0) -> tuple[str, bytes]:
    query = f"project=default&name={name}&logs=yes&offset={offset}"
    request = Request(
        f"{live.url}/mlrun/api/v1/build/status?{query}",
        headers={"Authorization": f"token {live.token}"},
    )
    with urlopen(request, timeout=60) as answer:
        return str(answer.headers["x-mlrun-function-status"]), answer.read()


def ended(live: Live, name: str) -> tuple[str, str]:
    text, deadline = b"", time.monotonic() + 200
    while time.monotonic() < deadline:
        state, data = status(live, name, len(text))
        text += data
        if state not in ("pending", "running"):
            return state, text.decode()
        time.sleep(0.2)
    raise TimeoutError(text)


def test_code_and_requirements_are_in_the_image(server: Live, storage: Path) -> None:
    code = server.root / "code"
    (code / "inner").mkdir(parents=True)
    (code / "inner" / "mine.py").write_text("import demo_sum\nprint(demo_sum.add(40, 2))\n")
    build(server, "whole", requirements=["demo-sum==1.0"], source="code", extra="ENV LAST=yes",
          commands=["touch /made && echo made"])  # fmt: skip
    state, log = ended(server, "whole")
    assert state == "ready", log
    image = "localhost/mlrun/func-default-whole:latest"
    told = json.loads(base_image.buildah(storage, "inspect", "--type", "image", image))
    env = told["OCIv1"]["config"]["Env"]
    assert "LAST=yes" in env and "PYTHONPATH=/home/mlrun_code/" in env
    container = base_image.buildah(storage, "from", image)
    words = ("run", "--isolation", "chroot", container, "--")
    assert base_image.buildah(storage, *words, "python", "-m", "inner.mine") == "42"
    assert "made" in base_image.buildah(storage, *words, "ls", "/")
    base_image.buildah(storage, "rm", container)


def test_a_build_outlives_the_server(server: Live) -> None:
    build(server, "long", commands=["echo begun; sleep 5; echo over"])
    deadline = time.monotonic() + 60
    while b"\nbegun\n" not in status(server, "long")[1] and time.monotonic() < deadline:
        time.sleep(0.1)
    before = status(server, "long")
    assert before[0] == "running" and b"\nover\n" not in before[1]
    server.kill()
    server.start()
    state, log = ended(server, "long")
    assert state == "ready" and log.startswith(before[1].decode())
    assert log.count("\nbegun\n") == log.count("\nover\n") == 1
    # followed to its end without anybody asking
    path = "mlrun/api/v1/projects/default/functions/long"
    assert server.call("GET", path)["func"]["spec"]["image"].endswith("func-default-long:latest")


def test_as_the_sdk_says_it(service: Live, capsys: pytest.CaptureFixture[str]) -> None:
    service.call("PUT", "mlrun/api/v1/projects/own", {"metadata": {"name": "own"}})
    first = new_function("first", "own", kind="job", image=base_image.NAME)
    first.with_requirements(["demo-sum"])
    assert first.deploy(with_mlrun=False) is True and first.is_deployed()
    assert first.spec.image == ".mlrun/func-own-first:latest" and first.status.state == "ready"
    assert capsys.readouterr().out.count("Successfully installed demo-sum-1.0") == 1
    broken = new_function("broken", "own", kind="job", image=base_image.NAME)
    broken.with_requirements(["no-such-package"])
    with pytest.raises(MLRunBaseError, match="No matching distribution found"):
        broken.deploy(with_mlrun=False, show_on_failure=True)
    assert "ERROR: No matching distribution" in capsys.readouterr().out


def test_failures_say_why(server: Live) -> None:
    build(server, "pip", requirements=["no-such-package"])
    build(server, "base", base_image="localhost/not-there:1", commands=["true"])
    build(server, "command", commands=["echo the disk is full >&2; exit 3"])
    build(server, "short", base_image="no-such-org/none:1", commands=["true"])
    for name, words in (
        ("pip", "No matching distribution found"),
        ("base", "not-there"),
        ("command", "the disk is full · "),
        # a name without a registry is looked for where a cluster's nodes would look
        ("short", "docker://no-such-org/none:1"),
    ):
        state, log = ended(server, name)
        path = f"mlrun/api/v1/projects/default/functions/{name}"
        reason = server.call("GET", path)["func"]["status"]["build"]["reason"]
        assert state == "error" and words in reason, (reason, log)


@pytest.mark.skipif(not base_image.has_registry, reason="needs docker-registry")
def test_an_image_is_pushed(tmp_path: Path, storage: Path) -> None:
    with base_image.registry(tmp_path) as registry:
        options = (
            f"--MLRunBuilder.storage={storage}", "--MLRunBuilder.storage_driver=vfs",
            f"--MLRunBuilder.registry=127.0.0.1:{registry.port}/lab",
        )  # fmt: skip
        with live_server(tmp_path / "live", options=options) as live:
            begun = build(live, "sent", commands=["true"])
            state, log = ended(live, "sent")
            assert state == "ready", log
        where = begun["data"]["status"]["build"]["destination"]
        assert where == f"127.0.0.1:{registry.port}/lab/func-default-sent:latest"
        assert "latest" in registry.tags("lab/func-default-sent")
