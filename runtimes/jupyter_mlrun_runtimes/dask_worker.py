"""What a worker of a function's Dask cluster does first: a log of its own, and its cores."""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path
from typing import Any

from .dask_process import CPU, PARTS_FOLDER, cores_of


def dask_setup(worker: Any) -> None:
    """Called by Dask in the worker's process, before it takes tasks."""
    if parts := os.environ.get(PARTS_FOLDER):
        print_to(Path(parts) / f"worker-{worker.name}.log")
    if (cpu := os.environ.get(CPU)) and hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, random.sample(cores, min(len(cores), cores_of(cpu))))


def print_to(path: Path) -> None:
    """Send what this process prints to a file from now on."""
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for number, stream in enumerate((sys.stdout, sys.stderr), start=1):
        stream.flush()
        os.dup2(log, number)
    os.close(log)
