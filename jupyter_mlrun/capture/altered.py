"""What this kernel holds in a module otherwise than its file says, as far as the file tells it."""

from __future__ import annotations

import ast
import sys
import types
from collections.abc import Iterator, Mapping
from typing import Any

from jupyter_mlrun.capture.names import free_names
from jupyter_mlrun.capture.staleness import module_name

_MISSING = object()
_PLAIN = (type(None), bool, int, float, complex, str, bytes, type(...))


def find_altered(files: Mapping[str, bytes]) -> dict[str, list[str]]:
    """Names by the modules among these files whose value was changed from outside.

    Known are literals, functions and classes that the file binds once, and names that it never
    binds; what the file computes may be anything.
    """
    found = {
        path: sorted(_altered(module, text))
        for path, text in sorted(files.items())
        if isinstance(module := sys.modules.get(module_name(path)), types.ModuleType)
    }
    return {path: names for path, names in found.items() if names}


def _altered(module: types.ModuleType, text: bytes) -> Iterator[str]:
    try:
        tree = ast.parse(text)
        names = free_names(tree, text.decode())
    except (SyntaxError, ValueError):
        return
    held = dict(vars(module))
    bound = _bindings(tree)
    for name, nodes in bound.items():
        if len(nodes) == 1 and name in held and not _agrees(held[name], nodes[0], module):
            yield name
    if names.stars:
        return
    for name, value in held.items():
        is_known = name in names.bound or name in bound or name.startswith("__")
        if not is_known and not isinstance(value, types.ModuleType):
            yield name


def _bindings(tree: ast.Module) -> dict[str, list[ast.AST | None]]:
    """What binds each name of the module; None stands for what cannot be read from the text."""
    found: dict[str, list[ast.AST | None]] = {}
    for node in tree.body:
        for name, value in _bound_by(node):
            found.setdefault(name, []).append(value)
    for inner in ast.walk(tree):
        changed = inner.names if isinstance(inner, ast.Global) else ()
        for name in changed:
            found.setdefault(name, []).append(None)
    return found


def _bound_by(node: ast.stmt) -> Iterator[tuple[str, ast.AST | None]]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name, None if node.decorator_list else node
    elif isinstance(node, (ast.Assign, ast.AnnAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            yield from _targets(target, node.value)
    else:
        stored = (n for n in ast.walk(node) if isinstance(n, ast.Name))
        for name in stored:
            if not isinstance(name.ctx, ast.Load):
                yield name.id, None


def _targets(target: ast.expr, value: ast.expr | None) -> Iterator[tuple[str, ast.AST | None]]:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, (ast.Tuple, ast.List)):
        values = value.elts if isinstance(value, (ast.Tuple, ast.List)) else []
        is_pairwise = len(values) == len(target.elts)
        for place, each in enumerate(target.elts):
            yield from _targets(each, values[place] if is_pairwise else None)


def _agrees(held: Any, node: ast.AST | None, module: types.ModuleType) -> bool:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return getattr(getattr(held, "__code__", None), "co_filename", "") == module.__file__
    if isinstance(node, ast.ClassDef):
        return isinstance(held, type) and held.__module__ == module.__name__
    if not isinstance(node, ast.expr):
        return True
    try:
        written = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return True
    return _same(held, written)


def _same(one: Any, other: Any) -> bool:
    """Whether two values are equal, without asking any class of the user's."""
    if type(one) is not type(other):
        return False
    if isinstance(other, _PLAIN):
        return bool(one == other)
    if isinstance(other, dict):
        return len(one) == len(other) and all(
            _same(key, wanted) and _same(value, other[wanted])
            for (key, value), wanted in zip(one.items(), other, strict=True)
        )
    if isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(_same, one, other))
    return isinstance(other, set) and one == other
