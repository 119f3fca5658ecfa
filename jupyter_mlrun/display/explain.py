"""What would ship with a cell, as a table."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from jupyter_mlrun.capture.cell import Capture
from jupyter_mlrun.capture.data import format_size
from jupyter_mlrun.model.function import function_hash

HEAD = ("name", "kind", "from", "size", "detail")
Row = tuple[str, str, str, str, str]


def list_rows(
    capture: Capture, function: Mapping[str, Any], inputs: Mapping[str, str]
) -> list[Row]:
    """One row for each thing that ships or is read."""
    rows: list[Row] = []
    for item in capture.items:
        cell = f"cell [{item.cell}]" if item.cell is not None else ""
        size = format_size(item.size) if item.size else ""
        detail = item.text if item.kind == "import" else item.detail
        rows.append((item.name, item.kind, cell, size, detail))
    rows += [(name, "input", "", "", address) for name, address in inputs.items()]
    for file in function["spec"]["files"]:
        size = format_size(len(file["content"]) * 3 // 4)
        rows.append((file["path"], "file", "", size, file["hash"][:7]))
    for name, version in sorted(capture.environment.packages.items()):
        rows.append((name, "package", "", "", version))
    return rows


def build_explanation(
    capture: Capture,
    function: Mapping[str, Any],
    kind: str,
    folder: str,
    inputs: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The table for a page and for a terminal, with the warnings and the module's text."""
    rows = list_rows(capture, function, inputs or {})
    title = (
        f"{capture.project}/{capture.name} would run as kind {kind} in {folder}; "
        f"version {function_hash(function)[:7]}, module {format_size(len(capture.text.encode()))}"
    )
    return {
        "text/plain": _format_text(title, rows, capture),
        "text/html": _format_html(title, rows, capture),
    }


def _format_text(title: str, rows: list[Row], capture: Capture) -> str:
    table = [HEAD, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(HEAD))]
    lines = ["  ".join(f"{cell:<{w}}" for cell, w in zip(row, widths, strict=True)).rstrip()
             for row in table]  # fmt: skip
    warnings = [f"warning: {text}" for text in capture.warnings]
    return "\n".join([title, "", *lines, *warnings, "", capture.text])


def _format_html(title: str, rows: list[Row], capture: Capture) -> str:
    head = "".join(f'<th style="text-align:left">{name}</th>' for name in HEAD)
    cells = "".join(
        "<tr>" + "".join(f'<td style="text-align:left">{escape(c)}</td>' for c in row) + "</tr>"
        for row in rows
    )
    warnings = "".join(f"<div>⚠ {escape(text)}</div>" for text in capture.warnings)
    return (
        f"<div><b>{escape(title)}</b></div><table><tr>{head}</tr>{cells}</table>{warnings}"
        f"<details><summary>The module</summary><pre>{escape(capture.text)}</pre></details>"
    )
