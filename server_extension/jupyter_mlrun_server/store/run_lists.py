"""Lists of runs: pages by key, partitions, and documents joined without parsing them."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_mlrun import states
from jupyter_mlrun.model.document import dumps

from . import partitions, query, times
from .partitions import Partition
from .query import Page, Scope
from .run_row import is_elsewhere
from .tables import run_labels, runs

WEEK = 7 * 24 * 3600 * 1_000_000


@dataclass(unsafe_hash=True)
class Filter:
    """What a list of runs is asked for; ``after`` is the (start time, id) of the last one seen."""

    name: str | None = None
    uids: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    iterations: bool = True
    start_from: int | None = None
    start_to: int | None = None
    update_from: int | None = None
    update_to: int | None = None
    end_from: int | None = None
    end_to: int | None = None
    partition_by: str | None = None
    rows_per_partition: int = 1
    partition_sort_by: str = "created"
    partition_order: str = "desc"
    max_partitions: int = 0
    with_notifications: bool = False
    limit: int | None = None
    skip: int = 0
    after: tuple[int, int] | None = None


def last_week(project: str) -> Filter:
    """MLRun's answer where nothing is asked: a week, one run for each name."""
    return Filter(
        start_from=times.now() - WEEK, partition_by="project_and_name", partition_sort_by="created"
    )


def select(connection: Connection, scope: Scope, asked: Filter, this_host: str = "") -> Page:
    """The runs of a project, of some or of all, newest first."""
    build = _kept if _is_asked_again(asked) else _chosen
    found = connection.execute(build(scope, asked)).all()
    last = (found[-1].start_time, found[-1].id) if found else None
    ended = states.TERMINAL
    shown = [
        text if state in ended else _document(text, state, host, this_host)
        for _, _, text, state, host in found
    ]
    return Page(shown, last)


def _is_asked_again(asked: Filter) -> bool:
    """Whether a list without moments: one with them is another one each time."""
    moments = (
        asked.start_from, asked.start_to, asked.update_from, asked.update_to, asked.end_from,
        asked.end_to, asked.after,
    )  # fmt: skip
    return moments.count(None) == len(moments)


def _chosen(scope: Scope, asked: Filter) -> sa.Select[Any]:
    chosen = sa.select(
        runs.c.id, runs.c.start_time, runs.c.document, runs.c.state, runs.c.host
    ).where(*_conditions(scope, asked))  # fmt: skip
    if asked.partition_by:
        chosen = chosen.where(runs.c.id.in_(_partitioned(scope, asked)))
    if asked.after is not None:
        chosen = chosen.where(
            sa.tuple_(runs.c.start_time, runs.c.id) < sa.tuple_(*map(sa.literal, asked.after))
        )
    chosen = chosen.order_by(runs.c.start_time.desc(), runs.c.id.desc())
    if asked.limit is not None:
        chosen = chosen.limit(asked.limit)
    if asked.skip and asked.after is None:
        chosen = chosen.offset(asked.skip)
    return chosen


# to build a statement takes longer than to read a page by it
_kept = functools.lru_cache(100)(_chosen)


def document_shown(document: dict[str, Any], this_host: str) -> dict[str, Any]:
    """The document as this host shows it: a live run of another host is ``unknown``."""
    status = document["status"]
    if is_elsewhere(status["state"], status.get("host"), this_host):
        status["state"] = states.UNKNOWN
        status["status_text"] = f"Runs on {status['host']}: its state is known there only"
    return document


def live(connection: Connection, kind: str | None = None) -> list[tuple[str, str, int]]:
    """Project, uid and iteration of every run that has not ended."""
    chosen = sa.select(runs.c.project, runs.c.uid, runs.c.iteration).where(
        runs.c.state.in_(sorted(states.ACTIVE))
    )
    if kind:
        chosen = chosen.where(runs.c.kind == kind)
    return [(row.project, row.uid, row.iteration) for row in connection.execute(chosen)]


def chosen_for_deletion(connection: Connection, project: str, asked: Filter) -> list[str]:
    """The uids of the ended runs that a deletion by filter means."""
    chosen = sa.select(runs.c.uid).where(
        *_conditions(project, asked), runs.c.state.in_(sorted(states.TERMINAL))
    )
    return list(connection.execute(chosen.distinct().order_by(runs.c.uid)).scalars())


def _document(text: str, state: str, host: str, this_host: str) -> str:
    if not is_elsewhere(state, host, this_host or host):
        return text
    return dumps(document_shown(json.loads(text), this_host))


def _conditions(scope: Scope, asked: Filter) -> list[sa.ColumnElement[bool]]:
    conditions = query.within(runs.c.project, scope)
    if not asked.iterations:
        conditions.append(runs.c.iteration == 0)
    if asked.name:
        conditions.append(query.by_name(runs.c.name, asked.name))
    if asked.uids:
        conditions.append(runs.c.uid.in_(asked.uids))
    if asked.states:
        conditions.append(runs.c.state.in_(asked.states))
    if asked.with_notifications:
        conditions.append(runs.c.notified)
    conditions += query.by_labels(runs.c.id, run_labels, asked.labels)
    for column, low, high in (
        (runs.c.start_time, asked.start_from, asked.start_to),
        (runs.c.last_update, asked.update_from, asked.update_to),
        (runs.c.end_time, asked.end_from, asked.end_to),
    ):
        if low is not None:
            conditions.append(column >= low)
        if high is not None:
            conditions.append(column <= high)
    return conditions


def _partitioned(scope: Scope, asked: Filter) -> sa.Select[Any]:
    columns: dict[str, sa.ColumnElement[Any]] = {
        "id": runs.c.id, "project": runs.c.project, "name": runs.c.name,
        "created": runs.c.start_time, "updated": runs.c.last_update,
    }  # fmt: skip
    cut = Partition(
        asked.partition_by or "", asked.rows_per_partition, asked.partition_sort_by,
        asked.partition_order, asked.max_partitions,
    )  # fmt: skip
    return partitions.first_ids(cut, columns, _conditions(scope, asked))


def live_iterations(connection: Connection, project: str, uid: str) -> list[int]:
    """The iterations of a uid that have not ended."""
    chosen = sa.select(runs.c.iteration).where(
        runs.c.project == project, runs.c.uid == uid, runs.c.state.in_(sorted(states.ACTIVE))
    )
    return list(connection.execute(chosen).scalars())
