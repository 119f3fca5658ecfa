"""What this kernel holds in a module otherwise than its file says, as far as the file tells it."""

from __future__ import annotations

import ast
import sys
import types
from collections.abc import Iterator, Mapping
from typing import Any

from jupyter_mlrun.capture.names import free_names
from jupyter_mlrun.capture.staleness import module_name

_PLAIN = (type(None), bool, int, float, complex, str, bytes, type(...))
_OPEN = (ast.List, ast.Dict, ast.Set)
_NAMED = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler, ast.MatchAs,
    ast.MatchStar,
)  # fmt: skip
# what code writes that binds names of its module which it does not spell
_BINDS_ANY = frozenset({"globals", "locals", "vars", "exec"})
_BINDS_NEW = frozenset({"setattr", "__getattr__", "__dict__", "eval"})


def find_altered(files: Mapping[str, bytes]) -> dict[str, list[str]]:
    """Names by the modules among these files whose value was changed from outside.

    Known are literals, functions and classes that the file binds once, and names that it never
    binds; what the file computes, or fills once it is bound, may be anything.
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
    asked = set(_mentioned(tree))
    if names.stars or asked & _BINDS_ANY:
        return
    held = dict(vars(module))
    bound = _bindings(tree)
    for name, nodes in bound.items():
        node = nodes[0] if len(nodes) == 1 and name in held else None
        if not _is_unknown(name, node, asked) and not _agrees(held[name], node, module):
            yield name
    if asked & _BINDS_NEW:
        return
    for name, value in held.items():
        is_known = name in names.bound or name in bound or name.startswith("__")
        # what rewrites modules as they are imported names its own by signs
        if not is_known and name.isidentifier() and not isinstance(value, types.ModuleType):
            yield name


def _mentioned(tree: ast.Module) -> Iterator[str]:
    """The names that the module's code reads, its attributes, and the functions it defines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load) or node.id == "__module__":
                yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.FunctionDef):
            yield node.name


def _is_unknown(name: str, node: ast.AST | None, asked: set[str]) -> bool:
    """Whether the module's own code may have changed what it bound here."""
    if isinstance(node, ast.ClassDef):
        return "__module__" in asked
    if not isinstance(node, ast.expr):
        return node is None
    opened = [each for each in ast.walk(node) if isinstance(each, _OPEN)]
    is_empty = any(not (each.keys if isinstance(each, ast.Dict) else each.elts) for each in opened)
    # an empty one is there to be filled, by whoever imports it
    return bool(opened) and (is_empty or name in asked)


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
        if node.value is not None:
            yield from ((name, None) for name in _stored(node.value))
    else:
        yield from ((name, None) for name in _stored(node))


def _stored(tree: ast.AST) -> Iterator[str]:
    """The names that anything below may bind, in whatever way."""
    for node in ast.walk(tree):
        name: str | None = None
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            name = node.id
        elif isinstance(node, ast.alias):
            name = node.asname or node.name.partition(".")[0]
        elif isinstance(node, ast.MatchMapping):
            name = node.rest
        elif isinstance(node, _NAMED):
            name = node.name
        if name:
            yield name


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
