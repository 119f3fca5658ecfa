"""Code that reaches names by text: what it reaches where the text is known, else a problem."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Callable
from dataclasses import dataclass, field

RUNNERS = {"eval", "exec"}
TABLES = {"globals", "locals", "vars", "dir"}
OF_TEXTS = "Write the names out, or give them a namespace of their own: {name}(text, {{'x': x}})"
WAYS = {
    "globals": "Name what is meant, as x or as globals()['x']",
    "locals": "Name what is meant: {'x': x, 'y': y}",
    "vars": "Name what is meant: {'x': x, 'y': y}, or vars(x) for what one object holds",
    "dir": "Name what is meant: ['x', 'y'], or dir(x) for what one object has",
    "get_ipython": "Leave it out, write a command as !command, and use the notebook's values by "
    "their names",
    "__main__": "Use the notebook's values by their names",
}


@dataclass
class Dynamic:
    """Names that texts inside the code mention, and the places where nobody can know."""

    reads: dict[str, int] = field(default_factory=dict)
    bound: set[str] = field(default_factory=set)
    problems: list[tuple[int, str]] = field(default_factory=list)
    """lines, with what cannot be known there and the way out"""


def dynamic_names(tree: ast.AST, is_builtin: Callable[[str], bool]) -> Dynamic:
    """What ``eval``, ``exec``, ``globals()`` and their like reach in this code."""
    visitor = _Visitor(is_builtin)
    visitor.visit(tree)
    return visitor.found


class _Visitor(ast.NodeVisitor):
    def __init__(self, is_builtin: Callable[[str], bool]) -> None:
        self.found = Dynamic()
        self._is_builtin = is_builtin
        self._functions = 0

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._functions += 1
        self.generic_visit(node)
        self._functions -= 1

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Import(self, node: ast.Import) -> None:
        if any(alias.name == "__main__" for alias in node.names):
            self._problem(node, "`import __main__` is another module in a run", WAYS["__main__"])

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if self._table(node.value) and (name := _text(node.slice)) is not None:
            self._reach(name, node, isinstance(node.ctx, ast.Store))
            return
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        inside = len(node.ops) == 1 and isinstance(node.ops[0], (ast.In, ast.NotIn))
        if inside and self._table(node.comparators[0]):
            name = _text(node.left)
            if name is not None:
                self._reach(name, node, False)
                return
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Attribute) and self._method(node, node.func):
            return
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name and self._is_builtin(name) and self._function(node, name):
            for child in [*node.args, *node.keywords]:
                self.visit(child)
            return
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        if node.id in RUNNERS | {"globals"} and self._is_builtin(node.id):
            self._problem(node, f"`{node.id}` can reach any name", _way(node.id))
        elif node.id == "get_ipython" and self._is_builtin(node.id):
            self._problem(node, "`get_ipython()` does not exist in a run", _way(node.id))

    def _method(self, node: ast.Call, function: ast.Attribute) -> bool:
        if self._table(function.value) and function.attr in ("get", "pop", "setdefault"):
            name = _text(node.args[0]) if node.args else None
            if name is not None:
                self._reach(name, node, False)
                for argument in node.args[1:]:
                    self.visit(argument)
                return True
        if function.attr in ("query", "eval") and node.args:
            text = _text(node.args[0])
            if text is not None:
                self._expression_names(text, node, local=_text_root(function) is None)
        return False

    def _function(self, node: ast.Call, name: str) -> bool:
        if name in RUNNERS:
            if len(node.args) + len(node.keywords) > 1:
                return True
            text = _text(node.args[0]) if node.args else None
            if text is None or not self._program(text, node):
                self._problem(node, f"`{name}(…)` of a text that is made when it runs", _way(name))
            return True
        if name in TABLES and not node.args and not node.keywords:
            if name == "globals" or not self._functions:
                self._problem(node, f"`{name}()` can reach any name", _way(name))
            return True
        return False

    def _table(self, node: ast.expr) -> bool:
        """Whether the expression is ``globals()``, or ``locals()`` of the module."""
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            return False
        if node.args or node.keywords or not self._is_builtin(node.func.id):
            return False
        return node.func.id == "globals" or (
            node.func.id in ("locals", "vars") and not self._functions
        )

    def _program(self, text: str, node: ast.AST) -> bool:
        from jupyter_mlrun.capture.names import free_names

        try:
            tree = ast.parse(text.strip())
        except (SyntaxError, ValueError):
            return False
        names = free_names(tree, text.strip())
        for name in names.reads:
            self._reach(name, node, False)
        self.found.bound |= names.bound
        self.visit(tree)
        return True

    def _expression_names(self, text: str, node: ast.AST, local: bool) -> None:
        """Names in a pandas expression: ``@name``, and in ``pandas.eval`` every name."""
        try:
            tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
        except (tokenize.TokenError, SyntaxError, IndentationError):
            return
        for before, token in zip([None, *tokens[:-1]], tokens, strict=True):
            if token.type != tokenize.NAME:
                continue
            mark = before.string if before is not None else ""
            if mark == "@" or (not local and mark != "."):
                self._reach(token.string, node, False)

    def _reach(self, name: str, node: ast.AST, store: bool) -> None:
        if store:
            self.found.bound.add(name)
        elif name.isidentifier():
            self.found.reads.setdefault(name, getattr(node, "lineno", 0))

    def _problem(self, node: ast.AST, text: str, way: str) -> None:
        told = f"{text}, so what the run needs cannot be known. {way}"
        self.found.problems.append((getattr(node, "lineno", 0), told))


def _way(name: str) -> str:
    return WAYS.get(name) or OF_TEXTS.format(name=name)


def _text(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None


def _text_root(function: ast.Attribute) -> str | None:
    """The module name in ``pd.eval``: there every name of the text is a variable."""
    value = function.value
    return value.id if isinstance(value, ast.Name) and value.id in ("pd", "pandas") else None
