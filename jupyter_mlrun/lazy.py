"""Modules that only name what lies elsewhere, imported when it is first asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
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
        if name not in places:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        from importlib import import_module

        place, mark, other = places[name].partition(":")
        found = import_module(f".{place}", PACKAGE)
        value = found if mark and not other else getattr(found, other or name)
        setattr(sys.modules[module], name, value)
        return value

    def names() -> list[str]:
        return sorted({*vars(sys.modules[module]), *places})

    return find, names
