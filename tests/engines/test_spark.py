"""Spark with real applications: spark-submit on a local and a standalone master, Spark Connect."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jupyter_mlrun import states
from jupyter_mlrun.errors import MLRunBadRequestError
from jupyter_mlrun_runtimes.contract import Limits
from jupyter_mlrun_runtimes.spark import RemoteSparkRuntime, SparkRuntime, build_arguments
from jupyter_mlrun_runtimes.testing import RuntimeContract, make_task, wait_until_ended
from tests.live import free_port

PYTHON = Path(__file__).parents[2] / ".venv-spark" / "bin" / "python"
pytestmark = [
    pytest.mark.skipif(not PYTHON.exists(), reason="make .venv-spark/.installed makes its Python"),
    pytest.mark.timeout(400),
    pytest.mark.row("3.601", "3.602", "3.604", "3.607", "3.608"),
]
ENOUGH = 300
# less work for the compiler of the JVM: these applications end soon
QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


@pytest.fixture(autouse=True)
def _python_with_spark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(PYTHON))
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", QUICK)


class TestSparkRuntime(RuntimeContract):
    """A start of Spark is dear: what all supervised kinds have in common, others prove."""

    runtime_class = SparkRuntime
    test_handles_are_json_and_grow = None
    test_success_completes = None
    test_a_new_runtime_finds_the_run_again = None
    test_cancel_is_idempotent = None
    test_poll_answers_in_order = None

    def test_logs_are_whole_and_binary_safe(self, tmp_path: Path) -> None:
        """As everywhere, below what the JVM says when it starts."""
        source = (
            "import sys\ndef handler(context):\n"
            "    sys.stdout.buffer.write(bytes(range(256)) * 4000 + b'end')\n"
        )
        runtime, handle = self.start(tmp_path / "run", source)
        assert wait_until_ended(runtime, handle, ENOUGH).state == states.COMPLETED
        assert bytes(range(256)) * 4000 + b"end" in b"".join(runtime.logs(handle))


def run(
    folder: Path, source: str, runtime: Any = None, function: Any = None, **spec: Any
) -> tuple[Any, dict[str, Any], str]:
    """How a run ended, what it told, and its log."""
    runtime = runtime or SparkRuntime()
    task = make_task(folder, source, **spec)
    task.function["spec"] |= function or {}
    handle = list(runtime.submit(runtime.build(replace(task, workdir=str(folder.parent)))))[-1]
    seen = wait_until_ended(runtime, handle, ENOUGH)
    outbox = folder / "outbox.jsonl"
    told: dict[str, Any] = {}
    for line in outbox.read_text().splitlines() if outbox.exists() else []:
        entry = json.loads(line)
        if entry["method"] == "PATCH":
            told |= entry["body"]
    return seen, told, b"".join(runtime.logs(handle)).decode()


WORK = (
    "import mlrun\n"
    "def double(x):\n    return 2 * x if mlrun.get_version() else None\n"
    "def handler(context, spark):\n"
    "    assert context.spark is spark\n"
    "    rows = spark.range(10).selectExpr('sum(id) as total').collect()\n"
    "    context.log_result('total', rows[0].total)\n"
    "    found = spark.sparkContext.parallelize(range(4), 2).map(double).sum()\n"
    "    context.log_result('doubled', found)\n"
    "    context.log_result('master', spark.sparkContext.master)\n"
    "    context.log_result('memory', spark.conf.get('spark.driver.memory'))\n"
    "    context.log_result('own', spark.conf.get('spark.own', ''))\n"
)


def test_the_handler_is_given_the_session(tmp_path: Path) -> None:
    function = {"spark_conf": {"spark.own": "yes"}, "driver_resources": {}}
    seen, told, log = run(tmp_path / "run", WORK, function=function, limits={"cpu": 2})
    assert seen.state == states.COMPLETED, log
    assert told["status.results"] == {
        "total": 45, "doubled": 12, "master": "local[2]", "memory": "2g", "own": "yes",
    }  # fmt: skip
    assert told["status.ui_url"].startswith("http://127.0.0.1:")


def test_a_failing_handler_fails_the_run(tmp_path: Path) -> None:
    source = "def handler(context, spark):\n    spark.sql('select nothing from nowhere')\n"
    seen, told, log = run(tmp_path / "run", source)
    assert seen.state == states.ERROR, log
    assert told["status.state"] == states.ERROR
    assert "nowhere" in told["status.error"]


@contextlib.contextmanager
def standalone(folder: Path) -> Iterator[str]:
    """The address of a standalone master with one worker."""
    home = PYTHON.parent.parent / "lib"
    (spark,) = home.glob("python*/site-packages/pyspark")
    port = free_port()
    env = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": str(PYTHON)}
    url = f"spark://127.0.0.1:{port}"
    begin = [str(spark / "bin" / "spark-class"), "org.apache.spark.deploy"]
    master = [begin[0], f"{begin[1]}.master.Master", "--host", "127.0.0.1", "--port", str(port),
              "--webui-port", "0"]  # fmt: skip
    worker = [begin[0], f"{begin[1]}.worker.Worker", "--cores", "1", "--memory", "1g",
              "--webui-port", "0", "--work-dir", str(folder), url]  # fmt: skip
    with (folder / "standalone.log").open("ab") as log:
        started = []
        try:
            for command in (master, worker):
                options: Any = {"stdout": log, "stderr": log, "start_new_session": True}
                started.append(subprocess.Popen(command, env=env, cwd=folder, **options))
                marks = {master[1]: "I have been elected", worker[1]: "Successfully registered"}
                wait_for_text(folder / "standalone.log", marks[command[1]])
            yield url
        finally:
            end(started)


def end(started: list[subprocess.Popen[bytes]]) -> None:
    for process in reversed(started):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def wait_for_text(path: Path, text: str) -> None:
    deadline = time.monotonic() + ENOUGH
    while not path.exists() or text not in path.read_text(errors="replace"):
        assert time.monotonic() < deadline, path.read_text(errors="replace")[-2000:]
        time.sleep(0.2)


def test_a_standalone_master(tmp_path: Path) -> None:
    with standalone(tmp_path) as url:
        conf = {"spark.master": url}
        executor = {"requests": {"memory": "512m"}}
        function = {"spark_conf": conf, "executor_resources": executor, "executor_cores": 1}
        seen, told, log = run(tmp_path / "run", WORK, function=function)
    assert seen.state == states.COMPLETED, log
    assert told["status.results"]["master"] == url
    assert told["status.results"]["doubled"] == 12


@contextlib.contextmanager
def connect_server(folder: Path) -> Iterator[str]:
    """The address of a Spark Connect server."""
    (spark,) = (PYTHON.parent.parent / "lib").glob("python*/site-packages/pyspark")
    port = free_port()
    env = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_NO_DAEMONIZE": "1",
           "PYSPARK_PYTHON": str(PYTHON)}  # fmt: skip
    command = [
        str(spark / "bin" / "spark-submit"), "--class",
        "org.apache.spark.sql.connect.service.SparkConnectServer", "--conf",
        f"spark.connect.grpc.binding.port={port}", "--conf", "spark.ui.enabled=false",
        "--master", "local[1]",
    ]  # fmt: skip
    with (folder / "connect.log").open("ab") as log:
        options: Any = {"stdout": log, "stderr": log, "start_new_session": True}
        process = subprocess.Popen(command, env=env, cwd=folder, **options)
        try:
            wait_for_text(folder / "connect.log", "Spark Connect server started")
            yield f"sc://127.0.0.1:{port}"
        finally:
            end([process])


def test_spark_connect_by_its_address(tmp_path: Path) -> None:
    source = (
        "def handler(context, spark):\n"
        "    context.log_result('kind', type(spark).__module__)\n"
        "    context.log_result('total', spark.range(10).count())\n"
    )
    with connect_server(tmp_path) as url:
        env = {"env": [{"name": "SPARK_REMOTE", "value": url}]}
        seen, told, log = run(tmp_path / "run", source, RemoteSparkRuntime(), env)
    assert seen.state == states.COMPLETED, log
    assert told["status.results"] == {"kind": "pyspark.sql.connect.session", "total": 10}


def test_the_arguments_of_spark_submit() -> None:
    function = {
        "metadata": {"name": "etl"},
        "spec": {
            "replicas": 3,
            "driver_cores": 2,
            "executor_cores": 4,
            "driver_resources": {"requests": {"memory": "3g"}},
            "executor_resources": {"requests": {"memory": "512m"}},
            "deps": {"jars": ["a.jar", "b.jar"], "files": ["f"], "py_files": ["p.py"]},
            "spark_conf": {"spark.master": "spark://there:7077", "spark.x": "y"},
            "hadoop_conf": {"fs.z": 1},
            "dynamic_allocation": {"enabled": True, "minExecutors": 1},
            "driver_java_options": "-Da=b",
        },
    }
    assert build_arguments(function, Limits()) == [
        "--master", "spark://there:7077", "--name", "etl", "--driver-memory", "3g",
        "--jars", "a.jar,b.jar", "--files", "f", "--py-files", "p.py",
        "--conf", "spark.driver.cores=2",
        "--conf", "spark.driver.extraJavaOptions=-Da=b",
        "--conf", "spark.driver.host=127.0.0.1",
        "--conf", "spark.dynamicAllocation.enabled=true",
        "--conf", "spark.dynamicAllocation.minExecutors=1",
        "--conf", "spark.executor.cores=4",
        "--conf", "spark.executor.instances=3",
        "--conf", "spark.executor.memory=512m",
        "--conf", "spark.hadoop.fs.z=1",
        "--conf", "spark.ui.killEnabled=false",
        "--conf", "spark.ui.showConsoleProgress=false",
        "--conf", "spark.x=y",
    ]  # fmt: skip


def test_limits_of_the_run_are_the_applications() -> None:
    given = build_arguments({"spec": {}}, Limits(cpu=2, memory=2 * 2**30))
    assert given[1] == "local[2]"
    assert given[5] == "1228m"
    assert build_arguments({"spec": {}}, Limits())[1] == "local[*]"
    small = build_arguments({"spec": {}}, Limits(memory=2**28))
    assert small[5] == "450m"


def test_what_is_missing_is_refused_with_the_line_that_installs_it(tmp_path: Path) -> None:
    nowhere = str(tmp_path / "python")
    with pytest.raises(MLRunBadRequestError, match=r"jupyter-mlrun\[spark\]"):
        SparkRuntime().require({}, nowhere, dict(os.environ))
    with pytest.raises(MLRunBadRequestError, match="openjdk-17"):
        SparkRuntime().require({}, str(PYTHON), {"PATH": str(tmp_path)})
    with pytest.raises(MLRunBadRequestError, match="with_spark_service"):
        RemoteSparkRuntime().require({}, str(PYTHON), dict(os.environ))
    SparkRuntime().require({}, str(PYTHON), dict(os.environ))
