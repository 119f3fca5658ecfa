"""What the document of a run says of itself, where its artifacts go, and how it is printed."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

import jupyter_mlrun as mlrun
from jupyter_mlrun.client import projects
from jupyter_mlrun.names import new_uid
from jupyter_mlrun.session import client
from jupyter_mlrun.tasks.defaults import THRESHOLDS, fill_spec
from tests.live import Live


@pytest.fixture(autouse=True)
def surroundings(service: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    projects.get_or_create(client(), "default")
    monkeypatch.setenv("MLRUN_ACTIVE_PROJECT", "default")
    monkeypatch.chdir(tmp_path)


def handler(context: Any, x: int = 1) -> None:
    context.log_result("z", x)
    context.log_artifact("note", body="hello")


def recorded(**given: Any) -> dict[str, Any]:
    run = mlrun.new_function("documents", project=given.pop("project", "")).run(
        handler=handler, **given
    )
    found: dict[str, Any] = mlrun.get_run_db().read_run(run.uid(), run.project)
    return found


def target(run: dict[str, Any]) -> str:
    return str(run["status"]["artifacts"][0]["spec"]["target_path"])


@pytest.mark.row("4.101")
def test_a_run_says_what_mlruns_says() -> None:
    run = recorded(params={"x": 2})
    spec = run["spec"]
    assert (spec["log_level"], spec["outputs"], spec["data_stores"]) == ("info", [], [])
    assert spec["state_thresholds"] == THRESHOLDS and spec["hyper_param_options"] == {}
    # where its artifacts are
    assert spec["output_path"].endswith(f"/default/{run['metadata']['uid']}")
    assert target(run).startswith(f"{spec['output_path']}/0/")
    empty = {"hyperparams": {}, "notifications": [], "node_selector": {}, "retry": {}, "auth": {}}
    assert {name: spec[name] for name in empty} == empty
    own = recorded(state_thresholds={"executing": "2h"})["spec"]["state_thresholds"]
    assert own == {**THRESHOLDS, "executing": "2h"}
    # what comes back is among what it has
    returned = recorded(returns=["a", "b:model", "*c", {"key": "d"}])["spec"]["outputs"]
    assert returned == ["a", "b", "c", "d"]
    # the names of the rest are not known yet
    spec = {"returns": ["a", "...", "*..."]}
    fill_spec(spec)
    assert spec["outputs"] == ["a"]  # type: ignore[comparison-overlap]


@pytest.mark.row("1.41", "1.39")
def test_artifacts_go_where_the_project_or_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLRUN_ARTIFACT_PATH", str(tmp_path / "environment"))
    run = recorded()
    assert run["spec"]["output_path"] == str(tmp_path / "environment")
    assert target(run).startswith(f"{tmp_path}/environment/{run['metadata']['uid']}/0/")
    name = f"paths-{new_uid()[:8]}"
    project = mlrun.new_project(name, str(tmp_path / "project"), save=False)
    project.artifact_path = f"{tmp_path}/of/{{{{project}}}}/{{{{run.uid}}}}"
    project.save()
    run = recorded(project=name)
    uid = run["metadata"]["uid"]
    assert run["spec"]["output_path"] == f"{tmp_path}/of/{name}/{uid}"
    assert target(run).startswith(f"{tmp_path}/of/{name}/{uid}/0/")
    # what was asked for goes before
    run = recorded(project=name, output_path="here")
    assert run["spec"]["output_path"] == str(tmp_path / "here")
    # a run that repeats another one has a folder of its own
    again = recorded(project=name, runspec=mlrun.get_run(uid, name))
    assert again["spec"]["output_path"] == f"{tmp_path}/of/{name}/{again['metadata']['uid']}"


@pytest.mark.row("4.201")
def test_a_program_that_nothing_calls_is_of_kind_local() -> None:
    context = mlrun.get_or_create_ctx("documents-program", project="default")
    context.commit(completed=True)
    run = mlrun.get_run_db().read_run(context.run_uid, "default")
    assert run["metadata"]["labels"]["kind"] == "local" and run["spec"]["log_level"] == "info"
    assert run["spec"]["outputs"] == [] and "state_thresholds" not in run["spec"]


@pytest.mark.row("4.105", "4.212")
def test_runs_and_contexts_are_printed_as_lines(capsys: pytest.CaptureFixture[str]) -> None:
    seen = []

    def prints(context: Any, x: int = 1) -> None:
        context.log_result("accuracy", 0.93217)
        seen.append(str(context))

    run = mlrun.new_function("printed").run(handler=prints, params={"x": 4, "name": "ann"})
    lines = str(run).splitlines()
    assert lines[0] == "✔ run default/printed-prints completed"
    for label, said in (("uid", run.uid()), ("parameters", "x=4"), ("results", "accuracy=0.9322")):
        assert any(line.split() == [label, said] for line in lines), f"{label} {said}: {lines}"
    (first,) = (line for line in lines if "x=4" in line)
    below = lines[lines.index(first) + 1]
    # a second parameter stands below the first
    assert below == " " * first.index("x=4") + "name=ann", lines
    assert "▶ run default/printed-prints running" in seen[0] and "accuracy=0.9322" in seen[0]
    assert repr(run) == f"<run default/printed-prints completed {run.uid()}>"
    capsys.readouterr()
    run.show()
    assert capsys.readouterr().out == f"{run}\n"
    swept = mlrun.new_function("printed").run(
        handler=handler, hyperparams={"x": [1, 3]}, hyper_param_options={"selector": "max.z"}
    )
    assert "iterations  2, the best is 2" in str(swept)
    assert swept.status.artifact_uris["note"] in str(swept)


@pytest.mark.row("4.105")
def test_a_failed_run_says_why_when_it_is_printed() -> None:
    def fails(context: Any) -> None:
        raise ValueError("boom")

    name = f"failed-{os.getpid()}"
    with pytest.raises(mlrun.errors.RunError):
        mlrun.new_function(name).run(handler=fails)
    (run,) = mlrun.list_runs(name=f"{name}-fails")
    lines = str(run).splitlines()
    assert lines[0].startswith("✖ run default/failed-") and lines[0].endswith(" failed")
    assert ["error", "boom"] in [line.split() for line in lines]


def told_of(uid: str) -> Any:
    """What became of the notification 'w' of a run, once the service has tried to send it."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        status = mlrun.get_run_db().read_run(uid, "default")["status"]
        if (found := (status.get("notifications") or {}).get("w")) and found.get("status"):
            return found
        time.sleep(0.1)
    raise AssertionError("nobody was told")


@pytest.mark.row("4.602", "4.608")
@pytest.mark.parametrize("swept", [{}, {"hyperparams": {"x": [1, 2]}}])
def test_the_service_sends_the_notifications_of_runs_here(swept: dict[str, Any]) -> None:
    # no service sends to a port of its own machine: the attempt is what is seen
    given = {"kind": "webhook", "name": "w", "params": {"url": "http://127.0.0.1:9/x"}}
    run = mlrun.new_function("told").run(handler=handler, notifications=[given], **swept)
    found = told_of(run.uid())
    assert found["status"] == "error" and "127.0.0.1" in found["reason"]
    # one of another state: looked at when the other one was tried
    never = {**given, "name": "never", "when": ["error"]}
    run = mlrun.new_function("told").run(handler=handler, notifications=[never, given])
    assert told_of(run.uid())["status"] == "error"
    status = mlrun.get_run_db().read_run(run.uid(), "default")["status"]
    untold = (status.get("notifications") or {}).get("never") or {}
    assert untold.get("status") in (None, "pending") and not untold.get("reason"), untold


@pytest.mark.row("4.608")
def test_a_notification_that_cannot_be_sent_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    run = mlrun.new_function("told").run(
        handler=handler, notifications=[{"kind": "webhook", "name": "w"}]
    )
    assert run.state() == "completed"
    assert "Nobody will be told of this run: Parameter 'url' is" in capsys.readouterr().out
