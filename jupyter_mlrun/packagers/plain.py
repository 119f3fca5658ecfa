"""Which values are results, and which collections JSON gives back as they were."""

from __future__ import annotations

import json
from typing import Any

from ..artifacts.results import to_result

SMALL_JSON = 4096
LARGE_TEXT = 64 * 1024


def is_result(value: Any) -> bool:
    """Whether a value is small and plain enough to be a result."""
    if value is None or isinstance(value, (bool, int, float)):
        return True
    if isinstance(value, str):
        return len(value) <= LARGE_TEXT
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0 and hasattr(value, "dtype"):
        return isinstance(value.item(), (bool, int, float, str))
    return type(value) in (dict, list) and _is_small_json(value)


def _is_small_json(value: Any) -> bool:
    try:
        text = json.dumps(to_result(value)) if _is_plain(value) else ""
    except (TypeError, ValueError, RecursionError):
        return False
    return 0 < len(text) <= SMALL_JSON


def _is_plain(value: Any, room: int = 1000) -> bool:
    if isinstance(value, dict):
        return len(value) <= room and all(
            isinstance(key, str) and _is_plain(item, room) for key, item in value.items()
        )
    if isinstance(value, list):
        return len(value) <= room and all(_is_plain(item, room) for item in value)
    return value is None or isinstance(value, (bool, int, float, str)) or _is_scalar(value)


def _is_scalar(value: Any) -> bool:
    return hasattr(value, "dtype") and getattr(value, "ndim", None) == 0


def exact_json(value: Any) -> str | None:
    """JSON that reads back equal, inner types included; None where there is none."""
    is_set = isinstance(value, (set, frozenset))
    try:
        flat = sorted(value, key=repr) if is_set else value
        flat = list(flat) if isinstance(flat, tuple) else flat
        text = json.dumps(flat, ensure_ascii=True, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return None
    return text if _is_same(flat, json.loads(text)) else None


def _is_same(left: Any, right: Any) -> bool:
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return list(left) == list(right) and all(_is_same(left[k], right[k]) for k in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(_is_same, left, right))
    return bool(left == right)
