"""A run as text, for a program without a notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jupyter_mlrun.display import words

MOST_ITEMS, LABEL = 20, 12
# an address is of use as a whole
VALUE, ADDRESS = 80, 500


def build_text(run: Mapping[str, Any]) -> str:
    """A run's document as lines: what it is, what it was given, what came of it."""
    metadata, spec = run.get("metadata") or {}, run.get("spec") or {}
    status = run.get("status") or {}
    state = str(status.get("state") or "created")
    named = f"{metadata.get('project') or 'default'}/{metadata.get('name') or ''}"
    if iteration := metadata.get("iteration"):
        named += f" iteration {iteration}"
    lines = [f"{words.MARKS.get(state, '?')} run {named} {words.format_state(state)}"]
    for label, items in (
        ("uid", [str(metadata.get("uid") or "")]),
        ("function", [str(spec.get("function") or "")]),
        ("handler", [str(spec.get("handler") or "")]),
        ("started", [_times(status)]),
        ("labels", [", ".join(_pairs(metadata.get("labels")))]),
        ("parameters", _pairs(spec.get("parameters"))),
        ("inputs", _pairs(spec.get("inputs"), ADDRESS)),
        ("results", _pairs(status.get("results"))),
        ("artifacts", _pairs(status.get("artifact_uris"), ADDRESS)),
        ("iterations", [_iterations(status)]),
        ("error", [words.shorten(status.get("error") or "", 500)]),
        ("reason", [words.shorten(status.get("reason") or status.get("status_text") or "", 500)]),
    ):
        lines += _block(label, [item for item in items if item])
    return "\n".join(lines)


def _block(label: str, items: Sequence[str]) -> list[str]:
    shown = list(items[:MOST_ITEMS])
    if len(items) > MOST_ITEMS:
        shown.append(f"… {len(items) - MOST_ITEMS} more")
    return [f"  {'' if place else label:<{LABEL}}{item}" for place, item in enumerate(shown)]


def _pairs(values: Any, most: int = VALUE) -> list[str]:
    given = values.items() if isinstance(values, Mapping) else ()
    return [f"{key}={words.shorten(words.format_number(value), most)}" for key, value in given]


def _times(status: Mapping[str, Any]) -> str:
    start = words.parse_time(status.get("start_time"))
    if start is None:
        return ""
    spent = words.format_duration(words.seconds_of(status))
    return f"{start:%Y-%m-%d %H:%M:%S}{f', {spent}' if spent else ''}"


def _iterations(status: Mapping[str, Any]) -> str:
    rows = status.get("iterations") or []
    best = (status.get("results") or {}).get("best_iteration")
    return f"{len(rows) - 1}{f', the best is {best}' if best else ''}" if len(rows) > 1 else ""
