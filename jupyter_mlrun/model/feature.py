"""A feature of a model: its name and type, as its document lists what goes in and comes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ..enumerations import ValueType
from .objects import ModelObj

_TYPES = {
    "int": ValueType.INT64, "int64": ValueType.INT64, "Int64": ValueType.INT64,
    "uint64": ValueType.INT64, "int32": ValueType.INT32, "uint32": ValueType.INT32,
    "uint8": ValueType.INT32, "int8": ValueType.INT32, "timedelta": ValueType.INT64,
    "datetime64[ns]": ValueType.INT64, "datetime64[ns, tz]": ValueType.INT64,
    "str": ValueType.STRING, "category": ValueType.STRING, "bytes": ValueType.BYTES,
    "float": ValueType.DOUBLE, "float64": ValueType.DOUBLE, "Float64": ValueType.DOUBLE,
    "float32": ValueType.FLOAT, "bool": ValueType.BOOL, "list": ValueType.LIST,
    "tuple": ValueType.Tuple,
}  # fmt: skip


def python_type_to_value_type(value_type: Any) -> ValueType | None:
    """MLRun's word for a type of Python, NumPy or pandas, or for its name; None for another."""
    return _TYPES.get(getattr(value_type, "__name__", None) or str(value_type))


class Feature(ModelObj):
    """A feature of a model, given to ``log_model`` as one of its ``inputs`` or ``outputs``."""

    _dict_fields: ClassVar[list[str]] = [
        "name", "description", "value_type", "dims", "default", "labels", "aggregate",
        "validator", "origin",
    ]  # fmt: skip

    def __init__(
        self,
        value_type: Any = None,
        dims: list[int] | None = None,
        description: str | None = None,
        aggregate: bool | None = None,
        name: str | None = None,
        validator: Any = None,
        default: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name or ""
        self.value_type: ValueType | str | None
        if value_type is None or isinstance(value_type, ValueType):
            self.value_type = value_type or ValueType.STRING
        else:
            # a type that MLRun has no word for is told by its own name
            name_of_type = getattr(value_type, "__name__", None) or str(value_type)
            self.value_type = python_type_to_value_type(value_type) or name_of_type
        self.dims, self.description, self.default = dims, description, default
        self.labels = dict(labels or {})
        self.aggregate, self.validator = aggregate, validator
        self.origin: str | None = None

    def to_dict(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Its fields as a dict of plain values."""
        found = super().to_dict(*args, **kwargs)
        if "value_type" in found:
            found["value_type"] = str(found["value_type"])
        return found
