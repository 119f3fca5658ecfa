"""Tables of documents as HTML without scripts: states in colour, dicts folded, links that lead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from jupyter_mlrun.display import words

MOST_ROWS, TEXT_ROWS, MOST_ITEMS = 100, 20, 5
TEXT_WIDTH = 40
TIMES = ("start", "end", "updated", "created")
_CELL = "text-align:left;vertical-align:top;padding:2px 8px"


def build_table(
    header: Sequence[str], rows: Sequence[Sequence[Any]], title: str = "", most: int = MOST_ROWS
) -> str:
    """An HTML table; rows beyond ``most`` are counted below it."""
    head = "".join(f'<th style="{_CELL}">{escape(str(name))}</th>' for name in header)
    lines = "".join(
        "<tr>"
        + "".join(
            f'<td style="{_CELL}">{format_cell(n, v)}</td>'
            for n, v in zip(header, row, strict=True)
        )
        + "</tr>"
        for row in rows[:most]
    )
    more = len(rows) - most
    foot = [text for text in (title, f"{more} more" if more > 0 else "") if text]
    below = f"<div>{escape(' · '.join(foot))}</div>" if foot else ""
    return (
        f'<div style="overflow-x:auto"><table style="border-collapse:collapse;font-size:13px">'
        f"<thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div>{below}"
    )


def build_text(
    header: Sequence[str], rows: Sequence[Sequence[Any]], title: str = "", most: int = TEXT_ROWS
) -> str:
    """The same as lines of text; columns in which nothing stands are left away."""
    cells = [[_format_text(n, v) for n, v in zip(header, row, strict=True)] for row in rows[:most]]
    kept = [place for place in range(len(header)) if any(row[place] for row in cells)]
    lines = [[str(header[place]) for place in kept]]
    lines += [[row[place] for place in kept] for row in cells]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    table = [
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in (lines if cells else [])
    ]
    more = len(rows) - most
    foot = [text for text in (title, f"{more} more" if more > 0 else "") if text]
    return "\n".join([*table, " · ".join(foot)])


def _format_text(name: str, value: Any) -> str:
    if name in TIMES:
        moment = words.parse_time(value)
        return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else str(value or "")
    if name in ("uid", "hash", "tree") and isinstance(value, str):
        return value[:8]
    if isinstance(value, Mapping):
        value = ", ".join(f"{key}={words.format_number(item)}" for key, item in value.items())
    elif isinstance(value, (list, tuple)):
        value = ", ".join(map(_name_of, value))
    if value is None or value != value:
        return ""
    text = words.format_number(value)
    if name == "path" and len(text) > TEXT_WIDTH:
        return f"…{text[1 - TEXT_WIDTH :]}"
    return words.shorten(text, TEXT_WIDTH)


def format_cell(name: str, value: Any) -> str:
    """A value as HTML, as its column wants it."""
    if name == "state" and value:
        colour = words.COLOURS.get(str(value), words.OTHER_COLOUR)
        mark = words.MARKS.get(str(value), "?")
        return (
            f'<span style="color:{colour}">{mark}</span> {escape(words.format_state(str(value)))}'
        )
    if name in TIMES:
        moment = words.parse_time(value)
        return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else escape(str(value or ""))
    if name == "uid" and isinstance(value, str):
        return f'<code title="{escape(value)}">{escape(value[:8])}</code>'
    if isinstance(value, Mapping):
        return _items([f"{key}={words.format_number(item)}" for key, item in value.items()])
    if isinstance(value, (list, tuple)):
        return _items([_name_of(item) for item in value])
    if value is None or value != value:
        return ""
    return escape(words.shorten(words.format_number(value)))


def _name_of(item: Any) -> str:
    if isinstance(item, Mapping):
        return str((item.get("metadata") or {}).get("key") or item.get("name") or dict(item))
    return str(item)


def _items(texts: Sequence[str]) -> str:
    shown = [escape(words.shorten(text)) for text in texts]
    if len(shown) <= MOST_ITEMS:
        return "<br>".join(shown)
    first = "<br>".join(shown[:MOST_ITEMS])
    rest = "<br>".join(shown[MOST_ITEMS:])
    return f"{first}<details><summary>{len(shown) - MOST_ITEMS} more</summary>{rest}</details>"
