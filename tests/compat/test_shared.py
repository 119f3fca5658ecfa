"""MLRun's own client and secrets, and the client against a service that stands alone."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.compat.conftest import PYTHON, SCRIPTS, Client
from tests.server.test_commands import Home, Served

pytestmark = [pytest.mark.compat, pytest.mark.timeout(300)]

MASKED = {"word": "*****", "length": 21, "same": True}


def test_secrets_reach_runs_by_name(mlrun_client: Client) -> None:
    seen = mlrun_client("secret_run.py")
    assert seen["names"] == ["PASSWORD", "OTHER"]
    assert seen["env"][0]["name"] == "DB_PASSWORD"
    assert seen["run"] == ["completed", MASKED, None], seen["said"]
    assert "the word is *****" in seen["log"] and "correct-horse" not in seen["log"]
    assert seen["shown"] is False


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Home, Served]]:
    home = Home(tmp_path)
    share = f"--MLRunServerApp.artifact_path={tmp_path}/share/{{{{run.project}}}}"
    found = Served(home, share, "--MLRunServeApp.administrators=root")
    yield home, found
    found.process.terminate()
    found.process.wait(20)


def client(served: Served, home: Home, token: str, *words: str) -> dict[str, Any]:
    env = {
        "PATH": home.env["PATH"], "HOME": str(home.folder), "MLRUN_HTTPDB__TOKEN": token,
        "MLRUN_DBPATH": f"http://127.0.0.1:{served.port}/mlrun",
    }  # fmt: skip
    done = subprocess.run(
        ["timeout", "120", str(PYTHON), str(SCRIPTS / "shared.py"), *words], env=env,
        cwd=home.folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{served.log.read_text()}"
    return dict(json.loads(done.stdout.splitlines()[-1]))


def test_roles_hold_for_mlruns_client(served: tuple[Home, Served]) -> None:
    home, service = served
    tokens = {name: home.run("token", "create", name) for name in ("ann", "bob", "root")}
    service.get("projects", tokens["root"], b'{"metadata": {"name": "shut"}}')
    owner = client(service, home, tokens["ann"], "owner")
    assert owner["results"]
    assert owner["remote"][0] == "MLRunBadRequestError"
    path = "lab/projects/tides/members/user/bob"
    request = service.get(path, tokens["ann"], b'{"role": "viewer"}', "PUT")
    assert request[0] == 200
    viewer = client(service, home, tokens["bob"], "viewer")
    assert viewer["projects"] == ["tides"]
    assert viewer["runs"] == [owner["results"]] and viewer["log"]
    for what in ("write", "delete", "secrets", "others"):
        assert viewer[what][0] == "MLRunAccessDeniedError", (what, viewer[what])
    assert "bob may not write functions of project tides, being viewer" in viewer["write"][1]
