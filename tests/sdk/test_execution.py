"""Handlers by MLRun's rules, run in this process with no service: what they get, what is kept."""

from __future__ import annotations

import asyncio
import base64
import contextvars
import json
import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from jupyter_mlrun import (
    DataItem,
    MLClientCtx,
    awaiting,
    contexts,
    get_or_create_ctx,
    interruption,
    parallel,
)
from jupyter_mlrun.client.address import Address
from jupyter_mlrun.client.transport import Client
from jupyter_mlrun.errors import MLRunBadRequestError
from jupyter_mlrun.output import RunLog
from jupyter_mlrun.process_run import execute
from tests.sdk.conftest import NOBODY, RUN_TOKEN, Told, make_run

FUNCTION: dict[str, Any] = {"metadata": {"name": "proof", "project": "default"}, "spec": {}}


@pytest.fixture
def call(offline: Path) -> Any:
    """Run a handler, or a source, with a spec; the run's document."""

    def run(
        called: Any = None, source: str = "", entry: Any = None, files: Any = None, **spec: Any
    ) -> dict[str, Any]:
        function = json.loads(json.dumps(FUNCTION))
        if source:
            code = base64.b64encode(source.encode()).decode()
            name = spec.get("handler", "train")
            spec.setdefault("handler", name)
            function["spec"] = {
                "build": {"functionSourceCode": code},
                "entry_points": {name: entry or {}},
                "files": files or [],
            }
        client = Client(Address(NOBODY, RUN_TOKEN))
        return execute(make_run(**spec), function, client, called, offline)

    return run


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


def _beside(folder: Path, word: str) -> dict[str, Any]:
    """A function whose file has a module beside it, of the name that all of them have."""
    folder.mkdir()
    (folder / "its_helpers.py").write_text(f"WORD = {word!r}\n")
    (folder / "train.py").write_text(
        "def train(context):\n    import its_helpers\n    return its_helpers.WORD\n"
    )
    return {**FUNCTION, "spec": {"command": str(folder / "train.py")}}


def test_functions_in_files_have_their_own_modules_beside_them(offline: Path) -> None:
    client = Client(Address(NOBODY, RUN_TOKEN))
    before, known = list(sys.path), set(sys.modules)
    for word in ("first", "second"):
        function = _beside(offline.parent / word, word)
        run = execute(make_run(handler="train"), function, client, None, offline)
        assert run["status"]["results"] == {"return": word}
        assert sys.path == before
    assert not {"its_helpers", "run_proof"} & (set(sys.modules) - known)


def test_a_folder_that_is_gone_does_not_take_the_end_with_it(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("gone", "installed"):
        (tmp_path / name).mkdir()
    (tmp_path / "its_beside.py").touch()
    (tmp_path / "installed" / "its_library.py").touch()
    monkeypatch.syspath_prepend(tmp_path / "installed")
    monkeypatch.chdir(tmp_path / "gone")
    client, path = Client(Address(NOBODY, RUN_TOKEN)), list(sys.path)

    def handler(context):
        import its_beside  # noqa: F401
        import its_library  # noqa: F401

        (tmp_path / "gone").rmdir()

    run = execute(make_run(), FUNCTION, client, handler, told.path.parent, workdir=str(tmp_path))
    assert run["status"]["state"] == told.status()["state"] == "completed"
    assert sys.path == path and "its_beside" not in sys.modules
    assert sys.modules.pop("its_library")


def test_what_was_shipped_comes_before_what_lies_beside_the_notebook(
    call: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in (("beside", "x = 'beside'"), ("other", "x = 'other'")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "its_own.py").write_text(text)
    monkeypatch.chdir(tmp_path / "beside")
    monkeypatch.syspath_prepend("")
    shipped = [{"path": "its_own.py", "content": base64.b64encode(b"x = 'shipped'").decode()}]
    source = "def train(context):\n    import its_own\n    return its_own.x\n"
    before = list(sys.path)
    assert call(source=source, files=shipped)["status"]["results"] == {"return": "shipped"}
    assert sys.path[: len(before)] == before and "its_own" not in sys.modules


def test_shipped_files_are_found(call: Any, offline: Path) -> None:
    content = base64.b64encode(b"a\n1\n").decode()
    files = [{"path": "data/x.csv", "content": content}, {"path": "mine.py", "content": "eD0x"}]
    source = (
        "import mine\n"
        "from pathlib import Path\n"
        "def train(context):\n"
        "    return [Path(context.get_file('data/x.csv')).read_text(), mine.x]\n"
    )
    assert call(source=source, files=files)["status"]["results"] == {"return": ["a\n1\n", 1]}
    source = "def train(context): context.get_file('y')"
    error = call(source=source, files=files)["status"]["error"]
    assert error.startswith("No file 'y' was shipped with this run; it has data, mine.py")


def test_a_file_never_leaves_the_folder(call: Any) -> None:
    files = [{"path": "../x", "content": ""}]
    error = call(source="def train(context): pass", files=files)["status"]["error"]
    assert error == "The shipped file '../x' would leave the run's folder"


def test_the_running_context_is_found(call: Any) -> None:
    def handler(context):
        return get_or_create_ctx("other") is context

    assert call(handler)["status"]["results"] == {"return": True}


@pytest.mark.usefixtures("offline")
def test_contexts_of_events_are_let_go_when_they_have_ended() -> None:
    client, before = Client(Address(NOBODY, RUN_TOKEN)), len(contexts._open)
    for number in range(5):
        body = {"metadata": {"name": "event", "project": "default"}}
        event = SimpleNamespace(body=body)
        with get_or_create_ctx("event", event=event, rundb=client) as context:
            context.log_result("number", number)
    # the last one only, until there is another
    assert len(contexts._open) <= before + 1


def test_runs_side_by_side_in_threads_keep_apart(
    offline: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    both = threading.Barrier(2, timeout=30)

    def handler(context, x):
        both.wait()
        for _ in range(20):
            print(f"of {x}")
            assert get_or_create_ctx("any") is context
            time.sleep(0.01)
        lonely = ThreadPoolExecutor(1)
        context.log_result("alone", str(lonely.submit(get_or_create_ctx, "x").exception()))
        with ThreadPoolExecutor(1) as pool:
            told = contextvars.copy_context().run
            assert pool.submit(told, get_or_create_ctx, "any").result() is context
        both.wait()

    def run(x: int) -> Any:
        client = Client(Address(NOBODY, RUN_TOKEN))
        home = offline / str(x)
        status = execute(make_run(parameters={"x": x}), FUNCTION, client, handler, home)["status"]
        assert status["state"] == "completed", status
        assert "this thread belongs to none of them" in status["results"]["alone"]
        return Told(home).log()

    before = sys.stdout
    with ThreadPoolExecutor(2) as pool:
        logs = list(pool.map(run, (1, 2)))
    assert logs == ["of 1\n" * 20, "of 2\n" * 20]
    assert sys.stdout is before
    assert capsys.readouterr().out.count("of 1\n") == 20


def test_a_thread_of_a_run_finds_its_context_and_its_log(call: Any, told: Told) -> None:
    def handler(context):
        def work():
            print("from a thread")
            return get_or_create_ctx("any") is context

        with ThreadPoolExecutor(1) as pool:
            return pool.submit(work).result()

    assert call(handler)["status"]["results"] == {"return": True}
    assert told.log() == "from a thread\n"


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
