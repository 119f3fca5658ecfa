"""Projects in archives: exported by one package, brought in by the other; in Python and a shell."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.compat.conftest import PYTHON, SECONDS, client_environment
from tests.compat.test_packages import OURS, THEIRS, run
from tests.live import Live

pytestmark = [pytest.mark.compat, pytest.mark.timeout(300)]


@pytest.mark.row("1.02", "1.11", "4.806")
@pytest.mark.parametrize(("maker", "reader"), [(OURS, THEIRS), (THEIRS, OURS)])
def test_archives_go_from_one_package_to_the_other(
    live: Live, tmp_path: Path, maker: str, reader: str
) -> None:
    name = f"packed-{maker[0]}{reader[0]}"
    files = run(live, maker, "make", tmp_path, name, "archives.py")["files"]
    assert files == ["fit.py", "part", "project.yaml"]
    found = run(live, reader, "load", tmp_path, name, "archives.py")
    of_zip = {
        "name": name, "description": "Tides.", "params": {"a": 1}, "labels": {"team": "sea"},
        "source": True, "workflows": ["main"], "artifacts": ["far"], "result": 10,
        "functions": [{"name": "fit", "kind": "local", "handler": "fit", "url": "fit.py"}],
        "below": "below",
    }  # fmt: skip
    assert found == {"zip": of_zip, "tar.gz": of_zip}
    for kind in ("zip", "tar.gz"):
        loaded = f"{name}-{kind.replace('.', '-')}"
        python = str(PYTHON) if reader == THEIRS else sys.executable
        command = ["timeout", str(SECONDS), python, "-m", reader, "project", f"shell-{kind}"]
        options = ["-u", str(tmp_path / f"made.{kind}"), "-n", loaded, "--allow-cross-project"]
        env = client_environment(live, tmp_path)
        done = subprocess.run(
            [*command, *options, "-x", "b=2", "--sync"], env=env, cwd=tmp_path,
            capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        stored = live.call("GET", f"mlrun/api/v1/projects/{loaded}")
        assert stored["spec"]["params"] == {"a": 1, "b": 2}
        assert stored["spec"]["source"] == str(tmp_path / f"made.{kind}")
        (function,) = live.call("GET", f"mlrun/api/v1/projects/{loaded}/functions")["funcs"]
        assert (function["metadata"]["name"], function["kind"]) == ("fit", "local")
