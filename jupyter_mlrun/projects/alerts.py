"""The alerts of a project."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from jupyter_mlrun import session
from jupyter_mlrun.alerts import AlertActivations, AlertConfig, AlertTemplate
from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.logger import logger


class ProjectAlerts:
    """The part of a project that is told when something happens."""

    name: Any

    def store_alert_config(
        self,
        alert_data: AlertConfig,
        alert_name: str | None = None,
        force_reset: bool = False,
    ) -> AlertConfig:
        """Make or replace an alert; it as it was stored."""
        if not isinstance(alert_data, AlertConfig):
            raise MLRunInvalidArgumentError(
                f"Alert data must be provided as an AlertConfig, not {alert_data!r:.60}"
            )
        if alert_data.project not in (None, self.name):
            logger.warning(
                "Project in alert does not match project in operation", project=alert_data.project
            )
        alert_data.project = str(self.name)
        stored: AlertConfig = session.get_run_db().store_alert_config(
            _name(alert_data, alert_name), alert_data, str(self.name), force_reset
        )
        return stored

    def get_alert_config(self, alert_name: str) -> AlertConfig:
        """An alert with its state; raises MLRunNotFoundError."""
        found: AlertConfig = session.get_run_db().get_alert_config(alert_name, str(self.name))
        return found

    def list_alerts_configs(
        self, limit: int | None = None, offset: int | None = None
    ) -> list[AlertConfig]:
        """The project's alerts, by name."""
        found: list[AlertConfig] = session.get_run_db().list_alerts_configs(
            str(self.name), limit, offset
        )
        return found

    def delete_alert_config(
        self, alert_data: AlertConfig | None = None, alert_name: str | None = None
    ) -> None:
        """Delete an alert, by itself or by its name."""
        session.get_run_db().delete_alert_config(_named(alert_data, alert_name), str(self.name))

    def reset_alert_config(
        self, alert_data: AlertConfig | None = None, alert_name: str | None = None
    ) -> None:
        """Make an alert listen again, with nothing seen."""
        session.get_run_db().reset_alert_config(_named(alert_data, alert_name), str(self.name))

    def get_alert_template(self, template_name: str) -> AlertTemplate:
        """One of what alerts can be made of; raises MLRunNotFoundError."""
        found: AlertTemplate = session.get_run_db().get_alert_template(template_name)
        return found

    def list_alert_templates(self) -> list[AlertTemplate]:
        """What alerts can be made of."""
        found: list[AlertTemplate] = session.get_run_db().list_alert_templates()
        return found

    def list_alert_activations(
        self,
        name: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        entity: str | None = None,
        severity: list[str] | None = None,
        entity_kind: str | None = None,
        event_kind: str | None = None,
    ) -> AlertActivations:
        """When the project's alerts rang, newest first."""
        found: AlertActivations = session.get_run_db().list_alert_activations(
            str(self.name), name, since, until, entity, severity, entity_kind, event_kind
        )
        return found

    def paginated_list_alert_activations(
        self,
        *args: Any,
        page: int | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        **kwargs: Any,
    ) -> tuple[AlertActivations, str | None]:
        """A page of ``list_alert_activations``, and the token of the next; None after the last."""
        found: tuple[AlertActivations, str | None]
        found = session.get_run_db().paginated_list_alert_activations(
            str(self.name), *args, page=page, page_size=page_size, page_token=page_token, **kwargs
        )
        return found


def _name(alert: AlertConfig, name: str | None) -> str:
    alert.name = alert.name or name
    alert.validate_required_fields()
    return str(name or alert.name)


def _named(alert: AlertConfig | None, name: str | None) -> str:
    if alert is None and name is None:
        raise MLRunInvalidArgumentError("At least one of alert_data or alert_name must be provided")
    if alert is not None and name and alert.name != name:
        raise MLRunInvalidArgumentError("Alert_data name does not match the provided alert_name")
    return str(alert.name if alert is not None else name)
