"""What the leading server does of clusters of functions on Kubernetes, every few seconds."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_mlrun.errors import MLRunAccessDeniedError
from jupyter_mlrun_runtimes.function_cluster import ClusterSeen, Tending
from jupyter_mlrun_server.services.service import Service
from jupyter_mlrun_server.store import functions
from tests.server.conftest import Api
from tests.server.documents import PROJECT, function


@pytest.fixture
def leading(service: Service, monkeypatch: pytest.MonkeyPatch) -> Service:
    """A service that leads the runs of a cluster."""
    monkeypatch.setattr(service.launcher.own.lead, "holds", lambda host: True)
    monkeypatch.setattr(service.launcher, "host_of", lambda place: "cluster")
    return service


async def test_a_refusal_is_told_once(leading: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    log: Any = SimpleNamespace(warning=said.append, exception=logging.exception)
    monkeypatch.setattr(leading.launcher, "log", log)

    def tend() -> Tending:
        raise MLRunAccessDeniedError("cannot get pods/proxy")

    clusters = leading.function_clusters
    clusters._tended = SimpleNamespace(tend=tend)  # type: ignore[assignment]
    for _ in range(3):
        await leading.threads.call(clusters.tend)
    assert said == ["Clusters of functions could not be looked at: cannot get pods/proxy"]


async def test_what_was_removed_is_forgotten_by_its_function(api: Api, leading: Service) -> None:
    await leading.write(functions.save, PROJECT, "train", function("x", kind="dask"), "latest")
    clusters, woken = leading.function_clusters, []
    clusters.on_change = lambda: woken.append(1)
    known = await leading.read(functions.read, PROJECT, "train")
    now = ClusterSeen({}, PROJECT, "train", "running", "now", scheduler_address="tcp://s:8786")
    await leading.threads.call(clusters._remember, now, known)

    async def removed(*names: str) -> Any:
        found = [ClusterSeen({}, PROJECT, "train", "stopped", name) for name in names]
        found.append(ClusterSeen({}, PROJECT, "unknown", "stopped", "now"))
        clusters._tended = SimpleNamespace(  # type: ignore[assignment]
            tend=lambda: Tending(removed=found)
        )
        await leading.threads.call(clusters.tend)
        return (await leading.read(functions.read, PROJECT, "train"))["status"]

    # the function has got another since
    assert (await removed("before"))["state"] == "running"
    assert not await removed("now") and woken
