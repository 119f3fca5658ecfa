"""Alerts, the events that they listen to, and their templates, in MLRun's shape."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy.engine import Connection

from jupyter_mlrun.errors import (
    MLRunBadRequestError,
    MLRunInvalidArgumentError,
    MLRunPreconditionFailedError,
)
from jupyter_mlrun.model import alert

from ..store import alert_templates, alerts, projects
from . import PROJECT as PROJECT_PATH
from . import Route
from .alert_shapes import ALERT, EVENT, KINDS, TEMPLATE, known, shaped, told
from .arguments import invalid
from .base import ADMINS, ANYBODY, EACH, PROJECT, Handler, guarded
from .clients import speaks_before

NAME = r"(?P<name>[^/]+)"
USUAL = 2000
_ALERT_NAME = re.compile(r"[a-zA-Z0-9-]{1,255}")


class Alerts(Handler):
    """The alerts of a project, or of all (``*``)."""

    @guarded("alerts", run=PROJECT, where=EACH)
    async def get(self, project: str) -> None:
        """By name; clients before 1.8 read a bare list."""
        readable = await self.readable() if project == "*" else None
        if project != "*":
            await self.service.read(projects.require, project)
        limit = self.query.whole("page-size", self.query.whole("limit", USUAL, low=1), low=1)
        offset = self.query.whole("offset", 0, low=0) or 0
        scope = project if readable is None else readable
        stored = await self.service.read(alerts.select, scope, limit, offset)
        found = [told(self.request, each) for each in stored]
        self.answer(found if speaks_before(self.request, 8) else {"alerts": found})


class Alert(Handler):
    """One alert."""

    @guarded("alerts", run=PROJECT)
    async def get(self, project: str, name: str) -> None:
        """It, with its state and how often it was active."""
        await self.service.read(projects.require, project)
        self.answer(told(self.request, await self.service.read(alerts.read, project, name)))

    @guarded("alerts")
    async def put(self, project: str, name: str) -> None:
        """Make or replace it: it begins anew, inactive."""
        config = _checked(project, name, known(shaped(self.body(), ALERT)))
        await self.service.read(projects.require, project)
        definitions = [each["notification"] for each in config["notifications"]]
        taken = self.service.notifications.taken
        kept = await self.service.threads.call(taken, project, definitions, True)
        config["notifications"] = [
            {**each, "notification": definition}
            for each, definition in zip(config["notifications"], kept, strict=True)
        ]
        stored = await self.service.write(alerts.save, project, name, config)
        self.answer(told(self.request, stored))

    @guarded("alerts")
    async def delete(self, project: str, name: str) -> None:
        """Remove it, whether it is there or not."""
        await self.service.write(alerts.delete, project, name)
        self.answer_nothing()


class Reset(Handler):
    """An alert that listens again."""

    @guarded("alerts")
    async def post(self, project: str, name: str) -> None:
        """Make it inactive, with nothing seen."""
        await self.service.write(alerts.reset, project, name)
        self.answer_nothing(200)


class Event(Handler):
    """An event of a project."""

    @guarded("events")
    async def post(self, project: str, name: str) -> None:
        """Take it in: alerts that listen to it count it."""
        if name not in alert.EVENTS:
            error = invalid(
                "name", "value is not a valid enumeration member; permitted: "
                + ", ".join(f"'{kind}'" for kind in KINDS), "type_error.enum", enum_values=KINDS,
            )  # fmt: skip
            error.args[0][0]["loc"][0] = "path"
            raise error
        event = shaped(self.body(), EVENT)
        entity = event["entity"]
        if event.get("kind") not in (None, name):
            raise MLRunBadRequestError(
                f"The body is an event of kind {event['kind']}, the address names {name}"
            )
        if entity["kind"] != alert.EVENTS[name]:
            raise MLRunBadRequestError(
                f"Event {name} is of entities {alert.EVENTS[name]}, not {entity['kind']}"
            )
        if entity["project"] != project:
            raise MLRunBadRequestError(
                f"The entity is of project {entity['project']}, the address names {project}"
            )
        await self.service.write(_take, project, name, entity, event.get("value_dict") or {})
        self.answer_nothing(200)


class Templates(Handler):
    """What alerts can be made of."""

    @guarded("alert-templates", where=ANYBODY)
    async def get(self) -> None:
        """MLRun's three, then those that were stored here."""
        self.answer(await self.service.read(alert_templates.select))


class Template(Handler):
    """One template."""

    @guarded("alert-templates", where=ANYBODY)
    async def get(self, name: str) -> None:
        """It."""
        self.answer(await self.service.read(alert_templates.read, name))

    @guarded("alert-templates", where=ADMINS)
    async def put(self, name: str) -> None:
        """Make or replace it; MLRun's own stay as they are."""
        template = shaped(self.body(), TEMPLATE)
        if template["template_name"] != name:
            raise MLRunBadRequestError(
                f"The body names template {template['template_name']!r:.80}, the address {name!r}"
            )
        _check_counting(template)
        self.answer(await self.service.write(alert_templates.save, name, template))

    @guarded("alert-templates", where=ADMINS)
    async def delete(self, name: str) -> None:
        """Remove it; MLRun's own stay."""
        await self.service.write(alert_templates.delete, name)
        self.answer_nothing()


def _take(
    connection: Connection,
    project: str,
    kind: str,
    entity: Mapping[str, Any],
    values: Mapping[str, Any],
) -> None:
    projects.require(connection, project)
    alerts.take(connection, project, kind, entity, values)


def _checked(project: str, name: str, config: dict[str, Any]) -> dict[str, Any]:
    if not _ALERT_NAME.fullmatch(name):
        raise MLRunInvalidArgumentError(
            f"Alert name {name!r:.80} is invalid: letters, digits and - make one"
        )
    for part, wanted in (("name", name), ("project", project)):
        if config.get(part) not in (None, "", wanted):
            raise MLRunBadRequestError(
                f"The body's {part} is {config[part]!r:.80}, the address says {wanted!r}"
            )
    entities = config["entities"]
    if entities["project"] != project:
        raise MLRunBadRequestError(
            f"The alert is of project {project}, its entity of {entities['project']}"
        )
    events = config["trigger"].get("events") or []
    if not events and not config["trigger"].get("prometheus_alert"):
        raise MLRunBadRequestError(f"Alert {name} listens to no event: set trigger.events")
    for event in events:
        if alert.EVENTS[event] != entities["kind"]:
            raise MLRunBadRequestError(
                f"Event {event} is of entities {alert.EVENTS[event]}, not {entities['kind']}"
            )
    _check_counting(config)
    if not config["notifications"]:
        raise MLRunInvalidArgumentError(f"Alert {name} needs at least one notification")
    for each in config["notifications"]:
        alert.parse_period(each.get("cooldown_period"), "notifications.cooldown_period")
        if each["notification"].get("kind") in ("console", "ipython"):
            raise MLRunInvalidArgumentError(
                "An alert's notifications are not of kind console or ipython: nobody waits there"
            )
    config["criteria"] = {"count": 1, "period": None} | (config.get("criteria") or {})
    config["reset_policy"] = config.get("reset_policy") or alert.AUTO
    return config


def _check_counting(config: Mapping[str, Any]) -> None:
    criteria = config.get("criteria") or {}
    count = criteria.get("count", 1)
    if count > alert.MOST_EVENTS:
        raise MLRunPreconditionFailedError(
            f"Maximum criteria count exceeded: {count} is more than {alert.MOST_EVENTS}"
        )
    if count < 1:
        raise MLRunInvalidArgumentError("'criteria.count' must be 1 or more")
    alert.parse_period(criteria.get("period"), "criteria.period")
    alert.parse_period(config.get("cooldown_period"), "cooldown_period")


ROUTES = [
    Route(f"{PROJECT_PATH}/alerts", Alerts),
    Route(f"{PROJECT_PATH}/alerts/{NAME}", Alert),
    Route(f"{PROJECT_PATH}/alerts/{NAME}/reset", Reset),
    Route(f"{PROJECT_PATH}/events/{NAME}", Event),
    Route("alert-templates", Templates),
    Route(f"alert-templates/{NAME}", Template),
]
