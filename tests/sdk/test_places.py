"""Where the code of a run works: its folder, its source, a command; here and in a process."""

from __future__ import annotations

import contextlib
import contextvars
import json
import os
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

import jupyter_mlrun as mlrun
from jupyter_mlrun import session
from jupyter_mlrun.errors import (
    MLRunConflictError,
    MLRunInvalidArgumentError,
    MLRunInvalidArgumentTypeError,
)
from jupyter_mlrun.folder import Folder
from tests.live import Live

WHERE = """
import os, sys

def where(context):
    import neighbour
    context.log_result("cwd", os.getcwd())
    return neighbour.NAME

if __name__ == "__main__":
    print("arguments", sys.argv[1:], "in", os.getcwd())
"""


def code(name: str, path: Path, kind: str) -> Any:
    return mlrun.code_to_function(name, "default", filename=str(path), kind=kind)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A file with code, and a folder with a module that it imports."""
    (tmp_path / "code.py").write_text(WHERE)
    below = tmp_path / "below"
    below.mkdir()
    (below / "neighbour.py").write_text("NAME = 'mine'")
    return tmp_path


@pytest.fixture
def repository(tmp_path: Path) -> str:
    """A git repository of this machine, with the code in a folder of it."""
    root = tmp_path / "repository"
    (root / "part").mkdir(parents=True)
    (root / "part" / "code.py").write_text(WHERE)
    (root / "part" / "neighbour.py").write_text("NAME = 'of the source'")
    who = ["-c", "user.name=me", "-c", "user.email=me@example.org"]
    for command in (["init", "-q", "-b", "main"], ["add", "."], [*who, "commit", "-qm", "first"]):
        subprocess.run(["git", "-C", str(root), *command], check=True)
    return f"git:///{str(root).strip('/')}#main"


@pytest.mark.parametrize("kind", ["job", "local", "handler"])
def test_a_run_here_works_in_its_folder(service: Live, folder: Path, kind: str) -> None:
    before, path = os.getcwd(), list(sys.path)
    function = code("place", folder / "code.py", kind)
    run = function.run(handler="where", workdir=str(folder / "below"), local=True)
    assert run.status.results == {"cwd": str(folder / "below"), "return": "mine"}
    assert (os.getcwd(), [p for p in sys.path if str(folder / "below") in p]) == (before, [])
    assert "neighbour" not in sys.modules and path[0] == sys.path[0]
    with pytest.raises(mlrun.RunError, match=r"working directory .*/gone is not there: give"):
        function.run(handler="where", workdir=str(folder / "gone"), local=True)
    assert os.getcwd() == before


READS = """
import os

def read(context, data):
    context.log_result("cwd", os.path.basename(os.getcwd()))
    context.log_result("letters", len(context.get_secret("OF_THE_PROGRAM")))
    return data.get().decode()
"""


@pytest.mark.row("4.115", "4.203", "4.207")
@pytest.mark.parametrize("local", [True, False])
def test_what_is_relative_is_the_programs(
    service: Live, folder: Path, monkeypatch: pytest.MonkeyPatch, local: bool
) -> None:
    """Inputs lie in the folder that a task names, folders in this program's, as in MLRun."""
    (folder / "below" / "in.txt").write_text("from below")
    (folder / "reads.py").write_text(READS)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("OF_THE_PROGRAM", "handed over")
    monkeypatch.setenv("HOME", str(folder))
    for name, folders, cwd in (
        ("Works In_It", {"workdir": "below"}, "below"),
        ("in-path", {"in_path": "below"}, folder.name),
        ("in-url", {"in_path": f"file://{folder}/below"}, folder.name),
        ("own-workdir", {"own": "below"}, "below"),
        ("workdir-of-home", {"workdir": "~/below"}, "below"),
        ("in-path-of-home", {"in_path": "~/below"}, folder.name),
        ("own-workdir-of-home", {"own": "~/below"}, "below"),
        ("workdir-path", {"workdir": Path("below")}, "below"),
        ("in-path-path", {"in_path": folder / "below"}, folder.name),
    ):
        function = code("reads", folder / "reads.py", "local")
        function.spec.workdir = folders.pop("own", None)
        task = mlrun.new_task(in_path=folders.pop("in_path", None))
        task.with_secrets("env", "OF_THE_PROGRAM,NOT_THERE")
        run = function.run(
            task, handler="read", name=name, inputs={"data": "in.txt"}, local=local, **folders
        )
        found = {"cwd": cwd, "letters": 11, "return": "from below"}
        assert run.status.results == found, name
        assert "handed over" not in json.dumps(run.to_dict()["spec"])
        assert run.metadata.name == name.lower().replace(" ", "-").replace("_", "-")


def test_runs_side_by_side_cannot_work_in_two_folders(service: Live, tmp_path: Path) -> None:
    before, begun, ended = os.getcwd(), threading.Event(), threading.Event()
    for name in ("one", "other"):
        (tmp_path / name).mkdir()

    def run(handler: Any, name: str) -> Any:
        function = mlrun.new_function("beside", "default", kind="handler")
        return function.run(handler=handler, workdir=str(tmp_path / name))

    def inner(context: Any) -> str:
        return os.getcwd()

    def outer(context: Any) -> list[str]:
        nested = run(inner, "other").output("return")
        begun.set()
        assert ended.wait(300)
        return [nested, os.getcwd()]

    def run_apart() -> Any:
        try:
            return run(outer, "one")
        finally:
            # this thread's own connection
            session.client().close()

    with ThreadPoolExecutor() as threads:
        first = threads.submit(run_apart)
        assert begun.wait(300)
        with pytest.raises(mlrun.RunError, match=r"works in .*/one, and .* use kind='local'"):
            run(inner, "other")
        assert run(inner, "one").output("return") == str(tmp_path / "one")
        assert os.getcwd() == str(tmp_path / "one"), "the first goes on where it was"
        ended.set()
        places = [str(tmp_path / "other"), str(tmp_path / "one")]
        assert first.result().output("return") == places
    assert os.getcwd() == before


def test_a_folder_is_shared_only_where_all_stay_in_it(tmp_path: Path) -> None:
    before = os.getcwd()
    one, two = (str(tmp_path / name) for name in ("one", "two"))
    os.mkdir(one)
    os.mkdir(two)

    # of another thread, in which no run works
    company = contextvars.Context()
    first = Folder(one)
    nested = Folder(two)
    with pytest.raises(MLRunConflictError, match=f"works in {one}, and a process"):
        company.run(Folder, two)
    nested.leave()
    assert os.getcwd() == one
    nested = Folder(one)
    visitor = company.run(Folder, one)
    company.run(visitor.leave)
    assert os.getcwd() == one
    other = company.run(Folder, one)
    with pytest.raises(MLRunConflictError, match=f"works in {one}, and a process"):
        Folder(two)
    nested.leave()
    with pytest.raises(MLRunConflictError, match=f"works in {one}, and a process"):
        Folder(two)
    assert os.getcwd() == one
    first.leave()
    assert os.getcwd() == one
    company.run(other.leave)
    assert os.getcwd() == before


def test_a_handler_works_in_the_folder_of_its_function(service: Live, folder: Path) -> None:
    function = mlrun.new_function("place-h", "default", kind="handler")
    function.spec.workdir = str(folder / "below")
    assert function.run(handler=lambda context: os.getcwd()).output("return").endswith("/below")
    job = mlrun.new_function("place-j", "default", kind="job", image="x")
    # where pods work is no folder of this machine
    job.spec.workdir = "/home/mlrun_code"
    assert job.run(handler=lambda context: 1, local=True).output("return") == 1


@pytest.mark.row("2.16")
@pytest.mark.parametrize("kind", ["local", "job"])
def test_the_source_of_a_function_is_brought_into_its_process(
    service: Live, repository: str, kind: str
) -> None:
    function = mlrun.new_function("sourced", "default", kind=kind, image="x" * (kind == "job"))
    function.with_source_archive(repository, workdir="part", handler="code.where")
    run = function.run(place="here")
    assert run.output("return") == "of the source"
    assert run.output("cwd").endswith("/source/part")


def test_local_takes_the_code_as_it_lies_here(
    service: Live, folder: Path, repository: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "below" / "mine.py").write_text(WHERE)
    function = mlrun.new_function("sourced-here", "default", kind="job", image="x")
    function.with_source_archive(repository, workdir="part", handler="mine.where")
    run = function.run(local=True, workdir=str(folder / "below"))
    assert run.output("return") == "mine"


TELLS = """
import sys
import jupyter_mlrun as mlrun
context = mlrun.get_or_create_ctx("told")
context.log_result("x", context.get_param("x") + 1)
context.log_artifact("note", body="text")
print("arguments", sys.argv[1:])
sys.exit(int(sys.argv[2]) if len(sys.argv) > 2 else 0)
"""


@pytest.mark.parametrize("local", [True, False])
def test_a_command_runs_as_it_is(
    service: Live, tmp_path: Path, local: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "tells.py").write_text(TELLS)

    def run(command: str, *args: Any, **params: Any) -> Any:
        function = mlrun.new_function(
            "passed", "default", kind="local", command=command, args=list(args), mode="pass"
        )
        return function.run(params=params, workdir=str(tmp_path), local=local)

    shown = run("bash -c 'pwd; echo to {x} >&2'", x=5)
    assert shown.state() == "completed"
    log = mlrun.get_run_db().get_log(shown.metadata.uid, "default")[1].decode()
    assert f"{tmp_path}\nto 5\n" in log
    found = run(f"{sys.executable} tells.py", "{x}", x=5)
    assert found.output("x") == 6 and found.status.results["x"] == 6
    assert found.artifact("note").get(encoding="utf-8") == "text"
    assert "arguments ['5']" in capsys.readouterr().out
    with pytest.raises(mlrun.RunError, match="ended with exit code 3"):
        run(f"{sys.executable} tells.py a 3", x=1)
    failed = mlrun.get_run_db().list_runs(name="passed", project="default", states=["error"])[0]
    assert failed["status"]["results"]["x"] == 2
    with pytest.raises(mlrun.RunError, match="'no-such-program' cannot be started: No such file"):
        run("no-such-program")


def test_a_command_ends_also_where_it_leaves_something_behind(
    service: Live, tmp_path: Path
) -> None:
    began = time.monotonic()
    (tmp_path / "leaves.sh").write_text(
        "echo first\nsleep 300 &\necho $! > left\n"
        "setsid bash -c 'echo $$ > apart; exec sleep 300' &\n"
        "while [ ! -s apart ]; do sleep 0.1; done\necho last\n"
    )
    function = mlrun.new_function(
        "leaves", "default", kind="local", command="bash leaves.sh", mode="pass"
    )
    run = function.run(workdir=str(tmp_path), local=True)
    assert time.monotonic() - began < 120 and run.state() == "completed"
    log = mlrun.get_run_db().get_log(run.metadata.uid, "default")[1].decode()
    assert "first\nlast\n" in log
    for name in ("left", "apart"):
        with contextlib.suppress(psutil.NoSuchProcess):
            # ended; whoever adopted it may not have asked how
            left = psutil.Process(int((tmp_path / name).read_text()))
            assert left.status() == psutil.STATUS_ZOMBIE, name


def test_a_program_finds_a_run_of_any_size(service: Live, tmp_path: Path) -> None:
    (tmp_path / "tells.py").write_text(TELLS)
    function = mlrun.new_function(
        "large", "default", kind="local", command=f"{sys.executable} tells.py", mode="pass"
    )
    run = function.run(params={"x": 1, "text": "é" * 200_000}, workdir=str(tmp_path), local=True)
    assert run.output("x") == 2


ENDS = """
import jupyter_mlrun as mlrun
with mlrun.get_or_create_ctx("block") as context:
    context.log_result("x", 1)
assert mlrun.get_or_create_ctx("block") is context
context.log_result("later", 2)
context.commit(completed=True)
raise ValueError("after all of it")
"""


@pytest.mark.parametrize(
    ("mode", "error"), [("pass", "ended with exit code 1"), ("", "after all of it")]
)
def test_a_part_of_a_run_does_not_say_that_all_of_it_is_done(
    service: Live, tmp_path: Path, mode: str, error: str
) -> None:
    (tmp_path / "ends.py").write_text(ENDS)
    command = f"{sys.executable} ends.py" if mode else str(tmp_path / "ends.py")
    name = f"ends-{mode or 'script'}"
    function = mlrun.new_function(name, "default", kind="local", command=command, mode=mode)
    with pytest.raises(mlrun.RunError, match=error):
        function.run(workdir=str(tmp_path), local=True)
    (run,) = mlrun.get_run_db().list_runs(name=name, project="default").to_objects()
    assert (run.state(), run.status.results) == ("error", {"x": 1, "later": 2})


@pytest.mark.parametrize("local", [True, False])
def test_a_script_has_its_arguments(service: Live, folder: Path, local: bool) -> None:
    command = f"{folder / 'code.py'} --rate {{x}}"
    function = mlrun.new_function(
        "arguments", "default", kind="local", command=command, args=["more", "{x}"]
    )
    run = function.run(params={"x": 3}, local=local)
    log = mlrun.get_run_db().get_log(run.metadata.uid, "default")[1].decode()
    assert "arguments ['--rate', '3', 'more', '3'] in" in log
    again = function.run(local=True, local_code_path=f"{folder / 'code.py'} one two")
    log = mlrun.get_run_db().get_log(again.metadata.uid, "default")[1].decode()
    assert "'one', 'two'] in" in log


def test_a_program_that_a_run_calls_is_a_part_of_it(service: Live, tmp_path: Path) -> None:
    (tmp_path / "tells.py").write_text(TELLS)
    source = textwrap.dedent(
        f"""
        import subprocess, sys
        def work(context, x):
            subprocess.run([sys.executable, {str(tmp_path / "tells.py")!r}], check=True)
            context.log_result("after", True)
            raise ValueError("later")
        """
    )
    (tmp_path / "work.py").write_text(source)
    function = code("calls", tmp_path / "work.py", "local")
    with pytest.raises(mlrun.RunError, match="later"):
        function.run(handler="work", params={"x": 1})
    (run,) = mlrun.get_run_db().list_runs(name="calls-work", project="default").to_objects()
    # the end of the program is not the end of the run
    assert (run.state(), run.status.error) == ("error", "later")


def test_returns_are_a_list_of_names() -> None:
    function = mlrun.new_function("named", "default", kind="handler")
    with pytest.raises(MLRunInvalidArgumentTypeError, match=r"such as \['model'\], not 'accuracy'"):
        function.run(handler=lambda: 1, returns="accuracy")


@pytest.mark.row("4.302")
def test_secrets_of_a_parameter_file(service: Live, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("x\n1\n2\n")
    options = {"param_file": str(tmp_path / "rows.csv"), "selector": "max.return"}
    function = mlrun.new_function("by-file", "default", kind="handler")
    run = function.run(
        handler=lambda x: x, hyper_param_options=options, param_file_secrets={"KEY": "hidden"}
    )
    assert run.status.results == {"return": 2, "best_iteration": 2}
    stored = mlrun.get_run_db().read_run(run.metadata.uid, "default")
    assert "hidden" not in str(stored)
    with pytest.raises(MLRunInvalidArgumentError, match="open a parameter file, and there is none"):
        function.run(handler=lambda x: x, params={"x": 1}, param_file_secrets={"KEY": "v"})
