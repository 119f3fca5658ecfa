"""The code of a function as a module of this process, to try and to test it."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from jupyter_mlrun import scratch, session
from jupyter_mlrun.errors import MLRunInvalidArgumentError

from .code import read_source
from .function import Function
from .load import import_function_to_dict, new_function


def function_to_module(
    code: Any = "",
    workdir: str | None = None,
    secrets: Mapping[str, str] | None = None,
    silent: bool = False,
) -> ModuleType | None:
    """The module of a .py file, a notebook, a function's YAML or a function.

    ``silent``: nothing instead of an error where there is no code.
    """
    source, name, path = _find(code, workdir, secrets)
    if not source:
        if silent:
            return None
        raise MLRunInvalidArgumentError("nothing to run, specify command or function")
    if path is None:
        folder = Path(scratch.folder())
        path = folder / f"{name}.py"
        path.write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _find(
    code: Any, workdir: str | None, secrets: Mapping[str, str] | None
) -> tuple[str, str, Path | None]:
    """The source, the module's name, and the file where it is one already."""
    if hasattr(code, "to_dict"):
        function = code if isinstance(code, Function) else new_function(runtime=code.to_dict())
        return _of_function(function, workdir)
    address = str(code or "")
    if not address:
        return "", "", None
    if address.endswith((".yaml", ".yml", ".json")):
        function = new_function(runtime=import_function_to_dict(_below(address, workdir), secrets))
        return _of_function(function, workdir)
    if "://" in address and address.endswith(".py"):
        return session.get_object(address, secrets).decode(), Path(address).stem, None
    path = Path(_below(address, workdir))
    if path.suffix not in (".py", ".ipynb"):
        raise MLRunInvalidArgumentError(
            f"unsupported suffix: {path.suffix or repr(address)}: name a .py file, a notebook or a "
            "function's YAML"
        )
    return read_source(path), path.stem, path if path.suffix == ".py" else None


def _of_function(function: Function, workdir: str | None) -> tuple[str, str, Path | None]:
    name = function.name.replace("-", "_") or "function"
    if function.code:
        return function.code, name, None
    command = str(function.spec.get("command") or "").partition(" ")[0]
    if not command:
        return "", name, None
    path = Path(_below(command, workdir))
    return read_source(path), path.stem, path


def _below(path: str, workdir: str | None) -> str:
    return path if "://" in path or not workdir else str(Path(workdir) / path)
