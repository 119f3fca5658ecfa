"""Sweeps of handlers of this process: what is kept of iterations, and when they stop."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jupyter_mlrun import (
    interruption,
    parallel,
)
from tests.sdk.conftest import Told


def test_series_keep_their_last_points(call: Any) -> None:
    def handler(context):
        for step in range(2100):
            context.log_result("loss", 1 / (step + 1), step=step)

    status = call(handler)["status"]
    assert len(status["series"]["loss"]) == 2000
    assert status["series"]["loss"][-1] == [2099, 1 / 2100]
    assert status["results"]["loss"] == 1 / 2100


@pytest.mark.row("4.306")
def test_sweep_with_a_failure(call: Any, told: Told) -> None:
    def handler(context, x, y=10):
        if x == 5:
            raise ValueError("bad x")
        context.log_result("z", x * y)
        return x

    run = call(handler, hyperparams={"x": [1, 5, 3]}, hyper_param_options={"selector": "max.z"})
    status = run["status"]
    assert status["state"] == "error"
    assert status["error"] == "1 of 3 tasks failed, check logs in db for details"
    assert status["reason"] == "iteration 2 (x=5): ValueError: bad x"
    assert "# iteration 3 of 3: x=3\n" in told.log()
    assert status["iterations"] == [
        ["state", "iter", "param.x", "output.z", "output.return"],
        ["completed", 1, 1, 10, 1],
        ["error", 2, 5, None, None],
        ["completed", 3, 3, 30, 3],
    ]
    assert status["results"] == {"z": 30, "return": 3, "best_iteration": 3}
    assert told.log().count("Traceback") == 1


def test_a_sweep_over_any_values(call: Any) -> None:
    values = [1, [1, 2], {"a": 1}, "text", None, True, "nan"]
    run = call(lambda context, x: str(x), hyperparams={"x": values})
    assert run["status"]["state"] == "completed"
    head, *rows = run["status"]["iterations"]
    # as in MLRun, a dict has columns of its own
    assert head == ["state", "iter", "param.x", "param.x.a", "output.return"]
    assert [row[2] for row in rows] == [None if value == {"a": 1} else value for value in values]
    assert [row[3] for row in rows] == [None, None, 1, None, None, None, None]
    assert "parallel_coordinates" in run["status"]["artifact_uris"]


def test_a_selector_that_fits_nothing_is_said_aloud(call: Any, told: Told) -> None:
    def handler(context, x):
        context.log_result("loss", x)

    call(handler, hyperparams={"x": [1, 2]}, hyper_param_options={"selector": "min.lss"})
    assert "no iteration has a number as its result 'lss'" in told.log()
    assert "Did you mean 'loss'?" in told.log()


def test_a_cluster_that_is_gone_does_not_hide_what_ended_its_sweep(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Gone:
        def __getattr__(self, name: str) -> Any:
            return lambda *_, **__: self

        def run(self, *_: Any) -> None:
            raise TimeoutError("no scheduler answers")

    monkeypatch.setattr(parallel, "_client", lambda uri: Gone())
    with pytest.raises(interruption.Expired, match="over"), parallel._dask("tcp://x:1", False):
        raise interruption.Expired("over")


def test_an_interrupt_ends_the_whole_sweep(call: Any, told: Told) -> None:
    def handler(context, x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        call(handler, hyperparams={"x": [1, 2, 3]})
    assert told.status()["state"] == "aborted"
    stored = [body["metadata"] for body in told.bodies("POST") if "metadata" in body]
    assert [metadata.get("iteration", 0) for metadata in stored] == [0, 1, 1]


def test_an_error_outside_the_users_code_has_no_lines(call: Any, told: Told) -> None:
    call(source="def fit(context): pass", handler="train")
    assert told.log() == (
        "jupyter_mlrun.errors.MLRunBadRequestError: "
        "The handler 'train' is not in the function's code; it has fit\n"
    )


@pytest.mark.row("5.115", "4.304")
def test_sweep_links_the_best_artifacts(call: Any, offline: Path) -> None:
    def handler(context, x):
        context.log_artifact("a", body=str(x))
        return x

    run = call(handler, hyperparams={"x": [1, 2]}, hyper_param_options={"selector": "max.return"})
    status = run["status"]
    assert status["state"] == "completed"
    assert status["artifact_uris"]["a"].startswith("store://artifacts/default/train_a#2@")
    assert {"iteration_results", "parallel_coordinates"} <= set(status["artifact_uris"])
    entries = map(json.loads, (offline / "outbox.jsonl").read_text().splitlines())
    links = [e["body"] for e in entries if e["method"] == "PUT" and e["body"]["kind"] == "link"]
    assert [link["spec"]["link_iteration"] for link in links] == [2]


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ({"stop_condition": "result>=2"}, 2),
        ({"max_errors": 0}, 3),
        ({"max_errors": 1}, 5),
        ({}, 5),
    ],
)
def test_sweeps_stop_when_they_should(call: Any, options: dict[str, Any], count: int) -> None:
    def handler(context, x):
        if x == 3:
            raise ValueError("three")
        context.log_result("result", x)

    run = call(handler, hyperparams={"x": [1, 2, 3, 4, 5]}, hyper_param_options=options)
    assert len(run["status"]["iterations"]) == count + 1
