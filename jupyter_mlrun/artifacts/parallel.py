"""The iterations of a sweep as parallel coordinates: one page, no script from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..coordinates import build_picture
from .base import Draft

if TYPE_CHECKING:
    from ..context import Context
    from .artifact import Artifact

_PAGE = """<!doctype html><meta charset="utf-8"><title>Iterations</title>
<style>
:root {{ color-scheme: light dark; font: 12px system-ui, sans-serif }}
path:hover {{ stroke-opacity: 1; stroke-width: 3 }}
</style>
{body}
"""


def log_parallel_coordinates(context: Context, table: Sequence[Sequence[Any]]) -> Artifact | None:
    """A page of the iterations table; None where fewer than two columns can be drawn."""
    picture = build_picture(table, context.results.get("best_iteration"))
    if not picture:
        return None
    draft = Draft(context, "parallel_coordinates", "plotly")
    draft.target(".html")
    draft.write(_PAGE.format(body=picture).encode())
    return draft.log()
