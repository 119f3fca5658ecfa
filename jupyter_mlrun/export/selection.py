"""Which cells of a notebook are exported: by comments, and by tags of the same words."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

PREFIXES = ("mlrun:", "nuclio:")
WORDS = ("start-code", "end-code", "ignore")


@dataclass(frozen=True)
class SourceCell:
    """A code cell: its text, and its place among the notebook's code cells."""

    text: str
    number: int
    cell_id: str = ""


def select_cells(notebook: Mapping[str, Any]) -> list[SourceCell]:
    """The code cells between start and end that are not to be ignored.

    A start or end that stands inside a cell cuts that cell; as a tag it takes the whole cell.
    """
    chosen: list[SourceCell] = []
    number = 0
    for cell in notebook.get("cells", []):
        if cell.get("cell_type") != "code":
            continue
        number += 1
        text = _text(cell.get("source"))
        tags = _tags(cell)
        marks = find_marks(text)
        if "ignore" in tags or any(word == "ignore" for _, word in marks):
            continue
        if "start-code" in tags:
            chosen = []
        if "end-code" in tags:
            break
        text, ended, started = _cut(text, marks)
        if started:
            chosen = []
        if text.strip():
            chosen.append(SourceCell(text, number, str(cell.get("id") or "")))
        if ended:
            break
    return chosen


def _text(source: Any) -> str:
    return "".join(source) if isinstance(source, list) else str(source or "")


def _tags(cell: Mapping[str, Any]) -> set[str]:
    tags = (cell.get("metadata") or {}).get("tags") or []
    found: set[str] = set()
    for tag in tags:
        word = str(tag).strip().lower()
        for prefix in PREFIXES:
            word = word.removeprefix(prefix).strip()
        found.add(word)
    return found & set(WORDS)


def find_marks(text: str) -> list[tuple[int, str]]:
    """Annotations that stand as comments of their own line, by line; never those inside texts."""
    marks: list[tuple[int, str]] = []
    for line, comment in _comments(text):
        word = comment.lstrip("#").strip().lower()
        for prefix in PREFIXES:
            if word.startswith(prefix) and word.removeprefix(prefix).strip() in WORDS:
                marks.append((line, word.removeprefix(prefix).strip()))
    return marks


def _comments(text: str) -> Iterable[tuple[int, str]]:
    # shell lines and magics are no Python, so the reader goes on behind what it cannot read
    from IPython.utils.tokenutil import generate_tokens_catch_errors

    readline = iter(io.StringIO(text).readline, "").__next__
    try:
        for token in generate_tokens_catch_errors(readline):
            if token.type == tokenize.COMMENT and token.start[1] == 0:
                yield token.start[0], token.string
    except tokenize.TokenError:
        return


def _cut(text: str, marks: list[tuple[int, str]]) -> tuple[str, bool, bool]:
    """The text between the marks of one cell, lines kept; whether it ended, whether it started."""
    lines = text.splitlines(keepends=True)
    ended = started = False
    for line, word in marks:
        if word == "start-code" and not ended:
            started = True
            lines[:line] = ["\n"] * line
        elif word == "end-code" and not ended:
            ended = True
            lines[line - 1 :] = []
    return "".join(lines), ended, started
