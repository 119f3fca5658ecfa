"""MPI jobs by the operator, with ranks on pods of their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jupyter_mlrun_runtimes.kube.connection import Connection
from tests.cluster.conftest import ClusterLive, ended, get, log_of

Submit = Callable[..., str]

SOURCE = """
def handler(context):
    from mpi4py import MPI
    comm = MPI.COMM_WORLD
    print("rank", comm.rank, "of", comm.size, flush=True)
    total = comm.allreduce(comm.rank + 1)
    context.log_result("total", total)
    context.log_result("by", comm.rank)
"""


@pytest.fixture(autouse=True)
def operator(connection: Connection) -> None:
    """The operator; without it the kind is refused, which is another test."""
    found = connection.request("GET", "/apis")["groups"]
    if not any(group["name"] == "kubeflow.org" for group in found):
        pytest.skip("the cluster has no MPI operator")


@pytest.mark.row("3.501", "3.503", "3.504")
def test_ranks_on_workers(live: ClusterLive, submit: Submit) -> None:
    uid = submit(SOURCE, {"kind": "mpijob", "replicas": 2})
    status = ended(live, uid)["status"]
    assert status["state"] == "completed", (status, log_of(live, uid))
    assert status["results"] == {"total": 3, "by": 0}
    log = log_of(live, uid)
    assert "rank 0 of 2" in log and "[1] rank 1 of 2" in log
    told = live.call("GET", f"mlrun/api/v1/lab/runs/sea/{uid}/pods")
    assert sorted(pod["role"] for pod in told["pods"]) == ["launcher", "worker", "worker"]
    rank = get(live, f"mlrun/api/v1/lab/runs/sea/{uid}/parts/rank-1")
    assert b"rank 1 of 2" in rank and b"rank 0" not in rank


def test_a_rank_that_fails(live: ClusterLive, submit: Submit) -> None:
    source = SOURCE + "    if comm.rank == 1:\n        raise ValueError('rank one')\n"
    uid = submit(source, {"kind": "mpijob", "replicas": 2})
    status = ended(live, uid)["status"]
    assert status["state"] == "error"
    assert "rank one" in log_of(live, uid)
