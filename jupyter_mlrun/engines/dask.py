"""A run's Dask client: of the cluster that its function has, default for all Dask work."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_mlrun.dask_client import connect
from jupyter_mlrun.errors import MLRunRuntimeError, MLRunTimeoutError

CLUSTER = "JUPYTER_MLRUN_DASK_CLUSTER"
ADDRESS = "DASK_SCHEDULER_ADDRESS"
LONGEST_START = 120.0
_LOOK = 0.05
_TAIL = 0.2


@contextmanager
def client(context: Any) -> Iterator[dict[str, Any]]:
    """The client; what workers print meanwhile is printed here too, with the worker's name."""
    folder = Path(os.environ.get(CLUSTER) or ".")
    address = os.environ.get(ADDRESS)
    found = wait_for_scheduler(address) if address else connect(wait_for_address(folder))
    tail = Tail(folder / "parts")
    tail.start()
    try:
        yield {"dask_client": found}
    finally:
        tail.stop()
        found.close()


def wait_for_scheduler(address: str) -> Any:
    """A client of a scheduler that starts beside the run; Dask's configuration says how long."""
    try:
        return connect(address, timeout=None)
    except OSError as error:
        raise MLRunRuntimeError(
            f"The scheduler of the function's Dask cluster does not answer at {address} ({error}): "
            "look at what its pods say, close the cluster, and run again"
        ) from None


def wait_for_address(folder: Path) -> str:
    """The scheduler's address, as soon as the cluster in the folder works."""
    deadline = time.monotonic() + LONGEST_START
    while time.monotonic() < deadline:
        told = _read(folder / "cluster.json")
        if address := told.get("scheduler_address"):
            return str(address)
        if ended := _read(folder / "exit.json"):
            raise MLRunRuntimeError(
                f"The function's Dask cluster did not start: {ended.get('reason') or 'it ended'}. "
                f"Its log is {folder / 'log'}"
            )
        time.sleep(_LOOK)
    raise MLRunTimeoutError(
        f"The function's Dask cluster did not start in {LONGEST_START:.0f} s: see {folder / 'log'}"
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_bytes()))
    except (OSError, ValueError):
        return {}


class Tail:
    """Prints what is written to the logs of a folder from now on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen = {path: path.stat().st_size for path in folder.glob("*.log")}
        self._begun: dict[Path, bytes] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="worker logs", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Print what is left, and end."""
        self._ended.set()
        self._thread.join(5)
        self._look()
        for path, text in self._begun.items():
            self._print(path, text)

    def _work(self) -> None:
        while not self._ended.wait(_TAIL):
            self._look()

    def _look(self) -> None:
        for path in sorted(self._folder.glob("*.log")):
            with path.open("rb") as file:
                file.seek(self._seen.get(path, 0))
                data = file.read()
            self._seen[path] = self._seen.get(path, 0) + len(data)
            *whole, begun = (self._begun.pop(path, b"") + data).split(b"\n")
            for line in whole:
                self._print(path, line)
            if begun:
                self._begun[path] = begun

    def _print(self, path: Path, line: bytes) -> None:
        print(f"[{path.stem}] {line.decode('utf-8', 'replace')}", file=sys.stdout, flush=True)
