"""Arguments as MLRun's callers give them, in the shapes that the service takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ..errors import MLRunInvalidArgumentError


def document(value: Any, argument: str) -> dict[str, Any]:
    """The document that an argument gives, itself or as an object of MLRun's."""
    for method in ("to_dict", "dict"):
        if not isinstance(value, Mapping) and callable(getattr(value, method, None)):
            value = getattr(value, method)()
    if not isinstance(value, Mapping):
        raise MLRunInvalidArgumentError(
            f"'{argument}' must be a document (a dict) or an object with to_dict(), "
            f"not {value!r:.80}"
        )
    return dict(value)


def documents(values: Any, argument: str) -> list[dict[str, Any]]:
    """The documents that a list gives; none where it is None."""
    if values is None:
        return []
    if isinstance(values, str | Mapping) or not isinstance(values, Iterable):
        raise MLRunInvalidArgumentError(
            f"'{argument}' must be a list of documents, not {values!r:.80}"
        )
    return [document(each, argument) for each in values]


def labels_of(value: Any) -> list[str]:
    """The filter by labels: of ``"a=1,b"``, ``["a=1", "b"]`` or ``{"a": "1", "b": None}``."""
    if value is None:
        return []
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if isinstance(value, Mapping):
        return [key if item is None else f"{key}={item}" for key, item in value.items()]
    if isinstance(value, list | tuple) and all(isinstance(part, str) for part in value):
        return [*value]
    raise MLRunInvalidArgumentError(
        f"'labels' must be a text, a list of texts or a dict of texts, not {value!r:.80}"
    )


def plain(value: Any) -> Any:
    """Members of enumerations by their values, times as ISO text; nothing for what is empty."""
    if isinstance(value, list | tuple):
        return [plain(each) for each in value] or None
    if isinstance(value, datetime):
        return value.isoformat()
    return getattr(value, "value", value) or None


def choice(argument: str, value: Any, allowed: tuple[str, ...]) -> str:
    """The value of an argument that is one of some words."""
    word = plain(value)
    if word not in allowed:
        raise MLRunInvalidArgumentError(
            f"'{argument}' must be one of {', '.join(allowed)}, not {value!r:.80}"
        )
    return str(word)


def query(**given: Any) -> dict[str, Any]:
    """Those filters that ask for something, with ``-`` for ``_`` in their names."""
    found = {name.replace("_", "-"): plain(value) for name, value in given.items()}
    return {name: value for name, value in found.items() if value is not None}


def partitions(by: Any, rows: int, sort_by: Any, order: Any, most: int = 0) -> dict[str, Any]:
    """The part of a query that puts rows together; nothing where they are not put together."""
    if not by:
        return {}
    return query(
        partition_by=by, rows_per_partition=rows, partition_sort_by=sort_by, partition_order=order,
        max_partitions=most,
    )  # fmt: skip


def times(**given: Any) -> dict[str, Any]:
    """Those times that are given, by the names of the query."""
    return {name: plain(value) for name, value in given.items() if value}


def week_ago() -> datetime:
    """From when on MLRun lists where nothing is asked."""
    return datetime.now(UTC) - timedelta(days=7)


def refuse(argument: str, value: Any, reason: str) -> None:
    """Nothing where an argument of MLRun's that has no meaning here was left out."""
    if value:
        raise MLRunInvalidArgumentError(f"'{argument}' cannot be given: {reason}; leave it out")
