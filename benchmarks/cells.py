"""From a cell to its recorded run: the kinds local and handler with an empty body."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.live import Kernel, live_server

from .figure import Figure, added, in_turn, median, percentile, timed

LOCAL_ROUNDS = 15
HANDLER_ROUNDS = 60
PAPERMILL_ROUNDS = 3
CALLS = f"""
import time
import jupyter_mlrun

def empty(context):
    pass

def call():
    begin = time.perf_counter()
    function.run(handler=empty)
    return time.perf_counter() - begin

function = jupyter_mlrun.new_function("plain", kind="handler", project="default")
call()
times = [call() for _ in range({HANDLER_ROUNDS})]
print("seconds", *times)
"""


def measure() -> list[Figure]:
    """An empty cell by both kinds, beside a bare Python process, papermill and an empty cell."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with live_server(folder) as server, server.kernel() as kernel:
            must(kernel, "%load_ext jupyter_mlrun")
            must(kernel, "%%mlrun warm\npass")
            must(kernel, "%%mlrun warm --kind handler\npass")
            local, bare = in_turn(
                [
                    lambda: must(kernel, "%%mlrun empty\npass"),
                    lambda: subprocess.run([sys.executable, "-c", "pass"], check=True),
                ],
                LOCAL_ROUNDS,
            )
            handler, cell = in_turn(
                [
                    lambda: must(kernel, "%%mlrun quick --kind handler\npass"),
                    lambda: must(kernel, "pass"),
                ],
                HANDLER_ROUNDS,
            )
            called = seconds(kernel.run(CALLS).text)
            rows = server.call("GET", "mlrun/api/v1/lab/runs?project=default&limit=500")
            expected = 3 + LOCAL_ROUNDS + 2 * HANDLER_ROUNDS
            assert rows["counts"]["completed"] == expected, rows["counts"]
        peer = [papermill(folder) for _ in range(PAPERMILL_ROUNDS)]
    floor, done = median(bare), median(local)
    return [
        Figure(
            "cell to done, kind local, empty body", done, 0.25, "s",
            f"bare Python process {floor * 1e3:.0f} ms ({done / floor:.1f} ×)",
            f"p95 {percentile(local, 0.95):.3f} s; papermill {median(peer):.2f} s "
            f"({median(peer) / done:.0f} × ours)",
        ),
        Figure(
            "run of a function recorded, kind handler", median(called), 0.006, "ms",
            f"p95 {percentile(called, 0.95) * 1e3:.1f} ms",
        ),
        Figure(
            "cell recorded with its card, kind handler", added(handler, cell), None, "ms",
            f"an empty cell {median(cell) * 1e3:.1f} ms, taken off",
            f"p95 {percentile(handler, 0.95) * 1e3:.1f} ms with it",
        ),
    ]  # fmt: skip


def seconds(text: str) -> list[float]:
    """The times that the kernel measured and printed."""
    (line,) = (line for line in text.splitlines() if line.startswith("seconds "))
    return [float(word) for word in line.split()[1:]]


def must(kernel: Kernel, source: str) -> None:
    """Executes a cell that has to end well."""
    answer = kernel.run(source)
    assert answer.ok, f"{source}\n{answer.error}"


def papermill(folder: Path) -> float:
    """The seconds that papermill needs for a notebook with one empty cell."""
    notebook = folder / "empty.ipynb"
    cell = {
        "cell_type": "code", "id": "a", "metadata": {}, "source": "pass",
        "outputs": [], "execution_count": None,
    }  # fmt: skip
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    document = {
        "cells": [cell], "metadata": {"kernelspec": spec}, "nbformat": 4, "nbformat_minor": 5,
    }  # fmt: skip
    notebook.write_text(json.dumps(document))
    command = [
        sys.executable, "-m", "papermill", "--log-level", "ERROR", "--no-progress-bar",
        str(notebook), str(folder / "done.ipynb"),
    ]  # fmt: skip
    return timed(lambda: subprocess.run(command, check=True, capture_output=True))
