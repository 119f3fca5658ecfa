"""Schedules and alerts under the method names of MLRun's ``get_run_db()``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ...errors import MLRunInvalidArgumentError
from .. import alerts, schedules
from .. import notifications as notification_calls
from ..answers import Answer
from ..arguments import document, documents, query, times
from ..connected import Connected
from ..pages import paged
from ..transport import part


class ListOfSchedules(list[Answer]):
    """Schedules; MLRun's client has them in ``schedules``."""

    @property
    def schedules(self) -> list[Answer]:
        """Themselves."""
        return self


class Schedules(Connected):
    """Schedules, and what is told of their runs."""

    def create_schedule(self, project: str, schedule: Any) -> None:
        """Make a schedule; raises MLRunConflictError where its name is taken."""
        schedules.create(self.client, project, document(schedule, "schedule"))

    def update_schedule(self, project: str, name: str, schedule: Any) -> None:
        """Change a schedule's trigger, object, labels or state."""
        schedules.update(self.client, project, name, document(schedule, "schedule"))

    def get_schedule(self, project: str, name: str, include_last_run: bool = False) -> Answer:
        """A schedule with its next times; raises MLRunNotFoundError."""
        return Answer(schedules.read(self.client, project, name, include_last_run))

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
        return ListOfSchedules(Answer(each) for each in found)

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


class Alerts(Connected):
    """Alerts, their templates and activations, and the events that they count."""

    def store_alert_config(
        self, alert_name: str, alert_data: Any, project: str = "", force_reset: bool = False
    ) -> Answer:
        """Make or replace an alert; it as it was stored: reset, with ``force_reset`` or without."""
        if not alert_data:
            raise MLRunInvalidArgumentError("Alert data must be provided")
        body = document(alert_data, "alert_data")
        return Answer(alerts.store(self.client, self._project(project), alert_name, body))

    def get_alert_config(self, alert_name: str, project: str = "") -> Answer:
        """An alert with its state; raises MLRunNotFoundError."""
        return Answer(alerts.read(self.client, self._project(project), alert_name))

    def list_alerts_configs(
        self, project: str = "", limit: int | None = None, offset: int | None = None
    ) -> list[Answer]:
        """The alerts of a project, by name."""
        found = alerts.list(self.client, self._project(project), limit=limit, offset=offset)
        return [Answer(each) for each in found]

    def delete_alert_config(self, alert_name: str, project: str = "") -> None:
        """Delete an alert."""
        alerts.delete(self.client, self._project(project), alert_name)

    def reset_alert_config(self, alert_name: str, project: str = "") -> None:
        """Make an alert listen again, with nothing seen."""
        alerts.reset(self.client, self._project(project), alert_name)

    def list_alert_templates(self) -> list[Answer]:
        """What alerts can be made of."""
        return [Answer(each) for each in alerts.templates(self.client)]

    def get_alert_template(self, template_name: str) -> Answer:
        """One template."""
        return Answer(alerts.template(self.client, template_name))

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
    ) -> list[Answer]:
        """The activations of a project's alerts, newest first."""
        asked = query(
            name=name, since=since, until=until, entity=entity, severity=severity,
            entity_kind=entity_kind, event_kind=event_kind,
        )  # fmt: skip
        found = alerts.activations(self.client, self._project(project), **asked)
        return [Answer(each) for each in found]

    def paginated_list_alert_activations(
        self,
        *args: Any,
        page: int | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        **kwargs: Any,
    ) -> tuple[Any, str | None]:
        """A page of ``list_alert_activations``, and the token of the next; None after the last."""
        return paged(self, "list_alert_activations", args, kwargs, page, page_size, page_token)

    def get_alert_activation(self, project: str, activation_id: int) -> Answer:
        """One activation of an alert; raises MLRunNotFoundError."""
        path = self._of(project, f"alert-activations/{part(activation_id)}")
        return Answer(self.client.json("GET", path))

    def store_alert_notifications(
        self,
        session: Any,
        notification_objects: Iterable[Any],
        alert_id: str,
        project: str,
        mask_params: bool = True,
    ) -> None:
        """Nothing: as in MLRun's client, an alert's document carries them to the service."""

    def generate_event(self, name: str, event_data: Any, project: str = "") -> None:
        """Tell an event, which the alerts that listen to it count."""
        event = document(event_data, "event_data")
        alerts.send_event(self.client, self._project(project), name, event)
