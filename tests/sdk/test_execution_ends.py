"""How handlers of this process end: exits, interrupts, limits, failures, and what is told."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from jupyter_mlrun import (
    awaiting,
    interruption,
)
from jupyter_mlrun.errors import MLRunBadRequestError
from jupyter_mlrun.output import RunLog
from tests.sdk.conftest import Told


def test_a_missing_handler_names_those_that_are(call: Any) -> None:
    status = call(source="def fit(context): pass", handler="train")["status"]
    assert status["error"] == "The handler 'train' is not in the function's code; it has fit"


def test_earlier_results_stay_when_the_handler_fails(call: Any) -> None:
    def handler(context):
        context.log_result("before", 1)
        raise ValueError("boom")

    status = call(handler)["status"]
    assert (status["state"], status["error"], status["error_type"]) == (
        "error",
        "boom",
        "ValueError",
    )
    assert status["results"] == {"before": 1}
    assert status["end_time"]


def test_causes_are_told_in_one_line(call: Any) -> None:
    def handler(context):
        try:
            raise KeyError("inner")
        except KeyError as error:
            raise RuntimeError("outer") from error

    assert call(handler)["status"]["error"] == "outer, caused by: 'inner'"


@pytest.mark.parametrize(
    ("code", "state", "error"),
    [
        (0, "completed", None),
        (None, "completed", None),
        (3, "error", "the code called sys.exit with code 3"),
        ("no data", "error", "the code called sys.exit: no data"),
    ],
)
def test_exits(call: Any, code: Any, state: str, error: str | None) -> None:
    def handler(context):
        sys.exit(code)

    status = call(handler)["status"]
    assert (status["state"], status.get("error")) == (state, error)


def test_an_interrupt_aborts_and_is_raised_again(call: Any, offline: Path) -> None:
    def handler(context):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        call(handler)
    last = json.loads((offline / "outbox.jsonl").read_text().splitlines()[-1])
    assert last["body"]["status.state"] == "aborted"


def test_the_time_limit_holds_here_too(call: Any) -> None:
    def handler(context):
        context.log_result("before", 1)
        try:
            time.sleep(20)
        except Exception:
            time.sleep(20)

    status = call(handler, limits={"timeout": 0.1})["status"]
    assert (status["state"], status["reason"]) == ("aborted", "the time limit of 0.1 s was reached")
    assert status["results"] == {"before": 1}
    began = time.monotonic()
    source = "import time\ntime.sleep(60)\ndef train(context): pass\n"
    assert call(source=source, limits={"timeout": 0.1})["status"]["state"] == "aborted"
    assert time.monotonic() - began < 50


def test_the_end_of_a_run_is_no_end_of_one_in_another_thread(call: Any) -> None:
    started, late = threading.Event(), threading.Event()

    async def beside(context):
        started.set()
        while not late.is_set():
            await asyncio.sleep(0.05)
        return "whole"

    def expires(context):
        assert started.wait(30)
        time.sleep(30)

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(call, beside)
        status = call(expires, limits={"timeout": 0.5})["status"]
        late.set()
        assert (status["state"], other.result()["status"]["results"]) == (
            "aborted",
            {"return": "whole"},
        )


def test_what_ends_a_process_ends_the_work_of_its_other_threads() -> None:
    started = threading.Event()

    async def sleeps() -> None:
        started.set()
        await asyncio.sleep(60)

    began = time.monotonic()
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(awaiting.wait, sleeps())
        assert started.wait(30)
        with pytest.raises(interruption.Aborted):
            interruption._end(interruption.Aborted(), everywhere=True)
        assert isinstance(other.exception(timeout=50), interruption.Aborted)
    assert time.monotonic() - began < 50


def test_a_limit_goes_on_after_one_in_it() -> None:
    began = time.monotonic()
    with (
        pytest.raises(interruption.Expired, match=r"limit of 0\.6 s"),
        interruption.time_limit(0.6, began + 0.6),
    ):
        with interruption.time_limit(0.5, began + 0.5):
            pass
        with interruption.time_limit(9, began + 9):
            pass
        time.sleep(20)
    assert time.monotonic() - began < 15


def test_output_is_seen_and_kept(call: Any, told: Told, capsys: pytest.CaptureFixture[str]) -> None:
    def handler(context):
        print("to both")
        print("errors too", file=sys.stderr)
        context.logger.info("told", n=1)

    call(handler)
    assert "to both" in capsys.readouterr().out
    text = told.log()
    assert text.startswith("to both\nerrors too\n> ")
    assert text.endswith('[info] told: {"n": 1}\n')


def test_error_frames_are_the_users(call: Any, offline: Path) -> None:
    source = "\n\ndef inner(x):\n    return 1 / x\n\ndef train(context):\n    inner(0)\n"
    entry = {"cell_first": 3, "cell_last": 7, "cell_offset": 2}
    frames = call(source=source, entry=entry)["status"]["error_frames"]
    assert [(f["function"], f["line"], f["cell"], f["cell_line"]) for f in frames] == [
        ("train", 7, True, 5),
        ("inner", 4, True, 2),
    ]
    assert frames[1]["text"] == [[0, ""], [1, "def inner(x):"], [2, "    return 1 / x"], [3, ""]]


def test_a_recursion_is_told_briefly(call: Any, told: Told) -> None:
    source = "def train(context):\n    return deep(1)\n\ndef deep(n):\n    return deep(n + 1)\n"
    frames = call(source=source)["status"]["error_frames"]
    assert [frame["function"] for frame in frames] == ["train", "deep", "deep", "deep"]
    assert "Previous line repeated" in told.log()


def test_a_syntax_error_has_its_place(call: Any) -> None:
    status = call(source="def train(context):\n    return (\n")["status"]
    assert status["error_type"] == "SyntaxError"
    assert status["error_frames"][-1]["line"] == 2


@pytest.mark.row("4.204")
@pytest.mark.parametrize("digits", [310, 5000])
def test_an_integer_that_json_cannot_hold_is_its_text(call: Any, told: Told, digits: int) -> None:
    def handler(context):
        context.log_result("early", 5)
        return 10**digits

    status = call(handler)["status"]
    assert status["state"] == "completed" and status["results"]["early"] == 5
    found = status["results"]["return"]
    assert found == (str(10**310) if digits == 310 else hex(10**5000))
    assert told.status()["results"] == status["results"]


@pytest.mark.row("4.209")
def test_what_cannot_be_told_does_not_take_the_end_with_it(call: Any, told: Told) -> None:
    def handler(context):
        context.set_status(progress=object())

    call(handler)
    assert told.status()["state"] == "error"
    assert "what the run recorded was not taken" in told.status()["error"]


@pytest.mark.parametrize(
    ("refusal", "seen"),
    [(MLRunBadRequestError("too long"), None), (KeyboardInterrupt(), KeyboardInterrupt)],
)
def test_a_log_that_cannot_be_told_does_not_take_the_end_with_it(
    call: Any, told: Told, monkeypatch: pytest.MonkeyPatch, refusal: Any, seen: Any
) -> None:
    def refuse(*_: Any) -> None:
        if threading.current_thread() is threading.main_thread():
            raise refusal

    monkeypatch.setattr(RunLog, "send", refuse)

    def handler(context):
        print("a line")

    how = pytest.raises(seen) if seen else pytest.warns(UserWarning, match="of the log: too long")
    with how:
        call(handler)
    assert told.status()["state"] == "completed"
