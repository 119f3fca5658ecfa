"""Waiting, interrupting, and what outlives kernel and server."""

from __future__ import annotations

import contextlib
import os
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live import Kernel, Live, live_server

CARD = "application/vnd.jupyter-mlrun.run+json"
SLEEPER = "import time\nprint('began', flush=True)\ntime.sleep({})\nv = 1"


def interrupt(server: Live, kernel: Kernel, name: str, times: int = 1) -> threading.Thread:
    """Interrupts the kernel as the button does once the run of this name works."""

    def work() -> None:
        path = f"mlrun/api/v1/lab/runs?project=default&states=running&q={name}"
        while not server.call("GET", path)["rows"]:
            time.sleep(0.1)
        for _ in range(times):
            time.sleep(1)
            server.call("POST", f"api/kernels/{kernel.id}/interrupt")

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def read(server: Live, card: dict[str, Any]) -> dict[str, Any]:
    answer = server.call("GET", f"mlrun/api/v1/projects/{card['project']}/runs/{card['uid']}")
    document: dict[str, Any] = answer["data"]
    return document


def end(server: Live, card: dict[str, Any], seconds: float = 90) -> dict[str, Any]:
    """The run when it has ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        run = read(server, card)
        if run["status"]["state"] in ("completed", "error", "aborted"):
            return run
        time.sleep(0.1)
    raise AssertionError(f"the run did not end: {run['status']}")


def test_one_interrupt_ends_the_wait_only(server: Live, kernel: Kernel) -> None:
    thread = interrupt(server, kernel, "slow1")
    answer = kernel.run(f"%%mlrun slow1 -o v\n{SLEEPER.format(8)}")
    thread.join()
    assert "Interrupted: the run" in answer.error and "goes on" in answer.error
    assert "Interrupt again within 3 s to stop it" in answer.text
    card = answer.displays[-1][CARD]
    assert read(server, card)["status"]["state"] == "running"
    assert end(server, card)["status"]["state"] == "completed"


def test_an_interrupt_of_a_run_in_hand_is_one_sentence(server: Live, kernel: Kernel) -> None:
    sent = kernel.run("%%mlrun held --no-wait --as r\n" + SLEEPER.format(60))
    for call in ("r.logs()", "r.wait_for_completion()"):
        interrupt(server, kernel, "held")
        answer = kernel.run(call)
        assert answer.error.startswith("Interrupted") and "goes on; abort() stops" in answer.error
        assert "run.py" not in answer.error and "sleep" not in answer.error, answer.error
    assert read(server, sent.displays[-1][CARD])["status"]["state"] == "running"
    kernel.run("r.abort()")


def test_following_a_log_ends_in_one_sentence(server: Live, kernel: Kernel) -> None:
    kernel.run("%%mlrun followed --no-wait --as r\n" + SLEEPER.format(60))
    interrupt(server, kernel, "followed")
    answer = kernel.run("%mlrun logs followed --follow")
    assert "Interrupted: the run" in answer.error and "goes on" in answer.error
    assert "follow.py" not in answer.error + answer.text
    kernel.run("r.abort()")


def test_an_await_in_a_cell_of_this_kernel_is_stopped_at_once(server: Live, kernel: Kernel) -> None:
    began = time.monotonic()
    interrupt(server, kernel, "awaits")
    code = "import asyncio\nfor _ in range(60):\n    await asyncio.sleep(1)\nv = 1"
    answer = kernel.run(f"%%mlrun awaits --kind handler -o v\n{code}")
    assert "Interrupted: the run was stopped" in answer.error
    assert time.monotonic() - began < 30
    assert end(server, answer.displays[-1][CARD])["status"]["state"] == "aborted"
    assert kernel.run("import asyncio\nawait asyncio.sleep(0)\n1 + 1").ok


def test_a_second_interrupt_stops_the_run(server: Live, kernel: Kernel) -> None:
    thread = interrupt(server, kernel, "slow2", times=2)
    answer = kernel.run(f"%%mlrun slow2 -o v\n{SLEEPER.format(600)}")
    thread.join()
    assert "is being stopped" in answer.error
    assert end(server, answer.displays[-1][CARD])["status"]["state"] == "aborted"


def test_a_handler_run_is_stopped_at_once(server: Live, kernel: Kernel) -> None:
    thread = interrupt(server, kernel, "here")
    answer = kernel.run(f"%%mlrun here --kind handler -o v\n{SLEEPER.format(60)}")
    thread.join()
    assert "Interrupted: the run was stopped" in answer.error and "Traceback" not in answer.text
    assert end(server, answer.displays[-1][CARD])["status"]["state"] == "aborted"


def test_no_wait_leaves_the_kernel_free_and_writes_the_end_back(kernel: Kernel) -> None:
    answer = kernel.run(f"%%mlrun free --no-wait -o v --as run\n{SLEEPER.format(5)}")
    assert answer.ok and answer.displays[-1][CARD]["state"] != "completed"
    later = kernel.run("import time\nstate = run.wait_for_completion()\ntime.sleep(0.5)\nstate")
    assert later.displays[-1]["text/plain"] == "'completed'"
    cards = [shown[CARD] for shown in later.displays if CARD in shown]
    assert cards[-1]["state"] == "completed" and cards[-1]["snapshot"]["results"] == {"v": 1}


def test_abort_from_the_line(server: Live, kernel: Kernel) -> None:
    answer = kernel.run(f"%%mlrun stopme --no-wait\n{SLEEPER.format(60)}")
    assert "Stopping stopme" in kernel.run("%mlrun abort").text
    assert end(server, answer.displays[-1][CARD])["status"]["state"] == "aborted"
    assert "nothing to stop" in kernel.run("%mlrun abort stopme").error


@contextlib.contextmanager
def own_kernel(server: Live) -> Iterator[Kernel]:
    """A kernel that no server has started; it finds the service in the data directory."""
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(env=server.environment(), cwd=str(server.root))
    try:
        yield Kernel(client, "")
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.mark.timeout(180)
def test_the_wait_goes_through_a_killed_server(tmp_path: Path) -> None:
    # a kernel of its own, as nbclient starts one: the server's kernels die with the server
    with live_server(tmp_path) as server, own_kernel(server) as kernel:
        kernel.run("%load_ext jupyter_mlrun\n%mlrun project default")

        def restart() -> None:
            path = "mlrun/api/v1/lab/runs?project=default&states=running&q=through"
            while not server.call("GET", path)["rows"]:
                time.sleep(0.1)
            server.kill()
            time.sleep(1)
            server.start()

        thread = threading.Thread(target=restart)
        thread.start()
        cell = f"%%mlrun through -o v\n{SLEEPER.format(6)}\nprint('ended')"
        answer = kernel.run(cell)
        thread.join()
        assert answer.ok, answer.error
        card = answer.displays[-1][CARD]
        assert card["state"] == "completed" and card["snapshot"]["results"] == {"v": 1}
        assert "began\nended" in kernel.run("%mlrun logs through").text
        kernel.run("%%mlrun later --no-wait --as r\nimport time\ntime.sleep(600)")
        server.kill()
        for call in ("r.state()", "def ask():\n    return r.refresh()\nask()"):
            error = kernel.run(call).error
            assert "MLRunServiceUnreachableError: No service answers at" in error
            assert len(error.splitlines()) <= 5 and "transport.py" not in error, error
        server.start()
        assert kernel.run("r.abort()").ok


@pytest.fixture
def small_server(tmp_path: Path) -> Iterator[Live]:
    """A server whose data lie on a small disk."""
    small = tmp_path / "small"
    small.mkdir()
    if os.geteuid() or os.system(f"mount -t tmpfs -o size=100m tmpfs {small} 2>/dev/null"):
        pytest.skip("mounting is not allowed here")
    try:
        with live_server(small) as server:
            yield server
    finally:
        # what the code waits for: no run is left behind where the test fails
        (tmp_path / "on").touch()
        os.system(f"umount -l {small}")


@pytest.mark.timeout(240)
def test_a_cut_log_is_said_while_the_run_works(small_server: Live, tmp_path: Path) -> None:
    (small_server.root / "work").mkdir(exist_ok=True)
    flood = (
        "import os, time\nfor _ in range(1500): print('x' * 99_999)\nprint('', flush=True)\n"
        f"while not os.path.exists({str(tmp_path / 'on')!r}): time.sleep(0.05)"
    )
    said = "mlrun: bytes of the log are missing: No space left on device"

    def go_on() -> None:
        """Lets the code end a moment after the run has told its trouble."""
        path, seen = "mlrun/api/v1/projects/default/runs?name=flood", ""
        while "missing" not in seen:
            time.sleep(0.3)
            found = small_server.call("GET", path)["runs"]
            seen = str(found[0]["status"].get("status_text")) if found else ""
        time.sleep(2)
        (tmp_path / "on").touch()

    with small_server.kernel("work/page.ipynb") as kernel:
        kernel.run("%load_ext jupyter_mlrun")
        threading.Thread(target=go_on, daemon=True).start()
        waited = kernel.run(f"%%mlrun flood\n{flood}")
        assert waited.ok and waited.text.count(said) == 1, waited.text[-500:]
        log = kernel.run("%mlrun logs flood")
        assert re.search(r"mlrun: \d+ bytes of the log are missing: No space", log.text[-500:])
