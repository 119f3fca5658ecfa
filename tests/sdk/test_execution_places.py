"""Where handlers of this process find modules, files, their context and their log."""

from __future__ import annotations

import base64
import contextvars
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_mlrun import (
    contexts,
    get_or_create_ctx,
)
from jupyter_mlrun.client.address import Address
from jupyter_mlrun.client.transport import Client
from jupyter_mlrun.process_run import execute
from tests.sdk.conftest import FUNCTION, NOBODY, RUN_TOKEN, Told, make_run


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
