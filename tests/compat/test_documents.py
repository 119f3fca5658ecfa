"""Documents that this package and MLRun's own client make by the same script, and exchange."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.compat.conftest import PYTHON, SCRIPTS, SECONDS, client_environment
from tests.live import Live

pytestmark = [pytest.mark.compat, pytest.mark.timeout(300)]

OURS, THEIRS = "jupyter_mlrun", "mlrun"
# of one moment, or of one side's surroundings
VOLATILE = (
    "hash", "updated", "created", "uid", "owner", "status", "verbose", "source", "origin_url",
)  # fmt: skip
# variables that MLRun's client adds for Nuclio to every function that it makes of code
ADDED = "MLRUN_HTTPDB__NUCLIO__EXPLICIT_ACK"


def run(live: Live, home: Path, package: str, task: str, folder: Path, name: str) -> dict[str, Any]:
    python = str(PYTHON) if package == THEIRS else sys.executable
    command = ["timeout", str(SECONDS), python, str(SCRIPTS / "documents.py")]
    env = client_environment(live, home)
    if package == OURS:
        env["JUPYTER_DATA_DIR"] = str(live.folder / "data")
        env["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    home.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [*command, package, task, str(folder), name], env=env, cwd=home, capture_output=True,
        text=True,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return dict(json.loads(done.stdout.splitlines()[-1]))


def bare(value: Any, *others: str) -> Any:
    """A document without what is empty and what is of one moment, and without other keys."""
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if key not in (*VOLATILE, *others)}
        items = {key: bare(item, *others) for key, item in kept.items()}
        return {key: item for key, item in items.items() if item not in (None, "", [], {}, False)}
    if isinstance(value, list):
        items = [bare(item, *others) for item in value]
        return [
            item for item in items if not (isinstance(item, dict) and item.get("name") == ADDED)
        ]
    return value


def differences(one: Any, two: Any, where: str = "") -> list[str]:
    """Each place at which two values differ, with both."""
    if isinstance(one, dict) and isinstance(two, dict):
        keys = sorted({*one, *two})
        return [
            d for key in keys for d in differences(one.get(key), two.get(key), f"{where}.{key}")
        ]
    if isinstance(one, list) and isinstance(two, list) and len(one) == len(two):
        pairs = enumerate(zip(one, two, strict=True))
        return [d for place, (a, b) in pairs for d in differences(a, b, f"{where}[{place}]")]
    return [] if one == two else [f"{where}: {one!r:.400}", f"!= {two!r:.400}"]


@pytest.fixture(scope="module")
def made(live: Live, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Any]]:
    """What each package made: its folder and the documents that it printed."""
    found = {}
    for package, name in ((OURS, "golden-one"), (THEIRS, "golden-two")):
        home = tmp_path_factory.mktemp(package)
        folder = home / "project"
        found[package] = (folder, run(live, home, package, "make", folder, name))
    return found


def named_alike(value: Any, folder: Path) -> Any:
    text = json.dumps(value).replace("golden-two", "golden-one").replace(str(folder), "FOLDER")
    return json.loads(text)


@pytest.mark.row("1.10", "1.12", "2.01", "2.02", "2.05")
@pytest.mark.parametrize("part", ["project", "functions", "made", "doc"])
def test_the_same_script_makes_the_same_documents(
    made: dict[str, tuple[Path, Any]], part: str
) -> None:
    ours, theirs = (bare(named_alike(made[p][1][part], made[p][0])) for p in (OURS, THEIRS))
    assert differences(ours, theirs) == []


@pytest.mark.row("1.02", "1.10", "2.04", "2.18")
@pytest.mark.parametrize(("writer", "reader"), [(OURS, THEIRS), (THEIRS, OURS)])
def test_what_one_wrote_the_other_reads(
    made: dict[str, tuple[Path, Any]], live: Live, tmp_path: Path, writer: str, reader: str
) -> None:
    folder, written = made[writer]
    name = written["project"]["metadata"]["name"]
    read = run(live, tmp_path, reader, "load", folder, name)
    assert differences(bare(read["project"]), bare(written["project"])) == []
    # entries of a project.yaml name a tag only where one was given
    for each in written["functions"].values():
        if each["metadata"].get("tag") == "latest":
            del each["metadata"]["tag"]
    for each in read["functions"].values():
        each["metadata"].pop("tag", None) if each["metadata"].get("tag") == "latest" else None
    # MLRun does not say it of functions that are made again from a project.yaml
    read_again, kept = (bare(each["functions"], "code_origin") for each in (read, written))
    assert differences(read_again, kept) == []
    assert differences(bare(read["made"]), bare(written["made"])) == []
    exported, whole = bare(read["exported"]), bare(written["functions"]["obj"])
    assert exported["spec"] == whole["spec"] and exported["metadata"]["name"] == "obj"
