"""Tables of runs and functions for a notebook and a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any


def build_listing(rows: Sequence[Mapping[str, Any]], title: str, empty: str) -> dict[str, str]:
    """A MIME bundle of rows that share their keys."""
    if not rows:
        return {"text/plain": empty, "text/html": f"<div>{escape(empty)}</div>"}
    head = list(rows[0])
    widths = {key: max(len(key), *(len(str(row[key])) for row in rows)) for key in head}
    lines = ["  ".join(f"{key:<{widths[key]}}" for key in head).rstrip()]
    lines += ["  ".join(f"{row[key]!s:<{widths[key]}}" for key in head).rstrip() for row in rows]
    cells = "".join(
        "<tr>" + "".join(_cell("td", row[key]) for key in head) + "</tr>" for row in rows
    )
    top = "<tr>" + "".join(_cell("th", key) for key in head) + "</tr>"
    return {
        "text/plain": "\n".join([*lines, title]),
        "text/html": f"<table>{top}{cells}</table><div>{escape(title)}</div>",
    }


def _cell(tag: str, value: Any) -> str:
    return f'<{tag} style="text-align:left">{escape(str(value))}</{tag}>'
