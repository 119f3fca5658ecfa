"""The base of objects that are a dict to others: their fields there and back."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Self

from .texts import dict_to_json, dict_to_yaml


class ModelObj:
    """An object with fields: those of ``_dict_fields``, else the arguments of its constructor.

    What is None, an empty list or an empty dict is in none of its forms.
    """

    _dict_fields: ClassVar[list[str]] = []
    _default_fields_to_strip: ClassVar[list[str]] = []

    @classmethod
    def _fields(cls) -> list[str]:
        if cls._dict_fields:
            return list(cls._dict_fields)
        taken = inspect.signature(cls.__init__).parameters.values()
        several = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
        return [each.name for each in taken if each.kind not in several and each.name != "self"]

    def to_dict(
        self,
        fields: Iterable[str] | None = None,
        exclude: Iterable[str] | None = None,
        strip: bool = False,
    ) -> dict[str, Any]:
        """Its fields as a dict; without those that are of one place alone where ``strip`` is on."""
        left = {*(exclude or ()), *(self._default_fields_to_strip if strip else ())}
        found: dict[str, Any] = {}
        for name in fields or self._fields():
            value: Any = getattr(self, name, None)
            if isinstance(value, ModelObj):
                value = value.to_dict(strip=strip)
            elif hasattr(value, "to_dict") and not isinstance(value, type):
                value = value.to_dict()
            if name not in left and value is not None and value != {} and value != []:
                found[name] = value
        return found

    @classmethod
    def from_dict(
        cls,
        struct: Mapping[str, Any] | None = None,
        fields: Iterable[str] | None = None,
        deprecated_fields: Mapping[str, str] | None = None,
        init_with_params: bool = False,
    ) -> Self:
        """The object of a dict; ``deprecated_fields`` are older names with those of today."""
        given, older = dict(struct or {}), deprecated_fields or {}
        known = list(fields or cls._fields())
        if init_with_params:
            made = cls(**{name: given.pop(name) for name in known if name in given})
        else:
            made = cls()
        for name in known:
            if name in given and name not in older:
                setattr(made, name, given[name])
        for name, now in older.items():
            if value := given.get(now) or given.get(name):
                setattr(made, now, value)
        return made

    def to_yaml(self, exclude: Iterable[str] | None = None, strip: bool = False) -> str:
        """Its fields as YAML."""
        return dict_to_yaml(self.to_dict(exclude=exclude, strip=strip))

    def to_json(self, exclude: Iterable[str] | None = None, strip: bool = False) -> str:
        """Its fields as JSON."""
        return dict_to_json(self.to_dict(exclude=exclude, strip=strip))

    def to_str(self) -> str:
        """Its fields as Python writes a dict."""
        return str(self.to_dict())

    def copy(self) -> Self:
        """A copy that changes alone."""
        return copy.deepcopy(self)

    __str__ = to_str

    def __repr__(self) -> str:
        said = ", ".join(f"{name}={value!r}" for name, value in self.to_dict().items())
        return f"{type(self).__name__}({said})"
