"""A table of iterations as lines over parallel coordinates: one ``<svg>``, pure."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from .errors import MLRunInvalidArgumentError

_WIDTH, _HEIGHT, _TOP, _LEFT = 150, 320, 48, 70
_LINE, _BEST = "#4a7ab5", "#d9822b"
# first, middle and last colour of scales, from the first line to the last
SCALES = {
    "blues": ("#9ecae1", "#4292c6", "#08306b"),
    "greens": ("#a1d99b", "#41ab5d", "#00441b"),
    "greys": ("#bdbdbd", "#737373", "#252525"),
    "reds": ("#fc9272", "#ef3b2c", "#67000d"),
    "viridis": ("#440154", "#21918c", "#fde725"),
}


def build_picture(
    table: Sequence[Sequence[Any]], best: Any = None, colorscale: str | None = None
) -> str:
    """The completed rows of a table ``state, iter, param.…, output.…`` as lines over its columns.

    One ``<svg>``, without scripts and styles; empty where fewer than two columns can be drawn.
    """
    header, rows = table[0], [row for row in table[1:] if row[0] == "completed"]
    columns = [
        place for place in range(2, len(header)) if any(_is_drawn(row[place]) for row in rows)
    ]
    if len(columns) < 2 or not rows:
        return ""
    scales = {place: _scale([row[place] for row in rows]) for place in columns}
    parts = [part for index, place in enumerate(columns)
             for part in _axis(index, str(header[place]), scales[place][1])]  # fmt: skip
    for number, row in enumerate(rows):
        heights = [scales[place][0][number] for place in columns]
        colour = _colour(colorscale, number, len(rows))
        parts.append(_path(heights, row[1], best is not None and row[1] == best, colour))
    size = (2 * _LEFT + (len(columns) - 1) * _WIDTH, _HEIGHT + _TOP + 30)
    return (
        f'<svg viewBox="0 0 {size[0]} {size[1]}" width="100%" style="max-width:{size[0]}px" '
        f'font-size="12" role="img" aria-label="Iterations">\n{chr(10).join(parts)}\n</svg>'
    )


def _is_drawn(value: Any) -> bool:
    return isinstance(value, (int, float, str)) and not isinstance(value, bool)


def _axis(index: int, column: str, ends: tuple[str, str]) -> list[str]:
    x = _LEFT + index * _WIDTH
    name = column.partition(".")[2] or column
    texts = ((16, name), (34, ends[1]), (_TOP + _HEIGHT + 16, ends[0]))
    line = (
        f'<line x1="{x}" y1="{_TOP}" x2="{x}" y2="{_TOP + _HEIGHT}" '
        'stroke="currentColor" stroke-opacity=".5"/>'
    )
    return [line] + [
        f'<text x="{x}" y="{y}" text-anchor="middle" fill="currentColor">{escape(text)}</text>'
        for y, text in texts
    ]


def _colour(scale: str | None, number: int, count: int) -> str:
    if not scale:
        return _LINE
    if scale.lower() not in SCALES:
        raise MLRunInvalidArgumentError(
            f"There is no colorscale '{scale}': choose {', '.join(SCALES)}"
        )
    place = 2 * number / max(1, count - 1)
    first, last = SCALES[scale.lower()][min(int(place), 1) :][:2]
    share = min(place, 2) - min(int(place), 1)
    mixed = [
        round(int(first[i : i + 2], 16) * (1 - share) + int(last[i : i + 2], 16) * share)
        for i in (1, 3, 5)
    ]
    return "#" + "".join(f"{part:02x}" for part in mixed)


def _scale(values: Sequence[Any]) -> tuple[list[float], tuple[str, str]]:
    """How high each value lies between 0 and 1, and the names of both ends."""
    if all(isinstance(v, (int, float)) for v in values):
        low, high = min(values), max(values)
        span = (high - low) or 1
        return [(v - low) / span for v in values], (f"{low:.4g}", f"{high:.4g}")
    texts = [str(v) for v in values]
    names = sorted(set(texts))
    last = max(1, len(names) - 1)
    return [names.index(text) / last for text in texts], (names[0][:20], names[-1][:20])


def _path(heights: Sequence[float], iteration: Any, is_best: bool, colour: str) -> str:
    points = [
        f"{_LEFT + index * _WIDTH},{_TOP + _HEIGHT * (1 - height):.1f}"
        for index, height in enumerate(heights)
    ]
    look = f'stroke="{_BEST}" stroke-width="3"' if is_best else (
        f'stroke="{colour}" stroke-opacity=".65" stroke-width="1.5"'
    )  # fmt: skip
    title = f"<title>iteration {escape(str(iteration))}</title>"
    return f'<path fill="none" {look} d="M{" L".join(points)}">{title}</path>'
