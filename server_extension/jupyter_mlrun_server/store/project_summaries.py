"""Project summaries: how much of everything a project holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_mlrun import states

from . import times
from .document_tables import documents
from .pipelines import LABEL
from .service_tables import alert_activations, schedules
from .tables import artifacts, projects, run_labels, runs

DAY = 24 * 3600 * 1_000_000
FIELDS = (
    "files_count", "feature_sets_count", "models_count", "datasets_count", "documents_count",
    "llm_prompts_count", "runs_completed_recent_count", "runs_failed_recent_count",
    "runs_running_count", "distinct_schedules_count", "distinct_scheduled_jobs_pending_count",
    "distinct_scheduled_pipelines_pending_count", "pipelines_completed_recent_count",
    "pipelines_failed_recent_count", "pipelines_running_count", "endpoint_alerts_count",
    "job_alerts_count", "application_alerts_count", "infra_alerts_count",
    "running_model_monitoring_functions", "failed_model_monitoring_functions",
    "real_time_model_endpoint_count", "batch_model_endpoint_count",
)  # fmt: skip
ARTIFACTS = {
    "model": "models_count", "dataset": "datasets_count", "document": "documents_count",
    "llm-prompt": "llm_prompts_count",
}  # fmt: skip
ALERTS = {"job": "job_alerts_count", "model-endpoint-result": "endpoint_alerts_count",
          "model-monitoring-application": "application_alerts_count",
          "model-monitoring-infra": "infra_alerts_count"}  # fmt: skip
FAILED = (states.ERROR, states.ABORTED)


@dataclass
class Counts:
    """The summaries of some projects while they are counted."""

    names: list[str]
    found: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, project: str, name: str, number: int) -> None:
        """Count more of something; projects that are not asked for are left out."""
        if project in self.found:
            self.found[project][name] += int(number)

    def of(self, column: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
        """The condition that a row belongs to one of the projects."""
        return column.in_(self.names)


def select(connection: Connection, project: str = "*") -> list[dict[str, Any]]:
    """The summary of a project; by name those of all."""
    chosen = sa.select(projects.c.name).order_by(projects.c.name)
    if project != "*":
        chosen = chosen.where(projects.c.name == project)
    names = list(connection.execute(chosen).scalars())
    now = times.text(times.now())
    empty = dict.fromkeys(FIELDS, 0)
    summaries = Counts(names, {name: {"name": name, **empty, "updated": now} for name in names})
    for count in (_artifacts, _documents, _runs, _pipelines, _schedules, _alerts):
        count(connection, summaries)
    return list(summaries.found.values())


def _artifacts(connection: Connection, summaries: Counts) -> None:
    number = sa.func.count(sa.distinct(artifacts.c.key))
    counted = sa.select(artifacts.c.project, artifacts.c.kind, number).where(
        summaries.of(artifacts.c.project)
    )
    for project, kind, found in connection.execute(
        counted.group_by(artifacts.c.project, artifacts.c.kind)
    ):
        summaries.add(project, ARTIFACTS.get(kind, "files_count"), found)


def _documents(connection: Connection, summaries: Counts) -> None:
    names = sa.func.count(sa.distinct(documents.c.name))
    counted = sa.select(documents.c.project, documents.c.noun, names, sa.func.count()).where(
        summaries.of(documents.c.project)
    )
    for project, noun, distinct, every in connection.execute(
        counted.group_by(documents.c.project, documents.c.noun)
    ):
        if noun == "feature-set":
            summaries.add(project, "feature_sets_count", distinct)
        elif noun == "model-endpoint":
            summaries.add(project, "real_time_model_endpoint_count", every)


def _runs(connection: Connection, summaries: Counts) -> None:
    since = times.now() - DAY
    recent = runs.c.start_time >= since
    for name, condition in (
        ("runs_running_count", runs.c.state.in_(sorted(states.ACTIVE))),
        ("runs_completed_recent_count", (runs.c.state == states.COMPLETED) & recent),
        ("runs_failed_recent_count", runs.c.state.in_(FAILED) & recent),
    ):
        counted = sa.select(runs.c.project, sa.func.count()).where(
            summaries.of(runs.c.project), runs.c.iteration == 0, condition
        )
        for project, found in connection.execute(counted.group_by(runs.c.project)):
            summaries.add(project, name, found)


def _pipelines(connection: Connection, summaries: Counts) -> None:
    """Workflows of the last day, each by the states of its runs."""
    since = times.now() - DAY
    active = sa.func.sum(sa.case((runs.c.state.in_(sorted(states.ACTIVE)), 1), else_=0))
    failed = sa.func.sum(sa.case((runs.c.state.in_(FAILED), 1), else_=0))
    grouped = (
        sa.select(runs.c.project, active, failed)
        .join(run_labels, (run_labels.c.run_id == runs.c.id) & (run_labels.c.name == LABEL))
        .where(summaries.of(runs.c.project), runs.c.iteration == 0, runs.c.start_time >= since)
        .group_by(runs.c.project, run_labels.c.value)
    )
    for project, working, wrong in connection.execute(grouped):
        state = "running" if working else "failed_recent" if wrong else "completed_recent"
        summaries.add(project, f"pipelines_{state}_count", 1)


def _schedules(connection: Connection, summaries: Counts) -> None:
    soon = times.now() + DAY
    counted = sa.select(
        schedules.c.project,
        schedules.c.kind,
        sa.func.count(),
        sa.func.sum(sa.case((schedules.c.next_run <= soon, 1), else_=0)),
    ).where(summaries.of(schedules.c.project))
    for project, kind, found, pending in connection.execute(
        counted.group_by(schedules.c.project, schedules.c.kind)
    ):
        summaries.add(project, "distinct_schedules_count", found)
        noun = "pipelines" if kind == "pipeline" else "jobs"
        summaries.add(project, f"distinct_scheduled_{noun}_pending_count", pending or 0)


def _alerts(connection: Connection, summaries: Counts) -> None:
    table = alert_activations
    counted = sa.select(table.c.project, table.c.entity_kind, sa.func.count()).where(
        summaries.of(table.c.project), table.c.time >= times.now() - DAY
    )
    for project, kind, found in connection.execute(
        counted.group_by(table.c.project, table.c.entity_kind)
    ):
        summaries.add(project, ALERTS.get(kind, "endpoint_alerts_count"), found)
