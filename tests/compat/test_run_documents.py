"""The same runs by this package and by MLRun's own client: their documents say the same."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.compat.conftest import SCRIPTS, Client, client_environment
from tests.compat.test_documents import differences
from tests.live import Live

pytestmark = [pytest.mark.compat, pytest.mark.timeout(300)]

# what is this package's alone: who works on a run and how long, where its code failed, who made it
OWN = {
    "spec": {"origin", "returns", "verbose"},
    "status": {"host", "times", "progress", "error_type", "error_frames"},
    "metadata": set(),
}
# of one moment or place; and of a callable MLRun's document has no name
SHAPES = (
    (r"/[^\"]*?/(ours|theirs)", "FOLDER"), (r"[0-9a-f]{40}", "HASH"), (r"[0-9a-f]{32}", "UID"),
    (r"\d{4}-\d\d-\d\d[T ][0-9:.]+([+-]\d\d:\d\d)?", "TIME"),
    (r"documents-(ours|theirs)", "PROJECT"),
)  # fmt: skip
CALLABLES = {"handler", "sweep", "child", "task"}


def alike(name: str, run: dict[str, Any]) -> dict[str, Any]:
    """A document without what must differ."""
    run = {part: {key: value for key, value in run[part].items() if key not in OWN[part]}
           for part in OWN}  # fmt: skip
    # the chart needs plotly in MLRun's client, and its sweeps do not say where they work
    run["status"]["artifact_uris"] = {
        key: value for key, value in (run["status"].get("artifact_uris") or {}).items()
        if key != "parallel_coordinates"
    }  # fmt: skip
    run["status"].pop("artifacts", None)
    if name in CALLABLES:
        run["spec"].pop("handler", None)
    for label in {"sweep": ["host"], "child": ["host"], "program": ["owner"]}.get(name, ()):
        run["metadata"]["labels"].pop(label, None)
    text = json.dumps(run)
    for shape, word in SHAPES:
        text = re.sub(shape, word, text)
    found: dict[str, Any] = empty(json.loads(text))
    return found


def empty(value: Any) -> Any:
    """A value without the keys that hold nothing."""
    if not isinstance(value, dict):
        return value
    items = {key: empty(item) for key, item in value.items()}
    return {key: item for key, item in items.items() if item not in (None, "", [], {})}


@pytest.mark.row("4.101", "4.104", "4.201", "4.209")
def test_runs_are_recorded_alike(mlrun_client: Client, live: Live, tmp_path: Path) -> None:
    for side in ("ours", "theirs"):
        (tmp_path / side).mkdir()
    theirs = mlrun_client("run_documents.py", "documents-theirs", cwd=tmp_path / "theirs")
    env = client_environment(live, tmp_path) | {"JUPYTER_DATA_DIR": str(live.folder / "data")}
    done = subprocess.run(
        [sys.executable, str(SCRIPTS / "run_documents.py"), "documents-ours"],
        env=env, cwd=tmp_path / "ours", capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    ours: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert ours.pop("raised") == theirs["raised"] == ["RunError", "boom"]
    found = {
        name: differences(alike(name, run), alike(name, theirs[name])) for name, run in ours.items()
    }
    assert {name: told for name, told in found.items() if told} == {}
    # what holds nothing is written where MLRun writes it
    local = ours["local"]["spec"]
    assert {key for key in theirs["local"]["spec"] if key not in local} == set()
