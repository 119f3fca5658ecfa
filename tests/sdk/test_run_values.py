"""What handlers and callers give to runs: contexts, any object, thresholds, notifications."""

from __future__ import annotations

import json
import threading
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
from jupyter_mlrun.errors import (
    MLRunAccessDeniedError,
    MLRunBadRequestError,
    MLRunInvalidArgumentError,
    MLRunInvalidArgumentTypeError,
)
from jupyter_mlrun.model.texts import recorded
from jupyter_mlrun.tasks.defaults import THRESHOLDS
from jupyter_mlrun_server.services.task_input import rerun
from tests.live import Live
from tests.sdk.test_runs import run


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
