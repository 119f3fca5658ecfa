"""Entry points in MLRun's form: the functions of a module, their parameters and outputs."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

from jupyter_mlrun.capture.module import CellPart
from jupyter_mlrun.capture.transform import Source
from jupyter_mlrun.errors import CaptureError
from jupyter_mlrun.model import entry_points
from jupyter_mlrun.model.entry_points import Function


def describe_body(cell: CellPart, text: str, doc: str = "") -> dict[str, Any]:
    """The entry point of the function that runs a cell's body, in the module of this text."""
    node = [n for n in ast.parse(text).body if isinstance(n, Function) and n.name == cell.name][-1]
    entry = describe_function(node, cell.outputs)
    entry["doc"], documented, _ = entry_points.parse_docstring(doc)
    entry["form"] = "body"
    for parameter in entry["parameters"]:
        value = cell.parameters.get(parameter["name"])
        said = documented.get(parameter["name"], {})
        if kind := said.get("type") or (type(value).__name__ if value is not None else ""):
            parameter["type"] = kind
        if said.get("doc"):
            parameter["doc"] = said["doc"]
        if parameter["name"] in cell.inputs:
            parameter["input"] = True
    return entry


def describe_definitions(
    text: str, source: Source, offset: int, handler: str, outputs: Iterable[str]
) -> dict[str, dict[str, Any]]:
    """The public functions of the cell; ``offset`` is the module's line less the cell's."""
    own = {node.name for node in module_functions(source.tree)}
    last = source.body.rstrip("\n").count("\n") + 2
    entries: dict[str, dict[str, Any]] = {}
    for node in module_functions(ast.parse(text)):
        if node.name not in own:
            continue
        if node.name.startswith("_") and node.name != handler:
            continue
        entry = describe_function(node, outputs if node.name == handler else ())
        entry |= {"form": "handler", "cell_offset": offset}
        entry |= {"cell_first": 2 + offset, "cell_last": last + offset}
        entries[node.name] = entry
    return entries


def module_functions(tree: ast.Module) -> list[Function]:
    """The functions that a module defines, those under conditions included, in their order."""
    found: list[Function] = []
    todo: list[ast.AST] = list(reversed(tree.body))
    while todo:
        node = todo.pop()
        if isinstance(node, Function):
            found.append(node)
        elif not isinstance(node, (ast.ClassDef, ast.expr)):
            todo += reversed(list(ast.iter_child_nodes(node)))
    return found


def describe_function(node: Function, outputs: Iterable[str] = ()) -> dict[str, Any]:
    """A function's entry point; ``outputs`` are the names under which its values are kept."""
    entry = entry_points.describe(node)
    named = [{"name": name, "type": ""} for name in outputs]
    return {**entry, "outputs": named or entry.get("outputs", [])}


def refuse_generator(node: Function) -> None:
    """Refuses a handler that yields: a run takes what a function returns.

    One with a decorator is left alone: it may be what collects the values.
    """
    if node.decorator_list or not (line := _first_yield(node)):
        return
    what = "an async generator" if isinstance(node, ast.AsyncFunctionDef) else "a generator"
    raise CaptureError(
        f"line {line}: {node.name}() is {what}, since it yields here, and a run takes what a "
        "function returns: collect the values in a list and return it, or log each by "
        "context.log_result(name, value, step=n)"
    )


def _first_yield(function: Function) -> int:
    """The line of the first ``yield`` of the function's own; 0 without one."""
    todo: list[ast.AST] = list(function.body)
    lines = []
    while todo:
        node = todo.pop()
        if isinstance(node, (ast.Yield, ast.YieldFrom)):
            lines.append(node.lineno)
        if not isinstance(node, Function | ast.Lambda | ast.ClassDef):
            todo.extend(ast.iter_child_nodes(node))
    return min(lines, default=0)
