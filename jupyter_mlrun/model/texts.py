"""Dicts as text for people: values of NumPy and enumerations as what they stand for."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
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


# characters of a run's parameters that its document holds at most, and how deep they go
_MOST, _DEEPEST = 1_000_000, 50
_NUMBER = 8
_MARK = re.compile(r"<\w+( of \d+| \([\d, ]*\))?>")


def recorded(parameters: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Parameters as a run's document tells them, and the names of those that it cannot hold.

    An object of which there is no text is a mark there, such as ``<DataFrame (100, 4)>``, and so
    is what is too large: nothing of what it holds is told.
    """
    record = _Record()
    told, names = {}, []
    for name, value in parameters.items():
        record.has_marked = False
        told[str(name)] = record.tell(value)
        if record.has_marked:
            names.append(str(name))
    return told, names


def recorded_values(spec: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Parameters and hyper-parameters of a run's spec as its document tells them, and the names
    of those that it cannot hold."""
    told, names = {}, []
    for part in ("parameters", "hyperparams"):
        if given := spec.get(part):
            told[part], objects = recorded(given)
            names += objects
    return told, names


def has_mark(value: Any) -> bool:
    """Whether a recorded value holds the mark of something that the document does not hold."""
    if isinstance(value, Mapping):
        return any(map(has_mark, value.values())) or any(map(has_mark, value))
    if isinstance(value, (list, tuple)):
        return any(map(has_mark, value))
    return isinstance(value, str) and _MARK.fullmatch(value) is not None


def text_of(value: Any) -> Any:
    """What stands for a value in JSON without loss: dates, paths and such are texts.

    Any other value is given back as it is.
    """
    if isinstance(value, Enum):
        return value.value
    # a program has a UUID only where it has loaded their module, which takes its time
    loaded = sys.modules.get("uuid")
    if isinstance(value, (date, PurePath, Decimal)) or (loaded and isinstance(value, loaded.UUID)):
        return str(value)
    return _of_array(value)


class _Record:
    """The values of one document while they are told."""

    def __init__(self) -> None:
        self.left = _MOST
        self.has_marked = False

    def tell(self, value: Any, depth: int = 0) -> Any:
        try:
            return self._told(value, depth)
        except Exception:
            # code of the value's own class fails: it is told as any other object
            return self._mark(value)

    def _told(self, value: Any, depth: int) -> Any:
        if value is None or isinstance(value, (int, float)):
            self.left -= _NUMBER
            return value
        if isinstance(value, str):
            return self._mark(value) if len(value) > self.left else self._text(value)
        is_mapping = isinstance(value, Mapping)
        if is_mapping or isinstance(value, (list, tuple)):
            if depth > _DEEPEST or len(value) * _NUMBER > self.left:
                return self._mark(value)
            if is_mapping:
                return {self._key(key): self.tell(item, depth + 1) for key, item in value.items()}
            return [self.tell(item, depth + 1) for item in value]
        if _is_array(value) and value.size * _NUMBER > self.left:
            return self._mark(value)
        found = text_of(value)
        return self._mark(value) if found is value else self.tell(found, depth + 1)

    def _key(self, key: Any) -> str:
        told = self.tell(key)
        # as JSON has keys that are numbers, and a tuple without what it holds
        return told if isinstance(told, str) else str(told)

    def _text(self, value: str) -> str:
        self.left -= len(value)
        return value

    def _mark(self, value: Any) -> str:
        self.has_marked = True
        return _mark_of(value)


def _mark_of(value: Any) -> str:
    name = type(value).__name__
    if isinstance(value, (str, bytes, list, tuple, dict, set, frozenset)):
        return f"<{name} of {len(value)}>"
    try:
        shape = value.shape
        is_known = isinstance(shape, tuple) and all(type(each) is int for each in shape)
    except Exception:
        # whatever its class does there
        is_known = False
    return f"<{name} {shape}>" if is_known else f"<{name}>"


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
    return value.tolist() if _is_array(value) else value


def _is_array(value: Any) -> bool:
    # of NumPy, without asking for it
    return type(value).__module__ == "numpy" and hasattr(value, "tolist")
