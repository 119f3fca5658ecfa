"""The clusters of functions in dask-labextension's list, where that extension is in use.

The extension keeps a list of the clusters that it started, in this very process, and has no door
for others. So ours are put into that list: they are shown, scaled and stopped there as its own.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import uuid
from collections.abc import Mapping
from typing import Any

from jupyter_mlrun.errors import MLRunBadRequestError
from jupyter_mlrun_runtimes.function_cluster import ClusterSeen

from .function_clusters import FunctionClusters
from .threads import Threads

MODULE = "dask_labextension.manager"
IDS = uuid.UUID("6f2b6e4c-4a3b-5f6e-9d5a-6d6c72756e00")
LOOK = 2.0
STOPPED = "it was stopped in the Dask panel"


class Shown:
    """A function's cluster as the extension holds one."""

    def __init__(self, seen: ClusterSeen, clusters: FunctionClusters, threads: Threads) -> None:
        self._seen = seen
        self._clusters = clusters
        self._threads = threads
        self.scheduler_address = seen.scheduler_address
        self.dashboard_link = seen.dashboard

    @property
    def scheduler_info(self) -> dict[str, Any]:
        """Its workers by address."""
        return {"workers": {each["address"]: dict(each) for each in self._seen.workers}}

    async def close(self) -> None:
        """Stop it."""
        seen = self._seen
        await self._threads.slow(self._clusters.stop, seen.project, seen.function, STOPPED)

    async def scale(self, n: int) -> None:
        """Have that many workers."""
        seen = self._seen
        await self._threads.slow(self._clusters.scale, seen.project, seen.function, n)

    def adapt(self, minimum: int, maximum: int) -> None:
        """Refused: how far a cluster adapts is its function's to say."""
        raise MLRunBadRequestError(
            f"How far the cluster of {self._seen.project}/{self._seen.function} adapts is said by "
            "its function: set spec.min_replicas and spec.max_replicas there"
        )


class DaskPanel:
    """Keeps the extension's list up to date."""

    def __init__(self, clusters: FunctionClusters, threads: Threads, log: logging.Logger) -> None:
        self._clusters = clusters
        self._threads = threads
        self._log = log

    async def run(self) -> None:
        """Look again and again, from when the extension is there; one of another shape is left."""
        while True:
            manager = getattr(sys.modules.get(MODULE), "manager", None)
            if manager is not None:
                known = getattr(manager, "_clusters", None)
                names = getattr(manager, "_cluster_names", None)
                if not isinstance(known, dict) or not isinstance(names, dict):
                    self._log.info("This dask-labextension keeps its clusters elsewhere")
                    return
                await self._show(known, names)
            await asyncio.sleep(LOOK)

    async def _show(self, known: dict[str, Any], names: dict[str, str]) -> None:
        try:
            seen = await self._threads.slow(self._clusters.find)
        except OSError as error:
            self._log.warning("The clusters of functions cannot be listed: %s", error)
            return
        running = {
            # the extension's routes take ids of this shape alone
            str(uuid.uuid5(IDS, f"{each.project}/{each.function}")): each
            for each in seen
            if each.state == "running"
        }
        for gone in [key for key, item in known.items() if _is_gone(item, key, running)]:
            del known[gone]
            names.pop(gone, None)
        for key, each in running.items():
            known[key] = Shown(each, self._clusters, self._threads)
            names[key] = f"{each.project}/{each.function}"


def _is_gone(item: Any, key: str, running: Mapping[str, ClusterSeen]) -> bool:
    return isinstance(item, Shown) and key not in running
