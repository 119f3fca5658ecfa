"""Pipelines: the runs that a workflow left behind, found by the label that its client gave them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_mlrun import states
from jupyter_mlrun.errors import MLRunNotFoundError

from . import times
from .tables import run_labels, runs

LABEL = "workflow"
RUNNING, FAILED, SUCCEEDED = "Running", "Failed", "Succeeded"


@dataclass(frozen=True)
class Slice:
    """Some of the pipelines, by their place in the list."""

    skip: int = 0
    limit: int | None = None


def select(
    connection: Connection,
    project: str,
    readable: frozenset[str] | None = None,
    name: str = "",
    part: Slice | None = None,
) -> tuple[list[dict[str, Any]], int]:
    """The pipelines of a project (or ``*``), newest first, and how many there are in all.

    ``readable`` are the projects that the sender may see; None for all.
    """
    part = part or Slice()
    grouped = _grouped(project, name)
    if readable is not None:
        grouped = grouped.where(runs.c.project.in_(sorted(readable)))
    number = sa.select(sa.func.count()).select_from(grouped.subquery())
    total = int(connection.execute(number).scalar_one())
    newest = grouped.order_by(sa.func.min(runs.c.start_time).desc(), run_labels.c.value)
    if part.skip or part.limit is not None:
        newest = newest.offset(part.skip).limit(total if part.limit is None else part.limit)
    return [_told(row) for row in connection.execute(newest)], total


def read(
    connection: Connection, project: str, identity: str, readable: frozenset[str] | None = None
) -> dict[str, Any]:
    """A pipeline's summary: itself, and each of its runs as a node of a graph."""
    found, _ = select(connection, project, readable, identity)
    if not found:
        raise MLRunNotFoundError(f"Workflow run {identity} of project {project} not found")
    chosen = (
        sa.select(
            runs.c.uid, runs.c.name, runs.c.state, runs.c.kind, runs.c.function, runs.c.start_time,
            runs.c.end_time,
        )
        .where(*_of(found[0]["project"], identity), runs.c.iteration == 0)
        .order_by(runs.c.start_time, runs.c.id)
    )  # fmt: skip
    graph = {row.uid: _node(row) for row in connection.execute(chosen)}
    return {"graph": graph, "run": found[0]}


def _grouped(project: str, name: str) -> sa.Select[Any]:
    chosen = runs.join(run_labels, run_labels.c.run_id == runs.c.id)
    failed = [states.ERROR, states.ABORTED]
    return (
        sa.select(
            run_labels.c.value.label("id"),
            runs.c.project,
            sa.func.min(runs.c.start_time).label("created"),
            sa.func.max(runs.c.last_update).label("finished"),
            sa.func.sum(sa.case((runs.c.state.in_(sorted(states.ACTIVE)), 1), else_=0)).label(
                "active"
            ),
            sa.func.sum(sa.case((runs.c.state.in_(failed), 1), else_=0)).label("failed"),
        )
        .select_from(chosen)
        .where(*_of(project, name), run_labels.c.name == LABEL, runs.c.iteration == 0)
        .group_by(run_labels.c.value, runs.c.project)
    )


def _of(project: str, identity: str) -> list[sa.ColumnElement[bool]]:
    labelled = sa.select(run_labels.c.run_id).where(run_labels.c.name == LABEL)
    if identity:
        labelled = labelled.where(run_labels.c.value == identity)
    conditions: list[sa.ColumnElement[bool]] = [runs.c.id.in_(labelled)]
    if project != "*":
        conditions.append(runs.c.project == project)
    return conditions


def _told(row: Any) -> dict[str, Any]:
    status = RUNNING if row.active else FAILED if row.failed else SUCCEEDED
    return {
        "id": row.id,
        "name": row.id,
        "project": row.project,
        "status": status,
        "error": f"{int(row.failed)} of its runs failed" if row.failed else None,
        "created_at": times.text(row.created),
        "scheduled_at": times.text(row.created),
        "finished_at": None if row.active else times.text(row.finished),
        "description": None,
        "experiment_id": None,
        "engine": "local",
    }


def _node(row: Any) -> dict[str, Any]:
    return {
        "id": row.uid,
        "name": row.name,
        "headline": row.name,
        "type": "Pod",
        "phase": row.state,
        "children": [],
        "run_uid": row.uid,
        "run_type": row.kind or "run",
        "function": row.function,
        "started_at": times.text(row.start_time),
        "finished_at": times.text(row.end_time) if row.end_time else None,
    }
