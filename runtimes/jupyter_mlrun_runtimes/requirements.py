"""What a run has to install before it begins: the requirements of a function without an image."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_mlrun.errors import MLRunBadRequestError

from .contract import Task

WANTED, FOLDER = "JUPYTER_MLRUN_REQUIREMENTS", "JUPYTER_MLRUN_ENVIRONMENTS"
# whose command is the run's own process
KINDS = ("local", "job", "mpijob")


def is_built(function: Mapping[str, Any]) -> bool:
    """Whether the function has an image of its own beside the one that it was built on."""
    spec = function.get("spec") or {}
    image, base = spec.get("image"), (spec.get("build") or {}).get("base_image")
    return bool(image and base and image != base)


def variables(task: Task, kind: str, in_image: bool = False) -> dict[str, str]:
    """The variables that have a run install what its function wants; empty for nothing.

    ``in_image`` is a run in the function's image, which has them where it was built.
    """
    build = (task.function.get("spec") or {}).get("build") or {}
    wanted = build.get("requirements") or []
    if task.environments is None or kind not in KINDS or not isinstance(wanted, list):
        return {}
    if not wanted or (in_image and is_built(task.function)):
        return {}
    for line in wanted:
        if not isinstance(line, str) or "\n" in line:
            raise MLRunBadRequestError(
                f"function.spec.build.requirements has {line!r:.80}: give one package each"
            )
    return {WANTED: "\n".join(wanted), FOLDER: task.environments}


def require_built(function: Mapping[str, Any]) -> None:
    """Nothing, where a function can run in its image as it is; else the way to build it."""
    build = (function.get("spec") or {}).get("build") or {}
    source = build.get("source") and not build.get("load_source_on_run")
    if is_built(function) or not build.get("base_image") or not (build.get("commands") or source):
        return
    what = "commands" if build.get("commands") else "source"
    raise MLRunBadRequestError(
        f"Function image is not built/ready: the build of '{function['metadata'].get('name')}' has "
        f"{what}, which need an image. Call function.deploy() first, or run with auto_build=True"
    )
