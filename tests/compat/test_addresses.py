"""Small functions, addresses of artifacts and notebooks: as MLRun's own package has them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.compat.conftest import PYTHON, SCRIPTS, SECONDS, client_environment
from tests.compat.test_documents import ADDED
from tests.export.test_nuclio import CELLS, notebook
from tests.live import Live

pytestmark = [pytest.mark.compat, pytest.mark.timeout(400)]

OURS, THEIRS = "jupyter_mlrun", "mlrun"
PROJECTS = {OURS: "told-by-one", THEIRS: "told-by-two"}


def run(live: Live, home: Path, script: str, package: str, *arguments: str) -> Any:
    python = str(PYTHON) if package == THEIRS else sys.executable
    env = client_environment(live, home)
    if package == OURS:
        env["JUPYTER_DATA_DIR"] = str(live.folder / "data")
        env["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    home.mkdir(parents=True, exist_ok=True)
    command = ["timeout", str(SECONDS), python, str(SCRIPTS / script), package, *arguments]
    done = subprocess.run(command, env=env, cwd=home, capture_output=True, text=True)
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return json.loads(done.stdout.splitlines()[-1])


def test_small_functions_say_the_same(live: Live, tmp_path: Path) -> None:
    ours, theirs = (run(live, tmp_path / p, "words.py", p) for p in (OURS, THEIRS))
    for part, told in theirs.items():
        assert ours[part] == told, part


@pytest.fixture(scope="module")
def logged(live: Live, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each package told of the artifacts that it logged."""
    homes = {package: tmp_path_factory.mktemp(package) for package in (OURS, THEIRS)}
    return {
        package: run(live, home, "addresses.py", package, "log", PROJECTS[package])
        for package, home in homes.items()
    }


@pytest.mark.row("5.107")
def test_artifacts_are_told_alike(logged: dict[str, Any]) -> None:
    ours, theirs = (
        json.loads(json.dumps(logged[package]).replace(PROJECTS[package], "P"))
        for package in (OURS, THEIRS)
    )
    for part in ("shapes", "recorded", "one", "data"):
        assert ours[part] == theirs[part], part


@pytest.mark.row("5.107", "5.316")
@pytest.mark.parametrize(("writer", "reader"), [(OURS, THEIRS), (THEIRS, OURS)])
def test_each_reads_every_address_of_the_other(
    live: Live, tmp_path: Path, logged: dict[str, Any], writer: str, reader: str
) -> None:
    name = PROJECTS[writer]
    file = tmp_path / "uris.json"
    uris = logged[writer]["uris"]
    file.write_text(json.dumps(uris))
    found = run(live, tmp_path / "home", "addresses.py", reader, "read", name, str(file))["found"]
    assert {key: told[2] for key, told in found.items()} == logged[writer]["data"]
    # an address with a uid names that very artifact
    for key, uri in uris.items():
        if "^" in uri:
            assert found[key][1] == uri.rpartition("^")[2], key


@pytest.mark.row("2.22")
@pytest.mark.parametrize("kind", ["job", "mpijob"])
def test_magics_of_nuclio_make_the_same_function(live: Live, tmp_path: Path, kind: str) -> None:
    file = tmp_path / "trainer.ipynb"
    nbformat.write(nbformat.from_dict(notebook(*CELLS)), file)  # type: ignore[no-untyped-call]
    ours, theirs = (
        run(live, tmp_path / p, "nuclio_notebook.py", p, str(file), kind) for p in (OURS, THEIRS)
    )
    theirs["env"] = [each for each in theirs["env"] if each["name"] != ADDED]
    for made in (ours, theirs):
        made["build"] = {key: value for key, value in made["build"].items() if value}
    assert ours == theirs


@pytest.mark.row("2.21")
def test_marks_with_a_name_choose_the_same_code(live: Live, tmp_path: Path) -> None:
    file = tmp_path / "parts.ipynb"
    cells = [
        "import missing_in_both",
        "# mlrun: start-code from-notebook",
        "def train(context, n: int = 3):\n    return n",
        "# mlrun: end-code from-notebook",
        "# nuclio: start-code other",
        "def elsewhere(context):\n    return 1",
        "# nuclio: end-code other",
    ]
    nbformat.write(nbformat.from_dict(notebook(*cells)), file)  # type: ignore[no-untyped-call]
    ours, theirs = (
        run(live, tmp_path / p, "nuclio_notebook.py", p, str(file), "job") for p in (OURS, THEIRS)
    )
    assert ours["handlers"] == theirs["handlers"] == ["train"]
