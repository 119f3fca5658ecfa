"""Runs, their lists and their contexts, recorded by a real service."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import threading
import uuid
from datetime import date, datetime
from decimal import Decimal
from http import HTTPStatus
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import pytest

import jupyter_mlrun as mlrun
from jupyter_mlrun import iterations, session
from jupyter_mlrun.errors import (
    MLRunAccessDeniedError,
    MLRunBadRequestError,
    MLRunInvalidArgumentError,
    MLRunInvalidArgumentTypeError,
    MLRunNotFoundError,
    MLRunRuntimeError,
    MLRunTimeoutError,
)
from jupyter_mlrun.iterations import check_plan
from jupyter_mlrun.model.texts import recorded
from jupyter_mlrun.runs import ArtifactList, FunctionList, RunList
from jupyter_mlrun.tasks.defaults import THRESHOLDS
from jupyter_mlrun_server.services.task_input import rerun
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


@pytest.mark.row("4.603")
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kind": "slack"}, "at least one must be defined"),
        ({"kind": "webhook", "params": {"method": "GET"}}, "'url' is required for webhook"),
        ({"kind": "git", "params": {"repo": "a/b"}}, "'token' is required for git"),
    ],
)
def test_notifications_are_checked(given: dict[str, Any], said: str) -> None:
    with pytest.raises(MLRunInvalidArgumentError, match=said):
        mlrun.Notification(name="n", **given).validate_notification_params()
    with pytest.raises(MLRunInvalidArgumentError, match="severity is one of"):
        mlrun.Notification(name="n", severity="loud", **given)
    with pytest.raises(MLRunInvalidArgumentError, match="must be unique"):
        mlrun.Notification.validate_notification_uniqueness([{"name": "a"}, {"name": "a"}])
    with pytest.raises(MLRunInvalidArgumentError, match="900 KB"):
        mlrun.Notification(name="n", params={"url": "x" * 1_000_000})


@pytest.mark.row("4.202", "4.204", "4.208", "4.209", "4.210", "4.211", "4.212", "4.213", "4.207")
def test_a_context_and_all_it_has(service: Live, tmp_path: Path) -> None:
    (tmp_path / "more.env").write_text("# a file\nFROM_FILE=two\n")
    task = (
        mlrun.new_task("ctx", params={"p": {"a": [1]}})
        .with_secrets("inline", {"FROM_INLINE": "one-secret"})
        .with_secrets("file", str(tmp_path / "more.env"))
    )

    def handler(context: mlrun.MLClientCtx) -> None:
        assert context.get_param("p") == {"a": [1]} and context.get_param("q", 7) == 7
        context.parameters["p"] = "changed"
        assert context.parameters == {"p": {"a": [1]}, "q": 7}
        context.log_results({"f": float("nan"), "n": pd.Series([2]).iloc[0], "d": {"x": (1,)}})
        assert context.results == {"f": "nan", "n": 2, "d": {"x": [1]}}
        assert context.uid == context.tag == context.run_uid and context.iteration == 0
        child = context.get_child_context(with_parent_params=True, z=1)
        assert child.uid == f"{context.uid}-1" and child.tag == context.uid
        assert child.parameters == {"p": {"a": [1]}, "q": 7, "z": 1}
        with pytest.raises(MLRunInvalidArgumentError, match="cannot have iterations"):
            child.get_child_context()
        with pytest.raises(MLRunInvalidArgumentError, match="child context"):
            context.mark_as_best()
        context.set_label("team", "a")
        context.set_label("team", "b", replace=False)
        context.set_annotation("comment", "c")
        context.set_hostname("elsewhere")
        context.commit("said", completed=False)
        assert (context.labels["team"], context.annotations, context.host) == (
            "a", {"comment": "c", "message": "said"}, "elsewhere",
        )  # fmt: skip
        assert context.get_secret("FROM_INLINE") == "one-secret"
        assert context.get_secret("FROM_FILE") == "two" and context.get_secret("NONE") is None
        assert context.get_notifications() == [] and context.is_logging_worker()
        with pytest.raises(MLRunAccessDeniedError, match="stay with the service"):
            context.get_notifications(unmask_secret_params=True)
        assert context.node_selector == {} and context.auth == {} and context.affinity == {}
        assert context.artifact_subpath("a", "b").endswith("/a/b")
        stored = context.log_artifact("kept", body="here")
        assert context.get_artifact(stored.db_key).key == "kept"
        assert context.get_store_resource(stored.uri).to_dataitem().get() == b"here"
        assert context.get_dataitem(str(tmp_path / "more.env")).get()
        assert context.get_project_param("none", 3) == 3
        assert context.get_project_object().metadata.name == "default"
        assert context.get_meta()["uri"] == f"default/{context.uid}"
        context.log_level = "debug"
        context.logger.debug("seen", n=1)
        assert (
            json.loads(context.to_json())["metadata"]["name"] == context.name in context.to_yaml()
        )

    done = run(handler, runspec=task)
    assert done.status.commit == "said" and done.status.host == "elsewhere"
    assert "one-secret" not in json.dumps(mlrun.get_run(done.uid()).to_dict())


def test_a_run_here_refuses_kinds_of_notifications_that_nobody_knows(service: Live) -> None:
    told = [mlrun.Notification("slak", "a", params={"webhook": "https://example.com"})]
    with pytest.raises(MLRunInvalidArgumentError, match=r"kind 'slak': use .*mean 'slack'"):
        run(params={"x": 1}, name="never-told", notifications=told)
    assert not mlrun.get_run_db().list_runs(name="never-told", project="default")


@pytest.mark.row("4.601", "4.608")
def test_a_run_here_shows_its_notifications(
    service: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    condition = '{{ run["status"]["results"]["z"] > 5 }}'
    told = [
        mlrun.Notification("console", "a", "came true", condition=condition),
        mlrun.Notification("ipython", "b", "always", severity="warning"),
        mlrun.Notification("console", "c", "only then", when=["error"]),
    ]
    run(params={"x": 1}, notifications=told)
    said = capsys.readouterr().out
    assert "[warning] always · ✔ " in said and "came true" not in said and "only then" not in said
    run(params={"x": 4}, notifications=told)
    assert "[info] came true · ✔ " in capsys.readouterr().out
    with pytest.raises(mlrun.RunError):
        run(params={"x": 5}, notifications=told)
    assert "[info] only then · ✖ " in capsys.readouterr().out


SCRIPT = """
import sys
import jupyter_mlrun as mlrun

def work(context, x: int = 1):
    context.log_result("z", x * 2)

if __name__ == "__main__":
    context = mlrun.get_or_create_ctx("three-ways")
    assert mlrun.get_or_create_ctx("another") is context
    work(context, context.get_param("x", 4))
"""


@pytest.mark.row("4.201")
def test_one_file_three_ways(service: Live, tmp_path: Path) -> None:
    path = tmp_path / "three.py"
    path.write_text(SCRIPT)
    by_hand = subprocess.run([sys.executable, str(path)], capture_output=True, text=True)
    assert by_hand.returncode == 0, by_hand.stderr
    (found,) = mlrun.get_run_db().list_runs(name="three-ways", project="default").to_objects()
    assert found.state() == "completed" and found.status.results == {"z": 8}
    function = mlrun.code_to_function("three", "default", filename=str(path), kind="local")
    assert function.run(handler="work", params={"x": 5}).status.results == {"z": 10}
    document = {"metadata": {"name": "by-event"}, "spec": {"parameters": {"x": 6}}}
    for body in (document, json.dumps(document), json.dumps(document).encode()):
        with mlrun.get_or_create_ctx("event", event=SimpleNamespace(body=body)) as context:
            context.log_result("z", context.get_param("x") * 2)
        assert mlrun.get_run(context.uid).status.results == {"z": 12}
    with pytest.raises(MLRunInvalidArgumentError, match="JSON of a run, which this is not"):
        mlrun.get_or_create_ctx("event", event=SimpleNamespace(body="{"))
    with pytest.raises(MLRunInvalidArgumentError, match="not of int"):
        mlrun.get_or_create_ctx("event", spec=3)  # type: ignore[arg-type]


def test_what_failed_before_a_context_is_not_its_error(service: Live) -> None:
    """A notebook whose earlier cell failed goes on, and only what fails later ends its run."""
    for later, state in (("", "completed"), ("sys.last_value = ValueError('new')", "error")):
        name = f"after-a-failure-{state}"
        script = (
            "import sys, jupyter_mlrun as mlrun\nsys.last_value = ValueError('old')\n"
            f"mlrun.get_or_create_ctx('{name}')\n{later}"
        )
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        (found,) = mlrun.get_run_db().list_runs(name=name, project="default").to_objects()
        assert (found.state(), found.status.error or "") == (state, "new" if later else "")


@pytest.mark.parametrize(
    ("ending", "state", "error", "reason"),
    [
        ("sys.exit('no data')", "error", "the code called sys.exit: no data", None),
        ("try:\n    sys.exit(3)\nfinally:\n    print()", "error",
         "the code called sys.exit with code 3", None),
        ("sys.exit(0)", "completed", None, None),
        ("with context:\n    sys.exit()", "completed", None, None),
        ("with context:\n    sys.exit('in a block')", "error",
         "the code called sys.exit: in a block", None),
        ("try:\n    sys.exit('not now')\nexcept SystemExit:\n    pass", "completed", None, None),
        ("import argparse; argparse.ArgumentParser().parse_args(['--wrong'])", "error",
         "the code called sys.exit with code 2", None),
        ("raise ValueError('outer') from KeyError('inner')", "error",
         "outer, caused by: 'inner'", None),
        ("raise KeyboardInterrupt", "aborted", None, "interrupted"),
    ],
)  # fmt: skip
def test_how_a_program_ends_is_how_its_run_ends(
    service: Live, tmp_path: Path, ending: str, state: str, error: str | None, reason: str | None
) -> None:
    name = f"ends-{uuid.uuid4().hex[:8]}"
    script = (
        "import sys, jupyter_mlrun as mlrun\n"
        f"context = mlrun.get_or_create_ctx('{name}')\ncontext.log_result('z', 1)\n{ending}"
    )
    path = tmp_path / "script.py"
    path.write_text(script)
    subprocess.run([sys.executable, path], capture_output=True, text=True)
    (found,) = mlrun.get_run_db().list_runs(name=name, project="default").to_objects()
    assert (found.state(), found.status.error, found.status.reason) == (state, error, reason)
    assert found.status.results == {"z": 1}


# the ways in which Python begins a program
WAYS = {"file": ["ending.py"], "-m": ["-m", "ending"], "-c": ["-c"]}


def _new_python() -> str:
    """A Python that sees any SystemExit; empty where this machine has none."""
    if sys.version_info >= (3, 12):
        return sys.executable
    named = [shutil.which(f"python3.{minor}") for minor in (14, 13, 12)]
    found = [*named, *map(str, Path.home().glob(".pyenv/versions/3.1[2-9]*/bin/python"))]
    for each in found:
        if each and subprocess.run([each, "-V"], capture_output=True).returncode == 0:
            return each
    return ""


NEW_PYTHON = _new_python()


def _ends(folder: Path, python: str, way: str, ending: str) -> tuple[int, str, Any]:
    """The exit code of a program that ends so, what it wrote as errors, and its run."""
    name = f"ends-{uuid.uuid4().hex[:8]}"
    # what stands before BEFORE is done before there is a run
    first, _, last = ending.rpartition("BEFORE")
    script = (
        f"import sys\n{first}\nimport jupyter_mlrun as mlrun\n"
        "from jupyter_mlrun.settling import watch_exits\n"
        f"context = mlrun.get_or_create_ctx('{name}')\nwatch_exits()\n{last}"
    )
    (folder / "ending.py").write_text(script)
    given = [*WAYS[way], *([script] if way == "-c" else [])]
    path = os.pathsep.join(str(ROOT / part) for part in ("", "runtimes"))
    ended = subprocess.run(
        [python, *given], capture_output=True, text=True, cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    (found,) = mlrun.get_run_db().list_runs(name=name, project="default").to_objects()
    return ended.returncode, ended.stderr, found


# how a program ends, the exit code, and whether Python has nothing to say of it
ENDINGS = [
    ("def main():\n    return 3\nsys.exit(main())", 3, True),
    ("exit(code=5)", 5, True),
    ("quit()", 0, True),
    ("sys.exit((1, 2))", 1, False),
    ("try:\n    sys.exit(3)\nexcept SystemExit as error:\n    print(error.code)", 0, True),
    ("try:\n    sys.exit(3)\nexcept SystemExit as error:\n    raise", 3, True),
    ("import threading\nwork = threading.Thread(target=sys.exit, args=(3,))\n"
     "work.start()\nwork.join()", 0, True),
    ("import atexit\natexit.register(sys.exit, 3)", 0, False),
]  # fmt: skip
# of these Python tells from 3.12 on; before, they call no exit that could be seen
UNSEEN = [
    ("def main():\n    return 4\nraise SystemExit(main())", 4, True),
    ("raise SystemExit('no rows')", 1, False),
    ("raise SystemExit(0)", 0, True),
    ("from sys import exit\nBEFOREexit(6)", 6, True),
]
RERAISED = "try:\n    sys.exit(3)\nexcept SystemExit as error:\n    error.code = 0\n    raise"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("ending", "code", "is_quiet"), ENDINGS)
def test_however_a_program_began_its_end_is_known(
    service: Live, tmp_path: Path, way: str, ending: str, code: int, is_quiet: bool
) -> None:
    ended, said, found = _ends(tmp_path, sys.executable, way, ending)
    assert (ended, found.status.exit_code or 0) == (code, code), said
    assert found.state() == ("error" if code else "completed")
    assert not is_quiet or said == ""


@pytest.mark.skipif(not NEW_PYTHON, reason="no Python from 3.12 on is here")
@pytest.mark.parametrize("way", ["file", "-m"])
@pytest.mark.parametrize(("ending", "code", "is_quiet"), [*ENDINGS, *UNSEEN, (RERAISED, 0, True)])
def test_a_newer_python_tells_any_end(
    service: Live, tmp_path: Path, way: str, ending: str, code: int, is_quiet: bool
) -> None:
    ended, said, found = _ends(tmp_path, NEW_PYTHON, way, ending)
    assert (ended, found.status.exit_code or 0) == (code, code), said
    assert found.state() == ("error" if code else "completed")
    assert not is_quiet or said == ""


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python tells")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("ending", "code", "is_quiet"), UNSEEN)
def test_an_end_that_python_does_not_tell_is_never_called_a_good_one(
    service: Live, tmp_path: Path, way: str, ending: str, code: int, is_quiet: bool
) -> None:
    ended, said, found = _ends(tmp_path, sys.executable, way, ending)
    assert ended == code and found.state() == "error", found.state()
    assert "call sys.exit(code), or do the work in a block" in found.status.error
    assert not is_quiet or said == ""


def test_a_block_around_the_work_knows_its_end_on_any_python(service: Live, tmp_path: Path) -> None:
    for code, state in ((4, "error"), (0, "completed")):
        ended, said, found = _ends(
            tmp_path, sys.executable, "file", f"with context:\n    raise SystemExit({code})"
        )
        assert (ended, found.state(), said) == (code, state, "")
        assert (found.status.exit_code or 0) == code


def test_a_handler_of_this_process_is_given_any_object(service: Live, tmp_path: Path) -> None:
    frame, own, held = pd.DataFrame({"a": [1, 2]}), SimpleNamespace(x=1), threading.Lock()
    seen: list[Any] = []

    def looks(context, data, thing, locks, count):
        seen.extend([data, thing, locks, count])
        context.log_result("rows", len(data))

    given = {"data": frame, "thing": own, "locks": [held], "count": np.int64(3)}
    done = mlrun.new_function("looks", kind="handler").run(handler=looks, params=given)
    assert seen[0] is frame and seen[1] is own and seen[2][0] is held and seen[3] == 3
    assert done.status.results == {"rows": 2}
    kept = mlrun.get_run(done.uid()).spec.parameters
    assert kept == {
        "data": "<DataFrame (2, 1)>", "thing": "<SimpleNamespace>", "locks": ["<lock>"], "count": 3,
    }  # fmt: skip
    assert done.spec.parameters == kept
    # it is not run again with marks instead of objects
    for again in (done, mlrun.get_run(done.uid())):
        with pytest.raises(MLRunInvalidArgumentError, match="give data, thing, locks anew"):
            mlrun.new_function("looks", kind="handler").run(again, handler=looks)
        seen.clear()
        task = mlrun.new_task(base=again).with_params(data=frame, thing=own, locks=[held])
        mlrun.new_function("looks", kind="handler").run(task, handler=looks)
        assert seen[0] is frame
    changes = {"parameters": {"data": 1, "thing": 2}}
    with pytest.raises(MLRunBadRequestError, match="kept nowhere: locks"):
        rerun(done.to_dict(), changes)
    changes["parameters"]["locks"] = []
    assert "objects" not in rerun(done.to_dict(), changes)["spec"]["origin"]

    path = tmp_path / "looks.py"
    path.write_text("def looks(context, n=1, data=None):\n    context.log_result('n', n)\n")
    elsewhere = mlrun.code_to_function("elsewhere", filename=str(path), kind="local")
    with pytest.raises(MLRunInvalidArgumentTypeError, match="parameter data is of type DataFrame"):
        elsewhere.run(handler="looks", params={"data": frame})
    assert elsewhere.run(handler="looks", params={"n": np.int64(4)}).status.results["n"] == 4


def test_a_run_elsewhere_is_given_dates_and_paths_as_their_texts(
    service: Live, tmp_path: Path
) -> None:
    path = tmp_path / "echo.py"
    path.write_text("def echo(context, given=None):\n    context.log_result('given', given)\n")
    function = mlrun.code_to_function("echo", filename=str(path), kind="local")
    given = [date(2024, 1, 2), datetime(2024, 1, 2, 3), Path("/x"), Decimal("1.10"), UUID(int=1)]
    done = function.run(handler="echo", params={"given": {"all": [*given, HTTPStatus.OK]}})
    assert done.status.results["given"] == {"all": [*map(str, given), 200]}
    for refused in ({1}, b"x", threading.Lock(), 1j):
        with pytest.raises(MLRunInvalidArgumentTypeError, match=r"parameter given.0 is of type"):
            function.run(handler="echo", params={"given": [refused]})


def test_what_is_recorded_of_parameters_is_short_and_never_fails() -> None:
    class Bad:
        secret = "hush"

        def __str__(self) -> str:
            raise RuntimeError("no text")

        __repr__ = __str__
        shape = property(__str__)

    loop: list[Any] = [1]
    loop.append(loop)
    told, names = recorded(
        {"bad": Bad(), "loop": loop, "day": date(2024, 1, 2), "many": np.zeros(10**6),
         "text": "x" * 2_000_000, "plain": {"a": [1, "<b>"]}}
    )  # fmt: skip
    assert names == ["bad", "loop", "many", "text"]
    assert told["bad"] == "<Bad>" and told["day"] == "2024-01-02"
    assert told["many"] == "<ndarray (1000000,)>" and told["plain"] == {"a": [1, "<b>"]}
    assert len(json.dumps(told)) < 2_000
    with pytest.raises(MLRunInvalidArgumentError, match="contains itself"):
        mlrun.new_task(params={"loop": loop})
    with pytest.raises(MLRunInvalidArgumentError, match="contains itself"):
        mlrun.new_task().with_params(loop=loop).to_dict()


def test_a_run_that_is_done_again_is_asked_for_no_thresholds_by_itself(service: Live) -> None:
    def works(context: Any) -> None:
        pass

    function = mlrun.new_function("works", kind="handler")
    done = function.run(handler=works)
    assert done.spec.state_thresholds == THRESHOLDS
    for again in (mlrun.new_task(base=done).to_dict(), rerun(done.to_dict(), {})):
        assert again["spec"]["state_thresholds"] == {}
    done = function.run(handler=works, state_thresholds={"executing": "2h"})
    for again in (mlrun.new_task(base=done).to_dict(), rerun(done.to_dict(), {})):
        assert again["spec"]["state_thresholds"] == {"executing": "2h"}


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
