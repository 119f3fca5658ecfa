"""What the service does by itself goes on after ``kill -9``, and nothing is done twice."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from tests.live import Live
from tests.server.documents import function

PROJECT = "kills"
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
