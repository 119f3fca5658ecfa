"""One real Jupyter server for the tests of engines, found as a kernel finds it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_mlrun import session
from jupyter_mlrun.client import function_clusters, projects
from tests.live import Live, live_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The server; its clusters end with it."""
    with live_server(tmp_path_factory.mktemp("live")) as live:
        yield live
        # runs and clusters outlive their server
        for run in live.call("GET", "mlrun/api/v1/projects/default/runs?state=running")["runs"]:
            path = f"mlrun/api/v1/projects/default/runs/{run['metadata']['uid']}"
            live.call("POST", f"{path}/abort")
            wait_for(lambda path=path: live.call("GET", path)["data"]["status"]["state"] in ENDED)
        for cluster in live.call("GET", "mlrun/api/v1/lab/projects/*/function-clusters")[
            "clusters"
        ]:
            path = f"lab/projects/{cluster['project']}/function-clusters/{cluster['function']}"
            live.call("DELETE", f"mlrun/api/v1/{path}")


@pytest.fixture
def service(server: Live, isolated_dirs: Path, monkeypatch: pytest.MonkeyPatch) -> Live:
    """The server, and this process as a kernel of it."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(server.folder / "data"))
    monkeypatch.setenv("MLRUN_DBPATH", f"{server.url}/mlrun")
    monkeypatch.setenv("MLRUN_HTTPDB__TOKEN", server.mlrun_token())
    monkeypatch.setattr(session, "_client", None)
    projects.get_or_create(session.client(), "default")
    return server


ENDED = ("aborted", "completed", "error")


def wait_for(found: Callable[[], Any], timeout: float = 100) -> Any:
    """The first value that is true."""
    deadline = time.monotonic() + timeout
    while not (value := found()):
        assert time.monotonic() < deadline, "it did not come in time"
        time.sleep(0.1)
    return value


def clusters_of(project: str = "default") -> list[dict[str, Any]]:
    """The clusters that the service tells of."""
    return function_clusters.listed(session.client(), project)
