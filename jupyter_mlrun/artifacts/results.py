"""Values as results: small, strict JSON that lists and charts can show."""

from __future__ import annotations

import math
from typing import Any

_PLAIN = (str, bool, type(None))
# beyond it a number of JSON is none for those that read it
_LARGEST = 10**308


def from_result(value: Any) -> Any:
    """A result as the value that it was: the strings nan, inf and -inf are numbers again."""
    if isinstance(value, str) and value in ("nan", "inf", "-inf"):
        return float(value)
    if isinstance(value, dict):
        return {key: from_result(item) for key, item in value.items()}
    if isinstance(value, list):
        return [from_result(item) for item in value]
    return value


def to_result(value: Any) -> Any:
    """The value as a result holds it.

    Numbers of NumPy become Python's, non-finite ones the strings nan, inf and -inf, and what JSON
    has no form for becomes its text: integers of more than 308 digits too.
    """
    if isinstance(value, _PLAIN) and type(value) in _PLAIN:
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(float(value))
    if isinstance(value, dict):
        return {str(key): to_result(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_result(item) for item in value]
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        return int(value) if -_LARGEST < value < _LARGEST else _digits(value)
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        return to_result(value.item())
    if hasattr(value, "tolist"):
        return to_result(value.tolist())
    return str(value)


def _digits(value: int) -> str:
    try:
        return str(int(value))
    except ValueError:
        # Python writes no more than 4,300 decimal digits
        return hex(value)
