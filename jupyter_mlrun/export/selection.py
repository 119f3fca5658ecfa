"""Which cells of a notebook are exported: by comments, and by tags of the same words."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.names import normalize_name

PREFIXES = ("mlrun:", "nuclio:")
WORDS = ("start-code", "end-code", "ignore")


@dataclass(frozen=True)
class SourceCell:
    """A code cell: its text, and its place among the notebook's code cells."""

    text: str
    number: int
    cell_id: str = ""


class Mark(NamedTuple):
    """An annotation: its line in the cell, its word, and the function that it is for alone."""

    line: int
    word: str
    function: str = ""


def select_cells(notebook: Mapping[str, Any], function: str = "") -> list[SourceCell]:
    """The code cells between each start and its end that are not to be ignored.

    A start or end that stands inside a cell cuts that cell; as a tag it takes the whole cell.
    Marks with the name of ``function`` go before those without a name; marks of other functions
    mean nothing. Raises MLRunInvalidArgumentError where a start follows a start, or an end an end.
    """
    cells = list(_not_ignored(notebook))
    wanted = normalize_name(function)
    if wanted not in {mark.function for _, _, marks in cells for mark in marks}:
        wanted = ""
    parts = _Parts()
    for cell, tags, marks in cells:
        for word in ("start-code", "end-code"):
            if word in tags and not wanted:
                parts.mark(word, f"cell {cell.number}: its tag {word}")
        own = [mark for mark in marks if mark.function == wanted]
        text = parts.cut(cell.text, own, cell.number)
        if text.strip():
            parts.chosen.append(SourceCell(text, cell.number, cell.cell_id))
    return parts.chosen


def named_parts(notebook: Mapping[str, Any]) -> list[str]:
    """The functions that have marks of their own."""
    marks = (mark for _, _, marks in _not_ignored(notebook) for mark in marks)
    return sorted({mark.function for mark in marks if mark.function})


def code_cells(notebook: Mapping[str, Any]) -> list[SourceCell]:
    """The code cells that are not to be ignored, whole, wherever the function's code begins."""
    return [cell for cell, _, _ in _not_ignored(notebook)]


def _not_ignored(
    notebook: Mapping[str, Any],
) -> Iterator[tuple[SourceCell, set[str], list[Mark]]]:
    """Each such cell with the words of its tags and its marks by line."""
    cells = (each for each in notebook.get("cells", []) if each.get("cell_type") == "code")
    for number, cell in enumerate(cells, 1):
        text, tags = _text(cell.get("source")), _tags(cell)
        marks = find_marks(text)
        if "ignore" not in tags and all(mark.word != "ignore" for mark in marks):
            yield SourceCell(text, number, str(cell.get("id") or "")), tags, marks


class _Parts:
    """What lies between the marks; before the first of them everything counts."""

    def __init__(self) -> None:
        self.chosen: list[SourceCell] = []
        self._is_open, self._is_marked = True, False

    def mark(self, word: str, where: str) -> bool:
        """Begin or end a part; whether what was taken before the mark is no longer wanted."""
        is_first, is_start = not self._is_marked, word == "start-code"
        if not is_first and is_start == self._is_open:
            other = "end-code" if is_start else "start-code"
            raise MLRunInvalidArgumentError(
                f"{where} is the second in a row: put # mlrun: {other} between the two, or take "
                "one of them away"
            )
        self._is_open, self._is_marked = is_start, True
        if is_first and is_start:
            self.chosen.clear()
            return True
        return False

    def cut(self, text: str, marks: list[Mark], number: int) -> str:
        """What the marks leave of a cell, each line where it was."""
        lines = text.splitlines(keepends=True)
        taken = [self._is_open] * len(lines)
        for line, word, _ in marks:
            where = f"cell {number}, line {line}: # mlrun: {word}"
            if self.mark(word, where):
                taken[:line] = [False] * line
            taken[line - 1 :] = [self._is_open] * (len(lines) - line + 1)
            taken[line - 1] = False
        kept = [line if is_taken else "\n" for line, is_taken in zip(lines, taken, strict=True)]
        return "".join(kept).rstrip() if marks else "".join(kept)


def _text(source: Any) -> str:
    return "".join(source) if isinstance(source, list) else str(source or "")


def _tags(cell: Mapping[str, Any]) -> set[str]:
    tags = (cell.get("metadata") or {}).get("tags") or []
    found: set[str] = set()
    for tag in tags:
        word = str(tag).strip().lower()
        for prefix in (*PREFIXES, "mlrun-", "nuclio-"):
            word = word.removeprefix(prefix).strip()
        found.add(word)
    return found & set(WORDS)


def find_marks(text: str) -> list[Mark]:
    """Annotations that stand as comments of their own line, by line; never those inside texts."""
    marks: list[Mark] = []
    for line, comment in _comments(text):
        words = comment.lstrip("#").strip()
        for prefix in PREFIXES:
            if not words.lower().startswith(prefix):
                continue
            word, *names = words[len(prefix) :].split()[:2] or [""]
            # what follows an ignore is a remark
            if word.lower() in WORDS:
                function = names[0] if names and word.lower() != "ignore" else ""
                marks.append(Mark(line, word.lower(), normalize_name(function)))
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
