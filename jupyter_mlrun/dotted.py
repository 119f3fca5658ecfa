"""Classes and functions by their dotted names, ``package.module.name``."""

from __future__ import annotations

from importlib import import_module, reload
from typing import Any

from .errors import MLRunInvalidArgumentError
from .names import near


def create_class(pkg_class: str) -> Any:
    """The class of a dotted name, like ``sklearn.linear_model.LogisticRegression``."""
    return _find(pkg_class, "class")


def create_function(pkg_func: str, reload_modules: bool = False) -> Any:
    """The function of a dotted name; ``reload_modules`` reads its module anew."""
    return _find(pkg_func, "function", reload_modules)


def _find(dotted: str, noun: str, is_fresh: bool = False) -> Any:
    module_name, dot, name = dotted.rpartition(".")
    if not dot:
        raise MLRunInvalidArgumentError(
            f"'{dotted}' names no {noun}: write it with its module, like package.module.{dotted}"
        )
    module = import_module(module_name)
    if is_fresh:
        module = reload(module)
    if not hasattr(module, name):
        raise AttributeError(
            f"The module '{module_name}' has no {noun} '{name}'.{near(name, dir(module))}"
        )
    return getattr(module, name)
