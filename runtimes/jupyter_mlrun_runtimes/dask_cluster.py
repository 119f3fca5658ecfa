"""Dask clusters on this machine: scheduler and workers as processes, one cluster a function.

A cluster's folder is ``clusters/PROJECT/FUNCTION/VERSION`` below the service's data: what it was
asked to be (``options.json``), how to find it (``handle.json``), what it says of itself
(``cluster.json``), its log, and the logs of its workers in ``parts``.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from filelock import FileLock

from jupyter_mlrun import states
from jupyter_mlrun.paths import cluster_folder, clusters_folder, dask_keys_folder, is_part

from . import engines, logfile, requirements
from .contract import Handle, Limits, Request
from .dask_keys import make_keys
from .function_cluster import ClusterSeen, ClusterTask, FunctionCluster
from .local import LocalRuntime, write_private

OPTIONS_FILE, STATE_FILE, HANDLE_FILE = "options.json", "cluster.json", "handle.json"
WISH_FILE = "wish.json"
_STATES = {
    states.PENDING: "pending",
    states.RUNNING: "pending",
    states.COMPLETED: "stopped",
    states.ABORTED: "stopped",
    states.ERROR: "error",
}
# MLRun's default for clusters of many machines
_MANY = 16
MOST_READ = 1 << 20
LONGEST_END = 10.0
KEPT = 86400.0


class DaskClusterHere(FunctionCluster):
    """A ``distributed`` cluster of processes of this machine, under a supervisor of its own."""

    kind: ClassVar[str] = "dask"

    def __init__(self, root: str) -> None:
        self.root = Path(root)
        self._processes = LocalRuntime()

    def require(
        self, function: Mapping[str, Any], interpreter: str, environment: Mapping[str, str]
    ) -> None:
        """Refused where the run's Python has no ``distributed``."""
        engines.require_module(self.kind, "distributed", "dask", interpreter, environment)

    def build(self, task: ClusterTask) -> Request:
        """The command of the cluster's own process, with what it reads."""
        metadata = task.function.get("metadata") or {}
        project, name = str(metadata.get("project") or "default"), str(metadata["name"])
        options = build_options(task.function)
        options["interpreter"] = task.interpreter
        wanted = requirements.variables(task, self.kind)
        variables = _variables(task.function) | wanted
        version = _version([options, variables])
        options |= {"project": project, "function": name, "name": f"mlrun-{name}-{version}"}
        folder = cluster_folder(project, name, version, self.root)
        options["keys"] = str(dask_keys_folder(self.root))
        return Request(
            kind=self.kind,
            folder=str(folder),
            argv=(
                task.interpreter, "-P", "-m", "jupyter_mlrun_runtimes.dask_process", str(folder),
            ),
            workdir=str(self.root),
            limits=Limits(),
            environment={**task.environment, **variables, **task.secrets},
            files={OPTIONS_FILE: json.dumps(options)},
        )  # fmt: skip

    def start(self, request: Request) -> Iterator[Handle]:
        """Start its process, unless it is there; older ones of the function end when idle."""
        folder = Path(request.folder)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(folder / "lock"):
            if (found := self._handle(folder)) and self.observe([found])[0].is_alive:
                yield found
                return
            make_keys(dask_keys_folder(self.root))
            for stale in (STATE_FILE, WISH_FILE):
                (folder / stale).unlink(missing_ok=True)
            for handle in self._processes.submit(request):
                write_private(folder / HANDLE_FILE, json.dumps(handle))
                yield handle
        for path in folder.parent.iterdir():
            if path != folder and path.is_dir():
                self._retire(path)

    def find(self, project: str = "*", function: str = "") -> list[Handle]:
        """The handles in the folders of clusters."""
        if not all(part == "*" or is_part(part) for part in (project, function or "*")):
            return []
        pattern = f"{project}/{function or '*'}/*/{HANDLE_FILE}"
        paths = sorted(clusters_folder(self.root).glob(pattern), key=os.path.getmtime, reverse=True)
        handles = (self._handle(path.parent) for path in paths)
        return [handle for handle in handles if handle]

    def observe(self, handles: Sequence[Handle]) -> list[ClusterSeen]:
        """What their folders and processes say."""
        seen = self._processes.poll(handles)
        return [_describe(handle, each) for handle, each in zip(handles, seen, strict=True)]

    def scale(self, handle: Handle, workers: int) -> None:
        """Leave the wish in its folder, where its process looks every second."""
        write_private(Path(handle["folder"]) / WISH_FILE, json.dumps({"workers": workers}))

    def stop(self, handle: Handle, reason: str = "") -> None:
        """End its processes; each has a moment to end by itself."""
        self._processes.cancel(handle, reason or "it was stopped", grace=3.0)

    def forget(self, project: str) -> None:
        """End them and wait for it, since nobody looks for their folders any more."""
        super().forget(project)
        handles = self.find(project)
        deadline = time.monotonic() + LONGEST_END
        while any(seen.is_alive for seen in self.observe(handles)) and time.monotonic() < deadline:
            time.sleep(0.05)
        if is_part(project):
            shutil.rmtree(clusters_folder(self.root) / project, ignore_errors=True)

    def parts(self, handle: Handle) -> list[str]:
        """Its workers, those that have ended too."""
        return sorted(path.stem for path in (Path(handle["folder"]) / "parts").glob("*.log"))

    def log(self, handle: Handle, part: str = "", offset: int = 0) -> bytes:
        """What its processes wrote: the scheduler, or one of the workers."""
        folder = Path(handle["folder"])
        if not part:
            return logfile.read(str(folder / "log"), offset, MOST_READ)
        if part not in self.parts(handle):
            return b""
        with open(folder / "parts" / f"{part}.log", "rb") as file:
            file.seek(offset)
            return file.read(MOST_READ)

    def _retire(self, folder: Path) -> None:
        """Let a cluster of an older shape end when idle; one that ended long ago is removed."""
        handle = self._handle(folder)
        if handle and self.observe([handle])[0].is_alive:
            write_private(folder / WISH_FILE, json.dumps({"retire": True}))
        elif time.time() - folder.stat().st_mtime > KEPT:
            shutil.rmtree(folder, ignore_errors=True)

    def _handle(self, folder: Path) -> Handle:
        return read(folder / HANDLE_FILE)


def build_options(function: Mapping[str, Any]) -> dict[str, Any]:
    """What the cluster shall be, of the function's spec."""
    spec: Mapping[str, Any] = function.get("spec") or {}
    limits = (spec.get("worker_resources") or {}).get("limits") or {}
    threads = max(1, int(spec.get("nthreads") or 1))
    most = int(spec.get("max_replicas") or _MANY)
    if most == _MANY:
        # as many as the cores can feed, where nobody said how many
        most = max(1, (os.cpu_count() or 1) // threads)
    least = int(spec.get("min_replicas") or 0)
    return {
        "nthreads": threads,
        "replicas": int(spec["replicas"]) if spec.get("replicas") else None,
        "min_replicas": least,
        "max_replicas": max(least, most, 1),
        "scheduler_timeout": str(spec.get("scheduler_timeout") or "60 minutes"),
        "worker_memory": limits.get("memory"),
        "worker_cpu": limits.get("cpu"),
    }


def read(path: Path) -> dict[str, Any]:
    """The JSON object in a file; empty where there is none."""
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _describe(handle: Handle, seen: Any) -> ClusterSeen:
    folder = Path(handle.get("folder") or ".")
    options, told = read(folder / OPTIONS_FILE), read(folder / STATE_FILE)
    state = _STATES.get(seen.state, "error")
    if state == "pending" and told.get("scheduler_address"):
        state = "running"
    alive = state == "running"
    return ClusterSeen(
        handle=handle,
        project=str(options.get("project") or ""),
        function=str(options.get("function") or ""),
        state=state,
        name=str(options.get("name") or ""),
        reason=seen.reason or str(told.get("reason") or ""),
        scheduler_address=str(told.get("scheduler_address") or "") if alive else "",
        dashboard=str(told.get("dashboard") or "") if alive else "",
        node_ports=told.get("node_ports") or {},
        workers=told.get("workers") or [] if alive else [],
        tasks=int(told.get("tasks") or 0) if alive else 0,
        started_at=told.get("started_at"),
    )


def _variables(function: Mapping[str, Any]) -> dict[str, str]:
    entries = (function.get("spec") or {}).get("env") or []
    return {
        str(each["name"]): str(each["value"])
        for each in entries
        if isinstance(each, Mapping) and each.get("name") and each.get("value") is not None
    }


def _version(parts: Any) -> str:
    return hashlib.sha1(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:8]
