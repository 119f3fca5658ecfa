"""A real server beside the large frameworks; ``make test-frameworks`` installs these."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live import Live, live_server

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """One server for all of them, with the interpreter of the development environment."""
    own = ROOT / ".venv" / "bin" / "python"
    python = str(own) if own.exists() else sys.executable
    with live_server(tmp_path_factory.mktemp("live"), python=python) as live:
        yield live


@pytest.fixture
def run(
    server: Live, tmp_path: Path, clean_environment: None, monkeypatch: pytest.MonkeyPatch
) -> Any:
    """Runs a handler in this process, recorded by the server; the run."""
    import jupyter_mlrun as mlrun

    monkeypatch.setenv("JUPYTER_DATA_DIR", str(server.folder / "data"))
    monkeypatch.setenv("MLRUN_DBPATH", f"{server.url}/mlrun")
    monkeypatch.setenv("MLRUN_HTTPDB__TOKEN", server.mlrun_token())
    monkeypatch.chdir(tmp_path)
    mlrun.get_run_db(force_reconnect=True)

    def call(handler: Any, **spec: Any) -> Any:
        return mlrun.new_function("trains", kind="handler").run(handler=handler, **spec)

    return call
