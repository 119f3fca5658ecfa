"""What a run has to install before it begins: the requirements of a function without an image."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from jupyter_mlrun.errors import MLRunBadRequestError

from .build.plan import MLRUN_IMAGES
from .contract import Task
from .function_cluster import ClusterTask

WANTED, FOLDER = "JUPYTER_MLRUN_REQUIREMENTS", "JUPYTER_MLRUN_ENVIRONMENTS"
# whose command is the run's own process
KINDS = ("local", "job", "mpijob", "dask")
SECONDS = 60
_DEPLOY = (
    "installs no requirements when a Dask cluster starts, as it has no jupyter-mlrun in it: call "
    "function.deploy() first, or take them out of function.spec.build.requirements"
)
# how the words after it begin in an image, once it has what is wanted
INSTALLING = (
    "/bin/sh",
    "-c",
    "if python -P -c 'import importlib.util as i, sys; sys.exit(not i.find_spec(sys.argv[1]))' "
    'jupyter_mlrun; then exec python -P -m jupyter_mlrun.requirements "$@"; fi; '
    f"echo 'This image {_DEPLOY}' >&2; exit 1",
    "requirements",
)
_LOOK = """
import json, sys
from importlib.metadata import PackageNotFoundError, version
try:
    from packaging.requirements import InvalidRequirement, Requirement
except ImportError:
    from pip._vendor.packaging.requirements import InvalidRequirement, Requirement
missing = []
for line in json.loads(sys.argv[1]):
    try:
        one = Requirement(line)
        if one.marker is not None and not one.marker.evaluate():
            continue
        if one.url or not one.specifier.contains(version(one.name), prereleases=True):
            missing.append(line)
    except (InvalidRequirement, PackageNotFoundError):
        missing.append(line)
print(json.dumps(missing))
"""


def is_built(function: Mapping[str, Any]) -> bool:
    """Whether the function has an image of its own beside the one that it was built on."""
    spec = function.get("spec") or {}
    image, base = spec.get("image"), (spec.get("build") or {}).get("base_image")
    return bool(image and base and image != base)


def variables(task: Task | ClusterTask, kind: str, in_image: bool = False) -> dict[str, str]:
    """The variables that have a run, or a cluster, install what its function wants.

    They are none where it wants nothing. ``in_image`` is a run in the function's image, which has
    them where it was built.
    """
    wanted = _wanted(task.function, in_image)
    if task.environments is None or not wanted:
        return {}
    if kind not in KINDS:
        require_there(task.function, kind, "" if in_image else task.interpreter)
        return {}
    return {WANTED: "\n".join(wanted), FOLDER: task.environments}


def _wanted(function: Mapping[str, Any], in_image: bool) -> list[str]:
    """What the function wants beside what its image has."""
    wanted = ((function.get("spec") or {}).get("build") or {}).get("requirements") or []
    if not isinstance(wanted, list) or (in_image and is_built(function)):
        return []
    for line in wanted:
        if not isinstance(line, str) or "\n" in line:
            raise MLRunBadRequestError(
                f"function.spec.build.requirements has {line!r:.80}: give one package each"
            )
    return wanted


def require_there(function: Mapping[str, Any], kind: str, interpreter: str = "") -> None:
    """Nothing, where a kind that installs nothing has what its function wants.

    It works with an interpreter of this machine, or without one in the function's image.
    """
    wanted = _wanted(function, in_image=not interpreter)
    missing = _missing(wanted, interpreter) if interpreter and wanted else wanted
    if not missing:
        return
    name = (function.get("metadata") or {}).get("name")
    do = f"install it into {interpreter}" if interpreter else "call function.deploy() first"
    raise MLRunBadRequestError(
        f"Runs of kind '{kind}' install no requirements when they start, and '{name}' wants "
        f"{', '.join(missing):.200}: {do}, or take it out of function.spec.build.requirements"
    )


def require_installing(image: str, wanted: Mapping[str, str]) -> None:
    """Nothing, where an image can install what is wanted: MLRun's own cannot."""
    if wanted and re.sub(r"(:[^/:]*)?(@.*)?$", "", image).endswith(MLRUN_IMAGES):
        raise MLRunBadRequestError(f"MLRun's own image {image} {_DEPLOY}")


def _missing(wanted: Sequence[str], interpreter: str) -> list[str]:
    """What of this the interpreter does not have."""
    try:
        done = subprocess.run(
            [interpreter, "-P", "-c", _LOOK, json.dumps(list(wanted))],
            capture_output=True, text=True, timeout=SECONDS, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        found: list[str] = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return list(wanted)
    return found


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
