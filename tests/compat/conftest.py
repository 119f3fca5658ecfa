"""A server below a base URL, and MLRun's own client in a process and an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live import Live, live_server

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-mlrun" / "bin" / "python"
# each client has an environment of its own, made by `make test-compat`
CLIENTS = {
    "1.12.1": PYTHON,
    "1.8.0": ROOT / ".venv-mlrun-1.8" / "bin" / "python",
    "1.7.2": ROOT / ".venv-mlrun-1.7" / "bin" / "python",
}
SCRIPTS = Path(__file__).parent / "scripts"
SECONDS = 200
# the hub of the tests is on this machine
OPTIONS = ("--MLRunServerApp.outgoing_allowed=127.0.0.1",)


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """One Jupyter server for all of these tests, at an address with a path."""
    if not PYTHON.exists():
        pytest.fail("MLRun's own client is not installed: type `make .venv-mlrun/.installed`")
    folder = tmp_path_factory.mktemp("live")
    with live_server(folder, base_url="/user/ann/", options=OPTIONS) as server:
        yield server


Client = Callable[..., Any]


@pytest.fixture
def mlrun_client(live: Live, tmp_path: Path) -> Client:
    """Runs one of ``scripts/`` with the real client and returns the JSON it prints last."""

    def run(script: str, *arguments: str, cwd: Path = tmp_path, seconds: int = SECONDS) -> Any:
        command = ["timeout", str(seconds), str(PYTHON), str(SCRIPTS / script), *arguments]
        env = client_environment(live, tmp_path)
        done = subprocess.run(command, env=env, cwd=cwd, capture_output=True, text=True)
        said = f"{script} said:\n{done.stdout}\n{done.stderr}"
        assert done.returncode == 0, f"{said}\nThe server said:\n{live.log()[-4000:]}"
        return {**json.loads(done.stdout.splitlines()[-1]), "said": said}

    return run


def client_environment(live: Live, home: Path) -> dict[str, str]:
    """What a terminal of this server gives MLRun's client: an address and a token."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        # 1.8 connects as soon as it has read the address: the token stands before it
        "MLRUN_HTTPDB__TOKEN": live.mlrun_token(),
        "MLRUN_DBPATH": f"{live.url}/mlrun",
    }
