"""Documents that are made of their fields by name, and read by attribute."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any, ClassVar

from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.names import near

from .fields import Fields, plain


def told(value: Any) -> Any:
    """A copy of the value, of plain dicts, lists and texts."""
    if isinstance(value, Mapping):
        return {key: told(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [told(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Enum) else value


class Part(Fields):
    """A part made of its fields by name; one that is missing or not known is refused."""

    NEEDED: ClassVar[tuple[str, ...]] = ()
    OTHERS: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, **fields: Any) -> None:
        own = type(self).__name__
        for name in self.NEEDED:
            if fields.get(name) is None:
                raise MLRunInvalidArgumentError(f"{own} needs '{name}': give {name}=")
        known = {*self.NEEDED, *self.OTHERS}
        for name in fields:
            if name not in known:
                raise MLRunInvalidArgumentError(f"{own} has no field '{name}'.{near(name, known)}")
        super().__init__({**{key: plain(value) for key, value in self.OTHERS.items()}, **fields})

    @classmethod
    def parse_obj(cls, obj: Mapping[str, Any]) -> Any:
        """The part of a dict; fields of a newer service are left out."""
        if isinstance(obj, cls):
            return obj
        if not isinstance(obj, Mapping):
            raise MLRunInvalidArgumentError(f"{cls.__name__} is made of a dict, not {obj!r:.60}")
        known = {*cls.NEEDED, *cls.OTHERS}
        return cls(**{key: value for key, value in obj.items() if key in known})

    def to_dict(self) -> dict[str, Any]:
        """Its fields as a dict of plain values."""
        return {key: told(value) for key, value in self.items()}

    dict = to_dict
