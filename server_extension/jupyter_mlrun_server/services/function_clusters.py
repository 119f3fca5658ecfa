"""Clusters that belong to functions: started in the background, found again, scaled, stopped."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from typing import Any

from jupyter_mlrun.errors import (
    MLRunBadRequestError,
    MLRunHTTPError,
    MLRunInvalidArgumentError,
    MLRunNotFoundError,
    MLRunRuntimeError,
    MLRunTimeoutError,
)
from jupyter_mlrun_runtimes import HERE, KUBERNETES
from jupyter_mlrun_runtimes.function_cluster import (
    MOST_WORKERS,
    PLACES,
    ClusterEnding,
    ClusterSeen,
    ClusterTask,
    FunctionCluster,
    Tending,
    get_function_cluster,
)

from ..store import functions
from ..store.database import Database
from .background import TIMEOUT, Background, Progress
from .function_input import check_function
from .launcher import Launcher
from .place import Place
from .secrets import wanted_by
from .watch import watch

LOOK = 0.1
# seconds until it is asked again whether the cluster of before has gone
ENDING = 1.0
# seconds between two looks at what is due
TEND = 5.0
# what a function wants is installed before its cluster begins
INSTALLING = 1800
KIND = "function.cluster.start.{}"
LONGEST_END = 10.0


class FunctionClusters:
    """The clusters of this service's functions, at every place where it runs things."""

    def __init__(
        self,
        database: Database,
        place: Place,
        launcher: Launcher,
        background: Background,
    ) -> None:
        self.database = database
        self.place = place
        self.launcher = launcher
        self.background = background
        self.on_change: Callable[[], None] = lambda: None
        self._tended: FunctionCluster | None = None
        self._troubles: set[str] = set()

    async def run(self) -> None:
        """Do what is due of the clusters on Kubernetes until cancelled; in the leading server."""
        cluster = self.launcher.places.cluster
        if cluster is None:
            return
        self._tended = get_function_cluster("dask", KUBERNETES, cluster=cluster)
        await watch(self._tend, self.launcher.log, "Clusters of functions")

    async def _tend(self) -> float:
        await self.background.threads.slow(self.tend)
        return TEND

    def tend(self) -> None:
        """One look at what is due; each trouble is told once."""
        leads = self.launcher.own.lead.holds(self.launcher.host_of(KUBERNETES))
        if self._tended is None or not leads:
            return
        try:
            done = self._tended.tend()
        except MLRunHTTPError as error:
            done = Tending([f"Clusters of functions could not be looked at: {error}"])
        troubles = set(done.troubles)
        for trouble in sorted(troubles - self._troubles):
            self.launcher.log.warning(trouble)
        self._troubles = troubles
        for seen in done.removed:
            self._forget(seen.project, seen.function, seen.name)
        if done.removed:
            self.on_change()

    async def start(
        self, function: Mapping[str, Any], interpreter: str = "", wish: str = "", owner: str = ""
    ) -> dict[str, Any]:
        """The background task that starts the function's cluster, or finds the one that is there.

        ``interpreter`` is the Python of whoever will use it, ``owner`` who starts it.
        """
        metadata = function["metadata"]
        cluster = await self.background.threads.slow(self._checked, function, interpreter, wish)

        def work(progress: Progress) -> None:
            self._start(cluster, self._task(cluster.place, function, interpreter, owner), progress)

        kind = KIND.format(metadata["name"])[:60]
        return await self.background.start(metadata["project"], kind, work, _longest(function))

    def find(self, project: str = "*", function: str = "") -> list[ClusterSeen]:
        """The clusters that are alive, newest first; the last one of a function that has none."""
        found: list[ClusterSeen] = []
        for cluster in self._places():
            found += cluster.observe(cluster.find(project, function))
        alive = [seen for seen in found if seen.is_alive]
        known = {(seen.project, seen.function) for seen in alive}
        for seen in found:
            if (seen.project, seen.function) not in known:
                known.add((seen.project, seen.function))
                alive.append(seen)
        return alive

    def state(self, project: str, function: str) -> str:
        """``running`` or ``pending``; raises MLRunNotFoundError where there is no cluster."""
        seen = [each for each in self.find(project, function) if each.is_alive]
        if not seen:
            raise MLRunNotFoundError(f"Function {project}/{function:.200} has no running cluster")
        return seen[0].state

    def log(self, project: str, function: str, part: str, offset: int) -> tuple[bytes, list[str]]:
        """The log of the function's newest cluster, or of a part of it, and the parts' names."""
        for cluster in self._places():
            for handle in cluster.find(project, function)[:1]:
                return cluster.log(handle, part, offset), cluster.parts(handle)
        raise MLRunNotFoundError(f"Function {project}/{function:.200} had no cluster")

    def scale(self, project: str, function: str, workers: Any) -> None:
        """Have that many workers in the function's cluster."""
        right = isinstance(workers, int) and not isinstance(workers, bool)
        if not right or not 0 <= workers <= MOST_WORKERS:
            raise MLRunInvalidArgumentError(
                f"workers is {workers!r:.40}: give a whole number from 0 to {MOST_WORKERS}"
            )
        self.state(project, function)
        for cluster, seen in self._alive(project, function):
            cluster.scale(seen.handle, workers)

    def stop(self, project: str, function: str, reason: str = "") -> int:
        """How many clusters of the function, or of the project without one, were told to end."""
        told = self._alive(project, function)
        for cluster, seen in told:
            cluster.stop(seen.handle, reason)
            self._forget(seen.project, seen.function)
        deadline = time.monotonic() + LONGEST_END
        # who asks next shall not be told that it works
        while self._alive(project, function) and time.monotonic() < deadline:
            time.sleep(LOOK)
        self.on_change()
        return len(told)

    def forget(self, project: str) -> None:
        """Stop the clusters of a project that goes, and remove what they left."""
        for cluster in self._places():
            cluster.forget(project)

    def _alive(self, project: str, function: str) -> list[tuple[FunctionCluster, ClusterSeen]]:
        return [
            (cluster, seen)
            for cluster in self._places()
            for seen in cluster.observe(cluster.find(project, function))
            if seen.is_alive
        ]

    def _places(self) -> list[FunctionCluster]:
        return [
            get_function_cluster(kind, place, str(self.place.root), self.launcher.places.cluster)
            for kind, place in PLACES
            if place == HERE or self.launcher.places.cluster is not None
        ]

    def _checked(self, function: Mapping[str, Any], interpreter: str, wish: str) -> FunctionCluster:
        check_function(function)
        kind = str(function.get("kind") or "")
        if not any(kind == known for known, _ in PLACES):
            known = ", ".join(sorted({known for known, _ in PLACES}))
            raise MLRunBadRequestError(
                f"Functions of kind {kind!r:.40} have no cluster of their own: kind {known} has"
            )
        place = self.launcher.places.likely(kind, wish or None)
        if (kind, place) not in PLACES:
            place = HERE
        if place == HERE and not self.launcher.here:
            raise MLRunBadRequestError(
                f"This service executes nothing itself, so it cannot start a cluster of kind "
                f"'{kind}': start it in your own kernel, by function.spec.remote = False"
            )
        cluster = get_function_cluster(
            kind, place, str(self.place.root), self.launcher.places.cluster
        )
        python = "" if place == KUBERNETES else self.launcher.assembly.python(interpreter)
        if python:
            cluster.require(function, python, os.environ)
        return cluster

    def _task(
        self, place: str, function: Mapping[str, Any], interpreter: str, owner: str
    ) -> ClusterTask:
        project = function["metadata"]["project"]
        wanted = wanted_by({"spec": {}}, function, project)
        secrets = self.launcher.project_secrets
        secrets.require(project, wanted.values())
        values = secrets.read(project, set(wanted.values())) if wanted else {}
        return ClusterTask(
            function=function,
            root=str(self.place.root),
            interpreter=self.launcher.assembly.python(interpreter),
            environment=dict(os.environ),
            secrets={variable: values[name] for variable, name in wanted.items()},
            user_id=self.launcher.assembly.user_number(owner),
            environments=self.launcher.assembly.environments.of(place, self.place.root),
        )

    def _start(self, cluster: FunctionCluster, task: ClusterTask, progress: Progress) -> None:
        longest = _longest(task.function)
        deadline = time.monotonic() + longest
        handle: dict[str, Any] = {}
        while not handle:
            try:
                *_, handle = cluster.start(cluster.build(task))
            except ClusterEnding:
                if time.monotonic() > deadline:
                    raise
                time.sleep(ENDING)
            progress(0, 1)
        while (seen := cluster.observe([handle])[0]).state == "pending":
            if time.monotonic() > deadline:
                raise MLRunTimeoutError(f"the cluster did not work after {longest} s")
            time.sleep(LOOK)
            progress(0, 1)
        if seen.state != "running":
            raise MLRunRuntimeError(
                f"the cluster could not be started: {seen.reason or 'it ended at once'}"
            )
        self._remember(seen, task.function)
        self.on_change()

    def _remember(self, seen: ClusterSeen, function: Mapping[str, Any]) -> None:
        """Where the cluster is, in the function's status, where MLRun's client looks."""
        metadata = function["metadata"]
        status = {
            "state": "running",
            "scheduler_address": seen.scheduler_address,
            "cluster_name": seen.name,
            "node_ports": dict(seen.node_ports),
            "dashboard": seen.dashboard,
        }
        tag = metadata.get("tag") or "latest"
        with self.database.write() as connection:
            functions.set_status(connection, metadata["project"], metadata["name"], tag, status)

    def _forget(self, project: str, name: str, cluster: str = "") -> None:
        """Clear the function's status, where it is of that cluster if one is named."""
        with self.database.write() as connection:
            if cluster:
                try:
                    status = functions.read(connection, project, name).get("status")
                except MLRunNotFoundError:
                    return
                if (status or {}).get("cluster_name") != cluster:
                    return
            functions.set_status(connection, project, name, "latest", {})


def _longest(function: Mapping[str, Any]) -> int:
    """The seconds in which the function's cluster has to work."""
    build = (function.get("spec") or {}).get("build") or {}
    return TIMEOUT + (INSTALLING if build.get("requirements") else 0)
