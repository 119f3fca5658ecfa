"""A function as a notebook shows it: facts, parameters and code, without scripts."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from jupyter_mlrun.display.table import build_table
from jupyter_mlrun.model.function import decode_source

_FACTS = ("kind", "project", "tag", "image", "command", "handler", "state", "description")


def format_function(document: Mapping[str, Any]) -> str:
    """A function document as HTML."""
    metadata, spec = document.get("metadata") or {}, document.get("spec") or {}
    given = {
        **metadata, **spec, "kind": document.get("kind") or "handler",
        "handler": spec.get("default_handler"),
        "state": (document.get("status") or {}).get("state"),
    }  # fmt: skip
    facts = [[name, given[name]] for name in _FACTS if given.get(name)]
    parts = [f"<b>{escape(str(metadata.get('name') or ''))}</b>", build_table(("", ""), facts)]
    points = spec.get("entry_points") or {}
    rows = [_row(name, point) for name, point in points.items()]
    if rows:
        parts.append(build_table(("handler", "parameters", "does"), rows))
    if code := decode_source(dict(document)):
        parts.append(f"<details><summary>Code</summary><pre>{escape(code)}</pre></details>")
    return "".join(parts)


def _row(name: str, point: Mapping[str, Any]) -> list[Any]:
    texts = []
    for each in point.get("parameters") or []:
        kind = f": {each['type']}" if each.get("type") else ""
        default = f" = {each['default']}" if each.get("default") is not None else ""
        texts.append(f"{each['name']}{kind}{default}")
    return [name, texts, point.get("doc") or ""]
