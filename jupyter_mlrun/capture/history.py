"""What the cells of this kernel executed: their text by file name, and how they bound names."""

from __future__ import annotations

import ast
import importlib
import linecache
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jupyter_mlrun.capture.commands import magic_call


@dataclass(frozen=True)
class Cell:
    """The Python text of an executed cell, as IPython compiled it."""

    number: int | None
    filename: str
    text: str

    @property
    def tree(self) -> ast.Module | None:
        """Its syntax tree, None where it is no Python."""
        return _parse(self.text)


@lru_cache(maxsize=2048)
def _parse(text: str) -> ast.Module | None:
    flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    try:
        tree = compile(text, "<cell>", "exec", flags, True)
    except (SyntaxError, ValueError):
        return None
    assert isinstance(tree, ast.Module)
    return tree


class History:
    """The executed cells of a shell, newest first."""

    def __init__(self, shell: Any) -> None:
        self._numbers: dict[str, int] = dict(getattr(shell.compile, "_filename_map", {}))
        self._imports: list[tuple[ast.AST, Cell]] | None = None
        self._space: dict[str, Any] = shell.user_ns

    def held(self, name: str) -> Any:
        """What the name is in the kernel now; None where it is nothing."""
        return self._space.get(name)

    def cells(self) -> Iterator[Cell]:
        """Executed cells, the newest first, with the code inside ``%%time`` and its like."""
        for filename, number in sorted(self._numbers.items(), key=lambda pair: -pair[1]):
            yield from _with_inner(Cell(number, filename, _cached(filename)))

    def file(self, filename: str) -> Cell | None:
        """The cell or file whose code objects name this file, as it was executed."""
        if filename in self._numbers:
            return Cell(self._numbers[filename], filename, _cached(filename))
        if filename.startswith("<"):
            return None
        lines = linecache.getlines(filename)
        return Cell(None, filename, "".join(lines)) if lines else None

    def number(self, filename: str) -> int | None:
        """The execution count of a cell by the file name of its code."""
        return self._numbers.get(filename)

    def find_import(self, name: str, value: object) -> tuple[str, Cell] | None:
        """The import line that gives this very object under this name, if a cell had one."""
        for node, cell in self.imports():
            line = _import_line(node, name, value)
            if line is not None:
                return line, cell
        return None

    def imports(self) -> list[tuple[ast.AST, Cell]]:
        """Every import statement that a cell executed, those of the newest cell first."""
        if self._imports is None:
            self._imports = [
                (node, cell)
                for cell in self.cells()
                for node in (ast.walk(cell.tree) if cell.tree is not None else ())
                if isinstance(node, (ast.Import, ast.ImportFrom))
            ]
        return self._imports

    def find_assignment(self, name: str) -> tuple[ast.Assign, Cell] | None:
        """The newest statement ``name = …`` at the top of a cell."""
        for cell in self.cells():
            statements = cell.tree.body if cell.tree is not None else []
            for node in reversed(statements):
                if isinstance(node, ast.Assign) and any(
                    isinstance(target, ast.Name) and target.id == name for target in node.targets
                ):
                    return node, cell
        return None


def _cached(filename: str) -> str:
    return "".join(linecache.getlines(filename))


def _with_inner(cell: Cell) -> Iterator[Cell]:
    """A cell, and before it the code that it handed to a cell magic which ran it."""
    tree = cell.tree
    for node in tree.body if tree is not None else []:
        call = magic_call(node.value) if isinstance(node, ast.Expr) else None
        if call is None or call.kind != "run_cell_magic" or len(call.node.args) < 3:
            continue
        inner = call.node.args[-1]
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            from jupyter_mlrun.capture.transform import transform_lines

            lines = transform_lines(inner.value.splitlines(keepends=True))
            yield Cell(cell.number, "", "".join(lines))
    yield cell


def _import_line(node: ast.AST, name: str, value: object) -> str | None:
    if isinstance(node, ast.Import):
        for alias in node.names:
            if alias.asname == name and sys.modules.get(alias.name) is value:
                return f"import {alias.name} as {name}"
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        for alias in node.names:
            if alias.name == "*" or (alias.asname or alias.name) == name:
                attribute = name if alias.name == "*" else alias.name
                if _gives(node.module, attribute, value):
                    rename = f" as {name}" if attribute != name else ""
                    return f"from {node.module} import {attribute}{rename}"
    return None


def _gives(module: str, attribute: str, value: object) -> bool:
    if module == "__future__" or module not in sys.modules:
        return False
    found = getattr(importlib.import_module(module), attribute, _MISSING)
    return found is value


_MISSING = object()
