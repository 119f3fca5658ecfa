"""Dask with real clusters of processes: shared by runs, adaptive, ended when idle."""

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from jupyter_mlrun import states
from jupyter_mlrun.engines.dask import wait_for_scheduler
from jupyter_mlrun.errors import MLRunBadRequestError, MLRunRuntimeError
from jupyter_mlrun_runtimes.dask import DaskRuntime
from jupyter_mlrun_runtimes.dask_cluster import DaskClusterHere, build_options
from jupyter_mlrun_runtimes.function_cluster import ClusterTask
from jupyter_mlrun_runtimes.testing import RuntimeContract, make_task, wait_until_ended
from tests.base_image import write_wheel
from tests.live import free_port

pytest.importorskip("distributed", reason="Dask is not installed")
pytestmark = pytest.mark.row("3.401", "3.402", "3.404", "3.405", "3.406", "3.407", "3.408")
ENOUGH = 100


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A data folder whose clusters are ended with the module."""
    folder = tmp_path_factory.mktemp("data")
    yield folder
    stop_all(folder)


def stop_all(root: Path) -> None:
    clusters = DaskClusterHere(str(root))
    handles = clusters.find()
    for handle in handles:
        clusters.stop(handle)
    wait_for(lambda: not any(seen.is_alive for seen in clusters.observe(handles)))


def wait_for(found, timeout=ENOUGH):
    deadline = time.monotonic() + timeout
    while not (value := found()):
        assert time.monotonic() < deadline, "it did not come in time"
        time.sleep(0.1)
    return value


class TestDaskRuntime(RuntimeContract):
    runtime_class = DaskRuntime

    @pytest.fixture(autouse=True)
    def _end_clusters(self, tmp_path):
        yield
        stop_all(tmp_path)


def task_of(root, uid, source, name="dasky", **spec):
    folder = root / "runs" / "default" / uid
    task = make_task(folder, source)
    task.function["kind"] = "dask"
    task.function["metadata"]["name"] = name
    task.function["spec"] |= spec
    return replace(task, workdir=str(root))


def run(root, uid, source, **spec):
    """How a run ended, and its log."""
    runtime = DaskRuntime()
    handle = list(runtime.submit(runtime.build(task_of(root, uid, source, **spec))))[-1]
    seen = wait_until_ended(runtime, handle, ENOUGH)
    return seen, b"".join(runtime.logs(handle)).decode()


WORK = (
    "import os\n"
    "def square(x):\n    print('squaring', x)\n    return x * x, os.getpid()\n"
    "def handler(context, dask_client):\n"
    "    assert context.dask_client is dask_client\n"
    "    found = dask_client.gather(dask_client.map(square, range(4)))\n"
    "    print('SUM', sum(value for value, _ in found))\n"
    "    print('ELSEWHERE', os.getpid() not in {pid for _, pid in found})\n"
    "    print('ADDRESS', dask_client.scheduler.address)\n"
)


def address(log):
    return next(line.split()[1] for line in log.splitlines() if line.startswith("ADDRESS"))


def test_runs_of_a_function_share_its_cluster(root):
    first, log = run(root, "a" * 32, WORK, replicas=2)
    assert first.state == states.COMPLETED, log
    assert "SUM 14" in log
    assert "ELSEWHERE True" in log
    assert "[worker-" in log and "squaring 3" in log
    second, later = run(root, "b" * 32, WORK.replace("'SUM'", "'AGAIN'"), replicas=2)
    assert second.state == states.COMPLETED, later
    assert address(later) == address(log)
    assert address(log).startswith("tls://127.0.0.1:")

    clusters = DaskClusterHere(str(root))
    (seen,) = clusters.observe(clusters.find("default", "dasky"))
    assert (seen.state, seen.function, seen.project) == ("running", "dasky", "default")
    assert seen.scheduler_address == address(log)
    assert len(seen.workers) == 2


def test_nobody_without_the_keys_can_use_it(root):
    clusters = DaskClusterHere(str(root))
    (seen,) = clusters.observe(clusters.find("default", "dasky"))
    plain = (
        "from distributed import Client\n"
        f"Client({seen.scheduler_address.replace('tls', 'tcp')!r}, timeout=3).run(print)\n"
    )
    code = [sys.executable, "-c", plain]
    env = {**os.environ, "HOME": str(root), "JUPYTER_MLRUN_HOME": str(root / "other")}
    done = subprocess.run(code, capture_output=True, text=True, env=env, timeout=ENOUGH)
    assert done.returncode != 0
    keys = root / "dask-keys"
    assert {path.stat().st_mode & 0o077 for path in keys.glob("*.pem")} == {0}


def test_a_new_shape_is_a_new_cluster_and_the_old_one_ends(root):
    clusters = DaskClusterHere(str(root))
    (before,) = clusters.observe(clusters.find("default", "dasky"))
    seen, log = run(root, "c" * 32, WORK, replicas=1)
    assert seen.state == states.COMPLETED, log
    assert address(log) != before.scheduler_address
    wait_for(lambda: not clusters.observe([before.handle])[0].is_alive)
    assert "another shape" in clusters.observe([before.handle])[0].reason


def test_it_adapts_and_ends_when_idle(root):
    seen, log = run(root, "d" * 32, WORK, name="idle", scheduler_timeout="8s", max_replicas=2)
    assert seen.state == states.COMPLETED, log
    clusters = DaskClusterHere(str(root))
    handle = clusters.find("default", "idle")[0]
    wait_for(lambda: not clusters.observe([handle])[0].is_alive)
    ended = clusters.observe([handle])[0]
    assert ended.state == "stopped"
    assert "idle" in ended.reason
    again, log = run(root, "e" * 32, WORK, name="idle", scheduler_timeout="8s", max_replicas=2)
    assert again.state == states.COMPLETED, log


def test_stop_ends_every_process(root):
    clusters = DaskClusterHere(str(root))
    (handle, *_) = clusters.find("default", "dasky")
    supervisor = psutil.Process(handle["supervisor"]["pid"])
    members = supervisor.children(recursive=True)
    assert len(members) >= 2
    clusters.stop(handle, "enough")
    wait_for(lambda: not clusters.observe([handle])[0].is_alive)
    _, alive = psutil.wait_procs(members, timeout=20)
    assert not alive
    assert clusters.observe([handle])[0].reason == "enough"
    clusters.stop(handle)
    clusters.stop({"folder": str(root / "nowhere")})


def test_it_scales_on_demand(root):
    clusters = DaskClusterHere(str(root))
    function = {"metadata": {"name": "scaled", "project": "default"}, "spec": {"replicas": 1}}
    task = ClusterTask(function, str(root), sys.executable, dict(os.environ))
    handle = list(clusters.start(clusters.build(task)))[-1]
    wait_for(lambda: len(clusters.observe([handle])[0].workers) == 1)
    clusters.scale(handle, 2)
    wait_for(lambda: len(clusters.observe([handle])[0].workers) == 2)
    assert list(clusters.start(clusters.build(task)))[-1] == handle


def test_limits_of_workers_hold(root):
    source = (
        "import os\n"
        "def look():\n    return len(os.sched_getaffinity(0))\n"
        "def handler(context, dask_client):\n"
        "    info = dask_client.scheduler_info()['workers']\n"
        "    print('MEMORY', [each['memory_limit'] for each in info.values()])\n"
        "    print('CORES', dask_client.submit(look).result())\n"
    )
    limits = {"limits": {"memory": "512Mi", "cpu": "1"}}
    seen, log = run(root, "f" * 32, source, name="limited", replicas=1, worker_resources=limits)
    assert seen.state == states.COMPLETED, log
    assert f"MEMORY [{512 * 2**20}]" in log
    assert "CORES 1" in log


def test_a_cluster_that_cannot_start_fails_the_run_with_the_reason(root):
    seen, log = run(root, "0" * 32, WORK, name="broken", scheduler_timeout="three apples")
    assert seen.state == states.ERROR
    assert "Dask cluster did not start" in log


def test_the_run_knows_its_clusters_shape(root):
    spec = {"nthreads": 2, "min_replicas": 1, "max_replicas": 3}
    assert build_options({"spec": spec})["max_replicas"] == 3
    default = build_options({"spec": {"max_replicas": 16}})
    assert default["max_replicas"] == max(1, os.cpu_count())
    assert default["scheduler_timeout"] == "60 minutes"


def test_the_runs_token_and_secrets_do_not_reach_the_cluster(root):
    task = task_of(root, "9" * 32, WORK, name="quiet", replicas=1)
    task = replace(task, secrets={"MINE": "of-the-run", "KNOWN": "of-the-function"})
    entry = {"name": "KNOWN", "valueFrom": {"secretKeyRef": {"key": "KNOWN"}}}
    task.function["spec"]["env"] = [entry]
    request = DaskRuntime().build(task)
    kept = json.loads(request.files["dask-cluster.json"])
    assert "KNOWN" in kept["variables"]
    assert not {"MINE", "MLRUN_HTTPDB__TOKEN", "MLRUN_META_TMPFILE"} & set(kept["variables"])
    assert "of-the-function" not in json.dumps(kept)


def test_without_distributed_it_is_refused_with_the_line_that_installs_it(tmp_path):
    with pytest.raises(MLRunBadRequestError, match=r"pip install 'jupyter-mlrun\[dask\]'"):
        DaskRuntime().require({}, str(tmp_path / "python"), dict(os.environ))
    DaskRuntime().require({}, sys.executable, dict(os.environ))


def test_workers_have_what_the_function_requires(tmp_path, monkeypatch):
    """Installed by the run and by its cluster, which share the environment."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    write_wheel(wheels)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    source = (
        "import demo_sum\n"
        "def far(x):\n    import demo_sum\n    return demo_sum.add(x, 2)\n"
        "def handler(context, dask_client):\n"
        "    print('SUM', dask_client.submit(far, 40).result(60), demo_sum.VERSION)\n"
    )
    root = tmp_path / "data"
    task = task_of(root, "a" * 32, source)
    task = replace(task, environments=str(tmp_path / "environments"))
    task.function["spec"]["build"]["requirements"] = ["demo-sum"]
    runtime = DaskRuntime()
    try:
        handle = list(runtime.submit(runtime.build(task)))[-1]
        seen = wait_until_ended(runtime, handle, ENOUGH)
        log = b"".join(runtime.logs(handle)).decode()
        assert seen.state == states.COMPLETED and "SUM 42 1.0" in log, log
        made = [each for each in (tmp_path / "environments").iterdir() if each.is_dir()]
        assert len(made) == 1
    finally:
        stop_all(root)


def test_a_scheduler_that_comes_later_is_waited_for_as_dask_is_told():
    import dask

    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    limit = "distributed.comm.timeouts.connect"
    with (
        dask.config.set({limit: "1s"}),
        pytest.raises(MLRunRuntimeError, match=f"does not answer at {address}.*close the cluster"),
    ):
        wait_for_scheduler(address)
    late = f"sleep 3; exec {sys.executable} -m distributed.cli.dask_scheduler --host 127.0.0.1 "
    command = ["sh", "-c", f"{late} --port {port} --no-dashboard"]
    with dask.config.set({limit: "100s"}), subprocess.Popen(command) as scheduler:
        try:
            client = wait_for_scheduler(address)
            assert client.scheduler_info()["address"] == address
            client.close()
        finally:
            scheduler.terminate()
