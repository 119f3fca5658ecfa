"""MLRun's own client and what the service does by itself: schedules, tasks, alerts."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.compat.conftest import PYTHON, SCRIPTS, Client, client_environment
from tests.live import Live, live_server

pytestmark = [pytest.mark.compat, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server whose schedules may be as frequent as tests need them."""
    if not PYTHON.exists():
        pytest.fail("MLRun's own client is not installed: type `make .venv-mlrun/.installed`")
    options = (
        "--MLRunServerApp.schedule_interval=1", "--MLRunServerApp.outgoing_allowed=127.0.0.1",
    )  # fmt: skip
    with live_server(tmp_path_factory.mktemp("jobs"), options=options) as server:
        yield server


def test_schedules(mlrun_client: Client) -> None:
    seen = mlrun_client("schedules.py")
    assert seen["made"] == "created" and seen["again"] == "modified"
    assert seen["run"] == [{"sum": 5}, "sea"]
    assert seen["label"] == "ticks"
    assert seen["cron"] == "0 */2 * * *"
    assert seen["next"].endswith(":00:00+00:00")
    assert seen["kept"] == [1, {"team": "sea"}, "job"]
    assert seen["listed"] == ["nightly", "ticks"] and seen["named"] == ["nightly"]
    assert seen["invoked"] is None and seen["result"] == {"sum": 5}
    assert seen["paused"] == ["paused", None, {"a": "b"}, "0 5 * * *"]
    assert "05:00:00" in seen["resumed"]
    assert seen["cron_error"][0] in ("MLRunBadRequestError", "MLRunInvalidArgumentError")
    assert "maximum value (59)" in seen["cron_error"][1]
    assert seen["missing"][0] == "MLRunNotFoundError"
    assert seen["left"] == 0


class Receiver(BaseHTTPRequestHandler):
    """Keeps what it is sent."""

    seen: list[dict[str, Any]] = []

    def do_POST(self) -> None:
        self.seen.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Silence."""


def test_a_job_that_fails_is_told(mlrun_client: Client) -> None:
    receiver = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    try:
        url = f"http://127.0.0.1:{receiver.server_address[1]}/s3cret-path"
        seen = mlrun_client("alerts.py", url)
    finally:
        receiver.shutdown()
        receiver.server_close()
    assert seen["templates"] == ["JobFailed", "DataDriftDetected", "DataDriftSuspected"]
    assert seen["listed"] == ["fails"]
    assert seen["status"] == {"own": "sent", "never": "pending"} and seen["masked"]
    assert seen["activation"] == ["fails", "plain-fails", "medium"] and seen["again"] == 0
    assert seen["told"] == ["webhook", None] and seen["count"] == 1
    assert seen["left"] == 0 and "succeeded" in seen["tasks"]
    alerts = [body for body in Receiver.seen if body["name"] == "fails"]
    assert [(body["id"], body["summary"]) for body in alerts] == [
        ("plain-fails", "A job has failed")
    ]
    own = [body for body in Receiver.seen if body["name"] == "own"]
    assert len(own) in (1, 2), "once by itself, and when it was pushed"
    assert own[0]["message"] == "Run failed in project told"
    assert own[0]["runs"][0]["status"]["error"]


def test_a_locked_store_is_tried_again(live: Live, tmp_path: Path) -> None:
    """The service answers 503 after fifteen seconds; the client asks again and loses nothing."""
    command = [str(PYTHON), str(SCRIPTS / "retries.py")]
    with subprocess.Popen(
        command, env=client_environment(live, tmp_path), cwd=tmp_path, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as client:  # fmt: skip
        assert client.stdin is not None and client.stdout is not None
        assert any(line.strip() == "ready" for line in client.stdout)
        with contextlib.closing(sqlite3.connect(live.data / "store.sqlite")) as other:
            other.execute("BEGIN IMMEDIATE")
            client.stdin.write("locked\n")
            client.stdin.flush()
            time.sleep(18)
            other.rollback()
        said, wrong = client.communicate(timeout=150)
    assert client.returncode == 0, wrong
    seen = json.loads(said.splitlines()[-1])
    assert seen["seconds"] > 15
    assert seen["runs"] == [{"n": 2}] and seen["artifacts"] == ["note"]
    assert " 503 PATCH " in live.log() and "database is locked" in live.log()
