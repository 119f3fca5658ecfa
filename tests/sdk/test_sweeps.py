"""Sweeps by MLRun's rules: what is tried, in processes of their own too, and what is kept of it."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
import pytest

from jupyter_mlrun.client.address import Address
from jupyter_mlrun.client.transport import Client
from jupyter_mlrun.context import Context
from jupyter_mlrun.outbox import Outbox
from jupyter_mlrun.process_run import execute
from jupyter_mlrun.report import Reporter
from jupyter_mlrun.tasks import HyperParamOptions, new_task
from tests.sdk.conftest import NOBODY, RUN_TOKEN, Told, make_run

FUNCTION: dict[str, Any] = {"metadata": {"name": "proof", "project": "default"}, "spec": {}}


@pytest.fixture
def sweep(offline: Path) -> Any:
    """Run a handler with a spec and options of its sweep; the run's status."""

    def run(handler: Any, options: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
        document = make_run(hyper_param_options=options or {}, **spec)
        client = Client(Address(NOBODY, RUN_TOKEN))
        return dict(execute(document, FUNCTION, client, handler, offline)["status"])

    return run


def fails_at_five(context, x):
    context.log_result("z", x * 2)
    if x == 5:
        raise ValueError("boom")
    return x + 1


@pytest.mark.row("4.306", "4.307", "4.308")
@pytest.mark.parametrize("count", [None, 1, 3])
def test_one_of_three_fails(sweep: Any, told: Told, count: int | None) -> None:
    options = {"selector": "max.z", "parallel_runs": count} if count else {"selector": "max.z"}
    status = sweep(fails_at_five, options, hyperparams={"x": [1, 5, 3]})
    assert status["state"] == "error"
    assert status["error"] == "1 of 3 tasks failed, check logs in db for details"
    assert status["iterations"] == [
        ["state", "iter", "param.x", "output.z", "output.return"],
        ["completed", 1, 1, 2, 2],
        ["error", 2, 5, 10, None],
        ["completed", 3, 3, 6, 4],
    ]
    assert status["results"] == {"z": 6, "return": 4, "best_iteration": 3}
    assert status["reason"] == "iteration 2 (x=5): ValueError: boom"
    assert told.log().count("ValueError: boom") == 1
    assert {"iteration_results", "parallel_coordinates"} <= set(status["artifact_uris"])


@pytest.mark.row("4.306", "4.501")
@pytest.mark.parametrize("count", [None, 2])
def test_code_that_asks_for_its_run_is_given_its_iteration(sweep: Any, count: int | None) -> None:
    """Auto-logging asks so, in a handler that hands it no context."""

    def handler(x):
        from jupyter_mlrun import get_or_create_ctx

        context = get_or_create_ctx("asked")
        context.log_result("z", x * 2)
        return context.iteration

    options = {"selector": "max.z", **({"parallel_runs": count} if count else {})}
    status = sweep(handler, options, hyperparams={"x": [1, 5, 3]})
    assert [row[3:] for row in status["iterations"][1:]] == [[2, 1], [10, 2], [6, 3]]
    assert status["results"] == {"z": 10, "return": 2, "best_iteration": 2}


@pytest.mark.row("4.308")
def test_iterations_work_side_by_side(sweep: Any) -> None:
    def handler(context, x):
        time.sleep(0.8)
        return os.getpid()

    began = time.monotonic()
    status = sweep(handler, {"parallel_runs": 4}, hyperparams={"x": [1, 2, 3, 4]})
    assert status["state"] == "completed"
    pids = {row[-1] for row in status["iterations"][1:]}
    assert len(pids) == 4 and os.getpid() not in pids
    # one after the other they sleep longer, wherever the machine is busy
    assert time.monotonic() - began < 3.2 + 10


@pytest.mark.row("4.308")
def test_a_process_that_dies_is_one_failed_iteration(sweep: Any) -> None:
    def handler(context, x):
        print(f"prints {x}")
        if x == 2:
            os._exit(9)
        return x

    status = sweep(handler, {"parallel_runs": 2}, hyperparams={"x": [1, 2, 3, 4]})
    assert status["error"] == "1 of 4 tasks failed, check logs in db for details"
    assert [row[0] for row in status["iterations"][1:]].count("completed") == 3
    assert "its process ended with exit status 9" in status["reason"]


@pytest.mark.row("4.308")
def test_a_function_of_code_works_in_processes(offline: Path, told: Told) -> None:
    import base64

    source = "import json\ndef train(context, x):\n    print('at', x)\n    return json.dumps(x)\n"
    function = {
        **FUNCTION,
        "spec": {
            "build": {"functionSourceCode": base64.b64encode(source.encode()).decode()},
            "default_handler": "train",
        },
    }
    run = make_run(
        hyperparams={"x": [1, 2, 3]}, hyper_param_options={"parallel_runs": 2}, handler="train"
    )
    status = execute(run, function, Client(Address(NOBODY, RUN_TOKEN)), None, offline)["status"]
    assert [row[-1] for row in status["iterations"][1:]] == ["1", "2", "3"]
    assert all(f"at {x}\n" in told.log() for x in (1, 2, 3))


@pytest.mark.row("4.305", "4.306")
@pytest.mark.parametrize(
    ("options", "most"),
    [({"stop_condition": "result>=2"}, 4), ({"max_errors": 0}, 5)],
)
def test_what_is_under_way_ends_but_nothing_new_begins(
    sweep: Any, options: dict[str, Any], most: int
) -> None:
    def handler(context, x):
        if x == 3 and "max_errors" in options:
            raise ValueError("three")
        context.log_result("result", x)

    values = {"x": list(range(1, 30))}
    status = sweep(handler, {**options, "parallel_runs": 2}, hyperparams=values)
    assert 2 <= len(status["iterations"]) - 1 <= most


@pytest.mark.row("4.302")
def test_rows_of_a_file_are_tried(sweep: Any, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("x,y\n1,10\n2,20\n")
    status = sweep(lambda x, y: x + y, {"param_file": str(tmp_path / "rows.csv")})
    assert [row[2:] for row in status["iterations"][1:]] == [[1, 10, 11], [2, 20, 22]]
    (tmp_path / "grid.json").write_text(json.dumps({"x": [1, 2], "y": [3]}))
    status = sweep(lambda x, y: x + y, {"param_file": str(tmp_path / "grid.json")})
    assert [row[2:] for row in status["iterations"][1:]] == [[1, 3, 4], [2, 3, 5]]


@pytest.mark.row("4.302")
@pytest.mark.parametrize(
    ("name", "text", "options", "said"),
    [
        ("a.csv", "x\n1\n", {"strategy": "random"}, "tried one by one"),
        ("a.json", "[1]", {}, "must be a dict"),
        ("a.json", "{", {}, "is no JSON"),
    ],
)
def test_a_file_that_cannot_be_used_is_said(
    sweep: Any, tmp_path: Path, name: str, text: str, options: dict[str, Any], said: str
) -> None:
    (tmp_path / name).write_text(text)
    status = sweep(lambda x: x, {"param_file": str(tmp_path / name), **options})
    assert said in status["error"]


@pytest.mark.row("4.302")
def test_values_and_a_file_exclude_each_other(sweep: Any) -> None:
    status = sweep(lambda x: x, {"param_file": "a.csv"}, hyperparams={"x": [1]})
    assert "not both" in status["error"]


@pytest.mark.row("4.206", "4.303")
def test_a_handler_makes_its_own_iterations(sweep: Any, told: Told) -> None:
    def handler(context, factor):
        total = best = 0
        for x in (1, 3, 2):
            with context.get_child_context(x=x) as child:
                child.log_result("accuracy", x * factor)
                total += x
                if x > best:
                    best = x
                    child.mark_as_best()
        context.log_result("average", total / 3)

    status = sweep(
        handler, {"strategy": "custom"}, hyperparams={"x": [1]}, parameters={"factor": 2}
    )
    assert status["state"] == "completed"
    assert status["results"] == {"accuracy": 6, "best_iteration": 2, "average": 2.0}
    stored = [b["metadata"]["iteration"] for b in told.bodies("POST")
              if b.get("metadata", {}).get("iteration")]  # fmt: skip
    assert {1, 2, 3} >= set(stored)
    assert status["iterations"] == [
        ["state", "iter", "param.x", "output.accuracy"],
        ["completed", 1, 1, 2],
        ["completed", 2, 3, 6],
        ["completed", 3, 2, 4],
    ]
    assert "iteration_results" in status["artifact_uris"]


@pytest.mark.row("4.301")
def test_objects_are_tried_too(sweep: Any, told: Told) -> None:
    def handler(context, model):
        context.log_result("name", type(model).__name__)

    status = sweep(handler, hyperparams={"model": [object(), {1, 2}, "text"]})
    assert status["iterations"] == [
        ["state", "iter", "param.model", "output.name"],
        ["completed", 1, "<object>", "object"],
        ["completed", 2, "<set of 2>", "set"],
        ["completed", 3, "text", "str"],
    ]
    (parent,) = [b for b in told.bodies("POST") if not b.get("metadata", {}).get("iteration", 1)]
    assert parent["spec"]["hyperparams"] == {"model": ["<object>", "<set of 2>", "text"]}
    assert parent["spec"]["origin"]["objects"] == ["model"]


@pytest.mark.row("4.206", "4.307")
def test_children_are_recorded_as_a_table(sweep: Any) -> None:
    def handler(context):
        for x in (1, 5):
            context.get_child_context(x=x).log_result("y", x * 2)
        context.update_child_iterations(best_run=2, commit_children=True)

    status = sweep(handler)
    assert status["iterations"] == [
        ["state", "iter", "param.x", "output.y"],
        ["completed", 1, 1, 2],
        ["completed", 2, 5, 10],
    ]
    assert status["results"] == {"y": 10, "best_iteration": 2}
    assert "iteration_results" in status["artifact_uris"]


@pytest.mark.row("4.206", "4.307")
@pytest.mark.parametrize("fails", [True, False])
def test_a_run_ends_as_it_did_where_its_table_cannot_be_written(
    told: Told, offline: Path, tmp_path: Path, capsys: Any, fails: bool
) -> None:
    taken = tmp_path / "taken"
    taken.write_text("no folder")
    document = make_run(output_path=str(taken / "below"))
    client = Client(Address(NOBODY, RUN_TOKEN))
    with ExitStack() as stack:
        if fails:
            stack.enter_context(pytest.raises(KeyError, match="mine"))
        context = stack.enter_context(Context(document, Reporter(client, Outbox(offline))))
        for x in (1, 2):
            context.get_child_context(x=x).log_result("y", x)
        if fails:
            raise KeyError("mine")
    assert context.state == ("error" if fails else "completed")
    assert told.status()["state"] == context.state
    assert "the table of its iterations is not kept" in capsys.readouterr().out


@pytest.mark.row("4.301", "4.304")
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"strategy": "best"}, "There is no strategy 'best'"),
        ({"parallel_runs": "many"}, "parallel_runs is a whole number"),
        ({"max_errors": -1}, "must not be negative"),
        ({"selectr": "a"}, "Did you mean 'selector'"),
    ],
)
def test_options_that_cannot_be_followed(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        new_task(hyper_params={"x": [1]}, hyper_param_options=options)
    with pytest.raises(ValueError, match="no strategy"):
        HyperParamOptions(strategy="best").validate()


@pytest.mark.row("4.304")
def test_a_selector_says_max_or_min(sweep: Any) -> None:
    status = sweep(lambda x: x, {"selector": "avg.return"}, hyperparams={"x": [1]})
    assert "begins with neither max nor min" in status["error"]


@pytest.mark.row("4.308")
@pytest.mark.timeout(240)
def test_a_dask_cluster_works_on_iterations(sweep: Any, told: Told) -> None:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50
    ) as cluster:
        options = {
            "selector": "max.z", "parallel_runs": 2, "dask_cluster_uri": cluster.scheduler_address
        }  # fmt: skip
        status = sweep(fails_at_five, options, hyperparams={"x": [1, 5, 3]})
    assert status["error"] == "1 of 3 tasks failed, check logs in db for details"
    assert status["results"] == {"z": 6, "return": 4, "best_iteration": 3}
    assert [row[:3] for row in status["iterations"][1:]] == [
        ["completed", 1, 1], ["error", 2, 5], ["completed", 3, 3],
    ]  # fmt: skip
    assert "ValueError: boom" in told.log()


def finds_its_context(context, x):
    import mlrun

    for step in range(40):
        found = mlrun.get_or_create_ctx("any")
        if found is not context:
            raise ValueError(f"iteration {context.iteration} found {found.iteration}")
        print(f"iteration {x} says {step}")
        time.sleep(0.02)
    found.log_result("z", x)


@pytest.mark.row("4.201", "4.308")
@pytest.mark.timeout(240)
@pytest.mark.parametrize("processes", [True, False])
def test_threads_of_a_dask_worker_each_have_their_own_run(
    sweep: Any, told: Told, processes: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=processes, dashboard_address=None,
        silence_logs=50,
    ) as cluster:  # fmt: skip
        options = {"parallel_runs": 2, "dask_cluster_uri": cluster.scheduler_address}
        status = sweep(finds_its_context, options, hyperparams={"x": [1, 2, 3, 4]})
    assert status["state"] == "completed", status
    assert [row[-1] for row in status["iterations"][1:]] == [1, 2, 3, 4]
    # what one printed comes in one piece, as it would from a process of its own
    parts = [part.splitlines() for part in told.log().split("# iteration ")[1:]]
    said = {part[0].partition(" ")[0]: part[1:41] for part in parts}
    assert said == {
        str(x): [f"iteration {x} says {step}" for step in range(40)] for x in (1, 2, 3, 4)
    }
    # once for the log and once for who looks on
    assert capsys.readouterr().out.count("says 7") == 4


def goes_on(context, x):
    import subprocess

    if x == 1:
        return 1
    child = subprocess.Popen(["sleep", "120"])
    folder = Path(context.get_param("folder"))
    (folder / f"{x}.begun").write_text(str(child.pid))
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        (folder / f"{x}.beat").write_text(str(time.monotonic()))
        time.sleep(0.02)


def interrupted_when(begun: list[Path]) -> threading.Thread:
    """Interrupts this process when the files are there."""

    def work() -> None:
        while not all(path.exists() for path in begun):
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def lives(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def is_still(path: Path) -> bool:
    before = path.read_text()
    time.sleep(0.3)
    return path.read_text() == before


@pytest.mark.row("4.111", "4.308")
@pytest.mark.usefixtures("interruptible")
@pytest.mark.timeout(240)
@pytest.mark.parametrize("place", ["processes", "dask", "time"])
def test_what_ends_a_sweep_ends_its_iterations(
    sweep: Any, told: Told, tmp_path: Path, place: str
) -> None:
    options: dict[str, Any] = {"parallel_runs": 2}
    spec = {"hyperparams": {"x": [1, 2, 3, 4, 5]}, "parameters": {"folder": str(tmp_path)}}
    began = time.monotonic()
    with ExitStack() as stack:
        if place == "dask":
            distributed = pytest.importorskip("distributed")
            cluster = stack.enter_context(distributed.LocalCluster(
                n_workers=1, threads_per_worker=2, dashboard_address=None, silence_logs=50
            ))  # fmt: skip
            options["dask_cluster_uri"] = cluster.scheduler_address
        if place == "time":
            sweep(goes_on, options, limits={"timeout": 6}, **spec)
        else:
            interrupted_when([tmp_path / "2.begun", tmp_path / "3.begun"])
            with pytest.raises(KeyboardInterrupt):
                sweep(goes_on, options, **spec)
        assert time.monotonic() - began < 60
        deadline = time.monotonic() + 20
        while not all(is_still(tmp_path / f"{x}.beat") for x in (2, 3)):
            assert time.monotonic() < deadline, "an iteration goes on"
    if place != "dask":
        children = [int((tmp_path / f"{x}.begun").read_text()) for x in (2, 3)]
        assert not any(lives(pid) for pid in children)
    status = told.status()
    assert status["state"] == "aborted"
    rows = [row[:2] for row in status["iterations"][1:]]
    assert rows == [["completed", 1], ["aborted", 2], ["aborted", 3]]
    stored = [body for body in told.bodies("POST") if body.get("metadata", {}).get("iteration")]
    last = {body["metadata"]["iteration"]: body["status"] for body in stored}
    assert [last[x]["state"] for x in (1, 2, 3)] == ["completed", "aborted", "aborted"]
    assert not (tmp_path / "4.begun").exists()


@pytest.mark.row("4.308")
def test_a_scheduler_that_is_not_there_is_said(sweep: Any) -> None:
    pytest.importorskip("distributed")
    options = {"dask_cluster_uri": "tcp://127.0.0.1:9"}
    status = sweep(fails_at_five, options, hyperparams={"x": [1]})
    assert "does not answer" in status["error"]
