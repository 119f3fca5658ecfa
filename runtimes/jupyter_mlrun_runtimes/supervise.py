"""``python -m jupyter_mlrun_runtimes.supervise FOLDER``: start a command, watch it, tell its end.

Reads ``request.json`` in the folder and the environment from stdin; writes ``process.json``, the
log with its index, and at last ``exit.json``. Knows no server: one can die and come back. Imports
little before the command runs, since every run waits for that.
"""

from __future__ import annotations

import errno
import json
import os
import select
import signal
import sys
import time
from typing import Any

from jupyter_mlrun.disk import has_room

from . import logfile, process

_ROOM = 2048
_LOOK = 0.2
_MOMENT = 0.3
_DRAIN = 1 << 16


class Supervisor:
    """One command from its start to its exit status."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        with open(os.path.join(folder, "request.json"), "rb") as file:
            self.request: dict[str, Any] = json.load(file)
        self.limits: dict[str, Any] = self.request.get("limits") or {}
        self.log = logfile.LogWriter(os.path.join(folder, "log"))
        self.lost_bytes = self.missing = 0
        self.lost_why = ""
        self.pid = 0
        self.adopter: int | None = None
        self.status: int | None = None
        self.ending: tuple[str, str] | None = None
        self.cancelled = False
        self.mask: Any = None
        self._reserve_exit_file()

    def run(self) -> None:
        """Start, watch, and leave exit.json whatever happens."""
        self._listen()
        try:
            output = self._start(json.loads(sys.stdin.buffer.read() or b"null"))
        except OSError as error:
            self._finish("error", self._cannot_start(error), code=127)
            return
        self._record_process()
        status = self._watch(output)
        self._end_leftovers(output)
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

    def _start(self, environment: dict[str, str] | None) -> int:
        if environment is None:
            raise OSError("the server ended before it handed over the environment")
        if environment.get("JUPYTER_MLRUN_SECRETS"):
            from jupyter_mlrun.masking import of_environment

            self.mask = of_environment(environment).stream()
        read_end, write_end = os.pipe()
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.chdir(self.request["cwd"])
        self._limit_cpu()
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
        return read_end

    def _limit_cpu(self) -> None:
        wanted = self.limits.get("cpu")
        if wanted and hasattr(os, "sched_setaffinity"):
            import random

            cores = sorted(os.sched_getaffinity(0))
            count = min(len(cores), max(1, -(-wanted // 1)))
            os.sched_setaffinity(0, random.sample(cores, int(count)))

    def _cannot_start(self, error: OSError) -> str:
        cwd, program = self.request["cwd"], self.request["argv"][0]
        if not os.path.isdir(cwd):
            return f"the working directory {cwd} is not there: give another with --workdir"
        why = error.strerror or str(error)
        return f"cannot start {program}: {why}"

    def _record_process(self) -> None:
        child = {"pid": self.pid, "start_time": process.start_time(self.pid)}
        me = process.identity()
        child["boot_id"] = me["boot_id"]
        text = json.dumps({"supervisor": me, "child": child})
        try:
            self._write("process.json", text)
        except OSError as error:
            self.ending = ("error", f"cannot record the process: {error.strerror}")

    def _watch(self, output: int) -> int:
        self.adopter = os.getpid() if _adopt_orphans() else None
        poller = select.poll()
        poller.register(output, select.POLLIN)
        poller.register(self.wake, select.POLLIN)
        while True:
            for ready, _ in poller.poll(_LOOK * 1000):
                if ready == self.wake:
                    _empty(self.wake)
                elif not self._pump(output):
                    poller.unregister(output)
            self._reap()
            if self.status is not None:
                return self.status
            if self.ending is None:
                self._check()
                if self.ending is not None:
                    self._end_tree(output)

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

    def _pump(self, output: int) -> bool:
        data = os.read(output, _DRAIN)
        shown = self.mask.feed(data) if self.mask else data
        if shown:
            self._log(shown)
        return bool(data)

    def _log(self, data: bytes) -> None:
        try:
            if not has_room(self.folder, len(data)):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            if self.lost_bytes:
                gap = f"\n[{self.lost_bytes} bytes of output are missing: {self.lost_why}]\n"
                self.log.append(gap.encode())
                self.lost_bytes = 0
            self.log.append(data)
        except OSError as error:
            self.lost_bytes += len(data)
            self.missing += len(data)
            self.lost_why = error.strerror or str(error)

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

    def _end_tree(self, output: int) -> None:
        state, reason = self.ending or ("", "")
        grace = self._wish().get("grace")
        if grace is None:
            grace = 0.0 if state == "error" else self.limits.get("grace", 5.0)
        self._log(f"[the run is being ended: {reason}]\n".encode())
        self._end(output, grace)

    def _end(self, output: int, grace: float) -> None:
        from .tree import end_tree

        os.set_blocking(output, False)

        def meanwhile() -> None:
            self._drain(output)
            self._reap()

        end_tree(self.pid, grace, self.adopter, meanwhile)

    def _drain(self, output: int) -> None:
        try:
            while self._pump(output):
                pass
        except BlockingIOError:
            pass

    def _end_leftovers(self, output: int) -> None:
        os.set_blocking(output, False)
        self._drain(output)
        if self._has_leftovers():
            self._name_leftovers(output)
            self._end(output, grace=1.0)
            self._drain(output)

    def _name_leftovers(self, output: int) -> None:
        """Say in the log what is about to be ended, once it had a moment to end by itself."""
        from . import tree

        deadline = time.monotonic() + _MOMENT
        while (left := tree.members(self.pid, self.adopter)) and time.monotonic() < deadline:
            self._drain(output)
            self._reap()
            time.sleep(0.02)
        if left and self.ending is None:
            self._log(f"[left behind by the run, and ended: {tree.names(left)}]\n".encode())

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
        if self.mask and (rest := self.mask.close()):
            self._log(rest)
        code = os.waitstatus_to_exitcode(status)
        number = -code if code < 0 else None
        state, reason = self.ending or _verdict(code, number, self._tail())
        self._finish(state, reason, code=None if number else code, number=number)

    def _tail(self) -> bytes:
        return logfile.read(self.log.path, max(0, self.log.size - 500))

    def _finish(
        self, state: str, reason: str, code: int | None = None, number: int | None = None
    ) -> None:
        if reason and code == 127:
            self._log(reason.encode() + b"\n")
        if self.missing:
            lost = f"{self.missing} bytes of the log are missing: {self.lost_why}"
            reason = f"{reason}; {lost}" if reason else lost
        self.log.close()
        end = {
            "code": code,
            "signal": number,
            "state": state,
            "reason": reason[:1000],
            "at": round(time.time(), 3),
        }
        self._write_exit(json.dumps(end))

    def _reserve_exit_file(self) -> None:
        # room now, so that a full disk cannot take the exit status away later
        self.draft = os.path.join(self.folder, ".exit.json")
        with open(self.draft, "w") as file:
            file.write(" " * _ROOM)

    def _write_exit(self, text: str) -> None:
        with open(self.draft, "r+") as file:
            file.write(text.ljust(_ROOM))
        os.replace(self.draft, os.path.join(self.folder, "exit.json"))

    def _write(self, name: str, text: str) -> None:
        draft = os.path.join(self.folder, f".{name}")
        with open(draft, "w") as file:
            file.write(text)
        os.replace(draft, os.path.join(self.folder, name))


def _verdict(code: int, number: int | None, tail: bytes) -> tuple[str, str]:
    if number:
        name = signal.Signals(number).name if number in set(signal.Signals) else str(number)
        return "error", f"the process was killed by signal {name}"
    if code == 0:
        return "completed", ""
    if b"No module named jupyter_mlrun" in tail:
        return "error", (
            "the interpreter of the run has no jupyter-mlrun: "
            "pip install jupyter-mlrun into the kernel's environment"
        )
    return "error", f"the process ended with exit code {code}"


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
        supervisor._write_exit(
            json.dumps(
                {
                    "code": None,
                    "signal": None,
                    "state": "error",
                    "reason": f"the supervisor failed: {error!r}"[:1000],
                    "at": time.time(),
                }
            )
        )
        raise


if __name__ == "__main__":
    main(sys.argv[1])
