"""A service in front of a real cluster: whatever KUBECONFIG names."""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest

from jupyter_mlrun_runtimes.kube.connection import Connection
from tests.cluster.place import IMAGE, ClusterLive, connect, namespaced, own_address
from tests.live import Live

ENDED = ("completed", "error", "aborted")
SECONDS = 180


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs a cluster."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("cluster")
            # a node starts pods when it can: each wait has a limit of its own
            item.add_marker(pytest.mark.timeout(900))
            if "KUBECONFIG" not in os.environ:
                item.add_marker(pytest.mark.skip(reason="no cluster: KUBECONFIG is not set"))


@pytest.fixture(scope="session")
def connection() -> Connection:
    """The cluster as an administrator sees it."""
    return connect()


@pytest.fixture(scope="session")
def host(connection: Connection) -> str:
    """This machine's address as pods reach it."""
    return own_address(connection)


@pytest.fixture(scope="module")
def namespace(connection: Connection) -> Iterator[str]:
    """A namespace that goes with the tests of a file."""
    with namespaced(connection, f"mlrun-test-{uuid4().hex[:8]}") as name:
        yield name


@pytest.fixture(scope="module")
def options() -> tuple[str, ...]:
    """Further settings of the service of a file."""
    return ()


@pytest.fixture(scope="module")
def live(
    tmp_path_factory: pytest.TempPathFactory, namespace: str, host: str, options: tuple[str, ...]
) -> Iterator[ClusterLive]:
    """A service in front of the cluster."""
    server = ClusterLive(tmp_path_factory.mktemp("cluster"), namespace, host, options)
    server.start()
    server.call("PUT", "mlrun/api/v1/projects/sea", {"metadata": {"name": "sea"}, "spec": {}})
    yield server
    server.stop()
    log = (server.folder / "server.log").read_text()
    assert "Traceback (most recent call last)" not in log, log[-8000:]


@pytest.fixture(scope="module")
def submit(live: ClusterLive) -> Callable[..., str]:
    """Sends code as a job, and gives the uid of its run."""

    def send(source: str, function: dict[str, Any] | None = None, **spec: Any) -> str:
        return submit_to(live, source, function, **spec)

    return send


def submit_to(live: Live, source: str, function: dict[str, Any] | None, **spec: Any) -> str:
    """The uid of a run of ``def handler(context)`` in the source."""
    body = body_of(source, function, **spec)
    answer = live.call("POST", "mlrun/api/v1/submit_job", body)
    return str(answer["data"]["metadata"]["uid"])


def body_of(source: str, function: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    """The body of a submission."""
    given = dict(function or {})
    kind = given.pop("kind", "job")
    code = base64.b64encode(source.encode()).decode()
    return {
        "task": {
            "metadata": {"name": "train", "project": "sea"},
            "spec": {"handler": "handler", **spec},
        },
        "function": {
            "kind": kind,
            "metadata": {"name": "train", "project": "sea"},
            "spec": {
                "image": IMAGE,
                "build": {"functionSourceCode": code},
                "default_handler": "handler",
                **given,
            },
        },
    }


def read(live: Live, uid: str) -> dict[str, Any]:
    """The run's document."""
    return dict(live.call("GET", f"mlrun/api/v1/projects/sea/runs/{uid}")["data"])


def until(
    live: Live, uid: str, reached: Callable[[dict[str, Any]], object], seconds: float = SECONDS
) -> dict[str, Any]:
    """The run, once it is as wanted."""
    deadline = time.monotonic() + seconds
    while True:
        found = read(live, uid)
        if reached(found):
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"after {seconds} s: {found['status']}")
        time.sleep(0.1)


def ended(live: Live, uid: str, seconds: float = SECONDS) -> dict[str, Any]:
    """The run at its end."""
    return until(live, uid, lambda run: run["status"]["state"] in ENDED, seconds)


def log_of(live: Live, uid: str) -> str:
    """The run's whole log, once it is all there."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        pods = live.call("GET", f"mlrun/api/v1/lab/runs/sea/{uid}/pods")
        if pods["log_is_whole"]:
            break
        time.sleep(0.1)
    return get(live, f"mlrun/api/v1/projects/sea/logs/{uid}?size=-1").decode()


def get(live: Live, path: str) -> bytes:
    """The bytes that the server answers."""
    request = Request(f"{live.url}/{path}", headers={"Authorization": f"token {live.token}"})
    with urlopen(request, timeout=60) as answer:
        return bytes(answer.read())
