"""Dask on this machine: a run is a process whose handler has the client of its function's cluster.

The cluster is there before and after the run: it is started with the first run, by whoever asks
first, and ends when it idles for long.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, ClassVar

from jupyter_mlrun.paths import dask_keys_folder

from . import engines
from .contract import Handle, Limits, Request, Task
from .dask_cluster import DaskClusterHere
from .function_cluster import ClusterTask
from .local import LocalRuntime

CLUSTER_FILE = "dask-cluster.json"
FOLDER, KEYS = "JUPYTER_MLRUN_DASK_CLUSTER", "JUPYTER_MLRUN_DASK_KEYS"


class DaskRuntime(LocalRuntime):
    """Runs a task as the kind ``local`` does, beside the Dask cluster of its function."""

    kind: ClassVar[str] = "dask"

    def require(
        self, function: Mapping[str, Any], interpreter: str, environment: Mapping[str, str]
    ) -> None:
        """Refused where the run's Python has no ``distributed``."""
        engines.require_module(self.kind, "distributed", "dask", interpreter, environment)

    def build(self, task: Task) -> Request:
        """The run's command, and in a file beside it the request for the cluster."""
        request = super().build(task)
        root = data_root(task.folder)
        cluster = DaskClusterHere(str(root)).build(
            ClusterTask(task.function, str(root), task.interpreter, environments=task.environments)
        )
        shape = asdict(cluster)
        environment = {
            **request.environment, FOLDER: cluster.folder, KEYS: str(dask_keys_folder(root)),
        }  # fmt: skip
        for name in ("limits", "environment"):
            del shape[name]
        # what the cluster gets of the environment: names alone, since the file can be read later
        shape["variables"] = sorted({*task.environment, *cluster.environment, *_secrets(task)})
        files = {**request.files, CLUSTER_FILE: json.dumps(shape)}
        return replace(request, environment=environment, files=files)

    def submit(self, request: Request) -> Iterator[Handle]:
        """Start the cluster, where it is not there, and the run, which waits for it."""
        shape = json.loads(request.files[CLUSTER_FILE])
        variables = set(shape.pop("variables"))
        shape["argv"] = tuple(shape["argv"])
        environment = {k: v for k, v in request.environment.items() if k in variables}
        cluster = Request(**shape, limits=Limits(), environment=environment)
        for _ in DaskClusterHere(str(data_root(request.folder))).start(cluster):
            pass
        yield from super().submit(request)


def data_root(folder: str) -> Path:
    """The service's data folder, of a run's folder in it."""
    path = Path(folder)
    return path.parents[2] if path.parents[1].name == "runs" else path.parent


def _secrets(task: Task) -> set[str]:
    """The variables that the function itself takes of its project's secrets."""
    entries = (task.function.get("spec") or {}).get("env") or []
    named = {str(each.get("name")) for each in entries if each.get("valueFrom")}
    return named & task.secrets.keys()
