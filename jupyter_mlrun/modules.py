"""A function's code as a module: written into the run's folder, loaded, and its handler found."""

from __future__ import annotations

import base64
import importlib
import importlib.abc
import importlib.util
import os
import sys
import tokenize
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from types import CodeType, ModuleType
from typing import Any

from .errors import MLRunBadRequestError


class Code(importlib.abc.InspectLoader):
    """A function's source as a module's loader: compiled once, executed as often as is asked."""

    def __init__(self, source: str, path: str) -> None:
        self.source, self.path = source, path
        self._code: CodeType | None = None

    def get_source(self, fullname: str) -> str:
        """The source, for tracebacks and ``inspect``."""
        return self.source

    def get_code(self, fullname: str) -> CodeType:
        """The source, compiled; its lines are those of the file at ``path``."""
        if self._code is None:
            self._code = compile(self.source, self.path, "exec", dont_inherit=True)
        return self._code

    def exec_module(self, module: ModuleType) -> None:
        """Execute it in a module."""
        exec(self.get_code(module.__name__), vars(module))


def code_of(function: Mapping[str, Any], folder: str) -> Code | None:
    """The function's code, with the path that it has in a run's folder; None where it has none."""
    encoded = ((function.get("spec") or {}).get("build") or {}).get("functionSourceCode")
    if not encoded:
        return None
    try:
        source = base64.b64decode(encoded, validate=True).decode()
    except ValueError:
        name = (function.get("metadata") or {}).get("name")
        raise MLRunBadRequestError(
            f"The code of function '{name}' is not base64 of UTF-8 text: save the function again"
        ) from None
    return Code(source, os.path.join(folder, "code", f"{module_name(function)}.py"))


def code_at(path: str) -> Code:
    """The code in a file."""
    with tokenize.open(path) as file:
        return Code(file.read(), path)


def write(code: Code) -> None:
    """Put the code where its path says, for people who look into the run's folder."""
    os.makedirs(os.path.dirname(code.path), exist_ok=True)
    with open(code.path, "w", encoding="utf-8") as file:
        file.write(code.source)


def write_files(function: Mapping[str, Any], folder: str, fetch: Callable[[str], bytes]) -> str:
    """The folder of the shipped files, written; empty where none are shipped."""
    shipped = (function.get("spec") or {}).get("files") or []
    if not shipped:
        return ""
    root = os.path.join(folder, "files")
    for entry in shipped:
        name = PurePosixPath(str(entry["path"]))
        if name.is_absolute() or ".." in name.parts:
            raise MLRunBadRequestError(f"The shipped file '{name}' would leave the run's folder")
        path = os.path.join(root, *name.parts)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        has_content = entry.get("content") is not None
        data = base64.b64decode(entry["content"]) if has_content else fetch(str(entry["uri"]))
        with open(path, "wb") as file:
            file.write(data)
    return root


def load(code: Code, name: str, keep: bool = True) -> ModuleType:
    """The module of the code, executed under a name; ``keep`` leaves it in ``sys.modules``."""
    spec = importlib.util.spec_from_loader(name, code, origin=code.path)
    assert spec is not None
    spec.has_location = True
    module = importlib.util.module_from_spec(spec)
    before = sys.modules.get(name)
    sys.modules[name] = module
    done = False
    try:
        code.exec_module(module)
        done = True
    finally:
        if not done or not keep:
            _put_back(name, before)
    return module


def _put_back(name: str, before: ModuleType | None) -> None:
    if before is None:
        del sys.modules[name]
    else:
        sys.modules[name] = before


def module_name(function: Mapping[str, Any]) -> str:
    """The name under which a function's module can be imported, which hides no other module."""
    return f"run_{_stem(function)}"


def find_handler(
    module: ModuleType, handler: str, parameters: dict[str, Any], context: Any = None
) -> Callable[..., Any]:
    """The callable that a handler names: ``function``, ``Class::method`` or ``module.function``.

    A class is made with the parameter ``_init_args``, and with the context where it takes one.
    """
    owner, is_method, name = handler.partition("::")
    target: Any = module
    for part in owner.rpartition(".")[2:] if not hasattr(module, owner) else [owner]:
        if not hasattr(target, part):
            known = [n for n, v in vars(module).items() if callable(v) and not n.startswith("_")]
            raise MLRunBadRequestError(
                f"The handler '{handler}' is not in the function's code; "
                f"it has {', '.join(sorted(known)) or 'no functions'}"
            )
        target = getattr(target, part)
    if is_method:
        made = _instance(target, dict(parameters.pop("_init_args", None) or {}), context)
        target = getattr(made, name, None)
    if not callable(target):
        raise MLRunBadRequestError(f"The handler '{handler}' is no function")
    found: Callable[..., Any] = target
    return found


def _instance(kind: Any, arguments: dict[str, Any], context: Any) -> Any:
    # imported late: it is slow to import, and classes of handlers are rare
    import inspect

    signature = inspect.signature(kind)
    takes_all = any(each.kind is each.VAR_KEYWORD for each in signature.parameters.values())
    if context is not None and (takes_all or "context" in signature.parameters):
        arguments.setdefault("context", context)
    try:
        signature.bind(**arguments)
    except TypeError as error:
        raise MLRunBadRequestError(
            f"The class {kind.__name__} cannot be made: {error}; give what it needs by the "
            f"parameter _init_args: {{'_init_args': {{NAME: VALUE}}}}"
        ) from None
    return kind(**arguments)


def has_module(handler: str) -> bool:
    """Whether a handler names its module: ``module.function`` or ``module:function``."""
    owner = handler.partition("::")[0]
    return "." in owner or ":" in owner


def import_handler(
    handler: str, is_new: bool, parameters: dict[str, Any], context: Any = None
) -> Callable[..., Any]:
    """The callable of a module that can be imported; ``is_new`` imports the module once more."""
    owner, is_method, method = handler.partition("::")
    name, _, last = owner.replace(":", ".").rpartition(".")
    if is_new:
        # what it imports of its own package is read again too
        for known in [each for each in sys.modules if each == name or each.startswith(f"{name}.")]:
            del sys.modules[known]
        importlib.invalidate_caches()
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise MLRunBadRequestError(
            f"The module '{name}' of the handler '{handler}' cannot be imported: {error}; put its "
            "folder on the path, or give the function its code"
        ) from error
    return find_handler(module, f"{last}{is_method}{method}", parameters, context)


def entry_point(function: Mapping[str, Any], handler: str) -> dict[str, Any]:
    """What the function document says of a handler; empty where it says nothing."""
    points = (function.get("spec") or {}).get("entry_points") or {}
    return dict(points.get(handler.rpartition(".")[2]) or {})


def _stem(function: Mapping[str, Any]) -> str:
    name = str((function.get("metadata") or {}).get("name") or "handler")
    return "".join(letter if letter.isalnum() else "_" for letter in name)
