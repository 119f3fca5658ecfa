"""``python -m jupyter_mlrun_runtimes.dask_process FOLDER``: a function's Dask cluster at work.

Runs in the user's Python, whose libraries the workers need. Says how it is in ``cluster.json`` and
reads wishes from ``wish.json``. Ends when it was idle for long enough, or when it is told to.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import signal
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from jupyter_mlrun import requirements
from jupyter_mlrun.dask_client import security

from .local import write_private

LOOK = 0.5
PARTS = "parts"
# what this process tells those of its workers
PARTS_FOLDER, CPU = "JUPYTER_MLRUN_DASK_PARTS", "JUPYTER_MLRUN_DASK_CPU"


async def work(folder: Path, options: dict[str, Any]) -> str:
    """Why the cluster has ended."""
    longest = _seconds(options["scheduler_timeout"])
    make_cluster: Any = import_module("distributed").LocalCluster

    (folder / PARTS).mkdir(mode=0o700, exist_ok=True)
    async with make_cluster(**_arguments(folder, options), asynchronous=True) as cluster:
        if not options["replicas"]:
            cluster.adapt(minimum=options["min_replicas"], maximum=options["max_replicas"])
        return await _watch(folder, cluster, longest)


def _arguments(folder: Path, options: dict[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {
        "name": options["name"],
        "n_workers": options["replicas"] or options["min_replicas"],
        "threads_per_worker": options["nthreads"],
        "processes": True,
        "host": "127.0.0.1",
        "protocol": "tls://",
        "security": security(options["keys"]),
        "dashboard_address": "127.0.0.1:0",
        "worker_dashboard_address": None,
        "preload": ["jupyter_mlrun_runtimes.dask_worker"],
        "local_directory": str(folder),
    }
    if options.get("worker_memory"):
        given["memory_limit"] = _memory(str(options["worker_memory"]))
    return given


def _memory(text: str) -> Any:
    return import_module("dask.utils").parse_bytes(text)


def _seconds(text: str) -> float:
    return float(import_module("dask.utils").parse_timedelta(text))


async def _watch(folder: Path, cluster: Any, longest: float) -> str:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    started, before = time.time(), ""
    while not ended.is_set():
        if cluster.scheduler.status.name in ("closing", "closed", "stopped", "failed"):
            return "its scheduler was closed by a client"
        since = cluster.scheduler.check_idle()
        if since and time.time() - since >= longest:
            return "it was idle for as long as spec.scheduler_timeout says"
        if await _follow_wish(folder, cluster):
            return "the function has a cluster of another shape now"
        text = json.dumps(_describe(cluster, started))
        if text != before:
            write_private(folder / "cluster.json", text)
            before = text
        try:
            await asyncio.wait_for(ended.wait(), LOOK)
        except TimeoutError:
            continue
    return "it was told to end"


async def _follow_wish(folder: Path, cluster: Any) -> bool:
    """Scale as wished; whether the cluster shall end, and nobody needs it now."""
    try:
        wish = json.loads((folder / "wish.json").read_bytes())
    except (OSError, ValueError):
        return False
    if wish.get("retire"):
        return not cluster.scheduler.tasks and len(cluster.scheduler.clients) <= 1
    (folder / "wish.json").unlink(missing_ok=True)
    if (workers := wish.get("workers")) is not None:
        cluster.scale(int(workers))
    return False


def _describe(cluster: Any, started: float) -> dict[str, Any]:
    scheduler = cluster.scheduler
    workers = [
        {"name": str(each.name), "address": each.address, "nthreads": each.nthreads,
         "memory_limit": each.memory_limit, "state": each.status.name}
        for each in scheduler.workers.values()
    ]  # fmt: skip
    port = int(cluster.scheduler_address.rpartition(":")[2])
    board = int((scheduler.services.get("dashboard") or scheduler.http_server).port or 0)
    return {
        "scheduler_address": cluster.scheduler_address,
        "dashboard": f"http://127.0.0.1:{board}/status",
        "node_ports": {"scheduler": port, "dashboard": board},
        "workers": sorted(workers, key=lambda each: str(each["name"])),
        "tasks": len(scheduler.tasks),
        "started_at": started,
    }


def main(place: str) -> None:
    """Run the cluster of a folder until its end; first in the environment that it wants."""
    folder = Path(place)
    requirements.enter([place], __spec__.name if __spec__ else "")
    if error := requirements.failure():
        write_private(folder / "cluster.json", json.dumps({"reason": error}))
        sys.exit(f"The cluster cannot start: {error}")
    options = json.loads((folder / "options.json").read_bytes())
    os.environ[PARTS_FOLDER] = str(folder / PARTS)
    os.environ[CPU] = str(options.get("worker_cpu") or "")
    reason = asyncio.run(work(folder, options))
    write_private(folder / "cluster.json", json.dumps({"reason": reason}))
    print(f"The cluster has ended: {reason}", flush=True)


def cores_of(text: str) -> int:
    """How many whole cores a limit such as ``500m`` or ``2`` needs."""
    count = float(text[:-1]) / 1000 if text.endswith("m") else float(text)
    return max(1, math.ceil(count))


if __name__ == "__main__":
    # the working directory is no place for a worker's modules
    sys.path[:] = [path for path in sys.path if path not in ("", os.getcwd())]
    main(sys.argv[1])
