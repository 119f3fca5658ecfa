"""The example notebooks, each executed from top to bottom in a real kernel; their asserts hold."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.docs.pages import ROOT, text
from tests.live import Live, live_server

EXAMPLES = ROOT / "examples"
# the demonstration executes that one
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.ipynb") if path.stem != "train")
SECONDS = 240


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """One server for all notebooks, which lie in one folder of it."""
    with live_server(tmp_path_factory.mktemp("live")) as server:
        shutil.copytree(EXAMPLES, server.root / "examples")
        yield server


def cells(name: str) -> list[dict[str, Any]]:
    """The cells of a notebook that are code."""
    notebook = json.loads((EXAMPLES / f"{name}.ipynb").read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", NAMES)
def test_every_cell_of(name: str, live: Live) -> None:
    with live.kernel(f"examples/{name}.ipynb") as kernel:
        for cell in cells(name):
            source = "".join(cell["source"])
            answer = kernel.run(source, cell_id=cell["id"], seconds=SECONDS)
            said = f"{name}.ipynb:\n{source}\n{answer.text}\n{answer.error}"
            assert answer.ok, said
            assert "Traceback" not in said


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_stored_without_outputs_and_is_linked(name: str) -> None:
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in cells(name))
    assert f"examples/{name}.ipynb" in text("docs/howto/index.md")
    assert f"examples/{name}.ipynb" in text("README.md")


def test_what_the_notebooks_make_is_not_committed() -> None:
    ignored = (ROOT / ".gitignore").read_text().split()
    made = (
        "examples/wine/project.yaml", "examples/diabetes/", "examples/diabetes.csv",
        "examples/waves/", "examples/waves_types.py",
    )  # fmt: skip
    assert set(made) < set(ignored)
