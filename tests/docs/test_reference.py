"""The reference says what the code says."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from tests.docs.pages import ROOT

PAGES = sorted((ROOT / "docs" / "reference").glob("*.md"))


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


def test_every_table_has_its_page(tables: ModuleType) -> None:
    everything = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    for name in tables.TABLES:
        assert everything.count(f"<!-- table: {name} -->") == 1, name
