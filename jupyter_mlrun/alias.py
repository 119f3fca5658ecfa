"""``import mlrun`` inside a run, where MLRun's own package is not installed: it finds this one.

The finder stands last, so that whatever else is called ``mlrun`` is found first, and it answers
for nothing below a package that is not its own. ``JUPYTER_MLRUN_IMPORT_ALIAS=0`` keeps it out.
"""

from __future__ import annotations

import os
import sys
from types import ModuleType
from typing import Any

NAME, OURS = "mlrun", "jupyter_mlrun"
SWITCH = "JUPYTER_MLRUN_IMPORT_ALIAS"
# what is loaded already, so that a run need not import importlib.machinery
_Spec: Any = type(__spec__)


class Alias(ModuleType):
    """A module that is another one under a second name."""

    def __init__(self, name: str, other: ModuleType) -> None:
        super().__init__(name, other.__doc__)
        self.__dict__["_other"] = other
        if hasattr(other, "__path__"):
            # empty: nothing below it may be loaded a second time under this name
            self.__path__: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__version__":
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return getattr(self.__dict__["_other"], name)

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("__") and not isinstance(value, Alias):
            setattr(self.__dict__["_other"], name, value)
        else:
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return dir(self.__dict__["_other"])

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        # what code sends to workers of Spark or Dask may name it
        return found, (self.__name__,)


class Finder:
    """Finds ``mlrun`` and what is below it, where that is this package."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """How the module is loaded; None where it is none of ours."""
        if name != NAME:
            root = sys.modules.get(NAME)
            if not name.startswith(f"{NAME}.") or not isinstance(root, Alias):
                return None
        try:
            other = _import(OURS + name.removeprefix(NAME))
        except ModuleNotFoundError as error:
            if not (error.name or "").startswith(OURS):
                raise
            return None
        return _Spec(name, Loader(other), is_package=hasattr(other, "__path__"))


class Loader:
    """Gives a module its second name."""

    def __init__(self, other: ModuleType) -> None:
        self.other = other

    def create_module(self, spec: Any) -> ModuleType:
        """The second name."""
        return Alias(spec.name, self.other)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing: the module has been executed under its first name."""


def _import(name: str) -> ModuleType:
    __import__(name)
    return sys.modules[name]


def found(name: str) -> ModuleType:
    """The module of a second name, in a process that knows none so far."""
    install()
    try:
        return _import(name)
    except ModuleNotFoundError:
        return _import(OURS + name.removeprefix(NAME))


def install() -> None:
    """Have ``import mlrun`` find this package where nothing else is called so; once."""
    if os.environ.get(SWITCH, "1").lower() in ("0", "false", "no", "off"):
        return
    if not any(isinstance(each, Finder) for each in sys.meta_path):
        sys.meta_path.append(Finder())


def uninstall() -> None:
    """Take it away again, with the modules of the second name."""
    sys.meta_path[:] = [each for each in sys.meta_path if not isinstance(each, Finder)]
    for name in [n for n, module in sys.modules.items() if isinstance(module, Alias)]:
        del sys.modules[name]
