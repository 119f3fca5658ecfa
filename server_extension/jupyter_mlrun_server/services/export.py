"""Export of a notebook as a function, asked of a process of its own: no notebook is read here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from jupyter_mlrun.errors import (
    MLRunAccessDeniedError,
    MLRunInternalServerError,
    MLRunInvalidArgumentError,
    from_status,
)

LONGEST = 60


def export(root: Path, asked: dict[str, Any]) -> dict[str, Any]:
    """What was written, or would be, with paths relative to the Jupyter root."""
    path = asked.get("path")
    if not isinstance(path, str) or not path.endswith(".ipynb") or "\0" in path:
        raise MLRunInvalidArgumentError("Which notebook? Give its path, ending in .ipynb")
    target = (root / path.lstrip("/")).resolve()
    if not target.is_relative_to(root):
        raise MLRunAccessDeniedError(f"{path} is not below the Jupyter root")
    notebook = asked.get("notebook")
    if notebook is not None and not isinstance(notebook, dict):
        raise MLRunInvalidArgumentError("'notebook' must be a notebook as JSON, or null")
    answer = _ask({**asked, "path": str(target)})
    if "error" in answer:
        raise from_status(int(answer.get("status") or 400), str(answer["error"]))
    return {key: _relative(value, root) for key, value in answer.items()}


def _ask(asked: dict[str, Any]) -> dict[str, Any]:
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "jupyter_mlrun.export"],
            input=json.dumps(asked).encode(),
            capture_output=True,
            timeout=LONGEST,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise MLRunInvalidArgumentError(
            f"The export of {asked['path']} took longer than {LONGEST} s and was ended"
        ) from None
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise MLRunInternalServerError(
            f"The export failed: {said[-1] if said else f'exit code {done.returncode}'}"
        ) from None
    return answer


def _relative(value: Any, root: Path) -> Any:
    if isinstance(value, dict) and isinstance(value.get("path"), str):
        path = Path(value["path"])
        if path.is_relative_to(root):
            return {**value, "path": path.relative_to(root).as_posix()}
    return value
