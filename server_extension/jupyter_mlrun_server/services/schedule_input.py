"""What schedules are made of, as requests give it: checked, and in the shape that is stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_mlrun import names
from jupyter_mlrun.errors import MLRunInvalidArgumentError, MLRunNotImplementedServerError

from ..store.schedules import ACTIVE, PAUSED

IF_BUSY = ("skip", "wait")
IF_LATE = ("run", "skip")
POLICIES = ("concurrency_limit", "if_busy", "if_late")


def parse_kind(given: Any) -> str:
    """The kind: of jobs, until workflows come."""
    if given in (None, "", "job"):
        return "job"
    if given == "pipeline":
        raise MLRunNotImplementedServerError(
            "Schedules of workflows are not in this release: schedule a job"
        )
    raise MLRunInvalidArgumentError(f"'kind' of a schedule is job or pipeline, not {given!r:.40}")


def parse_object(given: Any) -> dict[str, Any]:
    """The body that a run is made of later."""
    if not isinstance(given, Mapping) or not isinstance(given.get("task"), Mapping):
        raise MLRunInvalidArgumentError(
            "'scheduled_object' must hold a task: {'task': {'metadata': …, 'spec': …}}"
        )
    if given.get("secrets"):
        raise MLRunInvalidArgumentError(
            "A scheduled task cannot bring 'secrets' along, as nothing keeps them: store them in "
            "the project and name them in task.spec.secret_sources"
        )
    return {key: value for key, value in given.items() if key != "secrets"}


def parse_labels(given: Any) -> dict[str, str]:
    """Labels, each checked."""
    if not isinstance(given, Mapping):
        raise MLRunInvalidArgumentError("'labels' of a schedule must be an object")
    for name, value in given.items():
        names.validate_label(name, value)
    return dict(given)


def parse_policies(given: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of busy and late times."""
    found: dict[str, Any] = {}
    limit = given.get("concurrency_limit")
    if limit is not None:
        if isinstance(limit, bool) or not isinstance(limit, int) or not 0 <= limit <= 1000:
            raise MLRunInvalidArgumentError(
                f"'concurrency_limit' is {limit!r:.40}: give 0 (none) to 1000 runs at once"
            )
        found["concurrency_limit"] = limit
    for name, allowed in (("if_busy", IF_BUSY), ("if_late", IF_LATE)):
        value = given.get(name)
        if value is None:
            continue
        if value not in allowed:
            raise MLRunInvalidArgumentError(
                f"'{name}' of a schedule is {' or '.join(allowed)}, not {value!r:.40}"
            )
        found[name] = value
    return found


def parse_state(given: Any) -> str:
    """The state that is wanted, empty where none is said."""
    if given in (None, ""):
        return ""
    if given in (ACTIVE, PAUSED):
        return str(given)
    raise MLRunInvalidArgumentError(
        f"'desired_state' of a schedule is {ACTIVE} or {PAUSED}, not {given!r:.40}"
    )
