"""What the tests of all storeys share: pytest-jupyter's servers, and folders of their own."""

from __future__ import annotations

import os
import shutil
import tempfile

# pytest imports it where something is finalized, which can be in the midst of its own import
import tracemalloc  # noqa: F401
from collections import Counter
from pathlib import Path

# its pytest plugin imports it at the very end, where an import can fail (CPython 3.11's ast)
import hypothesis
import pytest

# a test in which no service is there must not start one
os.environ["JUPYTER_MLRUN_AUTOSTART"] = "0"
# gcsfs reads it when it is imported, by whichever test comes first: else it asks Google's own
# control service for the kind of a bucket, which an emulator has not
os.environ["GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT"] = "false"

# databases are made by the hundred, and a disk is waited for at each of their commits
IN_MEMORY, ROOM = Path("/dev/shm"), 6 * 2**30
if (
    "TMPDIR" not in os.environ
    and IN_MEMORY.is_dir()
    and shutil.disk_usage(IN_MEMORY).free > ROOM
    and not os.statvfs(IN_MEMORY).f_flag & os.ST_NOEXEC
):
    tempfile.tempdir = os.environ["TMPDIR"] = str(IN_MEMORY)

# a busy machine is slow, not wrong
hypothesis.settings.register_profile(
    "patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("patient")

pytest_plugins = ("pytest_jupyter.jupyter_server",)

OURS = (
    "MLRUN_DBPATH", "MLRUN_HTTPDB__TOKEN", "JUPYTER_MLRUN_DBPATH", "JUPYTER_MLRUN_ROOT",
    "JUPYTER_MLRUN_HOME", "MLRUN_ACTIVE_PROJECT", "MLRUN_META_TMPFILE", "MLRUN_RUNTIME_KIND",
)  # fmt: skip


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Files that ask for the most time come first: at the end no worker is left alone with one."""
    seconds: Counter[Path] = Counter()
    for item in items:
        asked = item.get_closest_marker("timeout")
        default = float(config.getini("timeout"))
        seconds[item.path] = max(seconds[item.path], asked.args[0] if asked else default)
    items.sort(key=lambda item: -seconds[item.path])


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
