"""``python -m benchmarks [NAME …] [--write]``: measures and prints the table of figures."""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from .figure import Figure

NAMES = (
    "importing",
    "first_call",
    "cells",
    "sweeps",
    "store",
    "lists",
    "server",
    "push",
    "datasets",
    "kube",
)
CLUSTER = "kube"
RESULTS = Path(__file__).with_name("RESULTS.md")
SECTION = "## Runs on Kubernetes\n"
HEAD = ("figure", "measured", "target", "", "beside")


def main() -> int:
    """The exit status: 1 where a figure misses its target."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name} too")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(NAMES):
        parser.error(f"no benchmark is named {', '.join(sorted(unknown))}: {', '.join(NAMES)}")
    here: list[Figure] = []
    cluster: list[Figure] = []
    for name in asked.names or NAMES:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        found = importlib.import_module(f"benchmarks.{name}").measure()
        (cluster if name == CLUSTER else here).extend(found)
    print(aligned([figure.cells() for figure in (*here, *cluster)]))
    if asked.write:
        before = RESULTS.read_text() if RESULTS.exists() else ""
        RESULTS.write_text(page(here, cluster, before))
    return int(any(figure.verdict == "MISSED" for figure in (*here, *cluster)))


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """The rows as a table for a terminal."""
    widths = [max(len(row[place]) for row in (HEAD, *rows)) for place in range(len(HEAD))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (HEAD, *rows)
    )


def page(here: Sequence[Figure], cluster: Sequence[Figure], before: str) -> str:
    """RESULTS.md: what was measured now, and what was measured before of all else."""
    own, _, of_cluster = before.partition(SECTION)
    parts = [own.rstrip() if not here else "\n".join(["# Benchmarks", "", *table(here)])]
    if cluster:
        parts.append("\n".join([SECTION, *table(cluster)]))
    elif of_cluster:
        parts.append(f"{SECTION}{of_cluster.rstrip()}")
    return "\n\n".join(part for part in parts if part) + "\n"


def table(figures: Sequence[Figure]) -> list[str]:
    """Where and when the figures were measured, and they."""
    cores, python = os.cpu_count(), platform.python_version()
    rows = [figure.cells() for figure in figures]
    return [
        f"Written by `python -m benchmarks --write` on {date.today()}: {cores} cores, Python "
        f"{python}, {platform.system()} {platform.machine()}, load average at the end "
        f"{os.getloadavg()[1]:.1f}. Medians where nothing else is said; "
        "what stands beside a figure was measured in the same run.",
        "",
        *(f"| {' | '.join(row)} |" for row in (HEAD, ["---"] * len(HEAD), *rows)),
    ]


if __name__ == "__main__":
    sys.exit(main())
