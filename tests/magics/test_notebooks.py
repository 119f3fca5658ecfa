"""Whole notebooks executed by nbclient and papermill."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from tests.live import Live

CARD = "application/vnd.jupyter-mlrun.run+json"


def notebook(*cells: str) -> Any:
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in cells])
    made.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    return made


@pytest.fixture()
def environment(server: Live, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The surroundings of a program that finds the service in the data directory."""
    known = server.environment()
    for name, value in known.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("MLRUN_DBPATH", raising=False)
    return known


def test_the_end_of_a_run_is_saved_in_the_notebook(
    environment: dict[str, str], folder: Path
) -> None:
    made = notebook("%load_ext jupyter_mlrun", "%%mlrun kept -o v\nprint('x')\nv = 42", "after = 1")
    NotebookClient(made, timeout=60, resources={"metadata": {"path": str(folder)}}).execute()
    nbformat.validate(made)
    outputs = made.cells[1].outputs
    assert len(outputs) == 1 and outputs[0].output_type == "display_data"
    data = outputs[0]["data"]
    assert data[CARD]["state"] == "completed" and data[CARD]["snapshot"]["results"] == {"v": 42}
    assert "<script" not in data["text/html"] and "Snapshot" in data["text/html"]
    assert data["text/plain"].startswith("✔ kept completed")


def test_run_all_stops_at_a_failing_run(environment: dict[str, str], folder: Path) -> None:
    made = notebook(
        "%load_ext jupyter_mlrun", "%%mlrun boom\nraise ValueError('wrong')", "after = 1"
    )
    client = NotebookClient(made, timeout=60, resources={"metadata": {"path": str(folder)}})
    with pytest.raises(CellExecutionError, match="wrong"):
        client.execute()
    kinds = [output.output_type for output in made.cells[1].outputs]
    assert kinds == ["display_data", "error"] and made.cells[2].execution_count is None
    error = made.cells[1].outputs[1]
    assert error.ename == "FailedRun" and "Cell [2], line 2" in "\n".join(error.traceback)
    assert made.cells[1].outputs[0]["data"][CARD]["state"] == "error"


def test_a_refused_cell_stops_too(environment: dict[str, str], folder: Path) -> None:
    made = notebook("%load_ext jupyter_mlrun", "%%mlrun x --bogus\nv = 1", "after = 1")
    with pytest.raises(CellExecutionError, match="has no option --bogus"):
        NotebookClient(made, timeout=60, resources={"metadata": {"path": str(folder)}}).execute()
    assert made.cells[2].execution_count is None


def test_papermill_names_the_notebook(
    server: Live, environment: dict[str, str], folder: Path
) -> None:
    import papermill

    source, target = folder / "in.ipynb", folder / "out.ipynb"
    made = notebook("n = 1", "%load_ext jupyter_mlrun", "%%mlrun pm -p n={n} -o v\nv = n * 2")
    made.cells[0].metadata["tags"] = ["parameters"]
    nbformat.write(made, source)
    papermill.execute_notebook(
        str(source),
        str(target),
        {"n": 21, "PAPERMILL_OUTPUT_PATH": str(target)},
        cwd=str(folder),
        progress_bar=False,
    )
    saved = nbformat.read(target, as_version=4)
    card = saved.cells[-1].outputs[-1]["data"][CARD]
    assert card["snapshot"]["results"] == {"v": 42}
    assert card["notebook"] == str(target)
