"""``%mlrun export``: the file of the notebook that asks, and what it has not saved."""

from __future__ import annotations

import os
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.export.notebook import describe_outcome, export_notebook, read_notebook
from jupyter_mlrun.magics import origin
from jupyter_mlrun.notebook import find_notebook


def export_from_kernel(shell: Any, path: str, force: bool = False, dry: bool = False) -> None:
    """Export the notebook's file and name executed cells that the file does not hold."""
    own = find_notebook(shell.user_ns)
    if not path and not own:
        raise MLRunInvalidArgumentError(
            "This kernel does not know its notebook: name it, %mlrun export analysis.ipynb"
        )
    folder = origin.find_folder(own)
    target = os.path.join(folder, os.path.expanduser(path)) if path else own
    answer = export_notebook(target, force=force, dry_run=dry)
    for text in answer["warnings"]:
        print(f"mlrun: {text}")
    if os.path.abspath(target) == os.path.abspath(own):
        _name_unsaved(shell, target)
    for line in describe_outcome(answer, force, dry):
        print(line)


def _name_unsaved(shell: Any, path: str) -> None:
    """Say which executed cells are not in the file as they ran."""
    saved = {
        _plain("".join(cell["source"]))
        for cell in read_notebook(path)["cells"]
        if cell.get("cell_type") == "code"
    }
    raw = list(getattr(shell.history_manager, "input_hist_raw", []))
    current = origin.find_number(shell)
    missing = [
        f"[{number}]"
        for number, text in enumerate(raw)
        if text.strip() and _plain(text) not in saved and number != current
    ]
    if missing:
        print(
            f"mlrun: executed cells that differ from the saved file: {', '.join(missing)}. "
            "Save the notebook and export again to take them in"
        )


def _plain(text: str) -> str:
    return text.strip()
