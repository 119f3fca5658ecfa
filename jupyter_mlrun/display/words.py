"""Times, numbers and states in the words and marks of the interface."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

MARKS = {
    "created": "○", "pending": "○", "running": "▶", "completed": "✔", "error": "✖",
    "aborting": "◧", "aborted": "■", "skipped": "»", "unknown": "?", "pendingRetry": "↻",
}  # fmt: skip
COLOURS = {
    "completed": "#2e8540", "error": "#d1293d", "running": "#1976d2", "aborted": "#b26a00",
    "aborting": "#b26a00", "pendingRetry": "#b26a00",
}  # fmt: skip
OTHER_COLOUR = "#757575"
WORDS = {"error": "failed", "pendingRetry": "retrying"}


def format_state(state: str) -> str:
    """The word of a state in a sentence."""
    return WORDS.get(state, state)


def parse_time(text: Any) -> datetime | None:
    """A time as documents write it; None where there is none."""
    if not isinstance(text, str) or not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def seconds_between(start: Any, end: Any) -> float | None:
    """Seconds from one time to another; None where one is missing."""
    first, last = parse_time(start), parse_time(end)
    return None if first is None or last is None else max(0.0, (last - first).total_seconds())


def seconds_of(status: Mapping[str, Any]) -> float | None:
    """Seconds that a run has worked; None where it goes on or never began."""
    if status.get("never_began"):
        return None
    return seconds_between(status.get("start_time"), status.get("end_time"))


def missing(status: Mapping[str, Any]) -> str:
    """What is to be said of a run's log that is not whole, as on a full disk; else nothing."""
    for part in (status.get("reason"), status.get("status_text")):
        if "of the log are missing" in (part or ""):
            return str(part)
    return ""


def format_duration(seconds: float | None) -> str:
    """``3.9 s``, ``2:41``, ``3:08:12``, ``2 d 4 h``."""
    if seconds is None:
        return ""
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = int(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 24:
        return f"{hours // 24} d {hours % 24} h"
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def format_number(value: Any) -> str:
    """A result: four decimals below 1, two up to 100, none above."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, int) or value != value or abs(value) == float("inf"):
        return str(value)
    if value and abs(value) < 1e-4:
        return f"{value:.1e}"
    decimals = 4 if abs(value) < 1 else 2 if abs(value) < 100 else 0
    return f"{value:.{decimals}f}"


def shorten(text: Any, most: int = 80) -> str:
    """Text on one line, its end cut where it is too long."""
    flat = " ".join(str(text).split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"
