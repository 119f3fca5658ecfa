"""The SDK against a real Jupyter server: runs of both kinds, and what survives its death."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import jupyter_mlrun as mlrun
from jupyter_mlrun import errors, names, session
from jupyter_mlrun.client import projects, runs
from jupyter_mlrun.client.submit import submit
from jupyter_mlrun.datastore.inputs import resolve_input
from jupyter_mlrun.paths import server_file
from jupyter_mlrun.process_run import execute
from jupyter_mlrun.runs import RunObject
from tests.live import Live, live_server


@pytest.fixture(autouse=True)
def live(service: Live) -> Live:
    projects.get_or_create(session.client(), "default")
    return service


def make(source: str, name: str = "proof") -> Any:
    return mlrun.new_function(name, kind="local").with_code(body=source)


def wait_for(condition: Callable[[], Any], timeout: float = 30) -> Any:
    deadline = time.monotonic() + timeout
    while not (value := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
    return value


def log_of(run: RunObject) -> bytes:
    return b"".join(run.read_log())


TRAIN = """
import pandas as pd
def train(context, n=2):
    print("training", n)
    context.log_result("loss", 1.0, step=1)
    context.log_result("loss", 0.5, step=2)
    context.log_artifact("note", body="kept")
    context.set_label("stage", "test")
    return n / 4, pd.DataFrame({"a": range(n)}), {1, n}
"""


def test_a_local_run_from_end_to_end(live: Live) -> None:
    function = make(TRAIN)
    run = function.run(handler="train", params={"n": 3}, returns=["acc", "df", "numbers"])
    assert run.state() == "completed"
    assert run.outputs["acc"] == 0.75
    assert run.status.results == {"acc": 0.75, "loss": 0.5}
    assert run.status.series == {"loss": [[1, 1.0], [2, 0.5]]}
    assert run.artifact("note").get() == b"kept"
    pd.testing.assert_frame_equal(run.load("df"), pd.DataFrame({"a": range(3)}))
    assert run.load("numbers") == {1, 3}
    assert log_of(run) == b"training 3\n"
    assert run.metadata.labels["stage"] == "test"
    assert {"queued", "starting", "running", "saving"} <= set(run.status.times)
    where = Path(run.artifact("note").url)
    assert where == live.data / "artifacts" / "default" / run.uid() / "0" / "note.txt"
    assert run.spec.function == function.uri


def test_a_failing_run_raises_and_keeps_what_it_had() -> None:
    source = (
        "def train(context):\n    context.log_result('before', 1)\n    raise ValueError('boom')\n"
    )
    function = make(source)
    with pytest.raises(errors.RunError, match="boom"):
        function.run(handler="train")
    (last, *_) = mlrun.list_runs(name="proof-train")
    assert (last.state(), last.error) == ("error", "boom")
    assert last.status.results == {"before": 1}
    assert last.status.error_frames[-1]["line"] == 3
    assert log_of(last).endswith(b"ValueError: boom\n")


def test_the_same_function_is_one_version() -> None:
    one, two = make("def f(context): pass"), make("def f(context): pass")
    address = one.save(versioned=True)
    assert address == two.save(versioned=True) == f"db://{one.uri}"
    assert make("def f(context): return 1").save(versioned=True) != address
    found = mlrun.import_function(address)
    assert found.code == "def f(context): pass"


@pytest.mark.row("4.106")
def test_a_callable_runs_here() -> None:
    here = []

    def handler(context, x):
        here.append(os.getpid())
        print("in this process")
        return x * 2

    run = mlrun.new_function("here").run(handler=handler, params={"x": 4})
    assert here == [os.getpid()]
    assert run.refresh().outputs == {"return": 8}
    assert log_of(run) == b"in this process\n"
    assert run.metadata.labels["kind"] == "handler"
    assert run.spec.origin["process"]["pid"] == os.getpid()


@pytest.mark.row("4.111")
def test_aborting() -> None:
    function = make("import time\ndef f(context):\n    print('on')\n    time.sleep(60)\n")
    run = function.run(handler="f", watch=False)
    wait_for(lambda: b"on" in log_of(run))
    run.abort("enough of it")
    with pytest.raises(errors.RunError):
        run.wait_for_completion(timeout=20)
    assert run.state() == "aborted"


def test_waiting_has_an_end() -> None:
    run = make("import time\ndef f(context): time.sleep(60)").run(handler="f", watch=False)
    with pytest.raises(errors.MLRunTimeoutError, match="it goes on"):
        run.wait_for_completion(timeout=0.3)
    run.abort()
    run.wait_for_completion(raise_on_failure=False)


@pytest.mark.row("4.207")
def test_secrets_reach_the_run_and_nothing_else(live: Live) -> None:
    source = "def f(context): return len(context.get_secret('API_KEY'))"
    function = make(source)
    function.save(versioned=True)
    task = {
        "metadata": {"name": "secret", "project": "default"},
        "spec": {"function": function.uri, "handler": "f", "secrets": ["API_KEY"]},
    }
    secret = "correct-horse-battery-staple"
    run = RunObject.from_dict(
        submit(session.client(), task, secrets={"API_KEY": secret}), session.client()
    )
    run.wait_for_completion()
    assert run.outputs == {"return": len(secret)}
    for path in live.data.rglob("*"):
        if path.is_file():
            assert secret.encode() not in path.read_bytes(), path


@pytest.mark.row("4.203")
def test_inputs_come_back_as_what_they_were() -> None:
    first = make("def f(context): return {'a': 1}, 0.5, {1, 2}", "first")
    first.run(handler="f", returns=["table : artifact", "score", "numbers"])
    client = session.client()
    by_function = resolve_input(client, "default", "first.numbers")
    assert by_function.startswith("store://artifacts/default/first-f_numbers#0@")
    assert resolve_input(client, "default", "numbers").startswith("store://artifacts/default/")
    entry = {"f": {"form": "body"}}
    second = make("def f(context, x=None, y=None): return [sorted(x), y]", "second")
    second.spec["entry_points"] = entry
    inputs = {"x": by_function, "y": resolve_input(client, "default", "first.score")}
    assert second.run(handler="f", inputs=inputs).outputs == {"return": [[1, 2], 0.5]}


MARKED = """
class Bomb:
    def __init__(self, path): self.path = path
    def __reduce__(self): return open, (self.path, "w")
def f(context, path): return Bomb(path)
"""


def test_objects_of_another_project_are_not_unpickled(tmp_path: Path) -> None:
    client = session.client()
    projects.get_or_create(client, "others")
    mark = tmp_path / "unpickled"
    theirs = make(MARKED, "bomb").run(
        handler="f", params={"path": str(mark)}, returns=["thing : object"], project="others"
    )
    address = theirs.status.artifact_uris["thing"]
    function = {"metadata": {"name": "f"}, "spec": {"entry_points": {"f": {"form": "body"}}}}

    def f(context, thing=None):
        return type(thing).__name__

    def typed(context, thing: set):
        return 1

    for form, handler in ((function, f), ({}, typed)):
        spec = {"handler": handler.__name__, "inputs": {"thing": address}}
        task = {"metadata": {"name": "f", "project": "default", "uid": names.new_uid()},
                "spec": spec}  # fmt: skip
        ended = execute(task, form, client, handler, tmp_path / "run")["status"]
        if handler is f:
            assert ended["results"] == {"return": "DataItem"}
        else:
            assert "cannot be read as set" in ended["error"]
            assert "MLRUN_PACKAGERS__TRUSTED_PROJECTS" in ended["error"]
    mine = make("def g(context): pass", "innocent").run(handler="g")
    mine.status["artifact_uris"] = {"thing": address}
    with pytest.raises(errors.MLRunAccessDeniedError, match="artifact of project others"):
        mine.load("thing")
    assert not mark.exists()
    theirs.load("thing").close()
    assert mark.exists()


def test_numbers_without_an_end_come_back_as_numbers() -> None:
    make("def f(context): return float('nan'), [float('-inf'), 'text']", "odd").run(
        handler="f", returns=["a", "b"]
    )
    client = session.client()
    entry = {"f": {"form": "body"}}
    second = make("def f(context, a=None, b=None): return [a != a, b[0] < 0, b[1]]", "reads")
    second.spec["entry_points"] = entry
    inputs = {key: resolve_input(client, "default", f"odd.{key}") for key in ("a", "b")}
    assert second.run(handler="f", inputs=inputs).outputs == {"return": [True, True, "text"]}


def test_anything_can_be_printed() -> None:
    source = "def f(context): print('\\ud800 \\u2713')"
    run = make(source).run(handler="f")
    assert log_of(run) == "\\ud800 ✓\n".encode()


def test_inputs_that_are_not_there_are_sentences(tmp_path: Path) -> None:
    client = session.client()
    with pytest.raises(errors.MLRunNotFoundError, match="no completed run of a function"):
        resolve_input(client, "default", "nothing", str(tmp_path))
    make("def f(context): return 1", "third").run(handler="f", returns=["a"])
    with pytest.raises(errors.MLRunNotFoundError, match="kept no b; it kept a"):
        resolve_input(client, "default", "third.b")
    (tmp_path / "nothing").write_text("")
    assert resolve_input(client, "default", "nothing", str(tmp_path)) == str(tmp_path / "nothing")


def test_a_project_that_is_not_there_is_named_with_its_neighbour() -> None:
    projects.get_or_create(session.client(), "weather")
    function = mlrun.new_function("f", project="wether", kind="local").with_code(body="x=1")
    with pytest.raises(errors.MLRunNotFoundError, match=r"Did you mean 'weather'\?"):
        function.run(handler="f")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"params": {"x": 2**70}}, r"Parameter x value 1180591620717411303424 exceeds int64"),
        ({"schedule": "0 * * * *", "local": True}, r"Unexpected schedule='0 \* \* \* \*'"),
        ({"parms": {"x": 1}}, r"does not know parms in this release. Did you mean 'params'\?"),
        ({"name": "a/b"}, r"Field 'run.metadata.name' is malformed"),
    ],
)
def test_bad_arguments_are_sentences(arguments: dict[str, Any], text: str) -> None:
    with pytest.raises(errors.MLRunInvalidArgumentError, match=text):
        make("def f(context): pass").run(handler="f", **arguments)


@pytest.mark.row("4.201")
def test_a_script_runs_by_hand_and_as_a_run(live: Live, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from jupyter_mlrun import get_or_create_ctx\n"
        "context = get_or_create_ctx('by-hand')\n"
        "context.log_result('x', context.get_param('x', 1) + 1)\n"
    )
    subprocess.run([sys.executable, str(script)], check=True)
    (by_hand, *_) = mlrun.list_runs(name="by-hand")
    assert (by_hand.state(), by_hand.outputs) == ("completed", {"x": 2})
    function = mlrun.new_function("script", kind="local", command=str(script))
    run = function.run(params={"x": 5})
    assert run.outputs == {"x": 6}


def test_a_script_that_fails_by_hand_is_an_error(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from jupyter_mlrun import get_or_create_ctx\n"
        "get_or_create_ctx('fails')\n"
        "raise ValueError('no')\n"
    )
    assert subprocess.run([sys.executable, str(script)], stderr=subprocess.PIPE).returncode == 1
    (failed, *_) = mlrun.list_runs(name="fails")
    assert (failed.state(), failed.error) == ("error", "no")


PARALLEL = """
import concurrent.futures, multiprocessing, joblib
def inner(x): return x + 1
def f(context):
    # first the fork: joblib leaves threads, and a fork beside threads can hang in any program
    with multiprocessing.Pool(2) as pool:
        found = pool.map(inner, range(2))
    return joblib.Parallel(n_jobs=2)(joblib.delayed(inner)(x) for x in range(3)) + found
"""


@pytest.mark.parametrize("form", ["body", "handler"])
def test_a_run_may_use_processes_of_its_own(form: str) -> None:
    function = make(PARALLEL, f"parallel-{form}")
    function.spec["entry_points"] = {"f": {"form": form}}
    run = function.run(handler="f")
    assert run.outputs == {"return": [1, 2, 3, 1, 2]}
    assert log_of(run) == b""


@pytest.mark.row("4.309")
def test_sweep_at_the_service() -> None:
    function = make(
        "def f(context, x):\n    context.log_artifact('a', body=str(x))\n    return x\n"
    )
    options = {"selector": "max.return"}
    run = function.run(handler="f", hyperparams={"x": [1, 3, 2]}, hyper_param_options=options)
    assert run.outputs["return"] == 3
    assert run.outputs["best_iteration"] == 2
    assert run.artifact("a").get() == b"3"
    child = RunObject.from_dict(
        runs.read(session.client(), "default", run.uid(), 2), session.client()
    )
    assert child.outputs["return"] == 3
    uri = f"store://artifacts/default/proof-f_a@{run.uid()}"
    assert mlrun.get_dataitem(uri).get() == b"3"


SURVIVOR = """
import time
from pathlib import Path
def f(context, flag):
    context.log_result("before", 1, commit=True)
    print("waiting")
    while not Path(flag).exists():
        time.sleep(0.05)
    context.log_result("away", 2, commit=True)
    context.log_artifact("note", body="written while nobody listened")
    print("done")
    return 3
"""


@pytest.mark.row("4.106")
def test_a_run_outlives_its_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``kill -9`` the server while a run works; another one, on another port, has all of it."""
    with live_server(tmp_path / "own") as server:
        monkeypatch.setenv("JUPYTER_DATA_DIR", str(server.folder / "data"))
        monkeypatch.setenv("MLRUN_DBPATH", f"{server.url}/mlrun")
        monkeypatch.setenv("MLRUN_HTTPDB__TOKEN", server.mlrun_token())
        session._client = None
        flag = tmp_path / "flag"
        run = make(SURVIVOR).run(handler="f", params={"flag": str(flag)}, watch=False)
        wait_for(lambda: b"waiting" in log_of(run))
        server.kill()
        flag.write_text("")
        folder = server.data / "runs" / "default" / run.uid()
        wait_for(lambda: (folder / "exit.json").exists())
        server.start()
        run.wait_for_completion(timeout=30)
        assert run.outputs | {} == {
            "before": 1,
            "away": 2,
            "return": 3,
            "note": run.outputs["note"],
        }
        assert run.artifact("note").get() == b"written while nobody listened"
        assert log_of(run) == b"waiting\ndone\n"


def test_a_run_finds_the_new_server_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with live_server(tmp_path / "own") as server:
        monkeypatch.setenv("JUPYTER_DATA_DIR", str(server.folder / "data"))
        monkeypatch.setenv("MLRUN_DBPATH", f"{server.url}/mlrun")
        monkeypatch.setenv("MLRUN_HTTPDB__TOKEN", server.mlrun_token())
        session._client = None
        flag = tmp_path / "flag"
        run = make(SURVIVOR).run(handler="f", params={"flag": str(flag)}, watch=False)
        wait_for(lambda: b"waiting" in log_of(run))
        server.kill()
        server.start()
        wait_for(lambda: f":{server.port}/" in server_file(server.data).read_text())
        flag.write_text("")
        assert run.wait_for_completion(timeout=30) == "completed"
        assert run.outputs["away"] == 2
        assert not (server.data / "runs" / "default" / run.uid() / "outbox.jsonl").exists()


def test_a_run_of_a_dead_kernel_is_an_error(tmp_path: Path) -> None:
    script = tmp_path / "kernel.py"
    script.write_text(
        "import time, jupyter_mlrun as m\n"
        "def f(context):\n    print('on')\n    time.sleep(60)\n"
        "m.new_function('dying').run(handler=f)\n"
    )
    kernel = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE)
    assert kernel.stdout is not None
    assert kernel.stdout.readline() == b"on\n"
    kernel.send_signal(signal.SIGKILL)
    kernel.communicate()
    (run, *_) = mlrun.list_runs(name="dying-f")
    wait_for(lambda: run.state() == "error")
    assert "kernel" in run.error
    assert names.is_uid(run.uid())


def test_a_handler_run_goes_on_without_its_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with live_server(tmp_path / "own") as server:
        monkeypatch.setenv("JUPYTER_DATA_DIR", str(server.folder / "data"))
        monkeypatch.setenv("MLRUN_DBPATH", f"{server.url}/mlrun")
        monkeypatch.setenv("MLRUN_HTTPDB__TOKEN", server.mlrun_token())
        session._client = None

        def handler(context):
            server.kill()
            print("alone")
            return 7

        run = mlrun.new_function("alone").run(handler=handler)
        assert run.outputs == {"return": 7}
        server.start()
        wait_for(lambda: mlrun.get_run(run.uid()).status.state == "completed")
        assert mlrun.get_run(run.uid()).outputs == {"return": 7}
        assert log_of(run) == b"alone\n"
