"""How a run begins in its pod: by our own command where the image has it, else by MLRun's. Pure.

MLRun's own client writes to no server by HTTP but to V3IO, whose objects are put at plain paths. So
it is told that its artifacts go there, and the paths are those of the run's folder in the service.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from ..contract import Task

UPLOAD, SEND, KEY = "JUPYTER_MLRUN_UPLOAD", "JUPYTER_MLRUN_SEND", "V3IO_ACCESS_KEY"
# both commands read the same variables
START = (
    "/bin/sh",
    "-c",
    'if command -v jupyter-mlrun > /dev/null; then exec jupyter-mlrun "$@"; fi; '
    f'if [ -n "${SEND}" ] && [ -z "${KEY}" ]; then '
    'at=${MLRUN_DBPATH#*://}; export V3IO_API="${MLRUN_DBPATH%%://*}://${at%%/*}" '
    f'{KEY}="$MLRUN_HTTPDB__TOKEN"; shift; set -- run --out-path "${SEND}" "$@"; fi; '
    'exec mlrun "$@"',
    "mlrun",
)
# the same inside of the process of a driver
PROGRAM = """\
import os
import sys

arguments = {arguments}
try:
    from jupyter_mlrun.pod_run import run_from_env
except ImportError:
    from urllib.parse import urlsplit

    where = os.environ.get("{send}")
    if where and "{key}" not in os.environ:
        at = urlsplit(os.environ["MLRUN_DBPATH"])
        os.environ["V3IO_API"] = f"{{at.scheme}}://{{at.netloc}}"
        os.environ["{key}"] = os.environ["MLRUN_HTTPDB__TOKEN"]
        arguments[1:1] = ["--out-path", where]
    from mlrun.__main__ import main

    main(arguments)
else:
    sys.exit(run_from_env(arguments[1:]))
"""


def main_program(arguments: Sequence[str]) -> str:
    """The program of a driver."""
    return PROGRAM.format(arguments=json.dumps(list(arguments)), send=SEND, key=KEY)


def variables(task: Task) -> dict[str, str]:
    """Where artifacts go that the service keeps; nothing where the run names another place."""
    if not task.artifacts:
        return {}
    metadata: Mapping[str, Any] = task.run.get("metadata") or {}
    project, uid = str(metadata.get("project") or "default"), metadata.get("uid")
    if not uid:
        # a manifest that is still to be run knows no folder
        return {UPLOAD: task.artifacts}
    path = f"{urlsplit(task.address).path.rstrip('/')}/api/v1/lab/runs/{quote(project, safe='')}"
    return {UPLOAD: task.artifacts, SEND: f"v3io://{path}/{uid}/files/{uid}"}


def brings_key(variables: Iterable[str], sources: Iterable[Mapping[str, Any]]) -> str:
    """By what a pod has a V3IO of its own, which MLRun's client can then only write to.

    Empty where by nothing. What Secrets and ConfigMaps hold from which it takes all is not known.
    """
    if KEY in variables:
        return f"the pod has {KEY}"
    held = [
        str((source.get(f"{kind}Ref") or source.get(f"{kind}_ref") or {}).get("name"))
        for source in sources
        if KEY.startswith(str(source.get("prefix") or ""))
        for kind in ("secret", "configMap", "config_map")
        if source.get(f"{kind}Ref") or source.get(f"{kind}_ref")
    ]
    return f"the pod has {KEY} where {' or '.join(held)} holds it" if held else ""
