"""What later versions of MLRun dropped, for scripts that still say it; each with a warning."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

from .load import import_function, new_function


def run_local(
    task: Any = None,
    command: str = "",
    name: str = "",
    args: list[Any] | None = None,
    workdir: str | None = None,
    project: str = "",
    tag: str = "",
    secrets: Any = None,
    handler: Any = None,
    params: Mapping[str, Any] | None = None,
    inputs: Mapping[str, Any] | None = None,
    artifact_path: str = "",
    mode: str | None = None,
    allow_empty_resources: bool | None = None,
    notifications: list[Any] | None = None,
    returns: list[Any] | None = None,
) -> Any:
    """Run a script or a handler in this process; ``function.run(local=True)`` does it now."""
    warnings.warn(
        "run_local() was removed from MLRun: write new_function(…).run(local=True)",
        FutureWarning,
        stacklevel=2,
    )
    if command.endswith((".yaml", ".yml", ".ipynb")) or "://" in command:
        function = import_function(command, secrets)
    else:
        function = new_function(name, project, tag, command=command, args=args, mode=mode)
    return function.run(
        task, handler=handler, name=name, project=project, params=params, inputs=inputs,
        workdir=workdir or "", output_path=artifact_path, notifications=notifications,
        returns=returns, local=True,
    )  # fmt: skip
