"""Modules that only name what lies elsewhere, imported when it is first asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

PACKAGE = __name__.rpartition(".")[0]


def attributes(
    module: str, places: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """``__getattr__`` and ``__dir__`` of a module whose names lie where ``places`` says.

    A place is a module of this package; ``module:name`` where the name is another one there, and
    ``module:`` for the module itself.
    """

    def find(name: str) -> Any:
        from importlib import import_module

        if name not in places:
            if _is_module(f"{module}.{name}"):
                return import_module(f"{module}.{name}")
            raise NoSuchNameError(module, name, places)
        place, mark, other = places[name].partition(":")
        found = import_module(f".{place}", PACKAGE)
        value = found
        for part in (other or ("" if mark else name)).split("."):
            value = getattr(value, part) if part else value
        setattr(sys.modules[module], name, value)
        return value

    def names() -> list[str]:
        return sorted({*vars(sys.modules[module]), *places})

    return find, names


def _is_module(name: str) -> bool:
    """Whether a name is a module that nothing has imported yet: MLRun's are all imported."""
    from importlib.util import find_spec

    if name.rpartition(".")[2].startswith("_"):
        return False
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # of a module without others below it, or one that comes later
        return False


class NoSuchNameError(AttributeError):
    """A module does not have a name: says the nearest one, or that it comes later.

    What it says is found when it is asked for: Python itself looks for names that are modules yet
    to be imported.
    """

    def __init__(self, module: str, name: str, known: Iterable[str]) -> None:
        super().__init__(f"module {module!r} has no attribute {name!r}", name=name)
        self._module, self._known = module, tuple(known)
        self._part = f"{module}.{name}".removeprefix(f"{PACKAGE}.")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._module, self.name, self._known)

    def __str__(self) -> str:
        from .addresses import LATER, refusal
        from .names import near

        if self._part in LATER:
            return refusal(self._part)
        nearest = near(str(self.name), self._known)
        return f"{self.args[0]}{'.' if nearest else ''}{nearest}"

    def _render_traceback_(self) -> list[str]:
        """What IPython shows: the user's own line and the sentence."""
        from .errors import in_brief

        return in_brief(self)
