"""A plain IPython shell, and shipped modules run in a clean process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from jupyter_mlrun.capture.cell import Capture, Request, capture_cell

RUN = """
import importlib.util, json, pathlib, pickle, sys
folder = pathlib.Path(sys.argv[1])
class Item:
    def __init__(self, path): self.path = path
    def get(self): return self.path.read_bytes()
    def as_df(self):
        import pandas
        return pandas.read_parquet(self.path)
class Library:
    @staticmethod
    def get_dataitem(uri): return Item(folder / "data" / uri.rpartition("/")[2])
sys.path.insert(0, str(folder / "files"))
spec = importlib.util.spec_from_file_location("shipped", folder / "shipped.py")
module = importlib.util.module_from_spec(spec)
loaded = set(sys.modules)
sys.modules["jupyter_mlrun"] = Library
spec.loader.exec_module(module)
calls = json.loads(sys.argv[2])
try:
    results = [getattr(module, name)(None, *args) for name, args in calls]
except Exception:
    import traceback
    traceback.print_exc()
    sys.exit(1)
ours = [m for m in sys.modules if m.startswith("jupyter_mlrun") and m != "jupyter_mlrun"]
assert not ours, ours
print("RESULT " + json.dumps(results, default=repr))
"""


@pytest.fixture()
def shell() -> Iterator[InteractiveShell]:
    """A shell with a namespace and a history of its own."""
    InteractiveShell.clear_instance()
    made = InteractiveShell.instance()
    made.history_manager.enabled = False
    yield made
    made.restore_sys_module_state()
    InteractiveShell.clear_instance()


@pytest.fixture()
def run(shell: InteractiveShell) -> Callable[..., Any]:
    """Runs cells in the shell as a user does."""

    def execute(*cells: str) -> None:
        for cell in cells:
            result = shell.run_cell(cell, store_history=True)
            result.raise_error()

    return execute


@pytest.fixture()
def capture(shell: InteractiveShell) -> Callable[..., Capture]:
    """Captures the body of a cell."""

    def make(body: str, name: str = "train", **options: Any) -> Capture:
        return capture_cell(body, shell, Request(name, **options))

    return make


@pytest.fixture()
def ship(tmp_path: Path) -> Callable[..., Any]:
    """Runs a shipped module in a clean process: the results of the calls, and what it printed."""

    def execute(captured: Capture, *calls: list[Any]) -> tuple[list[Any], str]:
        (tmp_path / "shipped.py").write_text(captured.text)
        (tmp_path / "data").mkdir(exist_ok=True)
        for item in captured.items:
            if item.data:
                (tmp_path / "data" / item.data.key).write_bytes(item.data.body)
        for path, body in captured.environment.files.items():
            target = tmp_path / "files" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(body)
        names = [[captured.handler, args] for args in (calls or ([],))]
        command = [sys.executable, "-c", RUN, str(tmp_path), json.dumps(names)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        printed, _, result = done.stdout.rpartition("RESULT ")
        return json.loads(result), printed

    return execute
