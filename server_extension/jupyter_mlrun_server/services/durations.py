"""Lengths of time as people write them."""

from __future__ import annotations

import re

from jupyter_mlrun.errors import MLRunInvalidArgumentError

_UNITS = {
    "s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hr": 3600,
    "hour": 3600, "d": 86_400, "day": 86_400, "w": 604_800, "week": 604_800,
}  # fmt: skip
_PART = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*,?", re.IGNORECASE)


def parse_duration(text: object) -> float:
    """Seconds of ``1h``, ``1 day 3h``, ``90``; -1 is for ever."""
    said = str(text).strip()
    if re.fullmatch(r"-1|\d+(\.\d+)?", said):
        return float(said)
    total, end = 0.0, 0
    for part in _PART.finditer(said):
        unit = part[2].lower()
        unit = unit if unit in _UNITS or len(unit) < 3 else unit.removesuffix("s")
        if part.start() != end or unit not in _UNITS:
            break
        total, end = total + float(part[1]) * _UNITS[unit], part.end()
    if not said or end != len(said):
        raise MLRunInvalidArgumentError(
            f"{said!r:.60} is no length of time: write 30s, 15m, 1h, '1 day 3h', or -1 for ever"
        )
    return total
