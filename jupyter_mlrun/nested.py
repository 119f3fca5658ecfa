"""Values inside of dicts, by a path whose names are joined by dots."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any


def get_in(obj: Any, keys: str | Sequence[str], default: Any = None) -> Any:
    """The value at a path through dicts and attributes; the default where it ends before.

    >>> get_in({"a": {"b": 1}}, "a.b")
    1
    """
    for key in keys.split(".") if isinstance(keys, str) else keys:
        if obj is None:
            return default
        if isinstance(obj, Mapping):
            if key not in obj:
                return default
            obj = obj[key]
        else:
            obj = getattr(obj, key, default)
    return obj


def update_in(
    obj: MutableMapping[str, Any],
    key: str | Sequence[str],
    value: Any,
    append: bool = False,
    replace: bool = True,
) -> None:
    """Set the value at a path, making the dicts on it; a name with dots is written ``a\\.b\\``.

    ``append`` adds to a list, and ``replace=False`` leaves a value that is there.
    """
    *path, last = _names(key) if isinstance(key, str) else list(key)
    for name in path:
        obj = obj.setdefault(name, {})
    if append:
        held = obj.setdefault(last, [])
        held.extend(value if isinstance(value, list) else [value])
    elif replace or not obj.get(last):
        obj[last] = value


def _names(key: str) -> list[str]:
    """The names of a path: a dot between two backslashes is one of a name."""
    found, is_kept = [""], False
    for letter in key:
        if letter == "\\":
            is_kept = not is_kept
        elif letter == "." and not is_kept:
            found.append("")
        else:
            found[-1] += letter
    return found
