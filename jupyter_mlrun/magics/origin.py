"""Where a run comes from: notebook, cell, kernel, interpreter, user."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.notebook import find_notebook
from jupyter_mlrun.owner import user_name


@dataclass
class CurrentCell:
    """The cell that runs now, as IPython tells before it runs."""

    source: str = ""
    cell_id: str | None = None

    def remember(self, info: Any) -> None:
        """IPython's ``pre_run_cell``."""
        self.source = getattr(info, "raw_cell", "") or ""
        self.cell_id = getattr(info, "cell_id", None)


def name_notebook(path: str, env: Mapping[str, str] | None = None) -> str:
    """The notebook as the browser names it: relative to Jupyter's folder where it lies below."""
    env = os.environ if env is None else env
    root = env.get("JUPYTER_MLRUN_ROOT")
    if not path or not root or not os.path.isabs(path):
        return path
    try:
        return Path(path).resolve().relative_to(Path(root).resolve()).as_posix()
    except ValueError:
        return path


def find_folder(notebook: str) -> str:
    """The notebook's folder, else the kernel's."""
    folder = os.path.dirname(notebook) if os.path.isabs(notebook) else ""
    return folder if folder and os.path.isdir(folder) else os.getcwd()


def find_workdir(asked: str | None, home: str) -> str:
    """The folder of ``--workdir`` seen from the notebook's; that one where none is asked for."""
    if not asked:
        return home
    folder = os.path.abspath(os.path.join(home, os.path.expanduser(asked)))
    if not os.path.isdir(folder):
        raise MLRunInvalidArgumentError(f"--workdir {asked}: there is no folder {folder}")
    return folder


def find_kernel_id(shell: Any) -> str:
    """The kernel's id in the Jupyter server; empty outside a kernel."""
    kernel = getattr(shell, "kernel", None)
    parent = getattr(kernel, "parent", None)
    name = os.path.basename(str(getattr(parent, "connection_file", "") or ""))
    return name.removeprefix("kernel-").removesuffix(".json")


def find_number(shell: Any) -> int:
    """The execution count of the cell that runs now, by the file name of its code.

    Whether ``shell.execution_count`` is already the next cell's depends on IPython's version.
    """
    numbers = getattr(shell.compile, "_filename_map", {})
    frame = sys._getframe()
    while frame is not None:
        if frame.f_code.co_filename in numbers and frame.f_globals is shell.user_ns:
            return int(numbers[frame.f_code.co_filename])
        frame = frame.f_back  # type: ignore[assignment]
    return int(shell.execution_count)


def first_line(source: str, body: str) -> int:
    """The line above the body in the text of its cell: the magic's, or its last continuation."""
    # IPython ends a body with a line break that the cell may not have
    at = source.rfind(body.rstrip("\n")) if body.strip() else -1
    if at > 0:
        return source[:at].count("\n")
    for number, line in enumerate(source.splitlines(), 1):
        if line.strip().startswith("%%mlrun"):
            return number
    return 1


def build_origin(
    shell: Any, cell: CurrentCell, line: str, body: str, folder: str, packages: Mapping[str, str]
) -> dict[str, Any]:
    """All that a run records of where it comes from."""
    notebook = find_notebook(shell.user_ns)
    return {
        "notebook": name_notebook(notebook),
        "cell_id": cell.cell_id,
        "execution_count": find_number(shell),
        "cell_source": cell.source,
        "cell_hash": hashlib.sha1(cell.source.encode("utf-8", "replace")).hexdigest(),
        "kernel_id": find_kernel_id(shell),
        "user": user_name(),
        "python": platform.python_version(),
        "executable": sys.executable,
        "platform": platform.platform(),
        "packages": dict(sorted(packages.items())),
        "line_offset": first_line(cell.source, body) - 1,
        "workdir": folder,
        "command_line": line,
    }
