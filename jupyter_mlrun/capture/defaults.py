"""Parameters of a ``%%mlrun`` line as defaults of the function that its cell defines."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

from jupyter_mlrun.capture.signature import module_functions

Edit = tuple[tuple[int, int], tuple[int, int], str]


def give_defaults(text: str, handler: str, values: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The text whose function has the values as defaults; the names for which that cannot be.

    Python has no argument with a default before one without. A function that is defined twice, or
    under conditions, has them in each definition.
    """
    nodes = [node for node in module_functions(ast.parse(text)) if node.name == handler]
    edits: list[Edit] = []
    refused: dict[str, None] = {}
    for node in nodes:
        hidden = _hidden(node, values)
        refused |= dict.fromkeys(hidden)
        edits += _edits(node, {k: v for k, v in values.items() if k not in hidden})
    return _edited(text, edits), list(refused)


def _hidden(node: ast.FunctionDef | ast.AsyncFunctionDef, values: Mapping[str, Any]) -> list[str]:
    """The arguments before one that has no default."""
    placed = [*node.args.posonlyargs, *node.args.args]
    owned = len(placed) - len(node.args.defaults)
    needy = [i for i, each in enumerate(placed[:owned]) if each.arg not in values]
    return [each.arg for each in placed[: needy[-1] if needy else 0] if each.arg in values]


def _edits(
    node: ast.FunctionDef | ast.AsyncFunctionDef, values: Mapping[str, Any]
) -> Iterator[Edit]:
    placed = [*node.args.posonlyargs, *node.args.args]
    none: list[ast.expr | None] = [None] * (len(placed) - len(node.args.defaults))
    arguments = [*placed, *node.args.kwonlyargs]
    defaults = [*none, *node.args.defaults, *node.args.kw_defaults]
    for argument, default in zip(arguments, defaults, strict=True):
        if argument.arg not in values:
            continue
        value = repr(values[argument.arg])
        if default is not None:
            yield _start(default), _end(default), value
        else:
            sign = " = " if argument.annotation else "="
            yield _end(argument), _end(argument), f"{sign}{value}"


def _start(node: ast.expr) -> tuple[int, int]:
    return node.lineno - 1, node.col_offset


def _end(node: ast.expr | ast.arg) -> tuple[int, int]:
    return (node.end_lineno or node.lineno) - 1, node.end_col_offset or 0


def _edited(text: str, edits: list[Edit]) -> str:
    """The text with other words at the places, which the parser counts in bytes of a line."""
    lines = re.split(rb"(?<=\n)|(?<=\r)(?!\n)", text.encode())
    for (first, begin), (last, end), words in sorted(edits, reverse=True):
        # as many lines as before, so that those of tracebacks stay where they are
        kept = words.encode() + b"\n" * (last - first)
        lines[first : last + 1] = [lines[first][:begin] + kept + lines[last][end:]]
    return b"".join(lines).decode()
