"""Methods of one object replaced by others that log; what is pickled has its own again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError

ATTRIBUTE = "_mlrun_interface"


class Own:
    """A method of an object's class, called whenever it is called."""

    def __init__(self, obj: Any, name: str) -> None:
        self._obj, self._name = obj, name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return getattr(type(self._obj), self._name).__get__(self._obj)(*args, **kwargs)


class Replaced:
    """What is called instead of a method; pickled, it is the object's own method."""

    def __init__(self, obj: Any, name: str, call: Callable[..., Any]) -> None:
        self._obj, self._name, self._call = obj, name, call
        self.__doc__ = getattr(getattr(type(obj), name, None), "__doc__", None)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._call(*args, **kwargs)

    def __reduce__(self) -> tuple[Any, ...]:
        return Own, (self._obj, self._name)


class Interface:
    """The methods that an object has instead of its own, and its own beside them."""

    def __init__(self, obj: Any, methods: Mapping[str, Callable[..., Any]]) -> None:
        self._obj = obj
        self._methods = dict(methods)
        self._hidden: dict[str, Any] = {}

    def apply(self) -> None:
        """Replace the methods, from now on."""
        state = vars(self._obj)
        for name, call in self._methods.items():
            if name in state and not isinstance(state[name], (Own, Replaced)):
                self._hidden[name] = state[name]
            object.__setattr__(self._obj, name, Replaced(self._obj, name, call))

    def remove(self) -> None:
        """Give the object its own methods back."""
        for name in self._methods:
            if isinstance(vars(self._obj).get(name), Replaced):
                object.__delattr__(self._obj, name)
            if name in self._hidden:
                object.__setattr__(self._obj, name, self._hidden.pop(name))

    @contextmanager
    def removed(self) -> Iterator[None]:
        """The object as it is by itself, in the block."""
        was = any(isinstance(vars(self._obj).get(name), Replaced) for name in self._methods)
        self.remove()
        try:
            yield
        finally:
            if was:
                self.apply()


def need(model: Any, module: str, framework: str) -> None:
    """Nothing, where the model's class or one above it is of a module."""
    owners = {kind.__module__.partition(".")[0] for kind in type(model).__mro__}
    if module not in owners:
        raise MLRunInvalidArgumentError(
            f"This is no model of {framework}: its class is "
            f"{type(model).__module__}.{type(model).__qualname__}"
        )
