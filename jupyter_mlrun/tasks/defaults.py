"""What the spec of a run holds where nothing was said: MLRun's, which readers of runs rely on."""

from __future__ import annotations

import copy
from collections.abc import Mapping, MutableMapping
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.names import near

THRESHOLDS = {
    "pending_scheduled": "1h",
    "pending_not_scheduled": "-1",
    "image_pull_backoff": "1h",
    "executing": "24h",
}
_SPEC: Mapping[str, Any] = {
    "log_level": "info", "parameters": {}, "inputs": {}, "hyperparams": {},
    "hyper_param_options": {}, "data_stores": [], "notifications": [], "node_selector": {},
    "tolerations": {}, "affinity": {}, "auth": {}, "retry": {},
}  # fmt: skip


def check_thresholds(given: Mapping[str, Any]) -> None:
    """Nothing, where these are limits of states that have one."""
    for state in given:
        if state not in THRESHOLDS:
            raise MLRunInvalidArgumentError(
                f"There is no threshold of the state '{state}': {', '.join(THRESHOLDS)}."
                f"{near(str(state), THRESHOLDS)}"
            )


def fill_spec(spec: MutableMapping[str, Any], thresholds: Mapping[str, Any] = THRESHOLDS) -> None:
    """Give a run's spec what MLRun's has; ``thresholds`` hold where it has none of its own.

    Nobody keeps them where a run works in its caller's process.
    """
    for name, value in _SPEC.items():
        if spec.get(name) is None:
            spec[name] = copy.copy(value)
    given = spec.get("outputs") or []
    spec["outputs"] = [*given, *(key for key in _keys(spec) if key not in given)]
    if both := {**thresholds, **(spec.get("state_thresholds") or {})}:
        spec["state_thresholds"] = both


def asked_thresholds(recorded: Mapping[str, Any]) -> dict[str, Any]:
    """Those of a recorded run's thresholds that are not merely what every run is recorded with."""
    return {state: limit for state, limit in recorded.items() if THRESHOLDS.get(state) != limit}


def _keys(spec: Mapping[str, Any]) -> list[str]:
    """The names under which what is returned will be found."""
    found = []
    for hint in spec.get("returns") or []:
        key = hint.get("key") if isinstance(hint, Mapping) else getattr(hint, "key", hint)
        name = str(key or "").partition(":")[0].rpartition("*")[2].strip()
        # "..." stands for the rest, whose names the handler gives
        if name.strip("."):
            found.append(name)
    return found
