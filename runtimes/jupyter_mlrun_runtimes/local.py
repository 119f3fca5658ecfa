"""Runs as child processes of this machine, each under a supervisor that outlives the server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar

from jupyter_mlrun import states

from . import logfile, process
from .command import TASK_FILE, command, environment, task_text
from .contract import Handle, Limits, Observation, Request, Runtime, Task
from .output import LOST_FILE, MISSING

EXIT_FILE, PROCESS_FILE, REQUEST_FILE, CANCEL_FILE = (
    "exit.json", "process.json", "request.json", "cancel.json",
)  # fmt: skip
LOG_FILE = "log"


class LocalRuntime(Runtime):
    """Runs a task in a process of its own session.

    A handle is ``{"folder", "supervisor"}``; all else is read from the run's folder, where the
    supervisor writes it.
    """

    kind: ClassVar[str] = "local"

    def __init__(self) -> None:
        self._children: dict[int, subprocess.Popen[bytes]] = {}

    def build(self, task: Task) -> Request:
        """The supervised command, with the documents it reads."""
        return Request(
            kind=self.kind,
            folder=task.folder,
            argv=command(task),
            workdir=task.workdir,
            limits=Limits.of(task),
            environment=environment(task, self.kind),
            files={TASK_FILE: task_text(task)},
        )

    def submit(self, request: Request) -> Iterator[Handle]:
        """Start the supervisor; the environment goes to it by a pipe and touches no file."""
        folder = Path(request.folder)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, text in request.files.items():
            write_private(folder / name, text)
        asked = {
            "argv": list(request.argv),
            "cwd": request.workdir,
            "limits": asdict(request.limits),
        }
        write_private(folder / REQUEST_FILE, json.dumps(asked))
        for stale in (EXIT_FILE, CANCEL_FILE, LOST_FILE):
            (folder / stale).unlink(missing_ok=True)
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "jupyter_mlrun_runtimes.supervise", request.folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._children[child.pid] = child
        handle: Handle = {
            "folder": request.folder,
            "supervisor": process.identity(child.pid),
        }
        handed_over = False
        try:
            yield handle
            assert child.stdin is not None
            with child.stdin as pipe:
                pipe.write(json.dumps(dict(request.environment)).encode())
            handed_over = True
        finally:
            if not handed_over:
                _end_unused(child)

    def poll(self, handles: Sequence[Handle]) -> list[Observation]:
        """What the folders and the process table say."""
        for pid in [pid for pid, child in self._children.items() if child.poll() is not None]:
            del self._children[pid]
        return [_observe(handle) for handle in handles]

    def logs(self, handle: Handle, follow: bool = False) -> Iterator[bytes]:
        """The log's bytes; following, a look every tenth of a second."""
        path, offset = os.path.join(handle["folder"], LOG_FILE), 0
        while True:
            ended = not follow or _observe(handle).state in states.TERMINAL
            while chunk := logfile.read(path, offset, 1 << 20):
                offset += len(chunk)
                yield chunk
            if ended:
                return
            time.sleep(0.1)

    def cancel(self, handle: Handle, reason: str = "", grace: float | None = None) -> None:
        """End the whole tree: asked to end, and killed after the grace."""
        folder = Path(handle["folder"])
        if (folder / EXIT_FILE).exists() or not folder.is_dir():
            return
        if not (folder / CANCEL_FILE).exists():
            wish = {"reason": reason, "grace": grace}
            write_private(folder / CANCEL_FILE, json.dumps(wish))
        if process.is_alive(handle.get("supervisor")):
            _signal(handle["supervisor"]["pid"], signal.SIGTERM)
            return
        child = _read(folder / PROCESS_FILE).get("child")
        if child and process.is_alive(child):
            from .tree import end_tree

            end_tree(child["pid"], Limits().grace if grace is None else grace)


def _end_unused(child: subprocess.Popen[bytes]) -> None:
    """A supervisor that got no environment would write the end of the next attempt."""
    child.kill()
    child.wait()
    if child.stdin is not None:
        child.stdin.close()


def _observe(handle: Handle) -> Observation:
    folder = Path(handle["folder"])
    if found := _ended(handle, folder):
        return found
    if process.is_alive(handle.get("supervisor")):
        started = (folder / PROCESS_FILE).exists()
        detail = _missing(folder) if started else ""
        return Observation(handle, states.RUNNING if started else states.PENDING, detail=detail)
    if process.is_alive(_read(folder / PROCESS_FILE).get("child")):
        return Observation(handle, states.RUNNING)
    # it may have ended between the first look and the last
    return _ended(handle, folder) or _lost(handle, folder)


def _missing(folder: Path) -> str:
    """What is to be said of the log of a run that works; nothing where it is whole."""
    try:
        why = (folder / LOST_FILE).read_text()
    except (FileNotFoundError, NotADirectoryError):
        return ""
    return f"{MISSING}: {why}"


def _ended(handle: Handle, folder: Path) -> Observation | None:
    end = _read(folder / EXIT_FILE)
    if not end:
        return None
    return Observation(
        handle,
        end["state"],
        reason=end.get("reason") or "",
        exit_code=end.get("code"),
        signal=end.get("signal"),
        ended_at=end.get("at"),
    )


def _lost(handle: Handle, folder: Path) -> Observation:
    cancel = _read(folder / CANCEL_FILE)
    if cancel:
        return Observation(handle, states.ABORTED, reason=cancel.get("reason") or "")
    began = (handle.get("supervisor") or {}).get("boot_id")
    reason = "the process of the run is gone and left no exit status: it was killed from outside"
    if began not in (None, process.boot_id()):
        reason = "the machine was restarted while the run worked"
    return Observation(handle, states.ERROR, reason=reason, lost=True)


def _read(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def write_private(path: Path, text: str) -> None:
    """Write a file that only this user reads, whole or not at all."""
    write_private_bytes(path, text.encode())


def write_private_bytes(path: Path, data: bytes) -> None:
    """The same for bytes."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{time.monotonic_ns()}")
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(file, "wb") as stream:
            stream.write(data)
        os.replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
