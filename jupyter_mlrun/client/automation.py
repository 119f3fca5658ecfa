"""Schedules, background tasks and alerts under the method names of MLRun's ``get_run_db()``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ..model.fields import Fields
from . import alerts, background_tasks, schedules
from . import notifications as notification_calls
from .arguments import document, documents, query, times, week_ago
from .connected import Connected

Documents = list[dict[str, Any]]


class ListOfSchedules(list[Fields]):
    """Schedules, dicts that answer by attribute; MLRun's client has them in ``schedules``."""

    @property
    def schedules(self) -> list[Fields]:
        """Themselves."""
        return self


class Schedules(Connected):
    """Schedules, what is told of their runs, and what the service works on."""

    def create_schedule(self, project: str, schedule: Any) -> None:
        """Make a schedule; raises MLRunConflictError where its name is taken."""
        schedules.create(self.client, project, document(schedule, "schedule"))

    def update_schedule(self, project: str, name: str, schedule: Any) -> None:
        """Change a schedule's trigger, object, labels or state."""
        schedules.update(self.client, project, name, document(schedule, "schedule"))

    def get_schedule(
        self, project: str, name: str, include_last_run: bool = False
    ) -> dict[str, Any]:
        """A schedule with its next times; raises MLRunNotFoundError."""
        return schedules.read(self.client, project, name, include_last_run)

    def list_schedules(
        self,
        project: str,
        name: str | None = None,
        kind: str | None = None,
        include_last_run: bool = False,
        next_run_time_since: datetime | None = None,
        next_run_time_until: datetime | None = None,
    ) -> ListOfSchedules:
        """The schedules of a project, each with its next times."""
        asked = query(name=name, kind=kind) | times(
            next_run_time_since=next_run_time_since, next_run_time_until=next_run_time_until
        )
        asked["include_last_run"] = include_last_run
        found = schedules.list(self.client, project, **asked)
        return ListOfSchedules(Fields(each, {"cron_trigger": {}}) for each in found)

    def delete_schedule(self, project: str, name: str) -> None:
        """Delete a schedule; runs that it made stay."""
        schedules.delete(self.client, project, name)

    def invoke_schedule(self, project: str, name: str) -> dict[str, Any]:
        """Run a schedule's object now; the run."""
        return schedules.invoke(self.client, project, name)

    def set_schedule_notifications(
        self, project: str, schedule_name: str, notifications: Iterable[Any] | None = None
    ) -> None:
        """Replace what is sent when a run of a schedule ends."""
        told = documents(notifications, "notifications")
        notification_calls.set_schedule(self.client, project, schedule_name, told)

    def get_project_background_task(self, project: str, name: str) -> dict[str, Any]:
        """How far a project's task is."""
        return background_tasks.read(self.client, name, project)

    def list_project_background_tasks(
        self,
        project: str | None = None,
        state: str | None = None,
        created_from: datetime | None = None,
        created_to: datetime | None = None,
        last_update_time_from: datetime | None = None,
        last_update_time_to: datetime | None = None,
    ) -> Documents:
        """A project's tasks, newest first; where nothing is asked, the last week's."""
        asked = query(state=state) | times(
            created_from=created_from, created_to=created_to,
            last_update_time_from=last_update_time_from, last_update_time_to=last_update_time_to,
        )  # fmt: skip
        asked = asked or times(created_from=week_ago())
        found: Documents = background_tasks.list(self.client, self._project(project), **asked)
        return found

    def get_background_task(self, name: str) -> dict[str, Any]:
        """How far a task of the service itself is."""
        return background_tasks.read(self.client, name)


class Alerts(Connected):
    """Alerts, their templates and activations, and the events that they count."""

    def store_alert_config(
        self, alert_name: str, alert_data: Any, project: str = "", force_reset: bool = False
    ) -> dict[str, Any]:
        """Make or replace an alert; it as it was stored: reset, with ``force_reset`` or without."""
        body = document(alert_data, "alert_data")
        return alerts.store(self.client, self._project(project), alert_name, body)

    def get_alert_config(self, alert_name: str, project: str = "") -> dict[str, Any]:
        """An alert with its state; raises MLRunNotFoundError."""
        return alerts.read(self.client, self._project(project), alert_name)

    def list_alerts_configs(
        self, project: str = "", limit: int | None = None, offset: int | None = None
    ) -> Documents:
        """The alerts of a project, by name."""
        found: Documents = alerts.list(
            self.client, self._project(project), limit=limit, offset=offset
        )
        return found

    def delete_alert_config(self, alert_name: str, project: str = "") -> None:
        """Delete an alert."""
        alerts.delete(self.client, self._project(project), alert_name)

    def reset_alert_config(self, alert_name: str, project: str = "") -> None:
        """Make an alert listen again, with nothing seen."""
        alerts.reset(self.client, self._project(project), alert_name)

    def list_alert_templates(self) -> Documents:
        """What alerts can be made of."""
        found: Documents = alerts.templates(self.client)
        return found

    def get_alert_template(self, template_name: str) -> dict[str, Any]:
        """One template."""
        return alerts.template(self.client, template_name)

    def list_alert_activations(
        self,
        project: str | None = None,
        name: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        entity: str | None = None,
        severity: list[str] | None = None,
        entity_kind: str | None = None,
        event_kind: str | None = None,
    ) -> Documents:
        """The activations of a project's alerts, newest first."""
        asked = query(
            name=name, since=since, until=until, entity=entity, severity=severity,
            entity_kind=entity_kind, event_kind=event_kind,
        )  # fmt: skip
        found: Documents = alerts.activations(self.client, self._project(project), **asked)
        return found

    def generate_event(self, name: str, event_data: Any, project: str = "") -> None:
        """Tell an event, which the alerts that listen to it count."""
        event = document(event_data, "event_data")
        alerts.send_event(self.client, self._project(project), name, event)
