"""The shape that every document must have before the store looks into it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError

PARTS = ("metadata", "spec", "status")


def parts(document: Mapping[str, Any], what: str) -> dict[str, Any]:
    """The document with metadata, spec and status as objects of its own."""
    shaped = dict(document)
    for part in PARTS:
        value = shaped.get(part)
        if value is not None and not isinstance(value, Mapping):
            raise MLRunInvalidArgumentError(
                f"'{part}' of {what} must be an object, not {value!r:.80}"
            )
        shaped[part] = dict(value or {})
    for part in ("labels", "annotations"):
        value = shaped["metadata"].get(part)
        if value is not None and not isinstance(value, Mapping):
            raise MLRunInvalidArgumentError(
                f"'metadata.{part}' of {what} must be an object, not {value!r:.80}"
            )
    return shaped


def picked(document: Mapping[str, Any], places: Iterable[str]) -> dict[str, Any]:
    """The parts of a document at dotted places; what is not there is left out."""
    found: dict[str, Any] = {}
    for place in places:
        source: Any = document
        target, *path, last = found, *place.split(".")
        for part in path:
            source = source.get(part) if isinstance(source, Mapping) else None
            target = target.setdefault(part, {})
        if isinstance(source, Mapping) and last in source:
            target[last] = source[last]
    return found
