"""Where the program of a pod works that fetches its function's source."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

PROGRAM = """
import sys
from argparse import Namespace
from jupyter_mlrun.pod_run import _bring_source
_bring_source(Namespace(source=sys.argv[1], workdir=sys.argv[2]), {})
import os
print(sorted(os.listdir(".")), os.getcwd())
"""


@pytest.mark.row("3.304")
@pytest.mark.parametrize(
    "workdir, told",
    [
        ("", "['work']"),
        ("./work", "['outer.py']"),
        ("work", "['outer.py']"),
        ("ABSOLUTE", "['work']"),
        ("none", "has no folder none, which function.spec.workdir names"),
    ],
)
def test_a_relative_working_directory_lies_in_the_source(
    tmp_path: Path, workdir: str, told: str
) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "outer.py").touch()
    with tarfile.open(tmp_path / "code.tar.gz", "w:gz") as archive:
        archive.add(folder, "work")
    place = str(tmp_path / "there") if workdir == "ABSOLUTE" else workdir
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "code.tar.gz"), place],
        capture_output=True, text=True,
    )  # fmt: skip
    assert told in done.stdout + done.stderr
    if workdir == "ABSOLUTE":
        assert place in done.stdout
