"""Runs inside real kernels, as the server sees them."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zmq

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


def begin(server: Live, kernel: Kernel, answers: list[Any]) -> tuple[str, threading.Thread]:
    """Starts the cell that sleeps; the uid of its run, and the thread that waits for it."""
    assert kernel.run("%load_ext jupyter_mlrun\n%mlrun project lab").ok

    def wait() -> None:
        # the kernel may die meanwhile, and its sockets with it
        with contextlib.suppress(queue.Empty, zmq.ZMQError, RuntimeError):
            answers.append(kernel.run(SLEEPS, seconds=30))

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()

    def told() -> str:
        rows = server.call("GET", f"{API}/lab/runs?project=lab&states=running")["rows"]
        return str(rows[0]["uid"]) if rows and rows[0]["results"] else ""

    return until(told), thread


def test_a_handler_run_is_an_error_once_its_kernel_is_gone(live: Live) -> None:
    with live.kernel() as kernel:
        pid = int(kernel.run("import os; print(os.getpid())").text)
        uid, thread = begin(live, kernel, [])
        started = time.monotonic()
        os.kill(pid, signal.SIGKILL)
        ended = until(lambda: has_state(live, uid, "error"))
        assert time.monotonic() - started < 10
        assert "kernel" in ended["status"]["error"]
        assert ended["status"]["results"]["before"] == 1
        thread.join(40)


def test_abort_interrupts_the_kernel_and_leaves_it_alive(live: Live) -> None:
    answers: list[Any] = []
    with live.kernel() as kernel:
        uid, thread = begin(live, kernel, answers)
        live.call("POST", f"{API}/projects/lab/runs/{uid}/abort")
        assert until(lambda: has_state(live, uid, "aborted"))
        thread.join(20)
        assert answers, "the cell still runs"
        assert kernel.run("print(6 * 7)").text.strip() == "42"


def test_a_handler_run_ends_with_the_server_that_took_its_kernel_along(live: Live) -> None:
    with live.kernel() as kernel:
        uid, thread = begin(live, kernel, [])
        live.kill()
        live.start()
        ended = until(lambda: has_state(live, uid, "error"))
        assert "kernel" in ended["status"]["error"]
        assert ended["status"]["results"]["before"] == 1
        thread.join(40)
