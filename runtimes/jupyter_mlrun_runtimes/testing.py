"""The suite that proves any runtime, ours or another package's, against its contract.

    class TestMine(RuntimeContract):
        runtime_class = MyRuntime

Tasks made here talk to no service: what they report stays in the outbox of their folder.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import time
from pathlib import Path
from typing import Any, ClassVar

from jupyter_mlrun import states

from .contract import Handle, Observation, Runtime, Task

NOBODY = "http://127.0.0.1:9/mlrun"
RUN_TOKEN = "mlrr" + "0" * 40


def make_task(folder: Path, source: str, **spec: Any) -> Task:
    """A task that runs ``def handler(context)`` of the source in this interpreter."""
    encoded = base64.b64encode(source.encode()).decode()
    function = {
        "kind": "local",
        "metadata": {"name": "proof", "project": "default"},
        "spec": {"build": {"functionSourceCode": encoded}, "default_handler": "handler"},
    }
    run = {
        "kind": "run",
        "metadata": {"name": "proof", "project": "default", "uid": "0" * 32},
        "spec": {"handler": "handler", **spec},
        "status": {},
    }
    return Task(
        run=run,
        function=function,
        folder=str(folder),
        address=NOBODY,
        token=RUN_TOKEN,
        interpreter=sys.executable,
        workdir=str(folder.parent),
        environment={**os.environ, "JUPYTER_MLRUN_HOME": str(folder.parent / "home")},
    )


def wait_until_ended(runtime: Runtime, handle: Handle, timeout: float = 120) -> Observation:
    """The observation with which the handle ended."""
    deadline = time.monotonic() + timeout
    while True:
        (seen,) = runtime.poll([handle])
        if seen.state in states.TERMINAL:
            return seen
        if time.monotonic() > deadline:
            raise AssertionError(f"still {seen.state} after {timeout} s")
        time.sleep(0.02)


class RuntimeContract:
    """Inherit it, name the class, and every promise of the contract is tested."""

    runtime_class: ClassVar[type[Runtime]]

    def start(self, folder: Path, source: str, **spec: Any) -> tuple[Runtime, Handle]:
        """A submitted task and the last of its handles."""
        runtime = self.runtime_class()
        request = runtime.build(make_task(folder, source, **spec))
        return runtime, list(runtime.submit(request))[-1]

    def test_build_is_pure(self, tmp_path: Path) -> None:
        """The same task gives the same request, and nothing is written."""
        runtime, task = self.runtime_class(), make_task(tmp_path / "run", "")
        assert runtime.build(task) == runtime.build(task)
        assert not (tmp_path / "run").exists()

    def test_request_shows_no_token(self, tmp_path: Path) -> None:
        """Neither the command nor the files nor what is printed of a request hold the token."""
        request = self.runtime_class().build(make_task(tmp_path / "run", ""))
        assert RUN_TOKEN not in repr(request)
        assert RUN_TOKEN not in json.dumps([list(request.argv), dict(request.files)])

    def test_handles_are_json_and_grow(self, tmp_path: Path) -> None:
        """Each handle survives JSON and has all that the one before it had."""
        runtime = self.runtime_class()
        before: Handle = {}
        for handle in runtime.submit(runtime.build(make_task(tmp_path / "run", _QUICK))):
            assert json.loads(json.dumps(handle)) == handle
            assert before.items() <= handle.items()
            before = handle
        assert before
        wait_until_ended(runtime, before)

    def test_success_completes(self, tmp_path: Path) -> None:
        """A handler that returns ends as completed, with exit code 0."""
        runtime, handle = self.start(tmp_path / "run", _QUICK)
        seen = wait_until_ended(runtime, handle)
        assert (seen.state, seen.exit_code) == (states.COMPLETED, 0)

    def test_failure_is_an_error_with_its_code(self, tmp_path: Path) -> None:
        """An exit code other than 0 is an error that names it."""
        source = "import sys\ndef handler(context):\n    sys.exit(7)\n"
        runtime, handle = self.start(tmp_path / "run", source)
        seen = wait_until_ended(runtime, handle)
        assert (seen.state, seen.exit_code) == (states.ERROR, 7)
        assert "7" in seen.reason

    def test_logs_are_whole_and_binary_safe(self, tmp_path: Path) -> None:
        """All bytes come, in order, also those that are no UTF-8."""
        source = (
            "import sys\ndef handler(context):\n"
            "    sys.stdout.buffer.write(bytes(range(256)) * 4000 + b'end')\n"
        )
        runtime, handle = self.start(tmp_path / "run", source)
        assert b"".join(runtime.logs(handle, follow=True)) == bytes(range(256)) * 4000 + b"end"

    def test_a_new_runtime_finds_the_run_again(self, tmp_path: Path) -> None:
        """A handle is all that a restarted process needs."""
        _, handle = self.start(tmp_path / "run", _SLOW)
        other = self.runtime_class()
        _wait_until_running(other, handle)
        other.cancel(handle, "enough", grace=0.1)
        assert wait_until_ended(other, handle).state == states.ABORTED

    def test_cancel_ends_and_says_why(self, tmp_path: Path) -> None:
        """A cancelled run is aborted for the reason given, also one that ignores requests."""
        runtime, handle = self.start(tmp_path / "run", _STUBBORN)
        _wait_until_running(runtime, handle)
        runtime.cancel(handle, "you stopped it", grace=0.2)
        seen = wait_until_ended(runtime, handle)
        assert (seen.state, seen.reason) == (states.ABORTED, "you stopped it")

    def test_cancel_is_idempotent(self, tmp_path: Path) -> None:
        """Cancelling twice, late, or an unknown handle is fine."""
        runtime, handle = self.start(tmp_path / "run", _QUICK)
        wait_until_ended(runtime, handle)
        runtime.cancel(handle)
        runtime.cancel(handle)
        assert wait_until_ended(runtime, handle).state == states.COMPLETED
        runtime.cancel({**handle, "folder": str(tmp_path / "nowhere")})

    def test_poll_answers_in_order(self, tmp_path: Path) -> None:
        """One observation for each handle, in the order asked."""
        runtime, first = self.start(tmp_path / "one", _QUICK)
        second = list(runtime.submit(runtime.build(make_task(tmp_path / "two", _QUICK))))[-1]
        seen = runtime.poll([second, first, second])
        assert [item.handle for item in seen] == [second, first, second]
        for handle in (first, second):
            wait_until_ended(runtime, handle)


_QUICK = "def handler(context):\n    print('done')\n"
_SLOW = "import time\ndef handler(context):\n    print('on')\n    time.sleep(60)\n"
_STUBBORN = (
    "import signal, time\ndef handler(context):\n"
    "    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n    print('on')\n    time.sleep(60)\n"
)


def _wait_until_running(runtime: Runtime, handle: Handle) -> None:
    deadline = time.monotonic() + 30
    while b"on" not in b"".join(runtime.logs(handle)):
        assert time.monotonic() < deadline, "the run printed nothing"
        time.sleep(0.02)
