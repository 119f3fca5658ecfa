"""The names that a cell takes from outside: by symbol table and statement order."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from jupyter_mlrun.capture.scopes import Comprehension, Globals, Scopes

QUIET = {"suppress", "raises", "assertRaises", "ignored"}


@dataclass
class Names:
    """What a piece of code reads before it has surely bound it."""

    reads: dict[str, int] = field(default_factory=dict)
    """name → line of the first read that may need the value from outside"""
    bound: set[str] = field(default_factory=set)
    """names that the code binds in its module scope, somewhere"""
    soft: set[str] = field(default_factory=set)
    """names read only where a missing value is no error (annotations kept as text)"""
    eager: set[str] = field(default_factory=set)
    """names read while the statements run, not later inside a function"""
    stars: list[str] = field(default_factory=list)
    """modules imported by ``*``"""

    def certain(self, name: str) -> bool:
        """Whether the code cannot work without this name from outside."""
        return name in self.reads and name not in self.bound and name not in self.soft


def free_names(tree: ast.Module, text: str) -> Names:
    """The free names of the code, none missed; those bound on some paths only are included."""
    return _Flow(Scopes(text)).run(tree)


class _Place:
    """The names that are surely bound at one point of the code."""

    def __init__(self, names: set[str], outer: set[str] | None = None) -> None:
        self.names = names
        self.outer = names if outer is None else outer

    def copy(self) -> _Place:
        if self.outer is self.names:
            return _Place(set(self.names))
        return _Place(set(self.names), set(self.outer))

    def meet(self, other: _Place) -> None:
        self.names &= other.names
        self.outer &= other.outer


class _Flow:
    """Walks statements in order; a place is None where control never arrives."""

    def __init__(self, scopes: Scopes) -> None:
        self._scopes = scopes
        self._found = Names()
        self._hard: set[str] = set()
        self._text_annotations = False
        self._in_class = 0
        self._forgiving = 0
        self._lines: dict[str, list[int]] = {}

    def run(self, tree: ast.Module) -> Names:
        for node in ast.walk(tree):
            if isinstance(node, ast.Name):
                self._lines.setdefault(node.id, []).append(node.lineno)
        self._block(tree.body, _Place(set()))
        self._found.soft -= self._hard
        return self._found

    # statements

    def _block(self, statements: list[ast.stmt], place: _Place) -> bool:
        """Walks statements; true when control reaches their end."""
        alive = True
        for statement in statements:
            method = getattr(self, "_stmt_" + type(statement).__name__, self._stmt_other)
            if method(statement, place) is False:
                alive = False
        return alive

    def _stmt_other(self, node: ast.stmt, place: _Place) -> None:
        self._visit(node, place)

    def _stmt_Raise(self, node: ast.Raise, place: _Place) -> bool:
        self._visit(node, place)
        return False

    def _stmt_Continue(self, node: ast.stmt, place: _Place) -> bool:
        return False

    _stmt_Break = _stmt_Continue

    def _stmt_Return(self, node: ast.Return, place: _Place) -> bool:
        self._visit(node, place)
        return False

    def _stmt_Global(self, node: ast.stmt, place: _Place) -> None:
        return None

    _stmt_Nonlocal = _stmt_Global

    def _stmt_Assign(self, node: ast.Assign, place: _Place) -> None:
        self._visit(node.value, place)
        for target in node.targets:
            self._visit(target, place)

    def _stmt_AugAssign(self, node: ast.AugAssign, place: _Place) -> None:
        if isinstance(node.target, ast.Name):
            self._read(node.target.id, node.lineno, place)
        self._visit(node.value, place)
        self._visit(node.target, place)

    def _stmt_AnnAssign(self, node: ast.AnnAssign, place: _Place) -> None:
        if node.value is not None:
            self._visit(node.value, place)
        self._annotation(node.annotation, place)
        if node.value is not None or not isinstance(node.target, ast.Name):
            self._visit(node.target, place)

    def _stmt_Delete(self, node: ast.Delete, place: _Place) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self._read(target.id, node.lineno, place)
                place.names.discard(target.id)
                place.outer.discard(target.id)
                self._found.bound.add(target.id)
            else:
                self._visit(target, place)

    def _stmt_If(self, node: ast.If, place: _Place) -> bool:
        self._visit(node.test, place)
        other = place.copy()
        first = self._block(node.body, place)
        second = self._block(node.orelse, other)
        return self._join(place, first, [(other, second)])

    def _stmt_For(self, node: ast.For | ast.AsyncFor, place: _Place) -> None:
        self._visit(node.iter, place)
        inside = place.copy()
        self._visit(node.target, inside)
        self._block(node.body, inside)
        self._block(node.orelse, place.copy())

    _stmt_AsyncFor = _stmt_For

    def _stmt_While(self, node: ast.While, place: _Place) -> None:
        self._visit(node.test, place)
        self._block(node.body, place.copy())
        self._block(node.orelse, place.copy())

    def _stmt_With(self, node: ast.With | ast.AsyncWith, place: _Place) -> bool:
        quiet = False
        for item in node.items:
            self._visit(item.context_expr, place)
            quiet = quiet or _last_name(item.context_expr) in QUIET
            if item.optional_vars is not None:
                self._visit(item.optional_vars, place)
        inside = place.copy() if quiet else place
        return self._block(node.body, inside) or quiet

    _stmt_AsyncWith = _stmt_With

    def _stmt_Try(self, node: ast.Try, place: _Place) -> bool:
        before = place.copy()
        forgiving = any(_catches_name_error(handler) for handler in node.handlers)
        self._forgiving += forgiving
        alive = self._block(node.body, place)
        self._forgiving -= forgiving
        alive = alive and self._block(node.orelse, place)
        others = []
        for handler in node.handlers:
            branch = before.copy()
            others.append((branch, self._handler(handler, branch)))
        alive = self._join(place, alive, others)
        final = before.copy()
        ends = self._block(node.finalbody, final)
        place.names |= final.names - before.names
        place.outer |= final.outer - before.outer
        return alive and ends

    _stmt_TryStar = _stmt_Try

    def _handler(self, node: ast.ExceptHandler, place: _Place) -> bool:
        if node.type is not None:
            self._visit(node.type, place)
        if node.name:
            self._bind(node.name, place)
        alive = self._block(node.body, place)
        if node.name:
            place.names.discard(node.name)
            place.outer.discard(node.name)
        return alive

    def _stmt_Match(self, node: ast.Match, place: _Place) -> bool:
        self._visit(node.subject, place)
        others = []
        for case in node.cases:
            branch = place.copy()
            self._visit(case.pattern, branch)
            if case.guard is not None:
                self._visit(case.guard, branch)
            others.append((branch, self._block(case.body, branch)))
        last = node.cases[-1]
        complete = last.guard is None and isinstance(last.pattern, ast.MatchAs)
        complete = complete and last.pattern.pattern is None  # type: ignore[attr-defined]
        return self._join(place, not complete, others)

    def _join(self, place: _Place, alive: bool, others: list[tuple[_Place, bool]]) -> bool:
        """Leaves in ``place`` what is bound on every path that goes on."""
        living = [branch for branch, goes_on in others if goes_on]
        if not alive and living:
            place.names |= living[0].names
            place.names &= living[0].names
            place.outer |= living[0].outer
            place.outer &= living[0].outer
        for branch in living:
            place.meet(branch)
        return alive or bool(living)

    def _stmt_Import(self, node: ast.Import, place: _Place) -> None:
        for alias in node.names:
            self._bind(alias.asname or alias.name.partition(".")[0], place)

    def _stmt_ImportFrom(self, node: ast.ImportFrom, place: _Place) -> None:
        if node.module == "__future__":
            self._text_annotations |= any(alias.name == "annotations" for alias in node.names)
        for alias in node.names:
            if alias.name == "*":
                self._found.stars.append("." * node.level + (node.module or ""))
            else:
                self._bind(alias.asname or alias.name, place)

    def _stmt_FunctionDef(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, place: _Place
    ) -> None:
        for decorator in node.decorator_list:
            self._visit(decorator, place)
        self._arguments(node.args, place)
        if node.returns is not None:
            self._annotation(node.returns, place)
        if not self._in_class:
            self._bind(node.name, place)
        self._later(node.name, node.lineno, place)
        self._bind(node.name, place)

    _stmt_AsyncFunctionDef = _stmt_FunctionDef

    def _arguments(self, arguments: ast.arguments, place: _Place) -> None:
        for default in [*arguments.defaults, *arguments.kw_defaults]:
            if default is not None:
                self._visit(default, place)
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        for argument in [*every, arguments.vararg, arguments.kwarg]:
            if argument is not None and argument.annotation is not None:
                self._annotation(argument.annotation, place)

    def _stmt_ClassDef(self, node: ast.ClassDef, place: _Place) -> None:
        for expression in [*node.decorator_list, *node.bases]:
            self._visit(expression, place)
        for keyword in node.keywords:
            self._visit(keyword.value, place)
        # methods run after the class is bound, its body before
        inside = _Place(place.names - {node.name}, place.outer | {node.name})
        self._in_class += 1
        self._block(node.body, inside)
        self._in_class -= 1
        self._bind(node.name, place)

    def _stmt_TypeAlias(self, node: ast.stmt, place: _Place) -> None:
        name: ast.Name = node.name  # type: ignore[attr-defined]
        self._bind(name.id, place)
        for table_name in (name.id,):
            self._later(table_name, node.lineno, place)

    # expressions

    def _visit(self, node: ast.AST, place: _Place) -> None:
        method = getattr(self, "_expr_" + type(node).__name__, None)
        if method is not None:
            method(node, place)
            return
        for child in ast.iter_child_nodes(node):
            self._visit(child, place)

    def _expr_Name(self, node: ast.Name, place: _Place) -> None:
        if isinstance(node.ctx, ast.Store):
            self._bind(node.id, place)
        else:
            self._read(node.id, node.lineno, place)

    def _expr_NamedExpr(self, node: ast.NamedExpr, place: _Place) -> None:
        self._visit(node.value, place)
        self._visit(node.target, place)

    def _expr_BoolOp(self, node: ast.BoolOp, place: _Place) -> None:
        self._visit(node.values[0], place)
        branch = place.copy()
        for value in node.values[1:]:
            self._visit(value, branch)

    def _expr_IfExp(self, node: ast.IfExp, place: _Place) -> None:
        self._visit(node.test, place)
        self._visit(node.body, place.copy())
        self._visit(node.orelse, place.copy())

    def _expr_Compare(self, node: ast.Compare, place: _Place) -> None:
        self._visit(node.left, place)
        self._visit(node.comparators[0], place)
        branch = place.copy()
        for value in node.comparators[1:]:
            self._visit(value, branch)

    def _expr_Lambda(self, node: ast.Lambda, place: _Place) -> None:
        self._arguments(node.args, place)
        self._later("lambda", node.lineno, place)

    def _comprehension(self, node: Comprehension, place: _Place) -> None:
        first = node.generators[0]
        self._visit(first.iter, place)
        self._now(self._scopes.globals_of_comprehension(node), place)
        for inner in ast.walk(node):
            if isinstance(inner, ast.NamedExpr):
                self._found.bound.add(inner.target.id)

    _expr_ListComp = _comprehension
    _expr_SetComp = _comprehension
    _expr_DictComp = _comprehension
    _expr_GeneratorExp = _comprehension

    def _expr_MatchAs(self, node: ast.MatchAs, place: _Place) -> None:
        if node.pattern is not None:
            self._visit(node.pattern, place)
        if node.name:
            self._bind(node.name, place)

    def _expr_MatchStar(self, node: ast.MatchStar, place: _Place) -> None:
        if node.name:
            self._bind(node.name, place)

    def _expr_MatchMapping(self, node: ast.MatchMapping, place: _Place) -> None:
        for child in ast.iter_child_nodes(node):
            self._visit(child, place)
        if node.rest:
            self._bind(node.rest, place)

    def _annotation(self, node: ast.expr, place: _Place) -> None:
        if not self._text_annotations:
            self._visit(node, place)
            return
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name) and inner.id not in place.names:
                self._found.reads.setdefault(inner.id, inner.lineno)
                self._found.soft.add(inner.id)

    # names

    def _bind(self, name: str, place: _Place) -> None:
        place.names.add(name)
        if not self._in_class:
            place.outer.add(name)
            self._found.bound.add(name)

    def _read(self, name: str, line: int, place: _Place, later: bool = False) -> None:
        visible = place.outer if later else place.names
        if name not in visible:
            if later:
                # the symbol table knows the line of the scope only
                line = min([at for at in self._lines.get(name, ()) if at >= line], default=line)
            self._found.reads.setdefault(name, line)
            if self._forgiving:
                self._found.soft.add(name)
            else:
                self._hard.add(name)
            if not later:
                self._found.eager.add(name)

    def _later(self, scope: str, line: int, place: _Place) -> None:
        found = self._scopes.globals_of(scope, line)
        for name, at in found.read.items():
            self._read(name, at, place, later=True)
        self._found.bound |= found.bound

    def _now(self, found: Globals, place: _Place) -> None:
        for name, at in found.read.items():
            if name not in place.outer:
                self._found.eager.add(name)
            self._read(name, at, place, later=True)
        self._found.bound |= found.bound


def _catches_name_error(handler: ast.ExceptHandler) -> bool:
    return handler.type is not None and any(
        isinstance(node, ast.Name) and node.id == "NameError" for node in ast.walk(handler.type)
    )


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        return _last_name(node.func)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
