"""What a handler returned, logged under the names that the run gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .packagers.values import is_set, log_value

if TYPE_CHECKING:
    from .context import Context
    from .packagers.hint import LogHint


def log_returned(
    context: Context, value: Any, returns: Sequence[Any] | None, is_cell: bool = False
) -> None:
    """Log what was returned; without hints, what is not empty becomes the result ``return``.

    A tuple is one value for each hint; with one hint, or within a list, it is a value itself. What
    a cell names is kept as what it is. Only the worker that logs does so.
    """
    if not context.is_logging_worker():
        return
    if not returns:
        if _is_something(value):
            log_value(context, "return", value)
        return
    if len(returns) == 1 or (isinstance(value, tuple) and is_set("PACK_TUPLES")):
        values: list[Any] = [value]
    else:
        values = list(value) if isinstance(value, (tuple, list)) else [value]
    hints = [None if hint is None else _parse(hint) for hint in returns]
    if len(values) != len(hints):
        known = ", ".join(hint.key for hint in hints if hint is not None)
        context.logger.warning(
            f"{len(values)} values were returned for {len(hints)} outputs ({known})"
        )
    pairs = [(v, h) for v, h in zip(values, hints, strict=False) if h is not None]
    _log(context, [(_kept(v, h), h) for v, h in pairs] if is_cell else pairs)


def log_named(context: Context, values: Mapping[str, Any], returns: Sequence[Any] | None) -> None:
    """Log values that already have their names, as the hints of those names say."""
    if not values or not context.is_logging_worker():
        return
    hints = {hint.key: hint for hint in (_parse(each) for each in returns or [] if each)}
    from .packagers.hint import LogHint

    _log(context, [(_kept(value, h), h) for value, h in (
        (value, hints.get(name) or LogHint(name)) for name, value in values.items()
    )])  # fmt: skip


def _kept(value: Any, hint: LogHint) -> Any:
    """The value; an array of a cell is kept as what it is, however small."""
    if not hint.artifact_type and type(value).__module__ == "numpy" and hasattr(value, "shape"):
        hint.artifact_type = "artifact" if value.shape else None
    return value


def _parse(hint: Any) -> LogHint:
    from .packagers.hint import LogHint

    return LogHint.parse_obj(hint)


def _log(context: Context, values: Sequence[tuple[Any, LogHint]]) -> None:
    if any(hint.extra_data or hint.metrics or hint.itemized for _, hint in values):
        from .packagers.values import log_all

        log_all(context, values)
        return
    for value, hint in values:
        if _is_plain(hint):
            log_value(context, hint.key, value, hint.artifact_type, **hint.packing_kwargs)
        else:
            from .packagers.values import log_hinted

            log_hinted(context, value, hint)


def _is_plain(hint: LogHint) -> bool:
    return not (hint.tag or hint.labels or hint.artifact_path)


def _is_something(value: Any) -> bool:
    try:
        return value is not None and bool(value)
    except Exception:
        # to ask for its truth runs the code of its library: an array has none, and is something
        return True
