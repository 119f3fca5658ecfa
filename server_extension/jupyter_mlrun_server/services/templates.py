"""Templates of users: rendered by Jinja's sandbox, in a process with little time and memory.

The sandbox keeps a template from Python's insides, the process from everything that is merely
expensive.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.model.document import dumps

SECONDS = 10
PROGRAM = Path(__file__).with_name("template_process.py")


def render(template: str, values: Mapping[str, Any]) -> str:
    """The template's text; one that fails or takes too long is refused with a sentence."""
    (text,) = render_all([template], values)
    return text


def render_all(templates: Sequence[str], values: Mapping[str, Any]) -> list[str]:
    """The text of each, all by one process with one limit of time and memory."""
    if not templates:
        return []
    task = dumps({"templates": list(templates), "values": dict(values)})
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(PROGRAM)],
            input=task.encode(), capture_output=True, timeout=SECONDS, check=False, env={},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise MLRunInvalidArgumentError(f"The template takes longer than {SECONDS} s") from None
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        raise MLRunInvalidArgumentError("The template needs too much time or memory") from None
    if "error" in answer:
        raise MLRunInvalidArgumentError(f"The template cannot be rendered: {answer['error']}")
    return [str(text) for text in answer["texts"]]


def holds(condition: str, values: Mapping[str, Any]) -> bool:
    """Whether a condition's text is true; an empty one always is."""
    if not condition.strip():
        return True
    text = condition if "{" in condition else f"{{{{ {condition} }}}}"
    return render(text, values).strip().lower() not in ("", "false", "0", "none", "no")
