"""One script of hyper-runs, by MLRun's own client and by ours: the same is recorded."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.compat.conftest import SCRIPTS, Client, client_environment
from tests.live import Live

pytestmark = [pytest.mark.compat, pytest.mark.timeout(300)]


@pytest.mark.row("4.301", "4.302", "4.304", "4.305", "4.306", "4.307")
def test_hyper_runs_are_recorded_alike(mlrun_client: Client, live: Live, tmp_path: Path) -> None:
    theirs = mlrun_client("sweeps.py", "sweeps-theirs")
    folder = tmp_path / "ours"
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, str(SCRIPTS / "sweeps.py"), "sweeps-ours"],
        env=client_environment(live, tmp_path), cwd=folder, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    ours: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    for name, seen in ours.items():
        assert seen == theirs[name], f"{name}: ours {seen}, theirs {theirs[name]}\n{theirs['said']}"
    assert ours["fails"]["error"] == "1 of 3 tasks failed, check logs in db for details"
    assert ours["grid"]["iterations"][2][1:4] == [2, 3, 2]
