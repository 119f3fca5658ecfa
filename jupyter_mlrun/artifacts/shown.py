"""Artifacts and data items as HTML for notebooks: a table of facts and a preview, no scripts."""

from __future__ import annotations

import base64
import json
import mimetypes
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from ..datastore.registry import get_store, scheme_of
from ..datastore.secrecy import without_secrets
from ..errors import MLRunBaseError

ROWS, COLUMNS, TEXT, PICTURE = 10, 20, 2000, 1_000_000
_CELL = 'style="text-align:left;padding:2px 12px 2px 0;vertical-align:top"'


def artifact_html(document: Mapping[str, Any], uri: str) -> str:
    """An artifact: what it is, where it lies, who made it, and the preview that it carries."""
    metadata, spec = document["metadata"], document["spec"]
    producer = spec.get("producer") or {}
    facts = [
        ("kind", document.get("kind")), ("key", metadata.get("key")),
        ("project", metadata.get("project")), ("tag", metadata.get("tag")),
        ("address", without_secrets(uri)),
        ("data", without_secrets(str(spec.get("target_path") or ""))),
        ("size", size_text(spec.get("size"))), ("framework", spec.get("framework")),
        ("algorithm", spec.get("algorithm")), ("made by", _maker(producer)),
        ("labels", _pairs(metadata.get("labels"))), ("metrics", _pairs(spec.get("metrics"))),
        ("parameters", _pairs(spec.get("parameters"))), ("updated", metadata.get("updated")),
    ]  # fmt: skip
    return f"<div>{facts_html(facts)}{preview_html(document)}</div>"


def facts_html(facts: Sequence[tuple[str, Any]]) -> str:
    """Names and values as a table; what is empty is left away."""
    rows = "".join(
        f"<tr><th {_CELL}>{escape(name)}</th><td {_CELL}>{escape(str(value))}</td></tr>"
        for name, value in facts
        if value not in (None, "")
    )
    return f"<table>{rows}</table>"


def preview_html(document: Mapping[str, Any]) -> str:
    """The first rows, or the beginning of the text, that the document carries."""
    status, spec = document.get("status") or {}, document["spec"]
    rows = status.get("preview")
    if isinstance(rows, list) and rows:
        return table_html(spec.get("header") or [], rows, spec.get("length"))
    if picture := _picture(spec):
        return picture
    text = status.get("preview_text") or spec.get("inline")
    if spec.get("prompt_template"):
        text = json.dumps(spec["prompt_template"], indent=1, ensure_ascii=False)
    if isinstance(text, str) and text:
        more = "…" if len(text) > TEXT else ""
        return f"<pre>{escape(text[:TEXT])}{more}</pre>"
    return ""


def _picture(spec: Mapping[str, Any]) -> str:
    """An image of this machine, as data of its own: nothing is asked of any server."""
    kind = mimetypes.guess_type(f"x.{spec.get('format')}")[0] or ""
    target = str(spec.get("target_path") or "")
    if not kind.startswith("image/") or scheme_of(target) not in ("", "file"):
        return ""
    try:
        data = get_store(target).get(target, PICTURE + 1)
    except (OSError, MLRunBaseError):
        # it is gone, and the facts remain
        return ""
    if len(data) > PICTURE:
        return ""
    text = base64.b64encode(data).decode()
    return f'<img src="data:{kind};base64,{text}" style="max-width:100%" alt="">'


def table_html(header: Sequence[Any], rows: Sequence[Sequence[Any]], length: Any = None) -> str:
    """The first rows of a table, and how many there are."""
    head = "".join(f"<th>{escape(str(name))}</th>" for name in header[:COLUMNS])
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(str(v))}</td>" for v in row[:COLUMNS]) + "</tr>"
        for row in rows[:ROWS]
    )
    count = f"<p>{min(ROWS, len(rows))} of {length} rows</p>" if length else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{count}"


def size_text(size: Any) -> str:
    """A number of bytes as people read it."""
    if not isinstance(size, (int, float)):
        return ""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            return f"{size:.3g} {unit}"
        size /= 1000
    return ""


def _maker(producer: Mapping[str, Any]) -> str:
    if not producer:
        return ""
    words = f"{producer.get('kind', '')} {producer.get('name', '')}".strip()
    return f"{words} ({producer['uri']})" if producer.get("uri") else words


def _pairs(values: Any) -> str:
    if not isinstance(values, Mapping):
        return ""
    return ", ".join(f"{key}: {value}" for key, value in list(values.items())[:20])
