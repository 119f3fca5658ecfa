"""What an engine needs on this machine, and the sentence with the line that installs it."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Mapping

from jupyter_mlrun.errors import MLRunBadRequestError

_MISSING_KEPT = 3.0
_seen: dict[tuple[str, str], tuple[bool, float]] = {}


def find_program(name: str, interpreter: str, environment: Mapping[str, str]) -> str:
    """The path of a program, beside the run's Python or on its PATH; empty where it is missing.

    Packages install their programs beside Python, so that these belong to its libraries.
    """
    beside = os.path.dirname(os.path.abspath(interpreter))
    path = os.pathsep.join([beside, environment.get("PATH") or os.defpath])
    return shutil.which(name, path=path) or ""


def has_module(name: str, interpreter: str, environment: Mapping[str, str]) -> bool:
    """Whether a Python can import a module; asked of that Python itself, and remembered."""
    key = interpreter, name
    found, until = _seen.get(key, (False, 0.0))
    if time.monotonic() < until:
        return found
    code = f"import importlib.util as u, sys; sys.exit(u.find_spec({name!r}) is None)"
    try:
        done = subprocess.run(
            [interpreter, "-c", code], env=dict(environment), capture_output=True, timeout=60
        )
        found = done.returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        found = False
    # what was installed stays; what is missing may be installed the next moment
    _seen[key] = found, time.monotonic() + (3600.0 if found else _MISSING_KEPT)
    return found


def require_module(
    kind: str, name: str, extra: str, interpreter: str, environment: Mapping[str, str]
) -> None:
    """Nothing, where a Python has what a kind needs; else refused with the line that installs."""
    if not has_module(name, interpreter, environment):
        raise MLRunBadRequestError(
            f"Kind '{kind}' needs {name}, which {interpreter} does not have: type "
            f"{interpreter} -m pip install 'jupyter-mlrun[{extra}]' and run it again"
        )
