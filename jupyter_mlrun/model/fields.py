"""A part of a document as people hold it: a dict whose known keys are attributes too."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from ..names import near
from .manifest import is_object, to_manifest

Table = Mapping[str, Any]
"""What a key is where nothing is set: ``None``, ``str`` (empty), ``list`` or ``dict`` (kept once
something is in it), or the table of a part below."""


class Several:
    """In a table: a list of parts, each of which answers by attribute too."""

    def __init__(self, table: Table) -> None:
        self._item = table

    def __call__(self) -> list[Any]:
        return []

    def take(self, values: list[Any]) -> None:
        """Give the dicts of a list their attributes."""
        for place, value in enumerate(values):
            if isinstance(value, Mapping) and not isinstance(value, Fields):
                values[place] = Fields(value, self._item)


class Fields(dict[str, Any]):
    """A dict that also answers by attribute; unknown keys are kept, unknown attributes refused."""

    _table: Table
    _made: set[str]

    def __init__(self, value: Mapping[str, Any] | None = None, table: Table | None = None) -> None:
        super().__init__(value or {})
        object.__setattr__(self, "_table", table or {})
        object.__setattr__(self, "_made", set())

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        default = self._table.get(name)
        if self.get(name) is None:
            if name not in self and name not in self._table:
                raise AttributeError(
                    f"There is no field '{name}' here.{near(name, {*self._table, *self})}"
                )
            if default is None or default is str:
                return "" if default is str else None
            self._made.add(name)
            self[name] = {} if isinstance(default, Mapping) else default()
        if isinstance(default, Mapping) and not isinstance(self[name], Fields):
            self[name] = Fields(self[name], default)
        if isinstance(default, Several) and isinstance(self[name], list):
            default.take(self[name])
        return self[name]

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        self.pop(name, None)

    def to_dict(self) -> dict[str, Any]:
        """A plain copy; what was only looked at and is empty is not in it."""
        items = {key: plain(value) for key, value in self.items()}
        return {key: value for key, value in items.items() if value or key not in self._made}


def plain(value: Any) -> Any:
    """A copy of the value, of dicts and lists alone; objects by their ``to_dict``."""
    if isinstance(value, Fields):
        return value.to_dict()
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if is_object(value):
        return to_manifest(value)
    # a table of data is no document, whatever it can be turned into
    if hasattr(value, "to_dict") and not isinstance(value, type) and not hasattr(value, "shape"):
        return plain(value.to_dict())
    return copy.copy(value) if isinstance(value, (set, bytearray)) else value
