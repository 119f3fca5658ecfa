"""A program that makes its own run: however it began and ends, its run is told the truth."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import uuid
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import jupyter_mlrun as mlrun
from jupyter_mlrun.errors import (
    MLRunInvalidArgumentError,
)
from tests.live import Live

ROOT = Path(__file__).parents[2]


SCRIPT = """
import sys
import jupyter_mlrun as mlrun

def work(context, x: int = 1):
    context.log_result("z", x * 2)

if __name__ == "__main__":
    context = mlrun.get_or_create_ctx("three-ways")
    assert mlrun.get_or_create_ctx("another") is context
    work(context, context.get_param("x", 4))
"""


@pytest.mark.row("4.201")
def test_one_file_three_ways(service: Live, tmp_path: Path) -> None:
    path = tmp_path / "three.py"
    path.write_text(SCRIPT)
    by_hand = subprocess.run([sys.executable, str(path)], capture_output=True, text=True)
    assert by_hand.returncode == 0, by_hand.stderr
    (found,) = mlrun.get_run_db().list_runs(name="three-ways", project="default").to_objects()
    assert found.state() == "completed" and found.status.results == {"z": 8}
    function = mlrun.code_to_function("three", "default", filename=str(path), kind="local")
    assert function.run(handler="work", params={"x": 5}).status.results == {"z": 10}
    document = {"metadata": {"name": "by-event"}, "spec": {"parameters": {"x": 6}}}
    for body in (document, json.dumps(document), json.dumps(document).encode()):
        with mlrun.get_or_create_ctx("event", event=SimpleNamespace(body=body)) as context:
            context.log_result("z", context.get_param("x") * 2)
        assert mlrun.get_run(context.uid).status.results == {"z": 12}
    with pytest.raises(MLRunInvalidArgumentError, match="JSON of a run, which this is not"):
        mlrun.get_or_create_ctx("event", event=SimpleNamespace(body="{"))
    with pytest.raises(MLRunInvalidArgumentError, match="not of int"):
        mlrun.get_or_create_ctx("event", spec=3)  # type: ignore[arg-type]


def test_what_failed_before_a_context_is_not_its_error(service: Live) -> None:
    """A notebook whose earlier cell failed goes on, and only what fails later ends its run."""
    for later, state in (("", "completed"), ("sys.last_value = ValueError('new')", "error")):
        name = f"after-a-failure-{state}"
        script = (
            "import sys, jupyter_mlrun as mlrun\nsys.last_value = ValueError('old')\n"
            f"mlrun.get_or_create_ctx('{name}')\n{later}"
        )
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        (found,) = mlrun.get_run_db().list_runs(name=name, project="default").to_objects()
        assert (found.state(), found.status.error or "") == (state, "new" if later else "")


@pytest.mark.parametrize(
    ("ending", "state", "error", "reason"),
    [
        ("sys.exit('no data')", "error", "the code called sys.exit: no data", None),
        ("try:\n    sys.exit(3)\nfinally:\n    print()", "error",
         "the code called sys.exit with code 3", None),
        ("sys.exit(0)", "completed", None, None),
        ("with context:\n    sys.exit()", "completed", None, None),
        ("with context:\n    sys.exit('in a block')", "error",
         "the code called sys.exit: in a block", None),
        ("try:\n    sys.exit('not now')\nexcept SystemExit:\n    pass", "completed", None, None),
        ("import argparse; argparse.ArgumentParser().parse_args(['--wrong'])", "error",
         "the code called sys.exit with code 2", None),
        ("raise ValueError('outer') from KeyError('inner')", "error",
         "outer, caused by: 'inner'", None),
        ("raise KeyboardInterrupt", "aborted", None, "interrupted"),
    ],
)  # fmt: skip
def test_how_a_program_ends_is_how_its_run_ends(
    service: Live, tmp_path: Path, ending: str, state: str, error: str | None, reason: str | None
) -> None:
    name = f"ends-{uuid.uuid4().hex[:8]}"
    script = (
        "import sys, jupyter_mlrun as mlrun\n"
        f"context = mlrun.get_or_create_ctx('{name}')\ncontext.log_result('z', 1)\n{ending}"
    )
    path = tmp_path / "script.py"
    path.write_text(script)
    subprocess.run([sys.executable, path], capture_output=True, text=True)
    (found,) = mlrun.get_run_db().list_runs(name=name, project="default").to_objects()
    assert (found.state(), found.status.error, found.status.reason) == (state, error, reason)
    assert found.status.results == {"z": 1}


# the ways in which Python begins a program
WAYS = {"file": ["ending.py"], "-m": ["-m", "ending"], "-c": ["-c"]}


def _new_python() -> str:
    """A Python that sees any SystemExit; empty where this machine has none."""
    if sys.version_info >= (3, 12):
        return sys.executable
    named = [shutil.which(f"python3.{minor}") for minor in (14, 13, 12)]
    found = [*named, *map(str, Path.home().glob(".pyenv/versions/3.1[2-9]*/bin/python"))]
    for each in found:
        if each and subprocess.run([each, "-V"], capture_output=True).returncode == 0:
            return each
    return ""


NEW_PYTHON = _new_python()


def _ends(folder: Path, python: str, way: str, ending: str) -> tuple[int, str, Any]:
    """The exit code of a program that ends so, what it wrote as errors, and its run."""
    name = f"ends-{uuid.uuid4().hex[:8]}"
    # what stands before BEFORE is done before there is a run
    first, _, last = ending.rpartition("BEFORE")
    script = (
        f"import sys\n{first}\nimport jupyter_mlrun as mlrun\n"
        "from jupyter_mlrun.settling import watch_exits\n"
        f"context = mlrun.get_or_create_ctx('{name}')\nwatch_exits()\n{last}"
    )
    (folder / "ending.py").write_text(script)
    given = [*WAYS[way], *([script] if way == "-c" else [])]
    path = os.pathsep.join(str(ROOT / part) for part in ("", "runtimes"))
    ended = subprocess.run(
        [python, *given], capture_output=True, text=True, cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    (found,) = mlrun.get_run_db().list_runs(name=name, project="default").to_objects()
    return ended.returncode, ended.stderr, found


# how a program ends, the exit code, and whether Python has nothing to say of it
ENDINGS = [
    ("def main():\n    return 3\nsys.exit(main())", 3, True),
    ("exit(code=5)", 5, True),
    ("quit()", 0, True),
    ("sys.exit((1, 2))", 1, False),
    ("try:\n    sys.exit(3)\nexcept SystemExit as error:\n    print(error.code)", 0, True),
    ("try:\n    sys.exit(3)\nexcept SystemExit as error:\n    raise", 3, True),
    ("import threading\nwork = threading.Thread(target=sys.exit, args=(3,))\n"
     "work.start()\nwork.join()", 0, True),
    ("import atexit\natexit.register(sys.exit, 3)", 0, False),
]  # fmt: skip


# of these Python tells from 3.12 on; before, they call no exit that could be seen
UNSEEN = [
    ("def main():\n    return 4\nraise SystemExit(main())", 4, True),
    ("raise SystemExit('no rows')", 1, False),
    ("raise SystemExit(0)", 0, True),
    ("from sys import exit\nBEFOREexit(6)", 6, True),
]


RERAISED = "try:\n    sys.exit(3)\nexcept SystemExit as error:\n    error.code = 0\n    raise"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("ending", "code", "is_quiet"), ENDINGS)
def test_however_a_program_began_its_end_is_known(
    service: Live, tmp_path: Path, way: str, ending: str, code: int, is_quiet: bool
) -> None:
    ended, said, found = _ends(tmp_path, sys.executable, way, ending)
    assert (ended, found.status.exit_code or 0) == (code, code), said
    assert found.state() == ("error" if code else "completed")
    assert not is_quiet or said == ""


@pytest.mark.skipif(not NEW_PYTHON, reason="no Python from 3.12 on is here")
@pytest.mark.parametrize("way", ["file", "-m"])
@pytest.mark.parametrize(("ending", "code", "is_quiet"), [*ENDINGS, *UNSEEN, (RERAISED, 0, True)])
def test_a_newer_python_tells_any_end(
    service: Live, tmp_path: Path, way: str, ending: str, code: int, is_quiet: bool
) -> None:
    ended, said, found = _ends(tmp_path, NEW_PYTHON, way, ending)
    assert (ended, found.status.exit_code or 0) == (code, code), said
    assert found.state() == ("error" if code else "completed")
    assert not is_quiet or said == ""


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python tells")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("ending", "code", "is_quiet"), UNSEEN)
def test_an_end_that_python_does_not_tell_is_never_called_a_good_one(
    service: Live, tmp_path: Path, way: str, ending: str, code: int, is_quiet: bool
) -> None:
    ended, said, found = _ends(tmp_path, sys.executable, way, ending)
    assert ended == code and found.state() == "error", found.state()
    assert "call sys.exit(code), or do the work in a block" in found.status.error
    assert not is_quiet or said == ""


def test_a_block_around_the_work_knows_its_end_on_any_python(service: Live, tmp_path: Path) -> None:
    for code, state in ((4, "error"), (0, "completed")):
        ended, said, found = _ends(
            tmp_path, sys.executable, "file", f"with context:\n    raise SystemExit({code})"
        )
        assert (ended, found.state(), said) == (code, state, "")
        assert (found.status.exit_code or 0) == code
