"""Runs inside real kernels, as the server sees them."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live import Kernel, Live
from tests.server.test_processes import API, has_state, until

SLEEPS = """%%mlrun sleepy --kind handler -o x
import time
x = 1
context.log_result("before", 1)
time.sleep(120)
"""


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    """A Jupyter server in a process of its own, with the project of the tests."""
    server = Live(tmp_path)
    server.start()
    server.call("POST", f"{API}/projects", {"metadata": {"name": "lab"}})
    yield server
    server.stop()


def begin(server: Live, kernel: Kernel) -> tuple[str, str]:
    """Begins the cell that sleeps: the uid of its run, and the id of the cell's answer."""
    assert kernel.run("%load_ext jupyter_mlrun\n%mlrun project lab").ok
    request = kernel.send(SLEEPS)

    def told() -> str:
        rows = server.call("GET", f"{API}/lab/runs?project=lab&states=running")["rows"]
        return str(rows[0]["uid"]) if rows and rows[0]["results"] else ""

    return until(told), request


def test_a_handler_run_is_an_error_once_its_kernel_is_gone(live: Live) -> None:
    with live.kernel() as kernel:
        pid = int(kernel.run("import os; print(os.getpid())").text)
        uid, _ = begin(live, kernel)
        started = time.monotonic()
        os.kill(pid, signal.SIGKILL)
        ended = until(lambda: has_state(live, uid, "error"))
        assert time.monotonic() - started < 10
        assert "kernel" in ended["status"]["error"]
        assert ended["status"]["results"]["before"] == 1


def test_abort_interrupts_the_kernel_and_leaves_it_alive(live: Live) -> None:
    with live.kernel() as kernel:
        uid, request = begin(live, kernel)
        live.call("POST", f"{API}/projects/lab/runs/{uid}/abort")
        assert until(lambda: has_state(live, uid, "aborted"))
        assert not kernel.answer(request, 20).ok
        assert kernel.run("print(6 * 7)").text.strip() == "42"


def test_a_handler_run_ends_with_the_server_that_took_its_kernel_along(live: Live) -> None:
    with live.kernel() as kernel:
        uid, _ = begin(live, kernel)
        live.kill()
        live.start()
        ended = until(lambda: has_state(live, uid, "error"))
        assert "kernel" in ended["status"]["error"]
        assert ended["status"]["results"]["before"] == 1
