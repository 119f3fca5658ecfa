"""Which notebook this code runs in, found without asking any server."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .errors import MLRunNotFoundError

PAPERMILL = ("PAPERMILL_OUTPUT_PATH", "PAPERMILL_INPUT_PATH")
OVERRIDE = "JUPYTER_NOTEBOOK_FILE_NAME"


def find_notebook(space: Mapping[str, Any], env: Mapping[str, str] | None = None) -> str:
    """The notebook's path: of Jupyter, VS Code or papermill; empty where none tells."""
    env = os.environ if env is None else env
    if env.get(OVERRIDE):
        return env[OVERRIDE]
    for name in PAPERMILL:
        path = space.get(name)
        if isinstance(path, str):
            return os.path.abspath(path)
    if env.get("JPY_SESSION_NAME"):
        return env["JPY_SESSION_NAME"]
    code = space.get("__vsc_ipynb_file__")
    return code if isinstance(code, str) else ""


def current_notebook() -> Path:
    """The file of the notebook that this code runs in; raises MLRunNotFoundError."""
    path = find_notebook(_names())
    if not path:
        raise MLRunNotFoundError(
            "No notebook is known here: say which file, filename='work.ipynb', or set "
            f"{OVERRIDE}=PATH before the kernel starts"
        )
    tried = [Path(path), Path(os.environ.get("JUPYTER_MLRUN_ROOT", "")) / path]
    for each in tried:
        if each.is_file():
            return each
    raise MLRunNotFoundError(
        f"The notebook {path} is not there any more: save it, or say where it is, filename='…'"
    )


def _names() -> Mapping[str, Any]:
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return shell.user_ns if shell is not None else vars(sys.modules["__main__"])
