"""A service where none runs: started once for all programs of this user on this host."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .. import paths
from ..errors import MLRunServiceUnreachableError

SWITCH = "JUPYTER_MLRUN_AUTOSTART"
SECONDS = 30.0
PAUSE = 0.01
_MODULE = "jupyter_mlrun_server.on_demand"
_OTHERS_LEAD = 75


def is_allowed() -> bool:
    """Whether a service may be started; ``JUPYTER_MLRUN_AUTOSTART=0`` says no."""
    return os.environ.get(SWITCH, "1").lower() not in ("0", "false", "no", "off")


def running() -> dict[str, Any] | None:
    """What the running service wrote of itself; None where it does not listen any more."""
    try:
        found = json.loads(paths.server_file().read_bytes())
        base = urlsplit(str(found["url"]))
        os.kill(int(found["pid"]), 0)
        with socket.create_connection((base.hostname or "", base.port or 80), timeout=2):
            return dict(found)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def ensure() -> dict[str, Any]:
    """The running service, started where none runs; raises MLRunServiceUnreachableError.

    Programs that start at once wait for one another, and share it.
    """
    with _alone():
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            found = running() or _start(deadline)
            if found is not None:
                return found
            # another server leads and has not said yet where it is
            time.sleep(PAUSE)
    raise MLRunServiceUnreachableError(
        f"A service leads on this host, and does not say where: see {paths.server_file()}"
    )


def _start(deadline: float) -> dict[str, Any] | None:
    """What the started service wrote; None where another server leads on this host."""
    with _log_file().open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", _MODULE], stdin=subprocess.DEVNULL, stdout=log,
            stderr=log, start_new_session=True, cwd=paths.data_dir(), close_fds=True,
        )  # fmt: skip
    while time.monotonic() < deadline:
        found = running()
        if found is not None and found["pid"] == process.pid:
            # it outlives this program, which must not be told of its end
            process.returncode = 0
            return found
        code = process.poll()
        if code == _OTHERS_LEAD:
            return None
        if code is not None:
            raise MLRunServiceUnreachableError(_explain(code))
        time.sleep(PAUSE)
    process.kill()
    process.wait()
    raise MLRunServiceUnreachableError(
        f"The service did not start within {SECONDS:.0f} s: see {_log_file()}"
    )


def _explain(code: int) -> str:
    lines = _log_file().read_text(errors="replace").strip().splitlines()
    said = lines[-1] if lines else "nothing"
    return (
        f"No service runs, and one could not be started (exit code {code}): {said[:300]}. See "
        f"{_log_file()}, start a Jupyter server with jupyter-mlrun, or set MLRUN_DBPATH"
    )


def _log_file() -> Path:
    return paths.server_file().with_suffix(".log")


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """One program of this host at a time."""
    import fcntl

    root = paths.data_dir()
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = paths.server_file().with_suffix(".starting")
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
