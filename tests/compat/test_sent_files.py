"""MLRun's own client sends files to the service as to a V3IO, the one store it knows by HTTP."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from uuid import uuid4

import pytest

from tests.compat.conftest import CLIENTS, SCRIPTS, SECONDS, client_environment
from tests.live import Live

pytestmark = [pytest.mark.compat, pytest.mark.timeout(240)]


@pytest.mark.parametrize("version", sorted(CLIENTS))
def test_files_go_to_the_service_and_come_back(live: Live, tmp_path: Path, version: str) -> None:
    uid = uuid4().hex
    live.call("PUT", "mlrun/api/v1/projects/sent", {"metadata": {"name": "sent"}})
    live.call("POST", f"mlrun/api/v1/projects/sent/runs/{uid}", {"metadata": {"name": "train"}})
    address = f"{live.url}/mlrun/api/v1/lab/runs/sent/{uid}/files/{uid}"
    scheme, _, rest = address.partition("://")
    host, _, path = rest.partition("/")
    env = {
        **client_environment(live, tmp_path), "V3IO_API": f"{scheme}://{host}",
        "V3IO_ACCESS_KEY": live.mlrun_token(),
    }  # fmt: skip
    command = [str(CLIENTS[version]), str(SCRIPTS / "sent_files.py"), f"v3io:///{path}"]
    done = subprocess.run(
        command, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{live.log()[-4000:]}"
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen == {
        "text": "abcdef", "size": 6, "part": "bc", "big": 25_000_000, "same": True,
        "csv": 499_500, "parquet": 499_500, "gone": True,
    }  # fmt: skip
