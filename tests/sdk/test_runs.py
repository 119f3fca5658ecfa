"""Runs, their lists and their contexts, recorded by a real service."""

from __future__ import annotations

import json
import random
import threading
import uuid
from pathlib import Path
from typing import Any

import pytest

import jupyter_mlrun as mlrun
from jupyter_mlrun import iterations, session
from jupyter_mlrun.errors import (
    MLRunInvalidArgumentError,
    MLRunNotFoundError,
    MLRunRuntimeError,
    MLRunTimeoutError,
)
from jupyter_mlrun.iterations import check_plan
from jupyter_mlrun.runs import ArtifactList, FunctionList, RunList
from tests.live import Live

ROOT = Path(__file__).parents[2]


def trains(context, x=1):
    context.logger.info("at work", x=x)
    context.log_result("z", x * 2)
    context.log_artifact("note", body=f"x is {x}")
    if x == 5:
        raise ValueError("boom")
    return x


def run(handler: Any = trains, **spec: Any) -> Any:
    return mlrun.new_function("proof", kind="handler").run(handler=handler, **spec)


@pytest.mark.row("4.101", "4.103", "4.104", "4.105")
def test_a_run_and_its_methods(service: Live) -> None:
    done = run(params={"x": 3}, name="proof-run")
    assert done.state() == done.status.state == "completed"
    assert done.outputs["z"] == 6 and done.output("return") == 3 and done.output("none") is None
    assert done.artifact("note").get() == b"x is 3"
    assert done.artifact("nothing") is None
    with pytest.raises(MLRunNotFoundError, match=r"has no output 'nothing'; it has .*note"):
        done.load("nothing")
    assert done.metadata.name == "proof-run" and done.spec.parameters["x"] == 3
    assert run(params={"x": 1}).name == "proof-trains"
    same = mlrun.new_function("trains", kind="handler").run(handler=trains)
    assert same.name == "trains-trains" and "/trains-trains_note:latest@" in same.outputs["note"]
    assert len(done.uid()) == 32 and done.metadata.labels["kind"] == "handler"
    assert {"owner", "host"} <= set(done.metadata.labels)
    again = mlrun.get_run(done.uid(), "default")
    assert again.refresh().to_dict()["status"]["results"] == done.status.results
    assert json.loads(done.to_json())["metadata"]["uid"] == done.uid() in done.to_yaml()
    copied = done.copy()
    copied.metadata.name = "other"
    assert done.metadata.name == "proof-run"
    assert done.ui_url.endswith(done.uid())
    assert done.metadata.iteration == 0 == done.to_dict()["metadata"]["iteration"]
    assert done.status.last_update >= done.status.end_time
    assert mlrun.RunTemplate().metadata.iteration == 0
    uri = mlrun.RunObject.create_uri("default", done.uid(), 0, "v1")
    assert mlrun.RunObject.parse_uri(uri) == ("default", done.uid(), "0", "v1")
    with pytest.raises(MLRunInvalidArgumentError, match="PROJECT@UID#ITERATION"):
        mlrun.RunObject.parse_uri("default")


@pytest.mark.row("4.105")
def test_logs_come_from_an_offset(service: Live, capsys: pytest.CaptureFixture[str]) -> None:
    done = run(params={"x": 2})
    capsys.readouterr()
    state, offset = done.logs(watch=False)
    whole = capsys.readouterr().out
    assert state == "completed" and 'at work: {"x": 2}' in whole and offset == len(whole.encode())
    assert done.logs(offset=offset) == ("completed", offset)
    assert capsys.readouterr().out == ""


def makes_children(context: mlrun.MLClientCtx) -> None:
    for x in (1, 3, 2):
        with context.get_child_context(x=x) as child:
            child.log_result("y", x * 2)
            child.log_artifact("note", body=f"x is {x}")
            if x == 3:
                child.mark_as_best()


@pytest.mark.row("4.110")
def test_runs_are_deleted_by_what_describes_them(
    service: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    for x in (1, 2):
        run(params={"x": x}, runspec=mlrun.new_task(f"gone-{x}").set_label("gone", x))
    database = mlrun.get_run_db()
    database.del_runs(project="default", labels={"gone": "1"})
    left = database.list_runs(name="~gone-", project="default")
    assert [each["metadata"]["name"] for each in left] == ["gone-2"]
    capsys.readouterr()
    left.show()
    assert capsys.readouterr().out == f"{left!r}\n"
    database.del_artifacts("note", project="default")
    assert not database.list_artifacts("note", project="default")


@pytest.mark.row("4.206")
def test_children_are_recorded_one_by_one(service: Live) -> None:
    done = run(makes_children)
    assert done.outputs["y"] == 6 and done.artifact("note").get() == b"x is 3"
    children = mlrun.get_run_db().list_runs(uid=done.uid(), iter=True)
    found = {c["metadata"]["iteration"]: c["status"] for c in children}
    assert {number: found[number]["results"] for number in (1, 2, 3)} == {
        1: {"y": 2}, 2: {"y": 6}, 3: {"y": 4},
    }  # fmt: skip
    assert {status["state"] for status in found.values()} == {"completed"}


@pytest.mark.row("4.115")
def test_a_task_keeps_the_callable_that_it_was_given(service: Live) -> None:
    task = mlrun.new_task(handler=trains, params={"x": 2}).with_hyper_params({"x": [1, 2]})
    assert task.to_dict()["spec"]["handler"] == "trains"
    function = mlrun.new_function("proof", kind="handler")
    swept = function.run(task, hyper_param_options={"selector": "max.z"})
    assert swept.outputs["best_iteration"] == 2 and swept.metadata.name == "proof-trains"
    assert function.run(mlrun.new_task(base=mlrun.new_task(handler=trains))).output("z") == 2
    own = mlrun.new_function("proof", kind="handler", handler=trains)
    assert own.run(swept.to_dict(), params={"x": 4}, hyperparams={"x": [3]}).output("z") == 6


class Holds:
    """A handler's object with what can neither be copied nor packed."""

    def __init__(self) -> None:
        self.lock = threading.Lock()

    def fit(self, context: Any) -> None:
        """A bound method as handler."""
        context.log_result("is_free", int(self.lock.acquire(blocking=False)))
        self.lock.release()

    def to_dict(self) -> dict[str, Any]:
        """What a task is not to take for the handler."""
        return {"kind": "holds"}

    __call__ = fit


@pytest.mark.row("4.115")
def test_what_a_handlers_object_holds_is_not_copied(service: Live) -> None:
    for handler, called in ((Holds().fit, "fit"), (Holds(), "Holds")):
        task = mlrun.new_task(handler=handler)
        assert task.to_dict()["spec"] == {"handler": called}
        assert f'"handler": "{called}"' in task.to_json() and f"handler: {called}" in task.to_yaml()
        twin = task.copy()
        twin.spec.parameters["x"] = 1
        assert twin.spec.handler == handler and not task.spec.parameters
        function = mlrun.new_function("proof", kind="handler")
        own = mlrun.new_function("proof", kind="handler", handler=handler)
        runs = function.run(handler=handler), own.run(), function.run(twin)
        assert [each.output("is_free") for each in runs] == [1, 1, 1]


@pytest.mark.row("4.114")
def test_a_failed_run_shows_the_handlers_lines(
    service: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(mlrun.RunError):
        run(params={"x": 5})
    said = capsys.readouterr().err
    assert 'raise ValueError("boom")' in said and said.endswith("ValueError: boom\n")
    assert "execution.py" not in said
    with pytest.raises(mlrun.RunError):
        mlrun.new_function("p", kind="handler").run(handler=trains, hyperparams={"x": [1, 5]})
    assert capsys.readouterr().err.count("ValueError: boom\n") == 1


@pytest.mark.row("4.114")
def test_a_failed_run(service: Live) -> None:
    with pytest.raises(mlrun.RunError, match=r"^boom$") as raised:
        run(params={"x": 5}, name="runs-fail")
    assert isinstance(raised.value, MLRunRuntimeError) and isinstance(raised.value, RuntimeError)
    (found,) = mlrun.get_run_db().list_runs(name="runs-fail", project="default").to_objects()
    assert found.state() == "error" and found.error == "boom"
    assert found.status.results == {"z": 10} and found.artifact("note").get() == b"x is 5"
    with pytest.raises(mlrun.RunError, match="boom"):
        found.wait_for_completion()
    assert found.wait_for_completion(raise_on_failure=False) == "error"


@pytest.mark.row("4.105", "4.111", "4.102")
def test_a_run_is_waited_for_and_aborted(service: Live, tmp_path: Path) -> None:
    path = tmp_path / "slow.py"
    path.write_text(
        "import time\ndef slow(context):\n    print('here', flush=True)\n    time.sleep(99)\n"
    )
    function = mlrun.code_to_function("slow", "default", filename=str(path), kind="local")
    started = function.run(handler="slow", watch=False)
    with pytest.raises(MLRunTimeoutError, match=r"after 0\.5 s; it goes on"):
        started.wait_for_completion(sleep=0.1, timeout=0.5)
    with pytest.raises(mlrun.errors.MLRunBadRequestError, match="consider aborting"):
        mlrun.get_run_db().del_run(started.uid(), "default")
    started.abort()
    assert started.status.state == "aborted" and started.status.end_time
    assert started.error
    mlrun.get_run_db().del_run(started.uid(), "default")
    with pytest.raises(MLRunNotFoundError):
        started.refresh()


@pytest.mark.row("4.107", "4.109")
def test_lists_of_runs(service: Live) -> None:
    db = mlrun.get_run_db()
    for x in (1, 2):
        run(params={"x": x, "same": 0}, name="listed")
    run(name="swept", hyperparams={"x": [1, 2, 3]}, hyper_param_options={"selector": "max.z"})
    found = db.list_runs(name="listed", project="default")
    assert isinstance(found, RunList) and len(found) == 2
    frame = found.to_df()
    assert list(frame.columns) == [
        "project", "uid", "iter", "start", "end", "state", "kind", "name", "labels", "inputs",
        "parameters", "results", "artifacts", "artifact_uris", "error",
    ]  # fmt: skip
    assert str(frame["start"].dtype).startswith("datetime64") and found.to_df() is frame
    flat = found.to_df(flat=True, cache=False)
    assert set(flat["param.x"]) == {1, 2} and set(flat["output.z"]) == {2, 4}
    html = found.show(display=False)
    assert "✔" in html and "<script" not in html and html.count("<tr>") == 3
    swept = db.list_runs(name="swept", project="default")
    rows = swept.to_df(extend_iterations=True)
    assert list(rows["iter"]) == [1, 2, 3]
    assert rows["parameters"].tolist() == [{"x": 1}, {"x": 2}, {"x": 3}]
    assert [each.status.results["z"] for each in swept.to_objects()] == [6]


@pytest.mark.row("4.109")
def test_runs_are_compared(service: Live, tmp_path: Path) -> None:
    from jupyter_mlrun.frameworks.parallel_coordinates import compare_db_runs, compare_run_objects

    runs = [run(params={"x": x, "same": 0}, name="compared") for x in (1, 2, 3)]
    page = compare_run_objects(runs, show=False, filename=str(tmp_path / "deep" / "page.html"))
    assert page is not None and "<svg" in page and page.count("<path") == 3
    assert "param.same" not in page and "<script" not in page
    assert (tmp_path / "deep" / "page.html").read_text() == page
    shown = compare_db_runs("default", "compared", show=False, hide_identical=False)
    assert "param.same" in str(shown)
    with pytest.raises(MLRunInvalidArgumentError, match="no colorscale 'pinks': choose blues"):
        compare_run_objects(runs, show=False, colorscale="pinks")


@pytest.mark.row("4.107")
def test_lists_of_artifacts_and_functions(service: Live) -> None:
    run(params={"x": 8}, name="lists")
    db = mlrun.get_run_db()
    artifacts = db.list_artifacts(name="lists_note", project="default")
    assert isinstance(artifacts, ArtifactList)
    frame = artifacts.to_df()
    assert {"key", "kind", "path", "producer", "uri", "tree"} <= set(frame.columns)
    assert artifacts.to_objects()[0].key == "note" and "note" in str(artifacts.show(display=False))
    assert any(item.get() == b"x is 8" for item in artifacts.dataitems())
    mlrun.new_function("listed", "default", kind="local", command="").with_code(
        body="def f(): pass"
    ).save()
    functions = db.list_functions("listed", project="default")
    assert isinstance(functions, FunctionList) and functions.to_df()["name"].tolist() == ["listed"]
    assert functions.to_objects()[0].kind == "local"


@pytest.mark.row("4.115")
def test_tasks_are_templates() -> None:
    task = (
        mlrun.new_task("a", "p", handler=trains, params={"x": 1}, in_path="i", out_path="o")
        .with_params(y=2)
        .with_input("data", "a.csv")
        .with_hyper_params({"x": [1, 2]}, "max.z", "list", max_errors=1)
        .with_secrets("env", "A,B")
        .set_label("team", "a")
    )
    assert task.spec.handler_name == "trains" and task.spec.is_hyper_job()
    assert task.spec.parameters == {"x": 1, "y": 2} and task.spec.inputs["data"] == "a.csv"
    assert task.spec.hyper_param_options.selector == "max.z"
    task.spec.hyper_param_options.stop_condition = "z>3"
    document = task.to_dict()
    assert document["spec"]["hyper_param_options"]["stop_condition"] == "z>3"
    again = mlrun.new_task(base=mlrun.RunTemplate.from_dict(document), params={"x": 9})
    assert again.spec.parameters == {"x": 9} and again.metadata.labels == {"team": "a"}
    assert task.copy().to_dict() == document
    with pytest.raises(AttributeError, match="Did you mean 'parameters'"):
        _ = task.spec.parametrs
    assert mlrun.new_task(retry={"count": 2}).spec.retry.backoff.base_delay == "30s"


@pytest.mark.row("4.112")
def test_a_run_is_the_task_of_another(service: Live) -> None:
    first = run(params={"x": 4})
    function = mlrun.new_function("proof", kind="handler")
    again = function.run(first, handler=trains)
    assert again.uid() != first.uid() and again.status.results == first.status.results


def test_a_sweep_is_drawn_and_read_once(
    service: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values, options = {"x": list(range(1000))}, {"strategy": "random", "max_iterations": 3}
    random.seed(0)
    wanted = [random.choice(values["x"]) for _ in range(3)]
    random.seed(0)
    found = mlrun.new_function("drawn", kind="handler").run(
        handler=lambda x: x, hyperparams=values, hyper_param_options=options
    )
    table = found.status.iterations
    assert [row[table[0].index("param.x")] for row in table[1:]] == wanted

    state = random.getstate()
    check_plan({"hyperparams": values, "hyper_param_options": options})
    assert random.getstate() == state

    (tmp_path / "rows.csv").write_text("x\n1\n2\n")
    reads = []
    real = iterations.read_values
    monkeypatch.setattr(iterations, "read_values", lambda *a: reads.append(a) or real(*a))
    found = mlrun.new_function("read", kind="handler").run(
        handler=lambda x: x, hyper_param_options={"param_file": str(tmp_path / "rows.csv")}
    )
    assert len(reads) == 1 and len(found.status.iterations) == 3


def test_where_results_go_is_as_the_project_says_now(
    service: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = mlrun.new_project(f"moves-{uuid.uuid4().hex[:6]}", context=str(tmp_path), save=False)
    project.save_to_db()
    name = project.name
    session.use_project("default")

    def asked() -> str:
        session.need_project(name)
        return session.artifact_path(name)

    before = asked()
    project.spec.artifact_path = str(tmp_path / "saved")
    project.save_to_db()
    assert asked() == str(tmp_path / "saved") != before
    document = project.to_dict()
    document["spec"]["artifact_path"] = str(tmp_path / "elsewhere")
    service.call("PUT", f"mlrun/api/v1/projects/{name}", document)
    assert asked() == str(tmp_path / "saved")
    monkeypatch.setattr(session, "_FRESH", 0.0)
    assert asked() == str(tmp_path / "elsewhere")
    session.use_project(name, project)
    mlrun.set_environment()
    assert not session._known_projects and asked() == str(tmp_path / "elsewhere")
