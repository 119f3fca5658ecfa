"""Engines of this machine through the service: by the SDK and by the lines of notebooks."""

from __future__ import annotations

import json
import shutil
from typing import Any

import pytest

import jupyter_mlrun as mlrun
from jupyter_mlrun import errors, session
from jupyter_mlrun.client import functions, projects, runs
from tests.engines.conftest import clusters_of, wait_for
from tests.live import Live

needs_mpi = pytest.mark.skipif(not shutil.which("mpirun"), reason="mpirun is not installed")


def make(kind: str, source: str, name: str = "proof", **spec: Any) -> Any:
    function = mlrun.new_function(name, kind=kind).with_code(body=source)
    for key, value in spec.items():
        function.spec[key] = value
    function.spec.default_handler = "handler"
    return function


def log_of(run: Any) -> str:
    return b"".join(run.read_log()).decode()


@pytest.mark.row("3.306", "3.307")
def test_a_job_runs_here_and_says_so(service: Live) -> None:
    source = "def handler(context, x: int = 1):\n    context.log_result('twice', 2 * x)\n"
    run = make("job", source).run(params={"x": 4})
    assert run.state() == "completed"
    assert run.status.results["twice"] == 8
    assert run.metadata.labels["kind"] == "job"
    assert run.status.place == "here"
    assert run.status.place_reason == "no cluster configured: ran here"


@pytest.mark.row("3.008")
def test_limits_of_a_function_hold_here_too(service: Live) -> None:
    source = (
        "import time\ndef handler(context):\n"
        "    x = bytearray(b'x' * 400_000_000)\n    time.sleep(60)\n"
    )
    function = make("job", source).with_limits(mem="200M")
    with pytest.raises(errors.RunError, match="memory limit of 200 MB"):
        function.run()


@pytest.mark.row("3.303")
@pytest.mark.parametrize("kind", ["mpijob", "dask"])
def test_kinds_that_are_not_tried_again_say_so(service: Live, kind: str) -> None:
    function = make(kind, "def handler(context):\n    pass\n")
    with pytest.raises(errors.MLRunBadRequestError, match=f"not supported for {kind} runtime"):
        function.run(retry={"count": 2})


def test_on_the_cluster_or_not_at_all(service: Live) -> None:
    function = make("job", "def handler(context):\n    pass\n")
    with pytest.raises(errors.MLRunBadRequestError, match="No cluster is configured"):
        function.run(place="kubernetes")
    run = function.run(place="here")
    assert run.status.place == "here"
    assert not run.status.get("place_reason")


@needs_mpi
@pytest.mark.row("3.501", "3.504", "3.506")
def test_an_mpi_job(service: Live) -> None:
    source = (
        "from mpi4py import MPI\n"
        "def handler(context):\n"
        "    context.log_result('total', MPI.COMM_WORLD.allreduce(1))\n"
        "    print('I am', MPI.COMM_WORLD.Get_rank())\n"
    )
    run = make("mpijob", source, replicas=3).run()
    assert run.state() == "completed", log_of(run)
    assert run.status.results == {"total": 3}
    log = log_of(run)
    assert all(f"[rank {rank}] I am {rank}\n" in log for rank in range(3))
    path = f"mlrun/api/v1/lab/runs/default/{run.metadata.uid}/pods"
    assert service.call("GET", path)["parts"] == ["rank-0", "rank-1", "rank-2"]


@needs_mpi
def test_a_failing_rank_is_named_in_the_run(service: Live) -> None:
    source = (
        "from mpi4py import MPI\n"
        "def handler(context):\n"
        "    if MPI.COMM_WORLD.Get_rank() == 1:\n        raise ValueError('boom')\n"
        "    MPI.COMM_WORLD.barrier()\n"
    )
    with pytest.raises(errors.RunError, match="rank 1: ValueError: boom"):
        make("mpijob", source, replicas=2).run()


DASK = (
    "def square(x):\n    return x * x\n"
    "def handler(context, n: int = 4):\n"
    "    found = context.dask_client.map(square, range(n))\n"
    "    context.log_result('sum', sum(context.dask_client.gather(found)))\n"
    "    context.log_result('scheduler', context.dask_client.scheduler.address)\n"
)


@pytest.mark.row("3.401", "3.404", "3.405", "3.407")
def test_a_dask_function_and_its_cluster(service: Live) -> None:
    pytest.importorskip("distributed")
    function = make("dask", DASK, "dasky", replicas=1)
    assert not function.initialized
    run = function.run(params={"n": 5})
    assert run.status.results["sum"] == 30, log_of(run)

    # the same cluster, by the function's client
    client = function.client
    assert function.initialized
    assert client.scheduler.address == run.status.results["scheduler"]
    assert client.submit(lambda x: x + 1, 1).result() == 2
    client.close()
    assert function.get_status() == "running"
    stored = functions.read(session.client(), "default", "dasky", "latest")
    assert stored["status"]["scheduler_address"] == function.status.scheduler_address

    (seen,) = [each for each in clusters_of() if each["function"] == "dasky"]
    assert (seen["state"], seen["place"]) == ("running", "here")
    assert seen["dashboard"].startswith("http://127.0.0.1:")
    path = "mlrun/api/v1/lab/projects/default/function-clusters/dasky"
    log = service.call("GET", f"{path}/log")
    assert log["parts"] == ["worker-0"]
    service.call("PATCH", path, {"workers": 2})
    wait_for(lambda: len(seen_now("dasky")["workers"]) == 2)

    def in_this_process(context, dask_client):
        context.log_result("found", dask_client.submit(sum, [1, 2]).result())

    here = function.run(handler=in_this_process)
    assert (here.status.results["found"], here.metadata.labels["kind"]) == (3, "dask")

    function.close()
    wait_for(lambda: seen_now("dasky")["state"] == "stopped")
    with pytest.raises(errors.MLRunNotFoundError, match="no running cluster"):
        function.get_status()
    again = function.client
    assert again.submit(sum, [1, 2]).result() == 3
    again.close()

    # as a resource, which MLRun's client lists and deletes: mlrun clean dask NAME
    path = "mlrun/api/v1/projects/default/runtime-resources?kind=dask&object-id=dasky"
    (found,) = service.call("GET", path)
    assert found["resources"]["pod_resources"][0]["labels"]["mlrun/function"] == "dasky"
    service.call("DELETE", f"{path}&force=true")
    wait_for(lambda: seen_now("dasky")["state"] == "stopped")


def test_a_project_takes_its_clusters_along(service: Live) -> None:
    pytest.importorskip("distributed")
    projects.get_or_create(session.client(), "goes")
    function = make("dask", DASK, "short", replicas=1)
    function.metadata.project = "goes"
    function.start()
    assert clusters_of("goes")[0]["state"] == "running"
    projects.delete(session.client(), "goes", "cascade")
    wait_for(lambda: not (service.data / "clusters" / "goes").exists())
    assert not clusters_of("goes")


def seen_now(name: str) -> dict[str, Any]:
    return next(each for each in clusters_of() if each["function"] == name)


def test_a_cluster_that_is_not_there_or_wrong(service: Live) -> None:
    make("local", DASK, "plain").save()
    path = "mlrun/api/v1/lab/projects/default/function-clusters/nobody"
    service.call("DELETE", path)
    with pytest.raises(AssertionError, match="404"):
        service.call("PATCH", path, {"workers": 2})
    with pytest.raises(AssertionError, match="no cluster of their own"):
        service.call("POST", "mlrun/api/v1/start/function", {"functionUrl": "default/plain"})
    with pytest.raises(AssertionError, match="functionUrl"):
        service.call("POST", "mlrun/api/v1/start/function", {})


def test_a_missing_engine_is_refused_before_anything_is_recorded(service: Live) -> None:
    function = make("spark", "def handler(context):\n    pass\n", "sparky")
    with pytest.raises(errors.MLRunBadRequestError, match=r"jupyter-mlrun\[spark\]"):
        function.run()
    assert not runs.list(session.client(), "default", name="sparky")
    with pytest.raises(errors.MLRunBadRequestError, match="pyspark"):
        make("remote-spark", "def handler(context):\n    pass\n", "far").run()


CELL = """%%mlrun work --kind {kind} -o total
numbers = list(range(6))
total = sum(n * n for n in numbers)
print("worked")
"""


@pytest.mark.row("3.001")
def test_the_same_cell_in_every_kind(service: Live) -> None:
    with service.kernel() as kernel:
        assert kernel.run("%load_ext jupyter_mlrun").ok
        for kind in ("local", "job", "mpijob --replicas 2", "dask --replicas 1"):
            answer = kernel.run(CELL.format(kind=kind))
            assert answer.ok, answer.error
            (bundle,) = answer.displays[-1:]
            run = bundle["application/vnd.jupyter-mlrun.run+json"]
            assert json.dumps(run).count("55") >= 1, kind
        cluster = (
            "%%mlrun spread --kind dask -o total\n"
            "def square(x):\n    return x * x\n"
            "total = sum(dask_client.gather(dask_client.map(square, range(4))))\n"
        )
        answer = kernel.run(cluster)
        assert answer.ok, answer.error
        answer = kernel.run("%%mlrun spread --kind local --replicas 2\n1\n")
        assert "--replicas is for --kind dask or mpijob or spark" in answer.error
        answer = kernel.run("%%mlrun spread --kind job --kubernetes\n1\n")
        assert "No cluster is configured" in answer.error
