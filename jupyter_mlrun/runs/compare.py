"""Runs side by side: parallel coordinates above a table, one page without scripts."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any, Protocol

from jupyter_mlrun.coordinates import build_picture
from jupyter_mlrun.display.show import show as show_bundle
from jupyter_mlrun.display.table import build_table

MOST_SHOWN = 10
_PAGE = """<!doctype html><meta charset="utf-8"><title>Runs</title>
<style>:root {{ color-scheme: light dark; font: 13px system-ui, sans-serif }}</style>
<body>{body}</body>
"""


class Rows(Protocol):
    """What gives rows of runs below a header, as a RunList does."""

    def to_rows(self, extend_iterations: bool = False) -> list[list[Any]]:
        """The rows."""


def compare_runs(
    runs: Rows,
    hide_identical: bool = True,
    exclude: list[str] | None = None,
    show: bool | None = None,
    extend_iterations: bool = True,
    filename: str | None = None,
    colorscale: str | None = None,
) -> str | None:
    """The comparison of a list of runs: shown in a notebook, returned elsewhere."""
    table = comparison(runs, hide_identical, exclude, extend_iterations)
    picture = build_picture(table, colorscale=colorscale)
    listing = build_table(table[0], table[1:], f"{len(table) - 1} runs and iterations")
    if filename:
        os.makedirs(os.path.dirname(os.path.abspath(filename)), exist_ok=True)
        with open(filename, "w", encoding="utf-8") as file:
            file.write(_PAGE.format(body=picture + listing))
    html = picture + (listing if len(table) - 1 <= MOST_SHOWN or not picture else "")
    if show is None:
        show = "IPython" in sys.modules and sys.modules["IPython"].get_ipython() is not None
    if not show:
        return _PAGE.format(body=picture + listing)
    show_bundle({"text/html": html, "text/plain": f"{len(table) - 1} runs compared"})
    return None


def comparison_html(runs: Rows, hide_identical: bool = True) -> str:
    """The picture and the table of a comparison."""
    table = comparison(runs, hide_identical)
    return build_picture(table) + build_table(table[0], table[1:])


def comparison(
    runs: Rows,
    hide_identical: bool = True,
    exclude: list[str] | None = None,
    extend_iterations: bool = True,
) -> list[list[Any]]:
    """Rows below ``state, iter, param.…, output.…``, of runs that have results."""
    header, *rows = runs.to_rows(extend_iterations)
    places = {name: header.index(name) for name in ("state", "parameters", "results")}
    kept = [row for row in rows if row[places["results"]]]
    parameters = _columns(kept, places["parameters"], hide_identical, exclude or [])
    results = _columns(kept, places["results"], False, [])
    table: list[list[Any]] = [
        ["state", "iter", *(f"param.{name}" for name in parameters),
         *(f"output.{name}" for name in results)]
    ]  # fmt: skip
    for number, row in enumerate(kept, 1):
        given, found = row[places["parameters"]] or {}, row[places["results"]]
        table.append(
            [row[places["state"]], number, *(given.get(name) for name in parameters),
             *(found.get(name) for name in results)]
        )  # fmt: skip
    return table


def _columns(
    rows: Sequence[Sequence[Any]], place: int, hide_identical: bool, exclude: Sequence[str]
) -> list[str]:
    names = list(dict.fromkeys(name for row in rows for name in row[place] or {}))
    chosen = [name for name in names if name not in exclude]
    if not hide_identical:
        return chosen
    values = {name: {repr((row[place] or {}).get(name)) for row in rows} for name in chosen}
    return [name for name in chosen if len(values[name]) > 1]
