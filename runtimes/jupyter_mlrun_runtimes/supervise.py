"""``python -m jupyter_mlrun_runtimes.supervise FOLDER``: start a command, watch it, tell its end.

Reads ``request.json`` in the folder and the environment from stdin; writes ``process.json``, the
log with its index, and at last ``exit.json``. Knows no server: one can die and come back. Imports
little before the command runs, since every run waits for that.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
from typing import Any

from . import process
from .last_word import LastWord, verdict
from .output import Output

_LOOK = 0.2
_MOMENT = 0.3


class Supervisor:
    """One command from its start to its exit status."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        with open(os.path.join(folder, "request.json"), "rb") as file:
            self.request: dict[str, Any] = json.load(file)
        self.limits: dict[str, Any] = self.request.get("limits") or {}
        self.output = Output(folder)
        self.pid = 0
        self.adopter: int | None = None
        self.status: int | None = None
        self.ending: tuple[str, str] | None = None
        self.cancelled = False
        self.last_word = LastWord(folder)

    def run(self) -> None:
        """Start, watch, and leave exit.json whatever happens."""
        self._listen()
        try:
            self._start(json.loads(sys.stdin.buffer.read() or b"null"))
        except OSError as error:
            cwd, program = self.request["cwd"], self.request["argv"][0]
            self._finish("error", _cannot_start(cwd, program, error), code=127)
            return
        self._record_process()
        status = self._watch()
        self._end_leftovers()
        self._conclude(status)

    def _listen(self) -> None:
        self.wake, wake_end = os.pipe()
        os.set_blocking(self.wake, False)
        os.set_blocking(wake_end, False)
        signal.set_wakeup_fd(wake_end, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, self._cancel)
        for quiet in (signal.SIGHUP, signal.SIGINT):
            signal.signal(quiet, signal.SIG_IGN)

    def _cancel(self, *_: object) -> None:
        self.cancelled = True

    def _start(self, environment: dict[str, str] | None) -> None:
        if environment is None:
            raise OSError("the server ended before it handed over the environment")
        self.output.hide(environment)
        self.output.pipe, write_end = os.pipe()
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.chdir(self.request["cwd"])
        _limit_cpu(self.limits.get("cpu"))
        argv = self.request["argv"]
        self.pid = os.posix_spawnp(
            argv[0],
            argv,
            environment,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, nothing, 0),
                (os.POSIX_SPAWN_DUP2, write_end, 1),
                (os.POSIX_SPAWN_DUP2, write_end, 2),
            ],
            setsid=True,
            setsigdef=[signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGPIPE],
        )
        os.close(write_end)
        os.close(nothing)
        self.began = time.monotonic()

    def _record_process(self) -> None:
        child = {"pid": self.pid, "start_time": process.start_time(self.pid)}
        me = process.identity()
        child["boot_id"] = me["boot_id"]
        text = json.dumps({"supervisor": me, "child": child})
        try:
            self._write("process.json", text)
        except OSError as error:
            self.ending = ("error", f"cannot record the process: {error.strerror}")

    def _watch(self) -> int:
        self.adopter = os.getpid() if _adopt_orphans() else None
        poller = select.poll()
        poller.register(self.output.pipe, select.POLLIN)
        poller.register(self.wake, select.POLLIN)
        while True:
            for ready, _ in poller.poll(_LOOK * 1000):
                if ready == self.wake:
                    _empty(self.wake)
                elif not self.output.pump():
                    poller.unregister(self.output.pipe)
            self._reap()
            if self.status is not None:
                return self.status
            if self.ending is None:
                self._check()
                if self.ending is not None:
                    self._end_tree()

    def _reap(self) -> None:
        try:
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == self.pid:
                    self.status = status
                elif pid == 0:
                    return
        except ChildProcessError:
            return

    def _check(self) -> None:
        """Decide whether the run must end before it ends itself."""
        timeout, memory = self.limits.get("timeout"), self.limits.get("memory")
        if self.cancelled:
            wish = self._wish()
            self.ending = ("aborted", wish.get("reason") or "aborted")
        elif timeout and time.monotonic() - self.began >= timeout:
            self.ending = ("aborted", f"the time limit of {timeout:g} s was reached")
        elif memory:
            self._check_memory(memory)

    def _check_memory(self, limit: int) -> None:
        from . import tree

        found = tree.members(self.pid, self.adopter)
        if tree.memory(found) <= limit:
            return
        used = tree.memory(found, exact=True)
        if used > limit:
            self.ending = (
                "error",
                f"the memory limit of {_size(limit)} was passed: "
                f"{len(found)} process{'es' * (len(found) != 1)} used {_size(used)}",
            )

    def _wish(self) -> dict[str, Any]:
        try:
            with open(os.path.join(self.folder, "cancel.json"), "rb") as file:
                return dict(json.load(file))
        except (OSError, ValueError):
            return {}

    def _end_tree(self) -> None:
        state, reason = self.ending or ("", "")
        grace = self._wish().get("grace")
        if grace is None:
            grace = 0.0 if state == "error" else self.limits.get("grace", 5.0)
        self.output.write(f"[the run is being ended: {reason}]\n".encode())
        self._end(grace)

    def _end(self, grace: float) -> None:
        from .tree import end_tree

        def meanwhile() -> None:
            self.output.drain()
            self._reap()

        end_tree(self.pid, grace, self.adopter, meanwhile)

    def _end_leftovers(self) -> None:
        self.output.drain()
        if self._has_leftovers():
            self._name_leftovers()
            self._end(grace=1.0)
            self.output.drain()

    def _name_leftovers(self) -> None:
        """Say in the log what is about to be ended, once it had a moment to end by itself."""
        from . import tree

        deadline = time.monotonic() + _MOMENT
        while (left := tree.members(self.pid, self.adopter)) and time.monotonic() < deadline:
            self.output.drain()
            self._reap()
            time.sleep(0.02)
        if left and self.ending is None:
            told = f"[left behind by the run, and ended: {tree.names(left)}]\n"
            self.output.write(told.encode())

    def _has_leftovers(self) -> bool:
        try:
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            return True
        except ChildProcessError:
            pass
        try:
            os.killpg(self.pid, 0)
            return True
        except (ProcessLookupError, PermissionError):
            return False

    def _conclude(self, status: int) -> None:
        tail = self.output.tail()
        code = os.waitstatus_to_exitcode(status)
        number = -code if code < 0 else None
        state, reason = self.ending or verdict(code, number, tail)
        self._finish(state, reason, code=None if number else code, number=number)

    def _finish(
        self, state: str, reason: str, code: int | None = None, number: int | None = None
    ) -> None:
        if reason and code == 127:
            self.output.write(reason.encode() + b"\n")
        if lost := self.output.close():
            reason = f"{reason}; {lost}" if reason else lost
        self.last_word.say(state, reason, code, number)

    def _write(self, name: str, text: str) -> None:
        draft = os.path.join(self.folder, f".{name}")
        with open(draft, "w") as file:
            file.write(text)
        os.replace(draft, os.path.join(self.folder, name))


def _limit_cpu(wanted: float | None) -> None:
    if wanted and hasattr(os, "sched_setaffinity"):
        import random

        cores = sorted(os.sched_getaffinity(0))
        count = min(len(cores), max(1, -(-wanted // 1)))
        os.sched_setaffinity(0, random.sample(cores, int(count)))


def _cannot_start(cwd: str, program: str, error: OSError) -> str:
    if not os.path.isdir(cwd):
        return f"the working directory {cwd} is not there: give another with --workdir"
    why = error.strerror or str(error)
    return f"cannot start {program}: {why}"


def _size(count: float) -> str:
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} GB"


def _adopt_orphans() -> bool:
    """Make orphaned descendants this process's children, so that none escapes (Linux)."""
    if not sys.platform.startswith("linux"):
        return False
    import ctypes

    set_child_subreaper = 36
    return bool(ctypes.CDLL(None).prctl(set_child_subreaper, 1, 0, 0, 0) == 0)


def _empty(wake: int) -> None:
    try:
        while os.read(wake, 512):
            pass
    except BlockingIOError:
        pass


def main(folder: str) -> None:
    """Supervise the run of one folder."""
    supervisor = Supervisor(folder)
    try:
        supervisor.run()
    except Exception as error:
        # the last witness: without exit.json nobody would know
        supervisor.last_word.say("error", f"the supervisor failed: {error!r}")
        raise


if __name__ == "__main__":
    main(sys.argv[1])
