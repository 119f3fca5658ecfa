"""Local runs with real processes: their ends, their limits, and what survives what."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from jupyter_mlrun import states
from jupyter_mlrun_runtimes import process
from jupyter_mlrun_runtimes.contract import Handle, Limits, Observation, Request
from jupyter_mlrun_runtimes.local import LocalRuntime
from jupyter_mlrun_runtimes.testing import RuntimeContract, make_task, wait_until_ended

SECRET = "correct-horse-battery"


class TestLocal(RuntimeContract):
    """The contract, kept."""

    runtime_class = LocalRuntime


class Started:
    """A plain Python command under a supervisor."""

    def __init__(self, folder: Path, code: str, **limits: Any) -> None:
        self.folder = folder / "run"
        self.runtime = LocalRuntime()
        cwd = limits.pop("cwd", str(folder))
        env = dict(os.environ) | limits.pop("env", {})
        argv = limits.pop("argv", (sys.executable, "-c", code))
        request = Request("local", str(self.folder), argv, cwd, Limits(**limits), env)
        self.handle: Handle = list(self.runtime.submit(request))[-1]

    def end(self, timeout: float = 30) -> Observation:
        return wait_until_ended(self.runtime, self.handle, timeout)

    def log(self) -> bytes:
        return b"".join(self.runtime.logs(self.handle))

    def wait_for(self, text: bytes) -> None:
        wait(lambda: text in self.log())

    @property
    def child(self) -> int:
        return int(json.loads((self.folder / "process.json").read_text())["child"]["pid"])


def wait(condition: Callable[[], Any], timeout: float = 20) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def test_signal_is_named(tmp_path: Path) -> None:
    run = Started(tmp_path, "import os; os.kill(os.getpid(), 11)")
    seen = run.end()
    assert (seen.state, seen.signal, seen.exit_code) == (states.ERROR, 11, None)
    assert "SIGSEGV" in seen.reason


def test_timeout_ends_the_tree(tmp_path: Path) -> None:
    code = (
        "import subprocess, time; p = subprocess.Popen(['sleep', '61']); print(p.pid, flush=True)"
    )
    run = Started(tmp_path, code + "; time.sleep(60)", timeout=1.0)
    seen = run.end()
    assert seen.state == states.ABORTED
    assert seen.reason == "the time limit of 1 s was reached"
    grandchild = int(run.log().split()[0])
    wait(lambda: not psutil.pid_exists(grandchild))


def test_memory_is_counted_over_the_tree(tmp_path: Path) -> None:
    # each process stays below the limit, all together pass it
    eat = "import time; x = bytearray(b'x' * 60_000_000); time.sleep(60)"
    code = (
        "import subprocess, sys, time\n"
        f"for _ in range(3): subprocess.Popen([sys.executable, '-c', {eat!r}])\n"
        "time.sleep(60)"
    )
    run = Started(tmp_path, code, memory=150_000_000)
    seen = run.end()
    assert seen.state == states.ERROR
    assert "memory limit of 150 MB" in seen.reason
    assert "processes used" in seen.reason


def test_within_its_memory_a_run_completes(tmp_path: Path) -> None:
    run = Started(tmp_path, "import time; time.sleep(0.6)", memory=500_000_000)
    assert run.end().state == states.COMPLETED


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="needs Linux")
def test_cpu_limits_the_cores(tmp_path: Path) -> None:
    run = Started(tmp_path, "import os; print(len(os.sched_getaffinity(0)))", cpu=1)
    assert run.end().state == states.COMPLETED
    assert run.log().strip() == b"1"


def test_what_is_left_behind_is_ended(tmp_path: Path) -> None:
    """Also what has moved into a session of its own."""
    code = (
        "import subprocess\n"
        "p = subprocess.Popen(['sleep', '62'], start_new_session=True)\n"
        "print(p.pid, flush=True)"
    )
    run = Started(tmp_path, code)
    assert run.end().state == states.COMPLETED
    pid = int(run.log().split()[0])
    wait(lambda: not psutil.pid_exists(pid))
    assert f"[left behind by the run, and ended: sleep ({pid})]".encode() in run.log()


def test_what_ends_by_itself_is_no_news(tmp_path: Path) -> None:
    code = "import subprocess\nsubprocess.Popen(['sleep', '0.1'])\nprint('done')"
    run = Started(tmp_path, code)
    assert run.end().state == states.COMPLETED
    assert run.log() == b"done\n"


def test_stdin_is_closed(tmp_path: Path) -> None:
    run = Started(tmp_path, "print(repr(input() if False else __import__('sys').stdin.read()))")
    assert run.end().state == states.COMPLETED
    assert run.log().strip() == b"''"


def test_missing_working_directory_is_a_sentence(tmp_path: Path) -> None:
    run = Started(tmp_path, "pass", cwd=str(tmp_path / "nowhere"))
    seen = run.end()
    assert seen.state == states.ERROR
    assert seen.reason == (
        f"the working directory {tmp_path}/nowhere is not there: give another with --workdir"
    )
    assert seen.reason.encode() in run.log()


def test_missing_interpreter_is_a_sentence(tmp_path: Path) -> None:
    run = Started(tmp_path, "", argv=("/nowhere/python", "-c", "pass"))
    assert run.end().reason == "cannot start /nowhere/python: No such file or directory"


def test_interpreter_without_the_package_is_told_what_to_install(tmp_path: Path) -> None:
    argv = (sys.executable, "-I", "-S", "-m", "jupyter_mlrun", "run")
    run = Started(tmp_path, "", argv=argv)
    assert "pip install jupyter-mlrun" in run.end().reason


def test_too_large_an_environment_is_a_sentence(tmp_path: Path) -> None:
    run = Started(tmp_path, "pass", env={"LARGE": "x" * 5_000_000})
    assert run.end().reason.startswith("cannot start")


def test_a_start_that_nobody_recorded_leaves_the_next_alone(tmp_path: Path) -> None:
    runtime, folder = LocalRuntime(), tmp_path / "run"
    command = (sys.executable, "-c", "print('second')")
    request = Request("local", str(folder), command, str(tmp_path), Limits(), dict(os.environ))
    pids = []

    def record() -> None:
        for handle in runtime.submit(request):
            pids.append(handle["supervisor"]["pid"])
            raise OSError("the store is locked")

    with pytest.raises(OSError, match="locked"):
        record()
    assert not psutil.pid_exists(pids[0]), "it waits for its environment"
    handle = list(runtime.submit(request))[-1]
    assert wait_until_ended(runtime, handle, 30).state == states.COMPLETED
    time.sleep(0.5)
    assert runtime.poll([handle])[0].state == states.COMPLETED
    assert b"".join(runtime.logs(handle)) == b"second\n"


def test_environment_touches_no_file(tmp_path: Path) -> None:
    run = Started(tmp_path, "import os; print(len(os.environ['KEY']))", env={"KEY": SECRET})
    assert run.end().state == states.COMPLETED
    assert run.log().strip() == str(len(SECRET)).encode()
    for path in run.folder.rglob("*"):
        assert SECRET.encode() not in path.read_bytes(), path


def test_folder_and_files_are_private(tmp_path: Path) -> None:
    runtime = LocalRuntime()
    task = make_task(tmp_path / "run", "def handler(context): pass")
    handle = list(runtime.submit(runtime.build(task)))[-1]
    wait_until_ended(runtime, handle)
    assert (tmp_path / "run").stat().st_mode & 0o077 == 0
    for name in ("task.json", "request.json", "log"):
        assert (tmp_path / "run" / name).stat().st_mode & 0o077 == 0, name


def test_a_parameter_of_ten_megabytes_arrives(tmp_path: Path) -> None:
    runtime = LocalRuntime()
    source = "def handler(context, text):\n    print(len(text))\n"
    task = make_task(tmp_path / "run", source, parameters={"text": "x" * 10_000_000})
    handle = list(runtime.submit(runtime.build(task)))[-1]
    assert wait_until_ended(runtime, handle).state == states.COMPLETED
    assert b"".join(runtime.logs(handle)).strip() == b"10000000"


def test_run_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    run = Started(tmp_path, "import time; print('on', flush=True); time.sleep(60)")
    run.wait_for(b"on")
    os.kill(run.handle["supervisor"]["pid"], signal.SIGKILL)
    wait(lambda: not process.is_alive(run.handle["supervisor"]))
    assert run.runtime.poll([run.handle])[0].state == states.RUNNING
    run.runtime.cancel(run.handle, "enough", grace=0.1)
    seen = run.end()
    assert (seen.state, seen.reason) == (states.ABORTED, "enough")
    wait(lambda: process.start_time(run.child) is None)


def test_killed_with_its_supervisor_is_lost(tmp_path: Path) -> None:
    run = Started(tmp_path, "import time; print('on', flush=True); time.sleep(60)")
    run.wait_for(b"on")
    child = run.child
    os.kill(run.handle["supervisor"]["pid"], signal.SIGKILL)
    os.kill(child, signal.SIGKILL)
    seen = run.end()
    assert (seen.state, seen.lost) == (states.ERROR, True)
    assert "killed from outside" in seen.reason


def test_another_boot_is_no_process_of_ours(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    me = process.identity()
    handle = {"folder": str(tmp_path / "run"), "supervisor": {**me, "boot_id": "another"}}
    (seen,) = LocalRuntime().poll([handle])
    assert (seen.state, seen.lost) == (states.ERROR, True)
    assert seen.reason == "the machine was restarted while the run worked"


def test_a_reused_pid_is_not_taken_for_the_run() -> None:
    me = process.identity()
    assert process.is_alive(me)
    assert not process.is_alive({**me, "start_time": me["start_time"] - 1})
    assert not process.is_alive(None)
    assert not process.is_alive({"pid": 2**22 + 1, "start_time": 1, "boot_id": process.boot_id()})


def test_a_flood_of_output_is_kept_whole(tmp_path: Path) -> None:
    code = "for i in range(300_000): print(i, 'x' * 60)"
    run = Started(tmp_path, code)
    assert run.end(60).state == states.COMPLETED
    log = run.log()
    assert log.count(b"\n") == 300_000
    assert log.endswith(b"299999 " + b"x" * 60 + b"\n")


@pytest.mark.skipif(not Path("/dev/shm").is_dir() or os.geteuid() != 0, reason="mounts a tmpfs")
def test_a_full_disk_ends_with_a_word(tmp_path: Path) -> None:
    """The run goes on, its log is cut, and the end says how much is missing."""
    small = tmp_path / "small"
    small.mkdir()
    if os.system(f"mount -t tmpfs -o size=256k tmpfs {small} 2>/dev/null") != 0:
        pytest.skip("mounting is not allowed here")
    try:
        code = "import os, time\nprint('x' * 1_000_000, flush=True)\n"
        code += f"while not os.path.exists({str(tmp_path / 'on')!r}): time.sleep(0.05)"
        run = Started(small, code, cwd=str(tmp_path))
        wait(lambda: run.runtime.poll([run.handle])[0].detail)
        (seen,) = run.runtime.poll([run.handle])
        assert seen.state == states.RUNNING
        assert seen.detail == "bytes of the log are missing: No space left on device"
        (tmp_path / "on").touch()
        seen = run.end()
        assert (seen.state, seen.exit_code) == (states.COMPLETED, 0)
        assert "bytes of the log are missing: No space left on device" in seen.reason
    finally:
        os.system(f"umount -l {small}")


def test_secrets_of_the_run_are_masked_in_its_log(tmp_path: Path) -> None:
    code = (
        "import os, sys, time\n"
        "word = os.environ['PASSWORD']\n"
        "print('whole', word, flush=True)\n"
        "for letter in 'cut ' + word + ' end':\n"
        "    sys.stdout.write(letter); sys.stdout.flush(); time.sleep(0.005)\n"
        "print(os.environ['REGION'], word[:7], end='')\n"
    )
    env = {"PASSWORD": SECRET, "REGION": "eu-west-1", "JUPYTER_MLRUN_SECRETS": "PASSWORD"}
    run = Started(tmp_path, code, env=env)
    assert run.end().state == states.COMPLETED
    # a beginning of it that comes to nothing is shown at the end
    assert run.log() == b"whole *****\ncut ***** endeu-west-1 " + SECRET[:7].encode()
    held = [file for file in run.folder.rglob("*") if SECRET.encode() in file.read_bytes()]
    assert not held
