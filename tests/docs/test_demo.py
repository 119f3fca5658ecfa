"""The first command of the README: the example notebook, executed and recorded."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT
from tests.live import Live


@pytest.mark.timeout(300)
def test_the_demonstration(tmp_path: Path) -> None:
    environment = Live(tmp_path).environment()
    del environment["JUPYTER_TOKEN"]
    command = [sys.executable, str(ROOT / "examples" / "demo.py")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=280)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    recorded = said.partition("Recorded in project 'default'")[2]
    for name in ("train", "evaluate", "sweep", "estimate"):
        assert re.search(rf"^  completed +{name} ", recorded, re.MULTILINE), said
    for kind, key in (("model", "model"), ("plot", "importances"), ("dataset", "report")):
        found = re.search(rf"^ +{kind} +{key} +(/\S+)$", recorded, re.MULTILINE)
        assert found and Path(found[1]).exists(), said
