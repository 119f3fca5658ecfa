"""MPI jobs with a real ``mpirun``: ranks talk, one of them logs, failures say whose they are."""

import json
import os
import shutil
import signal
import sys
import time

import psutil
import pytest

from jupyter_mlrun import states
from jupyter_mlrun.errors import MLRunBadRequestError
from jupyter_mlrun_runtimes import process
from jupyter_mlrun_runtimes.mpi import MpiRuntime, split_arguments
from jupyter_mlrun_runtimes.testing import RuntimeContract, make_task, wait_until_ended

pytestmark = [
    pytest.mark.skipif(not shutil.which("mpirun"), reason="mpirun is not installed"),
    pytest.mark.row("3.501", "3.504", "3.506"),
]
ENOUGH = 100


class TestMpiRuntime(RuntimeContract):
    runtime_class = MpiRuntime


def run(folder, source, replicas=3, mpi_args=(), **spec):
    """The observation with which a run of several ranks ended, with its outbox and its log."""
    task = make_task(folder, source, **spec)
    task.function["kind"] = "mpijob"
    task.function["spec"] |= {"replicas": replicas, "mpi_args": list(mpi_args)}
    task.run["metadata"]["labels"] = {"kind": "mpijob"}
    runtime = MpiRuntime()
    handle = list(runtime.submit(runtime.build(task)))[-1]
    seen = wait_until_ended(runtime, handle, ENOUGH)
    outbox = folder / "outbox.jsonl"
    lines = outbox.read_text().splitlines() if outbox.exists() else []
    log = b"".join(runtime.logs(handle)).decode()
    return seen, [json.loads(line) for line in lines], log


def test_ranks_talk_and_the_first_one_logs_for_all(tmp_path):
    source = (
        "from mpi4py import MPI\n"
        "def handler(context):\n"
        "    world = MPI.COMM_WORLD\n"
        "    total = world.allreduce(world.Get_rank() + 1)\n"
        "    print('rank', world.Get_rank(), 'of', world.Get_size(), context.is_logging_worker())\n"
        "    context.log_result('total', total)\n"
        "    context.log_result('rank', world.Get_rank())\n"
        "    context.log_artifact('note', body=f'of {world.Get_rank()}')\n"
    )
    seen, outbox, log = run(tmp_path / "run", source)
    assert (seen.state, seen.exit_code) == (states.COMPLETED, 0), log
    assert "[rank 0] rank 0 of 3 True\n" in log
    assert "[rank 2] rank 2 of 3 False\n" in log
    told = {}
    for line in outbox:
        if line["method"] == "PATCH":
            told |= line["body"]
    assert told["status.results"] == {"total": 6, "rank": 0}
    assert told["status.state"] == states.COMPLETED
    artifacts = [line for line in outbox if line["method"] == "PUT"]
    assert len(artifacts) == 1
    parts = tmp_path / "run" / "parts"
    assert (parts / "rank-1.log").read_text() == "rank 1 of 3 False\n"


def test_a_failing_rank_fails_the_run_and_is_named(tmp_path):
    source = (
        "import time\nfrom mpi4py import MPI\n"
        "def handler(context):\n"
        "    if MPI.COMM_WORLD.Get_rank() == 2:\n        raise ValueError('boom')\n"
        "    context.log_result('early', 1)\n"
        "    time.sleep(0.2)\n"
    )
    seen, outbox, log = run(tmp_path / "run", source)
    assert seen.state == states.ERROR, log
    assert "rank 2: ValueError: boom" in seen.reason
    ended = [line["body"].get("status.state") for line in outbox if line["method"] == "PATCH"]
    assert states.COMPLETED not in ended


def test_the_run_is_not_complete_before_its_last_rank_is(tmp_path):
    source = (
        "import os, time\n"
        "def handler(context):\n"
        "    if not context.is_logging_worker():\n        time.sleep(1)\n"
        "    open(f'{os.environ[\"MLRUN_META_TMPFILE\"]}.{os.getpid()}', 'w').write('x')\n"
    )
    seen, _, _ = run(tmp_path / "run", source, replicas=2)
    assert seen.state == states.COMPLETED
    marks = list((tmp_path / "run").glob("task.json.*"))
    last = max(mark.stat().st_mtime for mark in marks)
    assert len(marks) == 2
    told = (tmp_path / "run" / "outbox.jsonl").stat().st_mtime
    assert told >= last


def test_a_rank_that_dies_without_a_word_is_named(tmp_path):
    source = (
        "import os\n"
        "def handler(context):\n"
        "    if not context.is_logging_worker():\n        os._exit(9)\n"
    )
    seen, _, log = run(tmp_path / "run", source, replicas=2)
    assert seen.state == states.ERROR, log
    assert "rank 1: it ended with exit code 9" in seen.reason


def test_a_secret_is_masked_in_the_logs_of_all_ranks(tmp_path):
    from dataclasses import replace

    source = "import os\ndef handler(context):\n    print('key', os.environ['KEY'])\n"
    task = make_task(tmp_path / "run", source)
    task.function["spec"]["replicas"] = 2
    runtime = MpiRuntime()
    request = runtime.build(replace(task, secrets={"KEY": "very-secret-value"}))
    handle = list(runtime.submit(request))[-1]
    wait_until_ended(runtime, handle, ENOUGH)
    texts = [b"".join(runtime.logs(handle)).decode()]
    texts += [path.read_text() for path in (tmp_path / "run" / "parts").glob("*.log")]
    assert len(texts) == 3
    assert all("very-secret-value" not in text and "key " in text for text in texts)


def test_limits_hold_for_all_ranks(tmp_path):
    source = (
        "import time\ndef handler(context):\n"
        "    block = bytearray(300_000_000)\n    time.sleep(60)\n"
    )
    seen, _, _ = run(tmp_path / "run", source, replicas=2, limits={"memory": 500_000_000})
    assert seen.state == states.ERROR
    assert "memory limit" in seen.reason


STUCK = (
    "from mpi4py import MPI\n"
    "def handler(context):\n"
    "    print('in', flush=True)\n"
    "    if MPI.COMM_WORLD.Get_rank() == 0:\n        MPI.COMM_WORLD.barrier()\n"
    "    import time\n    time.sleep(60)\n"
)


def family(handle):
    """All processes below the supervisor."""
    return psutil.Process(handle["supervisor"]["pid"]).children(recursive=True)


@pytest.mark.parametrize("how", ["abort", "abort without a supervisor"])
def test_no_rank_is_left_behind(tmp_path, how):
    task = make_task(tmp_path / "run", STUCK)
    task.function["spec"]["replicas"] = 2
    runtime = MpiRuntime()
    handle = list(runtime.submit(runtime.build(task)))[-1]
    deadline = time.monotonic() + ENOUGH
    while b"".join(runtime.logs(handle)).count(b"in\n") < 2:
        assert time.monotonic() < deadline, b"".join(runtime.logs(handle))
        time.sleep(0.05)
    members = family(handle)
    # mpirun, two that keep a rank's log, and two ranks
    assert len(members) >= 5
    if how != "abort":
        os.kill(handle["supervisor"]["pid"], signal.SIGKILL)
        while process.is_alive(handle["supervisor"]):
            time.sleep(0.02)
    runtime.cancel(handle, "enough", grace=0.5)
    assert wait_until_ended(runtime, handle, ENOUGH).state == states.ABORTED
    _, alive = psutil.wait_procs(members, timeout=20)
    assert not alive


def test_mpi_args_are_split():
    given = ["-x", "A=1", "--bind-to", "core", "-x", "HOME"]
    assert split_arguments(given) == (["--bind-to", "core"], {"A": "1"})


def test_ranks_share_the_threads_of_a_limited_run(tmp_path, monkeypatch):
    # libraries set it in the process that imports them
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    task = make_task(tmp_path / "run", "", limits={"cpu": 4}, env={"MKL_NUM_THREADS": "3"})
    task.function["spec"]["replicas"] = 2
    environment = MpiRuntime().build(task).environment
    assert (environment["OMP_NUM_THREADS"], environment["MKL_NUM_THREADS"]) == ("2", "3")


def test_variables_of_mpi_args_reach_every_rank(tmp_path):
    source = "import os\ndef handler(context):\n    print('got', os.environ['NCCL_X'])\n"
    seen, _, log = run(tmp_path / "run", source, 2, ["-x", "NCCL_X=7"])
    assert seen.state == states.COMPLETED
    assert log.count("got 7") == 2


def test_without_mpirun_it_is_refused_with_the_line_that_installs_it(tmp_path):
    with pytest.raises(MLRunBadRequestError, match=r"jupyter-mlrun\[mpi\]"):
        MpiRuntime().require({}, str(tmp_path / "python"), {"PATH": str(tmp_path)})
    MpiRuntime().require({}, sys.executable, {"PATH": "/usr/bin"})


@pytest.mark.parametrize("replicas", [0, -1, "two", True])
def test_replicas_that_are_no_number_are_refused(replicas, tmp_path):
    task = make_task(tmp_path / "run", "")
    task.function["spec"]["replicas"] = replicas
    if replicas == 0:
        # as in MLRun, none is the default
        assert "1" in MpiRuntime().build(task).argv
        return
    with pytest.raises(MLRunBadRequestError, match="replicas"):
        MpiRuntime().build(task)
