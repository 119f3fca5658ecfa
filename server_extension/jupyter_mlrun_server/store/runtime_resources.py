"""Runtime resources: what works for the runs that have not ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from . import query
from .launches import Launch, of_row
from .tables import launches, run_labels, runs


@dataclass(frozen=True)
class Filter:
    """Which resources of a project, or of all (``*``)."""

    project: str
    kind: str = ""
    uid: str = ""
    labels: tuple[str, ...] = ()
    readable: frozenset[str] | None = None


def select(connection: Connection, asked: Filter) -> list[Launch]:
    """The launches that fit, oldest first."""
    chosen = sa.select(launches).order_by(launches.c.id)
    if asked.project != "*":
        chosen = chosen.where(launches.c.project == asked.project)
    if asked.readable is not None:
        chosen = chosen.where(launches.c.project.in_(sorted(asked.readable)))
    if asked.kind:
        chosen = chosen.where(launches.c.kind == asked.kind)
    if asked.uid:
        chosen = chosen.where(launches.c.uid == asked.uid)
    if asked.labels:
        same = (runs.c.project == launches.c.project) & (runs.c.uid == launches.c.uid)
        chosen = chosen.join(runs, same & (runs.c.iteration == 0))
        chosen = chosen.where(*query.by_labels(runs.c.id, run_labels, asked.labels))
    return [of_row(row) for row in connection.execute(chosen)]


def told(launch: Launch) -> dict[str, Any]:
    """A launch as the resource that MLRun's client reads."""
    handle = launch.handle or {}
    return {
        "name": f"{launch.host}-{handle.get('pid')}" if handle.get("pid") else launch.uid,
        "labels": {
            "mlrun/project": launch.project, "mlrun/uid": launch.uid, "mlrun/class": launch.kind,
        },
        "status": {"phase": launch.phase, "host": launch.host, "target": launch.target},
    }  # fmt: skip
