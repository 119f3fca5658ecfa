"""What each verb takes and answers, read from its code, so that no list of it can grow old."""

from __future__ import annotations

import ast
import functools
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from jupyter_mlrun.errors import MLRunServiceUnavailableError

from .arguments import MOST_ITERATIONS, Arguments

READERS = frozenset(
    name for name, value in vars(Arguments).items()
    if isinstance(value, FunctionType) and not name.startswith("_")
)  # fmt: skip
ANSWERS = frozenset({"answer", "answer_text", "answer_nothing"})
NOTHING = inspect.Parameter.empty

Schema = dict[str, Any]


@dataclass
class Signature:
    """What a verb takes and answers."""

    query: dict[str, Schema] = field(default_factory=dict)
    headers: dict[str, Schema] = field(default_factory=dict)
    # the name of the body's shape; an empty one is any JSON object
    body: str | None = None
    body_may_be_missing: bool = False
    raw_body: bool = False
    statuses: set[int] = field(default_factory=set)


def read(handler: type[Any], verb: str) -> Signature:
    """The signature of a handler's verb."""
    found = Signature()
    for function in _reached(handler, inspect.unwrap(getattr(handler, verb)), set()):
        for call in _calls(function):
            _take(found, call, handler, function)
    return found


def _reached(handler: type[Any], function: Any, seen: set[Any]) -> Iterator[Any]:
    """The function, and those of the handlers' package that it hands itself or its query to."""
    if function in seen:
        return
    seen.add(function)
    yield function
    for call in _calls(function):
        called = _called(handler, call, function)
        if called is not None and called.__module__.startswith(f"{__package__}."):
            yield from _reached(handler, called, seen)
    for own in _own(handler, function):
        yield from _reached(handler, own, seen)


def _called(handler: type[Any], call: ast.Call, function: Any) -> Any:
    target = call.func
    if isinstance(target, ast.Attribute) and _is_self(target.value):
        found = getattr(handler, target.attr, None)
    elif _is_super(target):
        assert isinstance(target, ast.Attribute)
        mro = handler.__mro__
        owner = next(k for k in mro if function.__name__ in vars(k))
        found = getattr(super(owner, handler), target.attr, None)
    else:
        found = _value(target, handler, function)
    found = inspect.unwrap(found) if callable(found) else None
    if not isinstance(found, FunctionType) or found.__name__ in READERS | ANSWERS:
        return None
    return found


def _own(handler: type[Any], function: Any) -> Iterator[Any]:
    """The handler's own methods and properties that the function names."""
    for node in ast.walk(_tree(function)):
        if isinstance(node, ast.Attribute) and _is_self(node.value):
            found = inspect.getattr_static(handler, node.attr, None)
            found = found.fget if isinstance(found, property) else found
            found = inspect.unwrap(found) if callable(found) else None
            known = isinstance(found, FunctionType) and found.__name__ not in READERS | ANSWERS
            if known and found.__module__.startswith(f"{__package__}."):
                yield found


def _take(found: Signature, call: ast.Call, handler: type[Any], function: Any) -> None:
    if isinstance(call.func, ast.Name) and call.func.id == "shaped":
        if ast.unparse(call.args[0]) == "self.body()":
            found.body = _value(call.args[1], handler, function)
        return
    if not isinstance(call.func, ast.Attribute):
        return
    name = call.func.attr
    first = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else ""
    # every request may say which client it is
    known = str(first).startswith("x-mlrun-") and first != "x-mlrun-client-version"
    if known and name != "set_header":
        words = _value(call.args[1], handler, function) if len(call.args) > 1 else ""
        found.headers[str(first)] = {"enum": list(words)} if isinstance(words, tuple) else {}
    elif name in READERS and _is_query(call.func.value):
        found.query |= _arguments(name, call, lambda node: _value(node, handler, function))
    elif name == "body" and _is_self(call.func.value):
        found.body = found.body or ""
    elif name == "body_or_none" and _is_self(call.func.value):
        found.body, found.body_may_be_missing = found.body or "", True
    elif name in ANSWERS and _is_self(call.func.value):
        found.statuses.add(_status(name, call))
    elif name == "append" and "self.request.body" in map(ast.unparse, call.args):
        found.raw_body = True


def _arguments(reader: str, call: ast.Call, value: Callable[[ast.expr], Any]) -> dict[str, Schema]:
    if reader == "iteration":
        return {"iter": {"type": "integer", "minimum": 0, "maximum": MOST_ITERATIONS}}
    given = inspect.signature(getattr(Arguments, reader)).bind(None, *call.args)
    given.arguments |= {word.arg: word.value for word in call.keywords if word.arg}
    words = {
        name: value(node) if isinstance(node, ast.expr) else node
        for name, node in given.arguments.items()
        if name not in ("self", "name", "names")
    }
    named = call.args if reader == "texts" else [given.arguments["name"]]
    names = [value(each) for node in named for each in _branches(node)]
    if not all(isinstance(name, str) for name in names):
        raise TypeError(f"{ast.unparse(call)}: the name of an argument must be a literal")
    return {name: _schema(reader, words) for name in names}


def _branches(node: ast.expr) -> list[ast.expr]:
    return [node.body, node.orelse] if isinstance(node, ast.IfExp) else [node]


def _schema(reader: str, words: dict[str, Any]) -> Schema:
    default = words.get("default")
    shown = {"default": default} if isinstance(default, str | int | float | bool) else {}
    shown = {} if default == "" else shown
    if reader in ("choice", "choices") and words.get("allowed") is not NOTHING:
        word = {"type": "string", "enum": list(words["allowed"])}
        return {**word, **shown} if reader == "choice" else {"type": "array", "items": word}
    if reader == "whole":
        low = words.get("low")
        return {"type": "integer", **({"minimum": low} if isinstance(low, int) else {}), **shown}
    if reader == "texts":
        return {"type": "array", "items": {"type": "string"}}
    if reader == "moment":
        return {"type": "string", "format": "date-time"}
    kinds = {"flag": "boolean", "number": "number"}
    return {"type": kinds.get(reader, "string"), **shown}


def _status(name: str, call: ast.Call) -> int:
    place = 0 if name == "answer_nothing" else 1
    given = [word.value for word in call.keywords if word.arg == "status"] or call.args[place:]
    if given and isinstance(given[0], ast.Constant) and isinstance(given[0].value, int):
        return given[0].value
    return 204 if name == "answer_nothing" else 200


def _value(node: ast.expr, handler: type[Any], function: Any) -> Any:
    """What an expression is, as far as literals and the names of the module and class tell."""
    try:
        return ast.literal_eval(node)
    except ValueError:
        pass
    if isinstance(node, ast.Name):
        return function.__globals__.get(node.id, NOTHING)
    if isinstance(node, ast.Attribute):
        owner = handler if _is_self(node.value) else _value(node.value, handler, function)
        known = isinstance(owner, ModuleType | type) or hasattr(owner, "__dataclass_fields__")
        return getattr(owner, node.attr, NOTHING) if known else NOTHING
    return NOTHING


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("self", "handler")


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and ast.unparse(node.value) == "super()"


def _is_query(node: ast.expr) -> bool:
    return ast.unparse(node) in ("self.query", "query", "handler.query")


def _calls(function: Any) -> list[ast.Call]:
    return [node for node in ast.walk(_tree(function)) if isinstance(node, ast.Call)]


def _tree(function: Any) -> ast.AST:
    code = function.__code__
    found = _functions(code.co_filename).get(code.co_firstlineno)
    if found is None:
        raise MLRunServiceUnavailableError(
            f"{code.co_filename} has changed since the server has begun: restart it"
        )
    return found


@functools.cache
def _functions(file: str) -> dict[int, ast.AST]:
    """The functions of a file by their first line, decorators included."""
    tree = ast.parse(Path(file).read_bytes())
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    return {
        min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))]): node
        for node in ast.walk(tree) if isinstance(node, kinds)
    }  # fmt: skip
