"""Dicts as text for people: values of NumPy and enumerations as what they stand for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from typing import Any


def dict_to_json(struct: Mapping[str, Any]) -> str:
    """A dict as JSON; what JSON does not have is told as text."""
    return json.dumps(struct, default=_stands_for)


def dict_to_yaml(struct: Mapping[str, Any]) -> str:
    """A dict as YAML, its keys in their order; raises ValueError for what YAML does not have."""
    import yaml

    try:
        text: str = yaml.safe_dump(_bare(struct), default_flow_style=False, sort_keys=False)
    except yaml.representer.RepresenterError as error:
        raise ValueError(f"error: data result cannot be serialized to YAML: {error}") from error
    return text


_SHORT = 1000


def recordable(value: Any) -> Any:
    """A value as a run's document tells it: of NumPy as Python's, of other objects their text."""
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, Mapping):
        return {str(key): recordable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [recordable(item) for item in value]
    found = _of_array(value)
    return str(value)[:_SHORT] if found is value else recordable(found)


def _bare(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {_bare(key): _bare(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_bare(item) for item in value]
    if isinstance(value, Enum):
        return str(value.value)
    return _of_array(value)


def _stands_for(value: Any) -> Any:
    found = _of_array(value)
    return str(value) if found is value else found


def _of_array(value: Any) -> Any:
    # of NumPy, without asking for it
    return value.tolist() if type(value).__module__ == "numpy" else value
