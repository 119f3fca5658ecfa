"""``@mlrun.handler``: inputs and outputs of a function told at its definition, as MLRun has it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .errors import MLRunInvalidArgumentError


def handler(
    labels: Mapping[str, str] | None = None,
    outputs: Sequence[Any] | None = None,
    inputs: bool | Mapping[str, Any] = True,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A function whose DataItems become what its hints ask for, and whose values are logged.

    That is so within a run; called by hand, the function is itself. ``outputs`` are log hints, one
    a value (``None`` leaves one away); ``inputs`` are types by name, or whether hints are followed.
    """
    if callable(labels):
        raise MLRunInvalidArgumentError(
            "@mlrun.handler takes arguments: write @mlrun.handler(outputs=[…])"
        )

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            from .context import Context, current

            context = next((a for a in (*args, *kwargs.values()) if isinstance(a, Context)), None)
            context = context or current()
            if context is None:
                return function(*args, **kwargs)
            for key, value in (labels or {}).items():
                context.set_label(key, value)
            given = _unpacked(function, context, args, kwargs, inputs) if inputs else (args, kwargs)
            value = function(*given[0], **given[1])
            if not outputs:
                return value
            _log(context, value, outputs)
            return None

        return call

    return decorate


def _log(context: Any, value: Any, outputs: Sequence[Any]) -> None:
    from .returns import log_returned

    if type(value) is not tuple and len(outputs) > 1:
        # a list is one value here, as for MLRun
        value = (value,)
    log_returned(context, value, outputs)


def _unpacked(
    function: Callable[..., Any], context: Any, args: Any, kwargs: Any, inputs: Any
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    import inspect

    from .binding import type_hints
    from .datastore.item import DataItem
    from .packagers.values import manager_of

    hints = type_hints(function) | dict(inputs if isinstance(inputs, Mapping) else {})
    names = list(inspect.signature(function).parameters)

    def unpack(name: str, value: Any) -> Any:
        if name not in hints or not isinstance(value, DataItem):
            return value
        return manager_of(context).unpack(value, hints[name])

    positional = tuple(
        unpack(names[place], value) if place < len(names) else value
        for place, value in enumerate(args)
    )
    return positional, {name: unpack(name, value) for name, value in kwargs.items()}
