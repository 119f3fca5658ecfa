"""What the service does by itself goes on after ``kill -9``, and nothing is done twice."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.live import Live, free_port
from tests.server.documents import UID, function, run

PROJECT = "kills"
LOST = "the server was ended while it sent this: it may have been sent or not"
SOURCE = "def tick(context):\n    context.log_result('ticked', 1)\n"


def wait(server: Live, number: int, seconds: float = 60) -> list[dict[str, Any]]:
    """The runs, once there are so many that have completed."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = server.call("GET", f"mlrun/api/v1/projects/{PROJECT}/runs?name=tick")
        ended = [run for run in answer["runs"] if run["status"]["state"] == "completed"]
        if len(ended) >= number:
            return ended
        time.sleep(0.2)
    raise TimeoutError(f"{len(ended)} of {number} runs: {answer}")


@pytest.mark.row("4.705")
@pytest.mark.timeout(240)
def test_schedules_go_on_after_kill_9_and_no_time_runs_twice(tmp_path: Path) -> None:
    server = Live(tmp_path, ("--MLRunServerApp.schedule_interval=1",))
    server.start()
    try:
        server.call("POST", "mlrun/api/v1/projects", {"metadata": {"name": PROJECT}, "spec": {}})
        address = f"mlrun/api/v1/projects/{PROJECT}/functions/tick"
        server.call("POST", address, function(SOURCE, "tick"))
        task = {"metadata": {"name": "tick", "project": PROJECT},
                "spec": {"function": f"{PROJECT}/tick"}}  # fmt: skip
        every = {"second": "*", "minute": "*", "hour": "*"}
        server.call("POST", "mlrun/api/v1/submit_job", {"task": task, "schedule": every})
        wait(server, 1)
        for number in range(1, 3):
            server.kill()
            server.start()
            wait(server, number + 1)
        path = f"mlrun/api/v1/projects/{PROJECT}/schedules/tick"
        shown = server.call("GET", f"{path}?include_last_run=true")
        assert shown["next_run_time"] and shown["last_run"]["metadata"]["name"] == "tick"
        server.call("DELETE", path)
        runs = server.call("GET", f"mlrun/api/v1/projects/{PROJECT}/runs?name=tick")["runs"]
        due = [run["metadata"]["annotations"]["jupyter-mlrun/due"] for run in runs]
        assert len(set(due)) == len(due) >= 3, sorted(due)
    finally:
        server.stop()


class Slow(BaseHTTPRequestHandler):
    """Takes what it is sent and answers only when it may."""

    taken: list[str] = []
    may_answer = threading.Event()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.taken.append(self.path)
        self.may_answer.wait(120)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Silence."""


@pytest.fixture
def slow() -> Iterator[str]:
    Slow.taken, Slow.may_answer = [], threading.Event()
    receiver = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{receiver.server_address[1]}"
    Slow.may_answer.set()
    receiver.shutdown()
    receiver.server_close()


def until(true: Callable[[], Any], seconds: float = 60) -> Any:
    """What becomes true within some seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := true():
            return found
        time.sleep(0.1)
    raise TimeoutError(f"it did not become true; the last was {found!r}")


@pytest.mark.row("4.605")
@pytest.mark.timeout(240)
def test_what_was_being_sent_at_kill_9_is_told_and_not_sent_again(
    tmp_path: Path, slow: str
) -> None:
    server = Live(tmp_path, ("--MLRunServerApp.outgoing_allowed=127.0.0.1",))
    server.start()
    base = f"mlrun/api/v1/projects/{PROJECT}"
    try:
        server.call("POST", "mlrun/api/v1/projects", {"metadata": {"name": PROJECT}, "spec": {}})
        server.call("PUT", f"{base}/alerts/fails", alert(f"{slow}/alert"))
        server.call("POST", f"{base}/runs/{UID}", run())
        told = {"notifications": [hook(f"{slow}/run", when=["error"])]}
        server.call("PUT", f"{base}/runs/{UID}/notifications", told)
        server.call("PATCH", f"{base}/runs/{UID}", {"status.state": "error"})
        until(lambda: len(Slow.taken) == 2)
        status = server.call("GET", f"{base}/runs/{UID}")["data"]["status"]
        assert not status.get("notifications"), "nothing is known of it yet"
        cursor = server.call("GET", "mlrun/api/v1/lab/events")["cursor"]
        server.kill()
        server.start()

        def failed() -> Any:
            status = server.call("GET", f"{base}/runs/{UID}")["data"]["status"]
            return (status.get("notifications") or {}).get("hook")

        assert until(failed) == {"status": "error", "sent_time": None, "reason": LOST}
        (activation,) = server.call("GET", f"{base}/alert-activations")["activations"]
        assert activation["notifications"] == [
            {"kind": "webhook", "err": LOST, "summary": {"failed": 1, "succeeded": 0}}
        ]
        events = server.call("GET", f"mlrun/api/v1/lab/events?cursor={cursor}")["events"]
        found = {(each["kind"], each["name"], each["uid"], each["state"]) for each in events}
        activated = str(activation["id"])
        assert {("run", "train", UID, "error"), ("notification", "fails", activated, "error")} <= (
            found
        )
        assert LOST in server.log()
        # somebody who reads that sends it again; the service did not
        server.call("POST", f"{base}/runs/{UID}/push-notifications")
        until(lambda: len(Slow.taken) == 3)
        Slow.may_answer.set()
        assert until(lambda: failed()["status"] == "sent")
        assert sorted(Slow.taken) == ["/alert", "/run", "/run"]
    finally:
        server.stop()


@pytest.mark.row("4.605")
@pytest.mark.timeout(240)
def test_what_is_being_sent_when_a_server_ends_in_order_is_sent_once(
    tmp_path: Path, slow: str
) -> None:
    server = Live(tmp_path, ("--MLRunServerApp.outgoing_allowed=127.0.0.1",))
    server.start()
    base = f"mlrun/api/v1/projects/{PROJECT}"
    try:
        server.call("POST", "mlrun/api/v1/projects", {"metadata": {"name": PROJECT}, "spec": {}})
        server.call("POST", f"{base}/runs/{UID}", run())
        told = {"notifications": [hook(f"{slow}/run", when=["error"])]}
        server.call("PUT", f"{base}/runs/{UID}/notifications", told)
        server.call("PATCH", f"{base}/runs/{UID}", {"status.state": "error"})
        until(lambda: Slow.taken)
        threading.Timer(1.5, Slow.may_answer.set).start()
        server.stop()
        server.start()
        status = server.call("GET", f"{base}/runs/{UID}")["data"]["status"]
        assert status["notifications"]["hook"]["status"] == "sent", server.log()
        assert Slow.taken == ["/run"]
    finally:
        server.stop()


def hook(url: str, **more: Any) -> dict[str, Any]:
    return {"kind": "webhook", "name": "hook", "secret_params": {"url": url}, **more}


def alert(url: str) -> dict[str, Any]:
    """An alert for jobs that fail."""
    return {
        "summary": "{{entity}} failed", "severity": "high", "trigger": {"events": ["failed"]},
        "entities": {"kind": "job", "project": PROJECT, "ids": ["*"]},
        "notifications": [{"notification": hook(url)}],
    }  # fmt: skip


def test_a_jupyter_server_ends_whose_settings_of_runs_were_refused(tmp_path: Path) -> None:
    live = Live(tmp_path, options=(f"--MLRunCluster.kubeconfig={tmp_path / 'none'}",))
    live.port, log = free_port(), tmp_path / "log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            live.command(), env=live.environment(), stdout=sink, stderr=subprocess.STDOUT
        )
    try:
        deadline = time.monotonic() + 60
        while "none cannot be read" not in log.read_text() or "?token=" not in log.read_text():
            assert process.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        process.terminate()
        assert process.wait(20) == 0
    finally:
        process.kill()
    assert "AttributeError" not in log.read_text()
