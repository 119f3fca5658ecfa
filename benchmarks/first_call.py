"""A program's first call where a service runs and where it must start one, over bare Python."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil

from jupyter_mlrun.paths import server_file

from .figure import Figure, added, in_turn, median

ROUNDS, STARTS = 15, 5
CALL = "import jupyter_mlrun as mlrun; mlrun.get_run_db().list_projects()"


def measure() -> list[Figure]:
    """Whole programs: interpreter, import, call and end."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.program(CALL)  # makes the store, as only the first start does
        try:
            bare, running = in_turn(
                [lambda: home.program("pass"), lambda: home.program(CALL)], ROUNDS
            )
            starts = [home.first_call() for _ in range(STARTS)]
        finally:
            home.end()
    floor = median(bare)
    beside = f"bare Python {floor * 1e3:.0f} ms"
    return [
        Figure("first call, the service runs", added(running, bare), 0.250, "ms", beside),
        Figure("first call, the service must start", median(starts) - floor, 2.0, "s", beside),
    ]


class Home:
    """A user's home with programs in it and no Jupyter server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(folder),
            "JUPYTER_DATA_DIR": str(folder / "data"), "JUPYTER_CONFIG_DIR": str(folder / "config"),
        }  # fmt: skip

    def program(self, code: str) -> None:
        """Run it to its end."""
        command = [sys.executable, "-c", code]
        subprocess.run(command, env=self.environment, cwd=self.folder, check=True)

    def first_call(self) -> float:
        """Seconds of a program that finds no service."""
        self.end()
        (times,) = in_turn([lambda: self.program(CALL)], 1)
        return times[0]

    def end(self) -> None:
        """Stop the service that the programs started."""
        file = server_file(self.folder / "data" / "mlrun")
        if file.exists():
            service = psutil.Process(int(json.loads(file.read_text())["pid"]))
            service.send_signal(signal.SIGTERM)
            service.wait(timeout=30)
