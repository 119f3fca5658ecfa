"""What a handler returned, logged under the names that the run gives."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from .artifacts.registry import log_value
from .errors import MLRunInvalidArgumentError

if TYPE_CHECKING:
    from .context import Context

_HINT = re.compile(r"^\s*(?P<key>[^:\[\]]+?)\s*(:\s*(?P<kind>[^\[\]]*?)\s*(\[(?P<how>.*)\])?)?\s*$")


class Hint(NamedTuple):
    """Under which key, as which kind and how a value is logged."""

    key: str
    kind: str = ""
    how: Mapping[str, str] = {}


def parse_hint(hint: Any) -> Hint:
    """The parts of ``key``, ``key:kind``, ``key : kind[a=b]`` or MLRun's dict of them."""
    if isinstance(hint, Mapping):
        return Hint(str(hint["key"]), str(hint.get("artifact_type") or ""))
    match = _HINT.match(str(hint))
    if match is None:
        raise MLRunInvalidArgumentError(
            f"'{hint}' does not say what to log: write KEY or KEY:KIND, such as model:model"
        )
    pairs = (pair.partition("=") for pair in (match["how"] or "").split(",") if pair)
    how = {name.strip(): value.strip() for name, _, value in pairs}
    return Hint(match["key"], match["kind"] or "", how)


def log_returned(context: Context, value: Any, returns: Sequence[Any] | None) -> None:
    """Log what was returned; without hints, what is not empty becomes the result ``return``."""
    if not returns:
        if _is_something(value):
            log_value(context, "return", value)
        return
    hints = [parse_hint(hint) for hint in returns]
    if len(hints) == 1:
        _log(context, hints[0], value)
        return
    values = list(value) if isinstance(value, (tuple, list)) else [value]
    if len(values) != len(hints):
        context.logger.warning(
            f"{len(values)} values were returned for {len(hints)} outputs "
            f"({', '.join(hint.key for hint in hints)})"
        )
    for hint, item in zip(hints, values, strict=False):
        _log(context, hint, item)


def log_named(context: Context, values: Mapping[str, Any], returns: Sequence[Any] | None) -> None:
    """Log values that already have their names, as the hints of those names say."""
    hints = {hint.key: hint for hint in map(parse_hint, returns or [])}
    for name, value in values.items():
        _log(context, hints.get(name, Hint(name)), value)


def _log(context: Context, hint: Hint, value: Any) -> None:
    log_value(context, hint.key, value, hint.kind or None, **dict(hint.how))


def _is_something(value: Any) -> bool:
    try:
        return value is not None and bool(value)
    except Exception:
        # to ask for its truth runs the code of its library: an array has none, and is something
        return True
