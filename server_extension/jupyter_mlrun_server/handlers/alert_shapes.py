"""Bodies of alerts, templates and events: what each must hold."""

from __future__ import annotations

from typing import Any

from tornado.httputil import HTTPServerRequest

from jupyter_mlrun.errors import MLRunUnprocessableEntityError
from jupyter_mlrun.model import alert

from .clients import speaks_before
from .shapes import MAP, WHOLE, Schema, faults, many, maybe, obj, text

KINDS = [*alert.EVENTS]
ENTITIES = obj(
    ("kind", "project", "ids"),
    kind=text(enum=[*alert.ENTITY_KINDS]),
    project=text(),
    ids={"type": "array", "items": text()},
)
TRIGGER = obj(events=many(text(enum=KINDS)), prometheus_alert=maybe(text()))
CRITERIA = maybe(obj(count=WHOLE, period=maybe(text())))
POLICY = maybe(text(enum=[alert.MANUAL, alert.AUTO]))
SEVERITY = text(enum=[*alert.SEVERITIES])
NOTIFICATION = obj(
    ("notification",), notification={"type": "object"}, cooldown_period=maybe(text())
)

ALERT = obj(
    ("summary", "severity", "entities", "trigger", "notifications"),
    project=maybe(text()), name=maybe(text()), description=maybe(text()), summary=text(),
    severity=SEVERITY, entities=ENTITIES, trigger=TRIGGER, criteria=CRITERIA,
    reset_policy=POLICY, cooldown_period=maybe(text()),
    notifications={"type": "array", "items": NOTIFICATION},
)  # fmt: skip
TEMPLATE = obj(
    ("template_name", "severity", "trigger"),
    template_name=text(), template_description=maybe(text()), summary=maybe(text()),
    severity=SEVERITY, trigger=TRIGGER, criteria=CRITERIA, reset_policy=POLICY,
    cooldown_period=maybe(text()),
)  # fmt: skip
EVENT = obj(
    ("entity",), kind=maybe(text(enum=KINDS)), entity=ENTITIES, timestamp=maybe(text()),
    value_dict=MAP,
)  # fmt: skip


def shaped(body: Any, schema: Schema) -> dict[str, Any]:
    """The body, when it has the shape; else a refusal that lists everything wrong with it."""
    wrong = list(faults(body, schema, ("body",)))
    entities = body.get("entities") or body.get("entity") if isinstance(body, dict) else None
    if not wrong and entities is not None and len(entities["ids"]) != 1:
        place = "entities" if body.get("entities") else "entity"
        wrong.append({
            "loc": ["body", place, "ids"], "msg": "ensure this value has exactly 1 items",
            "type": "value_error.list.max_items",
        })  # fmt: skip
    if wrong:
        raise MLRunUnprocessableEntityError(wrong)
    assert isinstance(body, dict)
    return body


def known(config: dict[str, Any]) -> dict[str, Any]:
    """What an alert is made of: clients fail at a list with a key that they do not know."""
    return {key: value for key, value in config.items() if key in ALERT["properties"]}


def told(request: HTTPServerRequest, config: dict[str, Any]) -> dict[str, Any]:
    """The alert in the words of the client that asks."""
    unknown = {"cooldown_period"} if speaks_before(request, 12) else set()
    unknown |= {"updated"} if speaks_before(request, 8) else set()
    return {key: value for key, value in config.items() if key not in unknown}
