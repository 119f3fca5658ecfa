"""Functions that cells and notebooks became, run by MLRun's own client."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.compat.conftest import ROOT, Client
from tests.live import Live

pytestmark = [pytest.mark.compat, pytest.mark.timeout(240)]

CELLS = [
    "%load_ext jupyter_mlrun",
    "import math\n"
    "import numpy as np\n"
    "import pandas as pd\n"
    "cities = pd.DataFrame({'city': ['Delft', 'Gouda'], 'people': [105, 75]})\n"
    "weights = np.array([2.0, 1.0])\n"
    "names = {'a': [1, 2, None]}\n"
    "total = 10\n",
    "def area(radius):\n    return math.pi * radius ** 2\n",
]
BODY = """%%mlrun grow -p radius=1.0 -o size -o people
total += 5
size = round(area(radius), 3) + total + len(names["a"])
people = float((cities["people"] * weights).sum())
"""


def test_a_cell_that_became_a_function(mlrun_client: Client, live: Live) -> None:
    with live.kernel("stored.ipynb") as kernel:
        for cell in [*CELLS, BODY]:
            answer = kernel.run(cell)
            assert answer.ok, answer.error
    seen = mlrun_client("stored.py", "db://default/grow", "grow", '{"radius": 2.0}', "default")
    assert seen["state"] == "completed"
    assert seen["results"]["size"] == pytest.approx(12.566 + 15 + 3)
    assert seen["results"]["people"] == 285.0
    ours, theirs = live.call("GET", "mlrun/api/v1/lab/runs?project=default&function=grow")["rows"]
    assert {ours["function"], theirs["function"]} == {"grow"}
    stored = live.call("GET", "mlrun/api/v1/projects/default/functions/grow")["func"]
    assert seen["function"].endswith(f"@{stored['metadata']['hash']}"), "its version is the same"


def test_a_notebook_that_became_a_module(mlrun_client: Client, live: Live, tmp_path: Path) -> None:
    notebook = tmp_path / "analysis.ipynb"
    cells = [
        "raise RuntimeError('not exported')",
        "# mlrun: start-code\nimport math\nfrom pathlib import Path",
        "# mlrun: ignore\nraise RuntimeError('not exported')",
        "%matplotlib inline\nfiles = !echo one two\nscale = 3",
        "def answer(context, x: int = 1):\n    context.log_result('files', files[0])\n"
        "    return scale * x",
        "%%mlrun grow -p radius=1.0 -o size -o people\nsize = math.pi * radius\npeople = scale",
        "%%mlrun twice -p n=3 -o double\ndef twice(context, n):\n    return 2 * n",
        "# mlrun: end-code",
        "raise RuntimeError('not exported')",
    ]
    document = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in cells])
    nbformat.write(document, notebook)
    command = [str(Path(sys.executable).parent / "jupyter"), "mlrun", "export", str(notebook)]
    done = subprocess.run(command, env=live.environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert notebook.with_suffix(".py").exists()
    client_folder = tmp_path / "elsewhere"
    client_folder.mkdir()
    shutil.copy(notebook.with_suffix(".yaml"), client_folder)

    address = str(client_folder / "analysis.yaml")
    seen = mlrun_client("stored.py", address, "answer", json.dumps({"x": 14}), "default")
    assert seen["results"]["answer"] == 42 and seen["results"]["files"] == "one two"
    seen = mlrun_client("stored.py", address, "grow", json.dumps({"radius": 2.0}), "default")
    assert seen["results"]["people"] == 3
    seen = mlrun_client("stored.py", address, "twice", "{}", "default")
    assert seen["state"] == "completed" and 6 in seen["results"].values()


def executed(live: Live, notebook: str, cells: list[str]) -> dict[str, dict[str, Any]]:
    """The results of the runs of cells in a kernel, by the names of their functions."""
    with live.kernel(notebook) as kernel:
        for cell in cells:
            answer = kernel.run(cell)
            assert answer.ok, answer.error
    rows = live.call("GET", "mlrun/api/v1/lab/runs?project=default")["rows"]
    found = {}
    for row in rows:
        run = live.call("GET", f"mlrun/api/v1/run/default/{row['uid']}")["data"]
        found.setdefault(row["function"], run["status"])
    return found


RAN = ("trained", "again", "own", "taken", "filed", "scaled")
MORE = [
    "%%mlrun scaled -p factor=2 -o scaled\n"
    "def scaled(context, factor: int):\n    return factor * len(data)",
    # NumPy is another there, so this model holds none of it
    "%%mlrun shapes -o shape\nfrom sklearn.preprocessing import FunctionTransformer\n"
    "shape = FunctionTransformer(validate=False).fit([[1]])",
    "%%mlrun takes -i shape=shapes.shape -i frame=evaluate.report -i text=data:,x -o kinds\n"
    "kinds = [type(shape).__name__, len(frame), type(text).__name__]",
]


@pytest.mark.timeout(600)
def test_the_example_notebook_gives_the_same_elsewhere(
    mlrun_client: Client, live: Live, tmp_path: Path
) -> None:
    """Exported, its file and its function do in MLRun's own client what its cells did here."""
    notebook: Any = nbformat.read(ROOT / "examples" / "train.ipynb", 4)
    notebook.cells += [nbformat.v4.new_code_cell(text) for text in MORE]
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    wanted = [
        cell.source for cell in code
        if "engine" not in cell.metadata.get("tags", []) and "%%mlrun sweep" not in cell.source
    ]  # fmt: skip
    here = executed(live, "train.ipynb", wanted)
    path = tmp_path / "train.ipynb"
    nbformat.write(notebook, path)
    command = [str(Path(sys.executable).parent / "jupyter"), "mlrun", "export", str(path)]
    done = subprocess.run(command, env=live.environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "MLRun's own client knows no step= of log_result" in done.stderr

    uris = [here[f]["artifact_uris"][o] for f, o in (("shapes", "shape"), ("evaluate", "report"))]
    seen = mlrun_client("exported.py", str(tmp_path), "default", *uris, seconds=380)
    results = {part: each["results"] for part, each in seen.items() if part in RAN}
    assert {seen[part]["state"] for part in RAN} == {"completed"}
    accuracy, auc = here["train"]["results"]["accuracy"], here["evaluate"]["results"]["auc"]
    for part in ("trained", "filed"):
        assert results[part]["accuracy"] == pytest.approx(accuracy), part
        assert set(seen[part]["kinds"]) == {"model", "importances"}, part
    assert results["again"]["accuracy"] != accuracy, "parameters reach the function"
    assert results["own"]["auc"] == pytest.approx(auc)
    assert results["scaled"]["scaled"] == 3 * 569 == here["scaled"]["results"]["scaled"] * 1.5
    # what was packed arrives, and what is no artifact as MLRun gives it
    assert results["taken"]["kinds"] == here["takes"]["results"]["kinds"]
    assert results["taken"]["kinds"] == ["FunctionTransformer", 5, "DataItem"]
    assert len(seen["report"]["precision"]) == 5
