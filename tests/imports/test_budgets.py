"""What importing costs, told by what it imports: lists of modules, never clocks."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    "IPython", "alembic", "click", "cloudpickle", "fsspec", "jupyter_client", "jupyter_core",
    "jupyter_server", "kubernetes", "matplotlib", "nbformat", "numpy", "pandas", "psutil",
    "pyarrow", "sklearn", "sqlalchemy", "tornado", "traitlets", "yaml", "zmq",
}  # fmt: skip
# of the standard library, but slow enough to matter where every run waits
SLOW = {"asyncio", "dataclasses", "difflib", "inspect", "multiprocessing", "platform", "uuid"}
ROOT = Path(__file__).parents[2]


def imported(code: str, *arguments: str) -> set[str]:
    """The modules that a fresh interpreter holds after the code."""
    tail = "\nimport json, sys; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code + tail, *arguments],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def roots(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


def test_the_package_imports_nothing() -> None:
    more = imported("import jupyter_mlrun") - imported("pass")
    assert more == {"jupyter_mlrun"}


@pytest.mark.parametrize(
    "code",
    [
        "from jupyter_mlrun.client import connect",
        "from jupyter_mlrun.client import runs, functions, artifacts, projects, logs, events",
        "from jupyter_mlrun import RunObject, get_or_create_ctx, get_dataitem, new_function",
        "from jupyter_mlrun.packagers import values",
        "import jupyter_mlrun_runtimes",
    ],
)
def test_the_client_needs_no_library(code: str) -> None:
    assert not HEAVY & roots(imported(code))


def test_the_way_of_a_run_is_short(tmp_path: Path) -> None:
    """What a run's process imports before the user's code, for an empty body."""
    code = "def train(context):\n    import sys\n    print(*sorted(sys.modules))\n"
    modules = run_task(tmp_path, code)
    assert not HEAVY & roots(modules)
    assert not SLOW & roots(modules), SLOW & roots(modules)
    assert "jupyter_mlrun_runtimes" not in modules


def test_the_supervisor_starts_with_little() -> None:
    code = "import jupyter_mlrun_runtimes.supervise"
    modules = imported(code)
    assert not (HEAVY | SLOW | {"subprocess"}) & roots(modules)
    assert {name for name in modules if name.startswith("jupyter_mlrun.")} == {"jupyter_mlrun.disk"}


def run_task(folder: Path, source: str) -> set[str]:
    import base64
    import os

    encoded = base64.b64encode(source.encode()).decode()
    task = {
        "run": {
            "kind": "run",
            "metadata": {"name": "train", "project": "default", "uid": "0" * 32},
            "spec": {"handler": "train"},
            "status": {},
        },
        "function": {
            "metadata": {"name": "train", "project": "default"},
            "spec": {
                "build": {"functionSourceCode": encoded},
                "entry_points": {"train": {"form": "body"}},
            },
        },
    }
    (folder / "task.json").write_text(json.dumps(task))
    env = {
        **os.environ,
        "MLRUN_DBPATH": "http://127.0.0.1:9/mlrun",
        "MLRUN_HTTPDB__TOKEN": "mlrr" + "0" * 40,
        "JUPYTER_MLRUN_HOME": str(folder / "home"),
    }
    command = [sys.executable, "-P", "-m", "jupyter_mlrun", "run", "--task"]
    done = subprocess.run(
        [*command, str(folder / "task.json")], env=env, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())
