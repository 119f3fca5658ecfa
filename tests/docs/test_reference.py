"""The reference says what the code says."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from tests.docs.pages import ROOT
from tests.live import live_server

PAGES = sorted((ROOT / "docs" / "reference").glob("*.md"))


MLRUN_SPEC = {
    "handler", "parameters", "inputs", "returns", "outputs", "function", "output_path",
}  # fmt: skip
MLRUN_STATUS = {
    "state", "start_time", "last_update", "end_time", "results", "artifact_uris", "error",
    "status_text",
}  # fmt: skip


@pytest.fixture(scope="module")
def tables() -> ModuleType:
    """The script that writes the tables."""
    spec = importlib.util.spec_from_file_location("docs_tables", ROOT / "docs" / "tables.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_tables_are_those_of_the_code(page: Path, tables: ModuleType) -> None:
    text = page.read_text(encoding="utf-8")
    assert tables.current(text) == text, "type: python docs/tables.py"


def test_files_are_those_of_the_code(tables: ModuleType) -> None:
    for name, content in tables.FILES.items():
        text = (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")
        assert content() == text, "type: python docs/tables.py"


def test_every_table_has_its_page(tables: ModuleType) -> None:
    everything = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    for name in tables.TABLES:
        assert everything.count(f"<!-- table: {name} -->") == 1, name


def test_every_kind_has_its_row() -> None:
    from jupyter_mlrun_runtimes import KINDS

    text = (ROOT / "docs" / "howto" / "kinds.md").read_text(encoding="utf-8")
    for kind in KINDS:
        assert f"\n| `{kind}` |" in text, kind


def test_every_kind_of_output_is_named() -> None:
    from jupyter_mlrun.packagers.values import KINDS

    text = (ROOT / "docs" / "howto" / "inputs-and-outputs.md").read_text(encoding="utf-8")
    assert f"`{' '.join(KINDS)}`" in " ".join(text.split())


CELL = """%%mlrun train -p n=1 -o frame --timeout 60 --env A=b
context.log_result("loss", 0.5, step=1)
context.log_progress(1, 2, "half")
frame = df
raise ValueError("to see a failure")
"""


def test_what_a_run_holds_beyond_mlruns_keys_is_said(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "reference" / "documents.md").read_text(encoding="utf-8")
    with live_server(tmp_path) as server, server.kernel() as kernel:
        kernel.run("%load_ext jupyter_mlrun\nimport pandas as pd\ndf = pd.DataFrame({'a': [1]})")
        assert not kernel.run(CELL, cell_id="cell").ok
        (run,) = server.call("GET", "mlrun/api/v1/projects/default/runs")["runs"]
        function = server.call("GET", "mlrun/api/v1/projects/default/functions/train")["func"]
    for key in run["spec"]["origin"]:
        assert f"`spec.origin.{key}`" in text, key
    for key in set(run["spec"]) - MLRUN_SPEC - {"origin"}:
        assert f"`spec.{key}`" in text, key
    for key in set(run["status"]) - MLRUN_STATUS:
        assert f"`status.{key}`" in text, key
    for key in ("files", "captured"):
        assert key in function["spec"] and f"`spec.{key}`" in text
