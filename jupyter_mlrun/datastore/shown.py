"""A data item as HTML for notebooks: what it is and where, and the artifact's preview."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from .secrecy import without_secrets

if TYPE_CHECKING:
    from .item import DataItem

_CELL = 'style="text-align:left;padding:2px 12px 2px 0;vertical-align:top"'


def item_html(item: DataItem) -> str:
    """The facts that are known without reading the data."""
    facts = [
        ("data item", item.key), ("address", item.artifact_url), ("data", item.url),
        ("kind", item.get_artifact_type() or item.kind),
        ("read it", "get(), as_df(), local(), open(), show()"),
    ]  # fmt: skip
    rows = "".join(
        f"<tr><th {_CELL}>{name}</th><td {_CELL}>{escape(without_secrets(str(value)))}</td></tr>"
        for name, value in facts
        if value
    )
    return f"<table>{rows}</table>"
