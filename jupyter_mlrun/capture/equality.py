"""Whether two values are equal to the last type."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import functools
import typing
from collections import deque
from typing import Any


def same(left: Any, right: Any) -> bool:
    """Whether two values are equal, type for type, at every depth; NaN equals NaN."""
    if type(left) is not type(right):
        return False
    if left is right:
        return True
    if isinstance(left, float):
        return repr(left) == repr(right)
    if isinstance(left, complex):
        return repr(left.real) == repr(right.real) and repr(left.imag) == repr(right.imag)
    if isinstance(left, dict):
        factory = getattr(left, "default_factory", None) is getattr(right, "default_factory", None)
        return factory and same(list(left.items()), list(right.items()))
    if isinstance(left, (list, tuple, deque)):
        lengths = len(left) == len(right) and getattr(left, "maxlen", 0) == getattr(
            right, "maxlen", 0
        )
        return lengths and all(same(a, b) for a, b in zip(left, right, strict=False))
    if isinstance(left, (set, frozenset)):
        return bool(left == right) and sorted(map(_key, left)) == sorted(map(_key, right))
    if isinstance(left, (datetime.datetime, datetime.time)):
        return bool(left == right) and left.tzinfo == right.tzinfo and left.fold == right.fold
    if isinstance(left, decimal.Decimal):
        return bool(left.as_tuple() == right.as_tuple())
    if dataclasses.is_dataclass(left):
        names = [item.name for item in dataclasses.fields(left)]
        return all(same(getattr(left, n), getattr(right, n)) for n in names)
    if isinstance(left, functools.partial):
        parts = (left.args, left.keywords, vars(left)), (right.args, right.keywords, vars(right))
        return left.func is right.func and same(*parts)
    if isinstance(left, typing.TypeVar):
        # what is asked of them; two that are made alike are two all the same
        asked = ("__name__", "__constraints__", "__bound__", "__covariant__", "__contravariant__",
                 "__infer_variance__", "__default__")  # fmt: skip
        return all(getattr(left, name, None) == getattr(right, name, None) for name in asked)
    equal = left == right
    if hasattr(left, "dtype"):
        return bool(left.dtype == right.dtype and (equal or (left != left and right != right)))
    return bool(equal) and getattr(left, "unit", None) == getattr(right, "unit", None)


def _key(value: object) -> str:
    return f"{type(value).__name__} {value!r}"
