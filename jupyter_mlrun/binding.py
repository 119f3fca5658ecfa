"""What a function is called with: MLRun's rules for context, parameters and inputs."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .datastore.item import DataItem
from .errors import MLRunBadRequestError, MLRunBaseError
from .packagers.values import can_unpack, is_set, unpack

if TYPE_CHECKING:
    from .context import Context

_CONTEXT_TYPES = ("MLClientCtx", "Context")
_EMPTY = inspect.Parameter.empty


def bind_handler(handler: Callable[..., Any], context: Context) -> dict[str, Any]:
    """The arguments of a function: the context by name or type, parameters, inputs by type."""
    signature = inspect.signature(handler)
    hints = type_hints(handler)
    parameters, inputs, context_hints = context.parameters, *split_hints(context)
    arguments: dict[str, Any] = {}
    rest = ""
    for name, parameter in signature.parameters.items():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            rest = name
        elif parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            continue
        elif _wants_context(name, hints.get(name)):
            arguments[name] = context
        elif name in context.given:
            arguments[name] = context.given[name]
        elif name in parameters:
            arguments[name] = parameters[name]
        elif name in inputs:
            item = context.get_input(inputs[name])
            wanted = context_hints.get(name) or hints.get(name, _EMPTY)
            arguments[name] = _input_for(item, name, wanted, parameter.default, context)
        elif parameter.default is _EMPTY:
            raise TypeError(f"{handler.__name__}() needs '{name}': {_way_to_give(name, context)}")
    if rest:
        for name, value in parameters.items():
            arguments.setdefault(name, value)
        for name, given in inputs.items():
            if name not in arguments:
                item = context.get_input(given)
                wanted = context_hints.get(name, _EMPTY)
                arguments[name] = _input_for(item, name, wanted, None, context)
    _refuse_positional(handler, signature, arguments)
    return arguments


def _way_to_give(name: str, context: Context) -> str:
    """How the one who sent the run can give an argument: on the line of a cell, or in Python."""
    if (context.to_dict()["spec"].get("origin") or {}).get("command_line"):
        return f"give it by -p {name}=VALUE or -i {name}=ADDRESS"
    return f"give it by params={{'{name}': …}}, or by inputs={{'{name}': 'ADDRESS'}}"


def _refuse_positional(
    handler: Callable[..., Any], signature: inspect.Signature, arguments: dict[str, Any]
) -> None:
    only = inspect.Parameter.POSITIONAL_ONLY
    names = [n for n, p in signature.parameters.items() if p.kind is only and n in arguments]
    if names:
        raise TypeError(
            f"{handler.__name__}() takes {', '.join(names)} by place alone, and a run gives "
            "arguments by name: leave out the / among its parameters"
        )


def split_hints(context: Context) -> tuple[dict[str, str], dict[str, Any]]:
    """The inputs' names with the keys that they are given by, and the types that keys ask for.

    A key may say its type: ``"frame : pandas.DataFrame"``.
    """
    names: dict[str, str] = {}
    hints: dict[str, Any] = {}
    for key in context.inputs:
        name, colon, hint = key.partition(":")
        names[name.strip()] = key
        if colon:
            hints[name.strip()] = hint.strip()
    return names, {**hints, **(context.inputs_type_hints or {})}


def type_hints(handler: Callable[..., Any]) -> dict[str, Any]:
    """The types that a function's parameters ask for, by name."""
    try:
        return typing.get_type_hints(handler)
    except Exception:
        # hints are code of the user's, and may name what only a type checker sees
        return dict(getattr(handler, "__annotations__", {}))


def _wants_context(name: str, hint: Any) -> bool:
    kind = hint if isinstance(hint, str) else getattr(hint, "__name__", "")
    return name == "context" or kind.strip("'\"").rpartition(".")[2] in _CONTEXT_TYPES


def _input_for(item: Any, name: str, hint: Any, default: Any, context: Context) -> Any:
    if hint is _EMPTY:
        is_data = isinstance(item, DataItem)
        if is_data and isinstance(default, str):
            return item.local()
        if is_data and is_set("AUTO_UNPACK_INPUTS") and can_unpack(item, "", context):
            return unpack(item, context=context)
        return item
    if not isinstance(item, (DataItem, dict, list)):
        return item
    from .packagers.type_hints import choices, name_of
    from .packagers.values import manager_of

    try:
        return manager_of(context).unpack(item, hint)
    except (MLRunBaseError, ValueError, TypeError, OSError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        wanted = " or ".join(name_of(choice) for choice in choices(hint))
        address = getattr(item, "artifact_url", type(item).__name__)
        raise MLRunBadRequestError(
            f"The input '{name}' ({address}) cannot be read as {wanted}, {error}: "
            "take it as mlrun.DataItem and read it yourself"
        ) from error
