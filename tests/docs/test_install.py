"""``pip install dist/*.whl``: everything is in the wheel, and nothing asks for Node."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.docs.pages import ROOT
from tests.live import live_server

EXTENSION = "share/jupyter/labextensions/jupyter-mlrun"


def must(command: list[str], **options: object) -> None:
    """Runs a command that has to succeed."""
    done = subprocess.run(command, capture_output=True, text=True, **options)  # type: ignore[call-overload]
    assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"


def with_node() -> dict[str, str]:
    """The environment in which the Makefile builds: Node of the PATH, else the one in .venv."""
    own = ROOT / ".venv" / ".node"
    folders = [own.read_text().strip()] if own.exists() else []
    path = os.pathsep.join([*folders, str(Path(sys.executable).parent), os.environ["PATH"]])
    return {**os.environ, "PATH": path}


@pytest.mark.timeout(900)
def test_the_wheel_holds_everything(tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    must([sys.executable, "-m", "build", "--outdir", str(dist)], cwd=ROOT, env=with_node())
    (wheel,) = dist.glob("*.whl")
    (archive,) = dist.glob("*.tar.gz")
    assert archive.stat().st_size < 5_000_000 and wheel.stat().st_size < 3_000_000

    place = tmp_path / "venv"
    venv.create(place, with_pip=True)
    python = place / "bin" / "python"
    nothing_else = {"PATH": str(python.parent), "HOME": str(tmp_path)}
    must(
        [str(python), "-m", "pip", "install", "-q", "--no-compile", str(wheel), "ipykernel"],
        env=nothing_else,
    )
    panels = place / EXTENSION
    assert (panels / "package.json").exists() and (panels / "install.json").exists()
    assert list((panels / "static").glob("remoteEntry.*.js"))
    assert list((panels / "schemas").rglob("*.json"))

    with live_server(tmp_path / "live", python=str(python)) as server, server.kernel() as kernel:
        assert kernel.run("%load_ext jupyter_mlrun").ok
        answer = kernel.run("%%mlrun first -o answer\nanswer = 42")
        assert answer.ok, answer.error
        rows = server.call("GET", "mlrun/api/v1/lab/runs?project=default")["rows"]
        assert [(row["state"], row["results"]) for row in rows] == [("completed", {"answer": 42})]
