"""What a cell's body is called with. Every run of a cell waits for these imports: there are few."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .context import Context


def bind_body(handler: Callable[..., Any], context: Context) -> dict[str, Any]:
    """The arguments of a cell's body: parameters as they are, inputs as the values they were."""
    code = handler.__code__
    known = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    arguments: dict[str, Any] = {"context": context} if "context" in known else {}
    arguments |= {name: value for name, value in context.given.items() if name in known}
    for name, value in context.parameters.items():
        if name in known:
            arguments[name] = value
        else:
            context.logger.warning(f"the parameter '{name}' is not used: the cell does not name it")
    for name in context.inputs:
        if name in known:
            arguments[name] = unpack_input(context.get_input(name), context)
    return arguments


def unpack_input(item: Any, context: Context) -> Any:
    """The value of an input that may be unpacked here; any other input as it is."""
    if isinstance(item, Mapping):
        return {name: unpack_input(below, context) for name, below in item.items()}
    if isinstance(item, list):
        return [unpack_input(below, context) for below in item]
    from .artifacts.results import from_result
    from .datastore.resolve import RESULT_TYPE

    if item.kind == "data" and item.stat().content_type == RESULT_TYPE:
        return from_result(json.loads(item.get()))
    from .packagers.values import can_unpack, unpack

    if not can_unpack(item, context.project, context):
        return item
    return unpack(item, context=context)
