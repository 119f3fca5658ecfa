"""Handlers by MLRun's rules, run in this process with no service: what they get, what is kept."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from jupyter_mlrun import (
    DataItem,
    MLClientCtx,
    get_dataitem,
)
from jupyter_mlrun.datastore import set_in_memory_item
from tests.sdk.conftest import Told


def test_context_comes_by_name_or_type(call: Any) -> None:
    def by_name(context, x):
        return context.get_param("x") + x

    def by_type(run: MLClientCtx):
        return run.iteration == 0

    def by_word(run: "mlrun.MLClientCtx"):  # noqa: F821, UP037
        return run.name

    assert call(by_name, parameters={"x": 2})["status"]["results"] == {"return": 4}
    assert call(by_type)["status"]["results"] == {"return": True}
    assert call(by_word)["status"]["results"] == {"return": "train"}


def test_parameters_defaults_and_the_rest(call: Any) -> None:
    def handler(a, b=2, *, c=3, **rest):
        return [a, b, c, rest]

    run = call(handler, parameters={"a": 1, "c": 5, "d": 6})
    assert run["status"]["results"]["return"] == [1, 2, 5, {"d": 6}]


def test_a_missing_argument_is_named(call: Any) -> None:
    def handler(context, x):
        return x

    status = call(handler)["status"]
    assert status["state"] == "error"
    assert status["error_type"] == "TypeError"
    said = "handler() needs 'x': give it by params={'x': …}, or by inputs={'x': 'ADDRESS'}"
    assert status["error"] == said
    status = call(handler, origin={"command_line": "%mlrun run handler"})["status"]
    assert status["error"] == "handler() needs 'x': give it by -p x=VALUE or -i x=ADDRESS"


@pytest.mark.row("4.203")
def test_inputs_by_type_hint(call: Any, tmp_path: Path) -> None:
    csv = tmp_path / "d.csv"
    csv.write_text("a,b\n1,2\n")
    seen: dict[str, Any] = {}

    def handler(
        plain,
        item: DataItem,
        frame: pd.DataFrame,
        path: Path,
        local: str,
        maybe: pd.DataFrame | None = None,
        default="",
        data: bytes = b"",
        number: int = 0,
    ):
        seen.update(locals())

    names = ["plain", "item", "frame", "path", "local", "maybe", "default", "data"]
    inputs = {name: str(csv) for name in names} | {"number": "data:text/plain,42"}
    run = call(handler, inputs=inputs)
    assert run["status"]["state"] == "completed", run["status"]
    assert isinstance(seen["plain"], DataItem)
    assert isinstance(seen["item"], DataItem)
    assert list(seen["frame"].columns) == list(seen["maybe"].columns) == ["a", "b"]
    assert seen["path"] == csv
    assert seen["local"] == seen["default"] == str(csv)
    assert seen["data"] == csv.read_bytes()
    assert seen["number"] == 42


@pytest.mark.row("4.203", "5.305")
def test_texts_in_memory_are_inputs_of_any_type(call: Any) -> None:
    seen: dict[str, Any] = {}

    def handler(item: DataItem, path: str, data: bytes, rows: list, number: int):
        seen.update(item=item.get(), data=data, rows=rows, number=number)
        seen["path"] = Path(path).read_text()

    for name, text in (("text", "some\n"), ("rows.json", "[1, 2]"), ("number", "42")):
        set_in_memory_item(f"inputs/{name}", text)
    inputs = dict.fromkeys(("item", "path", "data"), "memory://inputs/text")
    inputs |= {"rows": "memory://inputs/rows.json", "number": "memory://inputs/number"}
    run = call(handler, inputs=inputs)
    assert run["status"]["state"] == "completed", run["status"]
    assert seen == {
        "item": "some\n", "path": "some\n", "data": b"some\n", "rows": [1, 2], "number": 42,
    }  # fmt: skip
    get_dataitem("memory://inputs").delete()


@pytest.mark.row("4.203")
def test_an_input_that_cannot_be_had_is_a_sentence(call: Any, tmp_path: Path) -> None:
    def handler(x: asyncio.Event):
        return x

    (tmp_path / "d").write_text("")
    status = call(handler, inputs={"x": str(tmp_path / "d")})["status"]
    assert "cannot be read as Event: take it as mlrun.DataItem" in status["error"]


def test_a_missing_file_is_an_error_of_the_run(call: Any) -> None:
    def handler(x: pd.DataFrame):
        return x

    assert (
        "/nowhere.csv is not there"
        in call(handler, inputs={"x": "/nowhere.csv"})["status"]["error"]
    )


def test_returns_are_logged_by_their_hints(call: Any) -> None:
    def handler(context):
        return 0.5, {"k": 1}, pd.DataFrame({"a": [1]})

    run = call(handler, returns=["accuracy", "report : artifact", {"key": "df"}])
    status = run["status"]
    assert status["results"] == {"accuracy": 0.5}
    assert set(status["artifact_uris"]) == {"report", "df"}
    assert status["artifact_uris"]["df"].startswith("store://datasets/default/train_df#0@")


def test_without_hints_what_is_empty_is_not_logged(call: Any) -> None:
    assert call(lambda context: None)["status"]["results"] == {}
    assert call(lambda context: 0)["status"]["results"] == {}
    assert call(lambda context: "x")["status"]["results"] == {"return": "x"}


def test_async_handlers_are_awaited_also_in_a_running_loop(call: Any) -> None:
    async def handler(context, x=1):
        await asyncio.sleep(0)
        return x + 1

    async def inside() -> Any:
        return call(handler)

    assert call(handler)["status"]["results"] == {"return": 2}
    assert asyncio.run(inside())["status"]["results"] == {"return": 2}


def in_a_loop(call: Any, *args: Any, **spec: Any) -> dict[str, Any]:
    """The run of a handler called where a loop runs already, as in a kernel."""

    async def inside() -> Any:
        before = asyncio.current_task()
        try:
            return call(*args, **spec)
        finally:
            assert asyncio.current_task() is before
            await asyncio.sleep(0)

    run: dict[str, Any] = asyncio.run(inside())
    return run


async def _waits(context: Any) -> None:
    try:
        await asyncio.sleep(30)
    except Exception:
        await asyncio.sleep(30)
    finally:
        context.log_result("cleaned", True)


async def _blocks(context: Any) -> None:
    try:
        time.sleep(30)
    finally:
        context.log_result("cleaned", True)


async def _swallows(context: Any) -> None:
    await asyncio.gather(_blocks(context), return_exceptions=True)
    await asyncio.sleep(30)


@pytest.mark.parametrize("handler", [_waits, _blocks, _swallows])
@pytest.mark.parametrize("how", [in_a_loop, lambda call, *a, **s: call(*a, **s)])
def test_async_handlers_end_with_their_time(call: Any, handler: Any, how: Any) -> None:
    began = time.monotonic()
    status = how(call, handler, limits={"timeout": 0.3})["status"]
    assert (status["state"], status["reason"]) == ("aborted", "the time limit of 0.3 s was reached")
    assert status["results"] == {"cleaned": True}
    assert time.monotonic() - began < 15


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("handler", [_waits, _blocks])
def test_async_handlers_end_with_an_interrupt(call: Any, handler: Any, told: Told) -> None:
    began = time.monotonic()
    interrupt = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    interrupt.start()
    with pytest.raises(KeyboardInterrupt):
        in_a_loop(call, handler)
    assert told.status()["state"] == "aborted"
    assert told.status()["results"] == {"cleaned": True}
    assert time.monotonic() - began < 15


def test_generators_are_refused(call: Any) -> None:
    def handler(context):
        yield 1

    assert "is a generator" in call(handler)["status"]["error"]


def test_class_handlers(call: Any) -> None:
    source = (
        "class Trainer:\n"
        "    def __init__(self, scale=1): self.scale = scale\n"
        "    def fit(self, context, x): return x * self.scale\n"
    )
    parameters = {"x": 3, "_init_args": {"scale": 2}}
    run = call(source=source, handler="Trainer::fit", parameters=parameters)
    assert run["status"]["results"] == {"return": 6}


def test_class_handlers_are_made_with_the_context(call: Any) -> None:
    source = (
        "class Trainer:\n"
        "    def __init__(self, context, scale): self.context, self.scale = context, scale\n"
        "    def fit(self, x): self.context.log_result('y', x * self.scale)\n"
        "class Free:\n"
        "    def __init__(self, **more): self.more = more\n"
        "    def fit(self): return sorted(self.more)\n"
    )
    parameters = {"x": 3, "_init_args": {"scale": 2}}
    run = call(source=source, handler="Trainer::fit", parameters=parameters)
    assert run["status"]["results"] == {"y": 6}
    assert call(source=source, handler="Free::fit")["status"]["results"] == {"return": ["context"]}
    failed = call(source=source, handler="Trainer::fit", parameters={"x": 3})["status"]["error"]
    assert failed.startswith("The class Trainer cannot be made: missing a required argument")
    assert "_init_args" in failed


@pytest.mark.row("4.208", "4.801")
@pytest.mark.parametrize(
    ("form", "line"),
    [
        ("human", '[info] hello: {"a": 1}\n'),
        ("human_extended", '[mlrun:info] hello: {"a": 1}\n'),
        ("json", '"level": "info", "message": "hello", "with": {"a": 1}}\n'),
        ("custom", 'info|hello|: {"a": 1}\n'),
    ],
)
def test_a_logger_writes_in_a_form(monkeypatch: pytest.MonkeyPatch, form: str, line: str) -> None:
    import io

    from jupyter_mlrun.logger import create_logger

    monkeypatch.setenv("MLRUN_LOG_FORMAT_OVERRIDE", "{level}|{message}|{more}")
    stream = io.StringIO()
    logger = create_logger("info", form, stream=stream)
    logger.debug("unheard")
    logger.info("hello", a=1)
    assert stream.getvalue().endswith(line) and stream.getvalue().count("\n") == 1
    if form == "custom":
        monkeypatch.setenv("MLRUN_LOG_FORMAT_OVERRIDE", "{nothing}")
        logger.info("kept")
        assert stream.getvalue().endswith("[info] kept\n")
