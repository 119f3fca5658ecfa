"""The iterations of a sweep as parallel coordinates: one page, no script from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from .base import Artifact, Draft

if TYPE_CHECKING:
    from ..context import Context

_WIDTH, _HEIGHT, _TOP, _LEFT = 150, 320, 48, 70
_PAGE = """<!doctype html><meta charset="utf-8"><title>Iterations</title>
<style>
:root {{ color-scheme: light dark; font: 12px system-ui, sans-serif }}
path {{ fill: none; stroke: #4a7ab5; stroke-opacity: .65; stroke-width: 1.5 }}
path.best {{ stroke: #d9822b; stroke-opacity: 1; stroke-width: 3 }}
path:hover {{ stroke-opacity: 1; stroke-width: 3 }}
line {{ stroke: currentColor; stroke-opacity: .5 }} text {{ fill: currentColor }}
</style>
<svg viewBox="0 0 {width} {height}" width="100%" role="img" aria-label="Iterations">
{body}
</svg>
"""


def log_parallel_coordinates(context: Context, table: Sequence[Sequence[Any]]) -> Artifact | None:
    """A page of the iterations table; None where fewer than two columns can be drawn."""
    header, rows = table[0], [row for row in table[1:] if row[0] == "completed"]
    columns = [
        place
        for place, name in enumerate(header)
        if place > 1 and any(_is_drawn(row[place]) for row in rows)
    ]
    if len(columns) < 2 or not rows:
        return None
    draft = Draft(context, "parallel_coordinates", "plotly")
    draft.target(".html")
    best = context.results.get("best_iteration")
    draft.write(_page(header, rows, columns, best).encode())
    return draft.log()


def _is_drawn(value: Any) -> bool:
    return isinstance(value, (int, float, str)) and not isinstance(value, bool)


def _page(
    header: Sequence[Any], rows: Sequence[Sequence[Any]], columns: Sequence[int], best: Any
) -> str:
    scales = {place: _scale([row[place] for row in rows]) for place in columns}
    parts = []
    for index, place in enumerate(columns):
        x = _LEFT + index * _WIDTH
        low, high = scales[place][1]
        name = escape(str(header[place]).partition(".")[2] or str(header[place]))
        parts.append(f'<line x1="{x}" y1="{_TOP}" x2="{x}" y2="{_TOP + _HEIGHT}"/>')
        parts.append(f'<text x="{x}" y="16" text-anchor="middle">{name}</text>')
        parts.append(f'<text x="{x}" y="34" text-anchor="middle">{escape(high)}</text>')
        foot = _TOP + _HEIGHT + 16
        parts.append(f'<text x="{x}" y="{foot}" text-anchor="middle">{escape(low)}</text>')
    for number, row in enumerate(rows):
        heights = [scales[place][0][number] for place in columns]
        parts.append(_path(heights, row[1], row[1] == best))
    width = 2 * _LEFT + (len(columns) - 1) * _WIDTH
    return _PAGE.format(width=width, height=_HEIGHT + _TOP + 30, body="\n".join(parts))


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


def _path(heights: Sequence[float], iteration: Any, is_best: bool) -> str:
    points = [
        f"{_LEFT + index * _WIDTH},{_TOP + _HEIGHT * (1 - height):.1f}"
        for index, height in enumerate(heights)
    ]
    kind = ' class="best"' if is_best else ""
    return f'<path{kind} d="M{" L".join(points)}"><title>iteration {iteration}</title></path>'
