"""Alerts: which events there are, whom they concern, and when enough of them have come."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError

ENDPOINT, APPLICATION, INFRA, JOB = (
    "model-endpoint-result", "model-monitoring-application", "model-monitoring-infra", "job",
)  # fmt: skip
ENTITY_KINDS = (ENDPOINT, APPLICATION, INFRA, JOB)
FAILED = "failed"
EVENTS: dict[str, str] = {
    **{
        f"{what}-{how}": ENDPOINT
        for what in (
            "data-drift", "concept-drift", "model-performance", "system-performance",
            "mm-app-anomaly",
        )
        for how in ("detected", "suspected")
    },
    "mm-app-failed": APPLICATION,
    "model-monitoring-lag-detected": INFRA,
    FAILED: JOB,
}  # fmt: skip
SEVERITIES = ("low", "medium", "high")
MANUAL, AUTO = "manual", "auto"
MOST_EVENTS = 100
_PERIOD = re.compile(r"\s*(\d{1,6})\s*([smhd])\s*")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_VARIABLE = re.compile(r"\{\{\s*(project|entity|name)\s*\}\}")


def _template(name: str, description: str, summary: str, severity: str, event: str) -> Any:
    return {
        "template_name": name, "template_description": description, "system_generated": True,
        "summary": summary, "severity": severity,
        "trigger": {"events": [event], "prometheus_alert": None},
        "criteria": {"count": 1, "period": None}, "reset_policy": AUTO, "cooldown_period": None,
    }  # fmt: skip


TEMPLATES: tuple[dict[str, Any], ...] = tuple(
    {"template_id": number, **template}
    for number, template in enumerate(
        (
            _template(
                "JobFailed", "Generic template for job failure alerts",
                "A job has failed", "medium", FAILED,
            ),
            _template(
                "DataDriftDetected", "Generic template for data drift detected alerts",
                "Model {{project}}/{{entity}} has detected a data drift", "high",
                "data-drift-detected",
            ),
            _template(
                "DataDriftSuspected", "Generic template for data drift suspected alerts",
                "Model {{project}}/{{entity}} is suspected to have a data drift", "medium",
                "data-drift-suspected",
            ),
        ),
        1,
    )
)  # fmt: skip


def parse_period(text: str | None, what: str) -> int | None:
    """The microseconds of ``1d``, ``3h``, ``5m`` or ``15s``; None where nothing is given."""
    if text is None or text == "":
        return None
    found = _PERIOD.fullmatch(text)
    if found is None:
        raise MLRunInvalidArgumentError(
            f"'{what}' is {text!r:.40}: write a number and s, m, h or d, as in 10m"
        )
    return int(found[1]) * _SECONDS[found[2]] * 1_000_000


def concerns(config: Mapping[str, Any], kind: str, entity: str, ids: Sequence[str]) -> bool:
    """Whether an alert listens to an event: its kind, and one of the entity's names.

    Names in an alert may hold ``*``.
    """
    wanted = config["entities"]
    if kind not in (config["trigger"].get("events") or ()) or wanted["kind"] != entity:
        return False
    return any(fnmatchcase(name, pattern) for pattern in wanted["ids"] for name in ids)


def window(seen: Sequence[int], now: int, criteria: Mapping[str, Any]) -> tuple[list[int], bool]:
    """The events that count with a new one, and whether they are enough."""
    period = parse_period(criteria.get("period"), "criteria.period")
    kept = [moment for moment in seen if period is None or moment > now - period] + [now]
    return kept, len(kept) >= int(criteria.get("count") or 1)


def summary(config: Mapping[str, Any], entity: str) -> str:
    """The alert's sentence with its ``{{project}}``, ``{{name}}`` and ``{{entity}}`` filled in."""
    known = {"project": config["project"], "name": config["name"], "entity": entity}
    return _VARIABLE.sub(lambda found: str(known[found[1]]), str(config.get("summary") or ""))
