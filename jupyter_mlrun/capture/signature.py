"""Entry points in MLRun's form: the functions of a module, their parameters and outputs."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

from jupyter_mlrun.capture.module import CellPart
from jupyter_mlrun.capture.transform import Source
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
