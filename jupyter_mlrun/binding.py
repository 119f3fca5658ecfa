"""What a function is called with: MLRun's rules for context, parameters and inputs."""

from __future__ import annotations

import inspect
import json
import types
import typing
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .artifacts import registry
from .datastore.item import DataItem
from .errors import MLRunBadRequestError

if TYPE_CHECKING:
    from .context import Context

_CONTEXT_TYPES = ("MLClientCtx", "Context")
_EMPTY = inspect.Parameter.empty


def bind_handler(handler: Callable[..., Any], context: Context) -> dict[str, Any]:
    """The arguments of a function: the context by name or type, parameters, inputs by type."""
    signature = inspect.signature(handler)
    hints = _type_hints(handler)
    parameters, inputs = context.parameters, context.inputs
    arguments: dict[str, Any] = {}
    rest = ""
    for name, parameter in signature.parameters.items():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            rest = name
        elif parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            continue
        elif _wants_context(name, hints.get(name)):
            arguments[name] = context
        elif name in parameters:
            arguments[name] = parameters[name]
        elif name in inputs:
            item = context.get_input(name)
            wanted = hints.get(name, _EMPTY), parameter.default
            arguments[name] = _input_for(item, name, *wanted, context.project)
        elif parameter.default is _EMPTY:
            raise TypeError(
                f"{handler.__name__}() needs '{name}': give it by -p {name}=VALUE "
                f"or -i {name}=ADDRESS"
            )
    if rest:
        for name, value in parameters.items():
            arguments.setdefault(name, value)
        for name in inputs:
            if name not in arguments:
                arguments[name] = context.get_input(name)
    return arguments


def _type_hints(handler: Callable[..., Any]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(handler)
    except Exception:
        # hints are code of the user's, and may name what only a type checker sees
        return dict(getattr(handler, "__annotations__", {}))


def _wants_context(name: str, hint: Any) -> bool:
    kind = hint if isinstance(hint, str) else getattr(hint, "__name__", "")
    return name == "context" or kind.strip("'\"").rpartition(".")[2] in _CONTEXT_TYPES


def _input_for(item: Any, name: str, hint: Any, default: Any, project: str) -> Any:
    if not isinstance(item, DataItem):
        return item
    if hint is _EMPTY:
        return item.local() if isinstance(default, str) else item
    choices = _choices(hint)
    cause: Exception | None = None
    for choice in choices:
        try:
            found, value = _convert(item, choice, project)
        except (ValueError, TypeError) as error:
            cause = error
            continue
        if found:
            return value
    wanted, owner = " or ".join(_name(choice) for choice in choices), registry.owner_of(item)
    is_foreign = owner not in ("", project)
    why = f", {cause}" if cause else ""
    why += f" (a run of {project} unpickles nothing of project {owner})" if is_foreign else ""
    raise MLRunBadRequestError(
        f"The input '{name}' ({item.artifact_url}) cannot be read as {wanted}{why}: "
        "take it as mlrun.DataItem and read it yourself"
    ) from cause


def _choices(hint: Any) -> list[Any]:
    origin = typing.get_origin(hint)
    if origin is typing.Annotated:
        return _choices(typing.get_args(hint)[0])
    if origin is typing.Union or origin is types.UnionType:
        return [c for part in typing.get_args(hint) for c in _choices(part) if c is not type(None)]
    return [origin or hint]


def _name(kind: Any) -> str:
    return kind if isinstance(kind, str) else getattr(kind, "__name__", str(kind))


def _convert(item: DataItem, hint: Any, project: str) -> tuple[bool, Any]:
    """Whether the data can be had as the type, and it."""
    kind = _name(hint).rpartition(".")[2]
    if kind in ("DataItem", "Any", "object"):
        return True, item
    if registry.can_unpack(item, project):
        value = registry.unpack(item)
        if kind in {base.__name__ for base in type(value).__mro__}:
            return True, value
    reader = _READERS.get(kind)
    return (True, reader(item)) if reader else (False, None)


def _path(item: DataItem) -> Any:
    from pathlib import Path

    return Path(item.local())


def _array(item: DataItem) -> Any:
    import numpy as np

    return np.load(item.local()) if item.suffix in (".npy", ".npz") else np.loadtxt(item.local())


_READERS: dict[str, Callable[[DataItem], Any]] = {
    "DataFrame": lambda item: item.as_df(),
    "Series": lambda item: item.as_df().iloc[:, 0],
    "Path": _path,
    "bytearray": lambda item: bytearray(item.get()),
    "bytes": lambda item: item.get(),
    "dict": lambda item: dict(json.loads(item.get())),
    "float": lambda item: float(json.loads(item.get())),
    "int": lambda item: int(json.loads(item.get())),
    "list": lambda item: list(json.loads(item.get())),
    "ndarray": _array,
    "set": lambda item: set(json.loads(item.get())),
    "str": lambda item: item.local(),
    "tuple": lambda item: tuple(json.loads(item.get())),
}
