"""A user's own kernel, whose server hands everything on to a service that many share."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live import Kernel, Live
from tests.server.test_commands import Home, Served

SECONDS = 60


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[tuple[Served, str, Live]]:
    """The service, ann's token for it, and her own Jupyter server before it."""
    (tmp_path / "service").mkdir()
    home = Home(tmp_path / "service")
    share = f"--MLRunServerApp.artifact_path={tmp_path}/share/{{{{run.project}}}}"
    service = Served(home, share)
    token = home.run("token", "create", "ann")
    (tmp_path / "ann").mkdir()
    env = {
        "JUPYTER_MLRUN_REMOTE_URL": f"http://127.0.0.1:{service.port}/mlrun",
        "JUPYTER_MLRUN_REMOTE_TOKEN": token,
    }
    live = Live(tmp_path / "ann", env=env)
    try:
        live.start()
        yield service, token, live
    finally:
        live.stop()
        service.process.terminate()
        service.process.wait(20)


def runs(service: Served, token: str, name: str) -> list[dict[str, Any]]:
    status, found = service.get(f"projects/tides/runs?name={name}", token)
    assert status == 200 and isinstance(found, dict), found
    return list(found["runs"])


def until(service: Served, token: str, name: str, *states: str) -> dict[str, Any]:
    """The run's document, once it is in one of these states."""
    deadline = time.monotonic() + SECONDS
    found: list[dict[str, Any]] = []
    while time.monotonic() < deadline:
        found = runs(service, token, name)
        if found and found[0]["status"]["state"] in states:
            return found[0]
        time.sleep(0.2)
    raise AssertionError(found)


@pytest.mark.timeout(300)
def test_cells_in_the_kernel_are_recorded_there(shared: tuple[Served, str, Live]) -> None:
    service, token, live = shared
    with live.kernel() as kernel:
        assert kernel.run("%load_ext jupyter_mlrun\n%mlrun project tides").ok
        assert service.get("projects/tides", token)[0] == 200
        answer = kernel.run(
            "%%mlrun sums --kind handler -p a=20 -o total\nprint('adding')\ntotal = a + 22"
        )
        assert answer.ok, answer.error
        done = until(service, token, "sums", "completed", "error")
        assert done["status"]["results"] == {"total": 42}, done["status"]
        assert done["metadata"]["labels"]["kind"] == "handler"
        refused = kernel.run("%%mlrun child -o total\ntotal = 1")
        said = refused.error + refused.text + str(refused.displays)
        assert "executes nothing itself" in said and "run it in your own kernel" in said
        _a_kernel_that_dies(service, token, kernel)


def _a_kernel_that_dies(service: Served, token: str, kernel: Kernel) -> None:
    pid = int(kernel.run("import os; print(os.getpid())").text)
    source = f"%%mlrun dies --kind handler\nimport os, time\ntime.sleep(1)\nos.kill({pid}, 9)"
    with contextlib.suppress(Exception):
        kernel.run(source, seconds=15)
    assert pid != os.getpid()
    ended = until(service, token, "dies", "error", "aborted", "completed")
    assert ended["status"]["state"] == "error"
    assert "the kernel in which the run worked is gone" in ended["status"]["reason"]
