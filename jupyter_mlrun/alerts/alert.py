"""MLRun's AlertConfig."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Self

from jupyter_mlrun.client import alerts
from jupyter_mlrun.client.transport import Client, connect
from jupyter_mlrun.clock import datetime_from_iso
from jupyter_mlrun.enumerations import AlertSeverity, ResetPolicy
from jupyter_mlrun.errors import MLRunBadRequestError, MLRunInvalidArgumentError
from jupyter_mlrun.model.objects import ModelObj
from jupyter_mlrun.model.parts import told

from .parts import (
    AlertActivations,
    AlertCriteria,
    AlertNotification,
    AlertTemplate,
    AlertTrigger,
    EventEntities,
    reading,
    word,
)


class AlertConfig(ModelObj):
    """An alert of a project: whom it listens to, what rings it, and who is told.

    With a ``template`` (its name, or an AlertTemplate) summary, severity, trigger, criteria and
    reset policy are the template's where they are not given.
    """

    _dict_fields: ClassVar[list[str]] = [
        "project", "name", "description", "summary", "severity", "reset_policy",
        "cooldown_period", "state", "count", "created", "updated", "entities", "notifications",
        "trigger", "criteria",
    ]  # fmt: skip

    def __init__(
        self,
        project: str | None = None,
        name: str | None = None,
        template: AlertTemplate | Mapping[str, Any] | str | None = None,
        description: str | None = None,
        summary: str | None = None,
        severity: AlertSeverity | str | None = None,
        trigger: AlertTrigger | Mapping[str, Any] | None = None,
        criteria: AlertCriteria | Mapping[str, Any] | None = None,
        reset_policy: ResetPolicy | str | None = None,
        cooldown_period: str | None = None,
        notifications: list[Any] | None = None,
        entities: EventEntities | Mapping[str, Any] | None = None,
        id: int | None = None,
        state: str | None = None,
        created: str | datetime | None = None,
        count: int | None = None,
        updated: str | datetime | None = None,
        **kwargs: Any,
    ) -> None:
        self.project, self.name, self.description = project, name, description
        self.summary, self.cooldown_period = summary, cooldown_period
        self.severity = word(AlertSeverity, severity, "severity") if severity else None
        self.reset_policy = (
            word(ResetPolicy, reset_policy, "reset_policy") if reset_policy else None
        )
        self.trigger = AlertTrigger.parse_obj(trigger) if trigger else None
        self.criteria = AlertCriteria.parse_obj(criteria) if criteria else None
        self.entities = EventEntities.parse_obj(entities) if entities else None
        self.notifications = [AlertNotification.parse_obj(each) for each in notifications or ()]
        self.id, self.state, self.count = id, state, count
        self._created, self._updated = created, updated
        self._client: Client | None = None
        if template:
            self._take(template)

    @property
    def created(self) -> datetime | None:
        """When it was made."""
        return _moment(self._created)

    @created.setter
    def created(self, created: str | datetime | None) -> None:
        self._created = created

    @property
    def updated(self) -> datetime | None:
        """When it was changed."""
        return _moment(self._updated)

    @updated.setter
    def updated(self, updated: str | datetime | None) -> None:
        self._updated = updated

    @property
    def client(self) -> Client:
        """The connection to the service, made when it is first needed."""
        if self._client is None:
            self._client = connect()
        return self._client

    def __getitem__(self, name: str) -> Any:
        if name not in (*self._dict_fields, "id"):
            raise KeyError(name)
        return self.get(name)

    def get(self, name: str, default: Any = None) -> Any:
        """A field as its document has it."""
        return {**self._document(), "id": self.id}.get(name, default)

    def __str__(self) -> str:
        return str(self._document())

    def __repr__(self) -> str:
        said = ", ".join(f"{name}={value!r}" for name, value in self._document().items())
        return f"{type(self).__name__}({said})"

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        made = type(self).__new__(type(self))
        # the connection is shared, not copied
        kept = {id(self._client): self._client}
        vars(made).update(copy.deepcopy(vars(self), {**memo, **kept}))
        return made

    def validate_required_fields(self) -> None:
        """Nothing, where it has a name; raises MLRunInvalidArgumentError."""
        if not self.name:
            raise MLRunInvalidArgumentError("Alert name must be provided: give name=")

    def to_dict(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Its document; raises MLRunBadRequestError where nobody is concerned or told."""
        if self.entities is None:
            raise MLRunBadRequestError("Alert entity field is missing: give entities=")
        if not self.notifications:
            raise MLRunBadRequestError(
                "Alert must have at least one notification: give notifications="
            )
        return self._document(*args, **kwargs)

    def _document(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        found = super().to_dict(*args, **kwargs)
        for name in ("created", "updated"):
            if isinstance(found.get(name), datetime):
                found[name] = found[name].isoformat()
        return {key: told(value) for key, value in found.items()}

    @classmethod
    def from_dict(cls, struct: Mapping[str, Any] | None = None, *args: Any, **kwargs: Any) -> Self:
        """The alert of a document; words of a newer service stay texts."""
        given = dict(struct or {})
        with reading():
            return cls(**{name: given[name] for name in (*cls._dict_fields, "id") if name in given})

    def with_notifications(self, notifications: list[AlertNotification]) -> Self:
        """Have more be told."""
        if not isinstance(notifications, list) or not all(
            isinstance(each, AlertNotification) for each in notifications
        ):
            raise MLRunInvalidArgumentError(
                "Notifications parameter must be a list of AlertNotification"
            )
        self.notifications += notifications
        return self

    def with_entities(self, entities: EventEntities) -> Self:
        """Have it listen to another entity."""
        if not isinstance(entities, EventEntities):
            raise MLRunInvalidArgumentError("Entities parameter must be of type: EventEntities")
        self.entities = entities
        return self

    def _take(self, template: AlertTemplate | Mapping[str, Any] | str) -> None:
        if isinstance(template, str):
            template = AlertTemplate.from_dict(alerts.template(self.client, template))
        template = AlertTemplate.parse_obj(template)
        for name in (
            "summary", "severity", "criteria", "trigger", "reset_policy", "cooldown_period",
        ):  # fmt: skip
            setattr(self, name, getattr(self, name) or getattr(template, name))

    def list_activations(
        self,
        since: datetime | None = None,
        until: datetime | None = None,
        from_last_update: bool = False,
    ) -> AlertActivations:
        """When it rang, newest first; with ``from_last_update`` only since it was changed."""
        found: AlertActivations = self._db.list_alert_activations(
            **self._asked(since, until, from_last_update)
        )
        return found

    def paginated_list_activations(
        self,
        *args: Any,
        page: int | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        from_last_update: bool = False,
        **kwargs: Any,
    ) -> tuple[AlertActivations, str | None]:
        """A page of ``list_activations``, and the token of the next page; None after the last."""
        asked = {
            **kwargs,
            **self._asked(kwargs.get("since"), kwargs.get("until"), from_last_update),
        }
        found: tuple[AlertActivations, str | None] = self._db.paginated_list_alert_activations(
            *args, page=page, page_size=page_size, page_token=page_token, **asked
        )
        return found

    @property
    def _db(self) -> Any:
        from importlib import import_module

        # held a storey above, it makes objects of what it is told
        return import_module("jupyter_mlrun.rundb").RunDB(self.client)

    def _asked(
        self, since: datetime | None, until: datetime | None, from_last_update: bool
    ) -> dict[str, Any]:
        if from_last_update and self.updated:
            since = self.updated
        return {"project": self.project, "name": self.name, "since": since, "until": until}


def _moment(value: str | datetime | None) -> datetime | None:
    return datetime_from_iso(value) if isinstance(value, str) else value
