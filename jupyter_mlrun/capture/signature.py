"""Entry points in MLRun's form: the functions of a module, their parameters and outputs."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

from jupyter_mlrun.capture.module import CellPart
from jupyter_mlrun.capture.transform import Source

Function = ast.FunctionDef | ast.AsyncFunctionDef


def describe_body(cell: CellPart, text: str, doc: str = "") -> dict[str, Any]:
    """The entry point of the function that runs a cell's body, in the module of this text."""
    node = [n for n in ast.parse(text).body if isinstance(n, Function) and n.name == cell.name][-1]
    entry = describe_function(node, cell.outputs)
    entry["doc"] = doc.partition("\n")[0]
    entry["form"] = "body"
    for parameter in entry["parameters"]:
        value = cell.parameters.get(parameter["name"])
        parameter["type"] = type(value).__name__ if value is not None else ""
        if parameter["name"] in cell.inputs:
            parameter["input"] = True
    return entry


def describe_handlers(
    text: str, source: Source, offset: int, handler: str, outputs: Iterable[str]
) -> dict[str, dict[str, Any]]:
    """The public functions of the cell; ``offset`` is the module's line less the cell's."""
    own = {node.name for node in source.tree.body if isinstance(node, Function)}
    last = source.body.rstrip("\n").count("\n") + 2
    entries: dict[str, dict[str, Any]] = {}
    for node in ast.parse(text).body:
        if not isinstance(node, Function) or node.name not in own:
            continue
        if node.name.startswith("_") and node.name != handler:
            continue
        entry = describe_function(node, outputs if node.name == handler else ())
        entry |= {"form": "handler", "cell_offset": offset}
        entry |= {"cell_first": 2 + offset, "cell_last": last + offset}
        entries[node.name] = entry
    return entries


def describe_function(node: Function, outputs: Iterable[str] = ()) -> dict[str, Any]:
    """A function's entry point: names, types, defaults and documentation."""
    arguments = [*node.args.posonlyargs, *node.args.args]
    defaults: list[ast.expr | None] = [None] * (len(arguments) - len(node.args.defaults))
    pairs = list(zip(arguments, [*defaults, *node.args.defaults], strict=True))
    pairs += list(zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True))
    return {
        "name": node.name,
        "doc": (ast.get_docstring(node) or "").partition("\n")[0],
        "parameters": [_parameter(argument, default) for argument, default in pairs],
        "outputs": [{"name": name, "type": ""} for name in outputs],
        "lineno": node.lineno,
        "has_varargs": node.args.vararg is not None,
        "has_kwargs": node.args.kwarg is not None,
    }


def _parameter(argument: ast.arg, default: ast.expr | None) -> dict[str, Any]:
    kind = ast.unparse(argument.annotation) if argument.annotation is not None else ""
    described: dict[str, Any] = {"name": argument.arg, "type": kind, "doc": ""}
    if default is not None:
        try:
            described["default"] = ast.literal_eval(default)
        except (ValueError, TypeError, SyntaxError):
            described["default"] = ast.unparse(default)
    return described
