"""Parameters of a ``%%mlrun`` line as defaults of the function that its cell defines."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

Edit = tuple[tuple[int, int], tuple[int, int], str]


def give_defaults(text: str, handler: str, values: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The text whose function has the values as defaults; the names for which that cannot be.

    Python has no argument with a default before one without.
    """
    node = _definition(text, handler)
    placed = [*node.args.posonlyargs, *node.args.args]
    owned = len(placed) - len(node.args.defaults)
    needy = [i for i, each in enumerate(placed[:owned]) if each.arg not in values]
    first = needy[-1] + 1 if needy else 0
    refused = [each.arg for each in placed[:first] if each.arg in values]
    wanted = {name: value for name, value in values.items() if name not in refused}
    return _edited(text, list(_edits(node, wanted))), refused


def _definition(text: str, name: str) -> ast.FunctionDef | ast.AsyncFunctionDef:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = [n for n in ast.parse(text).body if isinstance(n, functions) and n.name == name]
    return found[-1]


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
    lines = text.encode().split(b"\n")
    for (first, begin), (last, end), words in sorted(edits, reverse=True):
        tail = lines[last][end:]
        lines[first : last + 1] = [lines[first][:begin] + words.encode() + tail]
    return b"\n".join(lines).decode()
