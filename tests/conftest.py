"""What the tests of all storeys share: pytest-jupyter's servers, and folders of their own."""

from __future__ import annotations

import os
from pathlib import Path

# its pytest plugin imports it at the very end, where an import can fail (CPython 3.11's ast)
import hypothesis  # noqa: F401
import pytest

# a test in which no service is there must not start one
os.environ["JUPYTER_MLRUN_AUTOSTART"] = "0"

pytest_plugins = ("pytest_jupyter.jupyter_server",)

OURS = (
    "MLRUN_DBPATH", "MLRUN_HTTPDB__TOKEN", "JUPYTER_MLRUN_DBPATH", "JUPYTER_MLRUN_ROOT",
    "JUPYTER_MLRUN_HOME", "MLRUN_ACTIVE_PROJECT", "MLRUN_META_TMPFILE", "MLRUN_RUNTIME_KIND",
)  # fmt: skip


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """None of the service's variables, before the test and after it."""
    for name in OURS:
        # set first, so that what the test leaves is taken back
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


@pytest.fixture
def isolated_dirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clean_environment: None) -> Path:
    """Jupyter's and IPython's folders below the test's own, which is returned."""
    for name in ("data", "config", "runtime"):
        monkeypatch.setenv(f"JUPYTER_{name.upper()}_DIR", str(tmp_path / name))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    return tmp_path
