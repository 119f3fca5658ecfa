"""MLRun's module ``mlrun.render``: runs and artifacts as HTML without scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .card import format_html, format_line
from .show import show
from .table import build_table

_UNSHOWN_OF_RUNS = ("error", "artifacts")
_UNSHOWN_IN_SHORT = ("project", "iter", "labels", "inputs", "artifact_uris")


def run_to_html(results: Any, display: bool = True) -> str:
    """A run, by its object or its dict."""
    document: Mapping[str, Any] = results if isinstance(results, Mapping) else results.to_dict()
    text = format_line(document) if display else None
    return ipython_display(format_html(document), display, text)


def runs_to_html(df: Any, display: bool = True, classes: Any = None, short: bool = False) -> str:
    """The runs of a DataFrame, as ``RunList.to_df`` makes it; ``short`` leaves columns away."""
    left = {*_UNSHOWN_OF_RUNS, *(_UNSHOWN_IN_SHORT if short else ())}
    return _table_of(df, left, "runs", display, classes)


def artifacts_to_html(df: Any, display: bool = True, classes: Any = None) -> str:
    """The artifacts of a DataFrame, as ``ArtifactList.to_df`` makes it."""
    return _table_of(df, set(), "artifacts", display, classes)


def ipython_display(html: str, display: bool = True, alt_text: str | None = None) -> str:
    """Show HTML in a notebook, and another text elsewhere; the HTML."""
    if display and html:
        show({"text/html": html, "text/plain": alt_text or ""})
    elif alt_text:
        print(alt_text)
    return html


def name_classes(html: str, classes: str | Sequence[str] | None) -> str:
    """HTML whose first table has CSS classes."""
    if not classes:
        return html
    named = classes if isinstance(classes, str) else " ".join(classes)
    return html.replace("<table ", f'<table class="{named}" ', 1)


def _table_of(df: Any, left: set[str], noun: str, display: bool, classes: Any) -> str:
    shown = df.drop(columns=[name for name in df.columns if name in left])
    title = f"{len(df)} {noun if len(df) != 1 else noun.removesuffix('s')}"
    table = build_table([str(name) for name in shown.columns], shown.values.tolist(), title)
    html = name_classes(table, classes)
    return ipython_display(html, display, shown.to_string(index=False) if display else None)
