"""Values that one package has packed are unpacked by the other; exported artifacts likewise."""

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

pytestmark = [
    pytest.mark.compat, pytest.mark.timeout(300), pytest.mark.row("4.401", "4.402", "5.118"),
]  # fmt: skip
OURS, THEIRS = "jupyter_mlrun", "mlrun"


def run(
    live: Live, package: str, task: str, folder: Path, name: str, script: str = "packages.py",
    **more: str,
) -> dict[str, Any]:  # fmt: skip
    python = str(PYTHON) if package == THEIRS else sys.executable
    command = ["timeout", str(SECONDS), python, str(SCRIPTS / script)]
    env = client_environment(live, folder) | more
    if package == OURS:
        env["JUPYTER_DATA_DIR"] = str(live.folder / "data")
        env["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [*command, package, task, str(folder), name], env=env, cwd=folder, capture_output=True,
        text=True,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout[-5000:]}\n{done.stderr[-5000:]}"
    return dict(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(("maker", "reader"), [(OURS, THEIRS), (THEIRS, OURS), (OURS, OURS)])
def test_values_go_from_one_package_to_the_other(
    live: Live, tmp_path: Path, maker: str, reader: str
) -> None:
    name = f"pack-{maker[0]}{reader[0]}"
    made = run(live, maker, "make", tmp_path, name)
    assert (made["results"]["number"], made["results"]["words"]) == (7, ["a", "b"])
    assert made["results"]["parts"] == [1, 2]
    (tmp_path / "made.json").write_text(json.dumps(made))
    found = run(live, reader, "load", tmp_path, name)
    assert found["said"] == "all as they were"
    assert found["table"] == ["dataset", [1, 2, 3]]
    assert found["model"] == ["weights", "own", {"loss": 0.5}, "beside"]
    assert found["note"] == ["a text", {"who": "me"}]


@pytest.mark.row("5.109")
@pytest.mark.parametrize(("maker", "reader"), [(OURS, THEIRS), (THEIRS, OURS)])
def test_models_called_by_their_hash(live: Live, tmp_path: Path, maker: str, reader: str) -> None:
    name = f"hash-{maker[0]}{reader[0]}"
    chosen = {"MLRUN_ARTIFACTS__GENERATE_TARGET_PATH_FROM_ARTIFACT_HASH": "true"}
    made = run(live, maker, "hashed", tmp_path, name, **chosen)
    (tmp_path / "made.json").write_text(json.dumps(made))
    assert run(live, reader, "find", tmp_path, name) == {"data": "weights", "file": "est.pkl"}


@pytest.mark.row("4.402", "5.102", "5.103", "5.112", "5.114")
def test_rare_packagers_and_kinds_of_artifacts(live: Live, tmp_path: Path) -> None:
    """Formats and kinds that are met seldom, from each package to the other."""
    made = {}
    for maker, reader in ((OURS, THEIRS), (THEIRS, OURS)):
        folder, name = tmp_path / maker, f"rare-{maker[0]}{reader[0]}"
        folder.mkdir()
        made[maker] = run(live, maker, "make", folder, name, "rare.py")
        (folder / "made.json").write_text(json.dumps(made[maker]))
        found = run(live, reader, "load", folder, name, "rare.py")
        assert found.pop("wrong") == {}, f"what {reader} read of what {maker} had packed"
        assert found == {
            "rows": ["TableArtifact", "table", [[1.5, "u"], [2.5, "v"]], ["a", "b"]],
            "place": ["DirArtifact", "dir", ["note.txt"]],
            "chart": ["PlotArtifact", "plot", True],
            "prompt": ["LLMPromptArtifact", "llm-prompt",
                       [{"role": "user", "content": "Say {word}"}],
                       {"word": {"field": "w", "description": "what to say"}},
                       {"temperature": 0.5}, "m.bin"],
            "page": ["DocumentArtifact", "document", "a page", "_page",
                     "langchain_community.document_loaders.TextLoader"],
            "code": ["CodeArtifact", "code", "def main", "python", "function", ["numpy"]],
        }  # fmt: skip
    assert len(made[OURS]["results"]) == 14
    assert made[OURS]["results"] == made[THEIRS]["results"]
