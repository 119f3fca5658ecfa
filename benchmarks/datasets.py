"""What logging a dataset costs beside writing the same table to a file."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.live import live_server

from .figure import Figure, median

ROWS, TURNS = 1_000_000, 5
PROJECT = "datasets"


def measure() -> list[Figure]:
    """``log_dataset`` beside the bare parquet write, in turns; with statistics too."""
    frame = table()
    with tempfile.TemporaryDirectory() as name, live_server(Path(name)) as server:
        os.environ["MLRUN_DBPATH"] = f"{server.url}/mlrun"
        os.environ["MLRUN_HTTPDB__TOKEN"] = server.mlrun_token()
        try:
            bare, logged, described = in_turns(frame, Path(name))
        finally:
            del os.environ["MLRUN_DBPATH"], os.environ["MLRUN_HTTPDB__TOKEN"]
    floor = median(bare)
    beside = f"bare parquet write {floor * 1e3:.0f} ms, in turns, {ROWS:,} rows"
    ratios = [one / two for one, two in zip(logged, bare, strict=True)]
    return [
        Figure("log_dataset beside the bare parquet write", median(ratios), 1.3, "x", beside),
        Figure("the same with statistics", median(described) / floor, None, "x", beside),
    ]


def table() -> Any:
    """Numbers, words and times."""
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "id": np.arange(ROWS),
            "x": random.normal(size=ROWS),
            "y": random.normal(size=ROWS),
            "label": random.choice(["red", "green", "blue"], ROWS),
            "time": pd.date_range("2026-01-01", periods=ROWS, freq="s"),
        }
    )


def in_turns(frame: Any, folder: Path) -> tuple[list[float], list[float], list[float]]:
    """Seconds of each way, one after the other, so that all meet the same machine."""
    from jupyter_mlrun.client import projects
    from jupyter_mlrun.client.transport import connect
    from jupyter_mlrun.recording import ProjectProducer

    client = connect()
    projects.get_or_create(client, PROJECT)
    found: tuple[list[float], list[float], list[float]] = ([], [], [])
    for turn in range(TURNS + 1):
        times = []
        began = time.perf_counter()
        frame.to_parquet(folder / f"bare-{turn}.parquet")
        times.append(time.perf_counter() - began)
        for stats in (None, True):
            project = ProjectProducer(client, PROJECT, str(folder / f"out-{turn}-{stats}"))
            began = time.perf_counter()
            project.log_dataset("table", frame, stats=stats)
            times.append(time.perf_counter() - began)
        # the first turn imports what all use
        if turn:
            for kept, value in zip(found, times, strict=True):
                kept.append(value)
    return found
