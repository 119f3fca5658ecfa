"""Which kinds there are, and the command that all of them execute."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_mlrun import states
from jupyter_mlrun.errors import MLRunBadRequestError
from jupyter_mlrun_runtimes import get_runtime, kinds, process
from jupyter_mlrun_runtimes.command import environment
from jupyter_mlrun_runtimes.contract import Limits, quantity
from jupyter_mlrun_runtimes.testing import make_task


def test_a_kind_that_is_not_here_is_named_with_those_that_are() -> None:
    with pytest.raises(MLRunBadRequestError) as caught:
        get_runtime("dusk")
    assert str(caught.value).startswith("kind 'dusk' is not in this release; available: ")


def test_every_kind_of_the_table_has_its_runtime() -> None:
    for kind in kinds():
        assert get_runtime(kind).kind == kind


def test_a_handler_run_lives_as_long_as_its_kernel() -> None:
    runtime = get_runtime("handler")
    kernel = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    handle = process.identity(kernel.pid)
    assert runtime.poll([handle])[0].state == states.RUNNING
    kernel.communicate(b"\n")
    (seen,) = runtime.poll([handle])
    assert (seen.state, seen.lost) == (states.ERROR, True)
    assert seen.reason == "the kernel in which the run worked is gone"


def test_handler_cannot_be_sent(tmp_path: Path) -> None:
    with pytest.raises(MLRunBadRequestError, match="runs in the kernel that sends it"):
        get_runtime("handler").build(make_task(tmp_path, ""))


def test_environment_of_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    task = make_task(tmp_path, "", env={"MINE": "1", "MPLBACKEND": "svg"}, limits={"cpu": 2})
    env = environment(task, "local")
    assert (env["MINE"], env["MPLBACKEND"], env["MLRUN_RUNTIME_KIND"]) == ("1", "svg", "local")
    assert env["MLRUN_HTTPDB__TOKEN"] == task.token
    assert env["MLRUN_META_TMPFILE"] == str(tmp_path / "task.json")
    assert env["OMP_NUM_THREADS"] == "2"


def test_tokens_of_jupyter_stay_with_the_server(tmp_path: Path) -> None:
    task = make_task(tmp_path, "")
    given = {"JUPYTER_TOKEN": "a", "JPY_API_TOKEN": "b", "JUPYTERHUB_API_TOKEN": "c", "KEPT": "d"}
    env = environment(type(task)(**{**task.__dict__, "environment": given}), "local")
    assert not {"a", "b", "c"} & set(env.values())
    assert env["KEPT"] == "d"


def test_limits_ignore_what_they_do_not_know() -> None:
    assert Limits.from_dict({"timeout": 3, "gpu": 1, "memory": None}) == Limits(timeout=3)


@pytest.mark.parametrize(
    "text, number",
    [
        ("2", 2), (0.5, 0.5), ("500m", 0.5), ("1k", 1000), ("2M", 2e6), ("4Gi", 4 * 2**30),
        ("1e3", 1000), ("1E", 1e18), ("", None), (None, None), ("1..2", None), ("-1", None),
        ("{{pipelineparam:op=;name=mem}}", None), ("1Xi", None),
    ],
)  # fmt: skip
def test_quantities_of_kubernetes_are_numbers(text: object, number: float | None) -> None:
    assert quantity(text) == (None if number is None else pytest.approx(number))


def test_a_run_has_the_limits_of_its_function_where_it_names_none(tmp_path: Path) -> None:
    task = make_task(tmp_path, "", limits={"cpu": 2, "timeout": 9})
    task.function["spec"]["resources"] = {
        "limits": {"memory": "1G", "cpu": "500m", "nvidia.com/gpu": 1},
        "requests": {"memory": "8G"},
    }
    assert Limits.of(task) == Limits(timeout=9, cpu=2, memory=10**9)
    assert Limits.of(task, copies=3).memory == 3 * 10**9
