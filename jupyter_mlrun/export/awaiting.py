"""Plain cells that await at their top: those statements alone are executed with a loop."""

from __future__ import annotations

import ast

from jupyter_mlrun.capture.module import quote_text


def awaits(text: str) -> bool:
    """Whether the code awaits at its top, which a module may not."""
    try:
        compile(text, "<cell>", "exec", dont_inherit=True)
    except SyntaxError:
        return True
    return False


def format_awaiting(text: str, number: int) -> str:
    """The code as a module may have it; definitions and plain statements stay as they stand."""
    lines = text.splitlines(keepends=True)
    parts: list[tuple[bool, int, int]] = []
    for first, last in _statements(text):
        start = parts[-1][2] if parts else 0
        waits = awaits("".join(lines[first:last]))
        if parts and parts[-1][0] == waits:
            start = parts.pop()[1]
        parts.append((waits, start, last))
    return "\n".join(
        _call("".join(lines[start:last]), start, number) if waits
        else "".join(lines[start:last]).strip("\n")
        for waits, start, last in parts
    )  # fmt: skip


def _call(text: str, start: int, number: int) -> str:
    """The call that executes a text in this module, its lines numbered as in the cell."""
    above = start + len(text) - len(text.lstrip("\n"))
    # one line break is put before every text that is executed
    gap = f'"\\n" * {above - 1} + ' if above > 1 else ""
    return f'_execute(globals(), "{number}", {gap}{quote_text(text.strip(chr(10)))}, False)'


def _statements(text: str) -> list[tuple[int, int]]:
    """First line and end of the statements, those that share a line as one."""
    spans: list[tuple[int, int]] = []
    for node in ast.parse(text).body:
        above = [item.lineno for item in getattr(node, "decorator_list", [])]
        first, last = min([node.lineno, *above]) - 1, node.end_lineno or node.lineno
        if spans and first < spans[-1][1]:
            first = spans.pop()[0]
        spans.append((first, last))
    return spans
