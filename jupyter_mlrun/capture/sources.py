"""The source of live functions and classes, as it was executed."""

from __future__ import annotations

import ast
import inspect
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from jupyter_mlrun.capture.equality import same
from jupyter_mlrun.capture.history import Cell, History
from jupyter_mlrun.capture.literals import NotLiteral, format_literal

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Assign


PLAIN = (bool, int, float, complex, str, bytes, list, tuple, dict, set)
NOT_HERE = "the cell that defined it is not in this kernel's history"


class NoSource(Exception):
    """The source of the object is not known, or does not say all of it."""


@dataclass(frozen=True)
class Snippet:
    """Statements that define a name, and the cell that ran them."""

    text: str
    cell: Cell
    kind: str
    line: int = 0
    """the line of its cell at which it begins; 0 where that is not known"""


def find_source(name: str, value: Any, history: History) -> Snippet:
    """The statements that bound this live object to this name."""
    if isinstance(value, type):
        return _class(name, value, history)
    function = _plain_function(name, value)
    if function is None:
        raise NoSource(f"a {type(value).__name__} has no source")
    if function.__name__ == "<lambda>":
        return _lambda(name, function, history)
    cell, node = _find_function(function, history)
    if function is not value and not node.decorator_list:
        return _wrapped(name, function, cell, node, history)
    if function.__code__.co_freevars:
        raise NoSource(_closure_text(function))
    text = _with_defaults(_text(cell, node), node, function)
    return Snippet(_renamed(text, node, name), cell, "function", _line(cell, node))


def _wrapped(
    name: str,
    function: types.FunctionType,
    cell: Cell,
    node: ast.FunctionDef | ast.AsyncFunctionDef,
    history: History,
) -> Snippet:
    """What ``name = wrapper(function)`` made, where everything in that line is what it was."""
    found = history.find_assignment(name)
    if found is None or not isinstance(found[0].value, ast.Call):
        raise NoSource(f"it wraps {node.name}, and no line '{name} = …(…)' of a cell made it")
    statement, origin = found
    space = function.__globals__
    for each in ast.walk(statement.value):
        if not isinstance(each, ast.Name) or each.id == name:
            continue
        held = space.get(each.id, function)
        changed = held is not function if each.id == node.name else not _stays(held)
        if changed:
            raise NoSource(f"it was made with {each.id}, which may be another by now")
    text = _text(origin, statement)
    if node.name == name:
        text = f"{_text(cell, node)}\n{text}"
    return Snippet(text, origin, "function")


def _stays(value: object) -> bool:
    """Whether a name that held this is hardly bound anew: a definition or a module."""
    return callable(value) or isinstance(value, types.ModuleType)


def _renamed(
    text: str, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, name: str
) -> str:
    """The definition under another name; it still calls itself by its own."""
    if node.name == name:
        return text
    tree = ast.parse(text)
    written = next(
        item for item in ast.walk(tree) if isinstance(item, type(node)) and item.name == node.name
    )
    lines = text.splitlines(keepends=True)
    line = lines[written.lineno - 1]
    keyword = "class" if isinstance(node, ast.ClassDef) else "def"
    head, word, rest = line.partition(f"{keyword} ")
    lines[written.lineno - 1] = head + word + rest.replace(node.name, name, 1)
    return f"{''.join(lines)}\n{name}.__name__ = {name}.__qualname__ = {node.name!r}"


def _plain_function(name: str, value: Any, depth: int = 0) -> types.FunctionType | None:
    """The function that was written, below the decorators that wrapped it."""
    seen: set[int] = set()
    while id(value) not in seen:
        seen.add(id(value))
        for attribute in ("__wrapped__", "py_func", "__func__"):
            inner = inspect.getattr_static(value, attribute, None)
            if callable(inner):
                value = inner
                break
    if not isinstance(value, types.FunctionType):
        return None
    return _closed_over(name, value, depth) or value


def _closed_over(name: str, function: types.FunctionType, depth: int) -> types.FunctionType | None:
    """The decorated function inside a wrapper that does not say what it wraps."""
    if function.__code__.co_name == name or depth > 20:
        return None
    for cell in function.__closure__ or ():
        try:
            inside = _plain_function(name, cell.cell_contents, depth + 1)
        except ValueError:
            continue
        if inside is not None and inside.__code__.co_name == name:
            return inside
    return None


def _closure_text(function: types.FunctionType) -> str:
    names = ", ".join(function.__code__.co_freevars) or "nothing"
    return f"it was made inside another function and keeps its variables ({names})"


def _find_function(
    function: types.FunctionType, history: History
) -> tuple[Cell, ast.FunctionDef | ast.AsyncFunctionDef]:
    code = function.__code__
    cell = history.file(code.co_filename)
    if cell is not None:
        node = _definition_at(cell, code)
        # the name of a cell's file holds the hash of its text; any other file may have changed
        if node is not None and (cell.number is not None or _compiles_to(cell, code)):
            return cell, node
        if node is not None:
            raise NoSource(f"{code.co_filename} changed after it was run: run it again")
    for cell in history.cells():
        if _compiles_to(cell, code):
            node = _definition_named(cell, code.co_name)
            if node is not None:
                return cell, node
    raise NoSource(NOT_HERE)


def _functions(tree: ast.Module | None) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def _definition_at(
    cell: Cell, code: types.CodeType
) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    for node in _functions(cell.tree):
        first = min([node.lineno, *(item.lineno for item in node.decorator_list)])
        if node.name == code.co_name and code.co_firstlineno in (first, node.lineno):
            return node
    return None


def _definition_named(cell: Cell, name: str) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    found = [node for node in _functions(cell.tree) if node.name == name]
    return found[-1] if found else None


def _compiles_to(cell: Cell, code: types.CodeType) -> bool:
    """Whether compiling the cell gives this code."""
    try:
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        module = compile(cell.text, code.co_filename, "exec", flags, False)
    except (SyntaxError, ValueError):
        return False
    return any(same_code(found, code) for found in codes_within(module))


def codes_within(code: types.CodeType) -> Iterator[types.CodeType]:
    """A code object and all that it holds."""
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield constant
            yield from codes_within(constant)


def same_code(left: types.CodeType, right: types.CodeType) -> bool:
    """Whether two code objects do the same, wherever they were written."""
    names = ("co_name", "co_code", "co_names", "co_varnames", "co_freevars", "co_cellvars")
    if any(getattr(left, name) != getattr(right, name) for name in names):
        return False
    if len(left.co_consts) != len(right.co_consts):
        return False
    for one, other in zip(left.co_consts, right.co_consts, strict=True):
        if isinstance(one, types.CodeType):
            if not isinstance(other, types.CodeType) or not same_code(one, other):
                return False
        elif not same(one, other):
            return False
    return True


def _line(cell: Cell, node: ast.stmt) -> int:
    first = [item.lineno for item in getattr(node, "decorator_list", [])]
    # a block is wrapped in a line of its own
    return min([node.lineno, *first]) - bool(node.col_offset) if cell.filename else 0


def _text(cell: Cell, node: ast.stmt) -> str:
    """The statement's text; one that stood inside a block keeps its own lines."""
    first = min([node.lineno, *(item.lineno for item in getattr(node, "decorator_list", []))])
    lines = cell.text.splitlines(keepends=True)[first - 1 : node.end_lineno]
    if not node.col_offset:
        last = lines[-1].encode()[: node.end_col_offset].decode()
        return "".join([*lines[:-1], last]).rstrip()
    if lines[0].encode()[: node.col_offset].strip():
        return ast.unparse(node)
    return "if True:\n" + "".join(lines).rstrip()


def _lambda(name: str, function: types.FunctionType, history: History) -> Snippet:
    code = function.__code__
    if code.co_freevars:
        raise NoSource(_closure_text(function))
    cell = history.file(code.co_filename)
    if cell is None:
        raise NoSource(NOT_HERE)
    for node in ast.walk(cell.tree) if cell.tree is not None else ():
        if not isinstance(node, ast.Lambda) or node.lineno != code.co_firstlineno:
            continue
        text = ast.get_source_segment(cell.text, node) or ast.unparse(node)
        compiled = compile(f"({text}\n)", "<lambda>", "eval")
        if any(same_code(found, code) for found in codes_within(compiled)):
            kept = _with_defaults(f"{name} = ({text}\n)", None, function)
            return Snippet(kept if "\n" in text else f"{name} = {text}", cell, "function")
    raise NoSource(NOT_HERE)


def _with_defaults(text: str, node: ast.AST | None, function: types.FunctionType) -> str:
    """The definition with defaults that are what they were when it was executed."""
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return text
    tree = ast.parse(text)
    written = next(item for item in ast.walk(tree) if isinstance(item, type(node)))
    pairs: list[tuple[ast.expr, Any]] = list(
        zip(written.args.defaults, function.__defaults__ or (), strict=False)
    )
    keywords = function.__kwdefaults__ or {}
    for argument, default in zip(written.args.kwonlyargs, written.args.kw_defaults, strict=True):
        if default is not None and argument.arg in keywords:
            pairs.append((default, keywords[argument.arg]))
    edits = [edit for pair in pairs if (edit := _changed_default(*pair, function)) is not None]
    for expression, literal in sorted(edits, key=lambda e: e[0].lineno * 10**6 + e[0].col_offset)[
        ::-1
    ]:
        text = _replace(text, expression, literal)
    return text


def _changed_default(
    expression: ast.expr, value: Any, function: types.FunctionType
) -> tuple[ast.expr, str] | None:
    """The literal to write for a default whose expression no longer gives its value."""
    if isinstance(expression, ast.Constant):
        return None
    if isinstance(expression, ast.Name) and function.__globals__.get(expression.id) is value:
        return None
    try:
        literal = format_literal(value)
    except NotLiteral:
        return None
    if literal.modules or literal.names:
        return None
    try:
        if same(ast.literal_eval(expression), value):
            return None
    except (ValueError, TypeError, SyntaxError):
        pass
    return expression, literal.text


def _replace(text: str, node: ast.expr, new: str) -> str:
    lines = text.splitlines(keepends=True)
    assert node.end_lineno is not None and node.end_col_offset is not None
    first = lines[node.lineno - 1].encode()[: node.col_offset].decode()
    last = lines[node.end_lineno - 1].encode()[node.end_col_offset :].decode()
    lines[node.lineno - 1 : node.end_lineno] = [first + new + last]
    return "".join(lines)


# classes


def _class(name: str, value: type, history: History) -> Snippet:
    changed = ""
    for cell, node in _class_candidates(value, history):
        if isinstance(node, ast.ClassDef) and _defines(node, value):
            if attribute := _changed_attribute(node, value):
                changed = changed or attribute
                continue
            _refuse_changed(node, value)
            _refuse_earlier_bases(node, value, history)
            text = _renamed(_text(cell, node), node, name)
            return Snippet(text, cell, "class", _line(cell, node))
    found = history.find_assignment(name)
    if found is not None and isinstance(found[0].value, ast.Call):
        return Snippet(_text(found[1], found[0]), found[1], "class")
    if changed:
        raise NoSource(f"its attribute {changed} is not what the class was defined with")
    raise NoSource(NOT_HERE)


def _refuse_earlier_bases(node: ast.ClassDef, value: type, history: History) -> None:
    """Refuses a class whose base was defined anew since: its source would take the new one."""
    if len(node.bases) != len(value.__bases__):
        return
    for written, base in zip(node.bases, value.__bases__, strict=True):
        name = written.id if isinstance(written, ast.Name) else ""
        if name and base.__module__ == "__main__" and history.held(name) is not base:
            raise NoSource(f"its base {name} was defined anew since: run its cell again")


def _changed_attribute(node: ast.ClassDef, value: type) -> str:
    """The first plain attribute that is not what the statement gives it; empty where all are."""
    for item in node.body:
        if not isinstance(item, (ast.Assign, ast.AnnAssign)) or item.value is None:
            continue
        try:
            written = ast.literal_eval(item.value)
        except (ValueError, TypeError, SyntaxError):
            continue
        targets = item.targets if isinstance(item, ast.Assign) else [item.target]
        for name in (target.id for target in targets if isinstance(target, ast.Name)):
            held = vars(value).get(name)
            if type(held) in PLAIN and not same(held, written):
                return name
    return ""


def _class_candidates(value: type, history: History) -> Iterator[tuple[Cell, ast.ClassDef]]:
    for member in _member_functions(value):
        cell = history.file(member.__code__.co_filename)
        if cell is None:
            continue
        line = member.__code__.co_firstlineno
        for node in _classes(cell.tree, value.__name__):
            if node.lineno <= line <= (node.end_lineno or 0):
                yield cell, node
    for cell in history.cells():
        found = list(_classes(cell.tree, value.__name__))
        if found:
            yield cell, found[-1]


def _classes(tree: ast.Module | None, name: str) -> Iterator[ast.ClassDef]:
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.ClassDef) and node.name == name:
            yield node


def _member_functions(value: type) -> Iterator[types.FunctionType]:
    for member in vars(value).values():
        for part in _parts(member):
            own = getattr(part, "__qualname__", "").startswith(value.__qualname__ + ".")
            if own and not part.__code__.co_filename.startswith("<string>"):
                yield part


def _parts(member: Any) -> Iterator[types.FunctionType]:
    getters: list[Callable[[Any], Any]] = [
        lambda item: item,
        lambda item: getattr(item, "__func__", None),
        lambda item: getattr(item, "fget", None),
        lambda item: getattr(item, "__wrapped__", None),
    ]
    for getter in getters:
        part = getter(member)
        if isinstance(part, types.FunctionType):
            yield part


def _defines(node: ast.ClassDef, value: type) -> bool:
    """Whether the statement's own methods and annotations are all in the class."""
    names = {item.name for item in node.body if isinstance(item, (ast.FunctionDef, ast.ClassDef))}
    return names <= set(vars(value)) | {
        f"_{value.__name__.lstrip('_')}{name}" for name in names if name.startswith("__")
    } or all(hasattr(value, name) for name in names)


def _refuse_changed(node: ast.ClassDef, value: type) -> None:
    inside = {item.name for item in ast.walk(node) if isinstance(item, ast.FunctionDef)}
    for name, member in vars(value).items():
        function = member if isinstance(member, types.FunctionType) else None
        if function is None or name in inside or function.__module__ != value.__module__:
            continue
        if function.__qualname__ == function.__name__ and function.__name__ != "<lambda>":
            raise NoSource(f"its method {name} was added after the class was defined")
