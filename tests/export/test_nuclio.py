"""What ``%nuclio`` magics of a notebook ask for is in the function that is made of it."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml

import jupyter_mlrun as mlrun
from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.export.notebook import build_export, export_notebook
from jupyter_mlrun.export.nuclio import read_settings

TRAIN = "def train(context, n: int = 3):\n    context.log_result('n', n)"
# a user's: also read by MLRun's own package, in tests/compat
CELLS = (
    "%nuclio cmd -c pip install lightgbm\n"
    '%nuclio config spec.build.baseImage = "mlrun/mlrun"\n'
    "%nuclio env -c MODE=fast\n%nuclio env --local-only LOCAL=1\n"
    "#%nuclio cmd never",
    "%%nuclio cmd\n# first of all\napt-get update\npip install a==1\n",
    "%%nuclio env\nA=1\nB=two words\nMODE=slow",
    "# nuclio: ignore\n%nuclio cmd neither",
    "# mlrun: start-code",
    TRAIN,
    "# mlrun: end-code",
    "%nuclio cmd later",
)


def notebook(*cells: str) -> dict[str, Any]:
    made: Any = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]
    made.cells = [nbformat.v4.new_code_cell(text) for text in cells]  # type: ignore[no-untyped-call]
    return dict(made)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "trainer.ipynb"
    nbformat.write(nbformat.from_dict(notebook(*CELLS)), path)  # type: ignore[no-untyped-call]
    return path


@pytest.mark.row("2.22")
def test_the_function_has_them(file: Path) -> None:
    function = mlrun.code_to_function(
        "f", filename=str(file), kind="job", project="p", requirements=["numpy"]
    )
    build = function.spec.build
    assert build["commands"] == [
        "pip install lightgbm", "apt-get update", "pip install a==1", "later",
    ]  # fmt: skip
    assert (build["base_image"], build["requirements"]) == ("mlrun/mlrun", ["numpy"])
    assert {each["name"]: each["value"] for each in function.spec.env} == {
        "MODE": "slow", "A": "1", "B": "two words",
    }  # fmt: skip
    assert function.requires_build()
    assert "nuclio" not in function.code and "def train" in function.code


def test_a_setting_may_name_kind_and_image(tmp_path: Path) -> None:
    path = tmp_path / "n.ipynb"
    cells = ('%%nuclio config\nkind = "mpijob"\nspec.image = "team/x"\nspec.maxReplicas = 5', TRAIN)
    nbformat.write(nbformat.from_dict(notebook(*cells)), path)  # type: ignore[no-untyped-call]
    with pytest.warns(UserWarning, match=r"spec.maxReplicas of %nuclio config is left out"):
        function = mlrun.code_to_function("f", filename=str(path), project="p")
    assert (function.kind, function.spec.image) == ("mpijob", "team/x")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = mlrun.code_to_function(
            "f", filename=str(path), kind="job", image="mine", project="p"
        )
    assert (other.kind, other.spec.image) == ("job", "mine")


def test_an_export_has_them_and_says_nothing_of_their_cells(file: Path) -> None:
    answer = export_notebook(str(file))
    document = yaml.safe_load(Path(answer["function"]["path"]).read_text())
    assert document["spec"]["build"]["commands"][0] == "pip install lightgbm"
    assert {each["name"] for each in document["spec"]["env"]} == {"MODE", "A", "B"}
    assert answer["warnings"] == []


def test_variables_of_a_file_and_of_the_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x.env").write_text("# all\nFROM_FILE=1\n\nOTHER = $DEEP/x\n")
    monkeypatch.setenv("DEEP", "/a")
    monkeypatch.chdir(tmp_path)
    found = read_settings(
        notebook("%nuclio env_file x.env\n%nuclio cmd cp $DEEP b", "%nuclio mount -t pvc /a b")
    )
    assert {each["name"]: each["value"] for each in found.spec["env"]} == {
        "FROM_FILE": "1", "OTHER": "/a/x",
    }  # fmt: skip
    assert found.spec["build"]["commands"] == ["cp /a b"]
    assert "mount_pvc" in found.warnings[0]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("%nuclio env NAME", "cell 1: %nuclio env takes NAME=VALUE, not 'NAME'"),
        ("%nuclio config spec.x", "takes KEY = VALUE"),
        ("%nuclio config spec.x = python", "written as JSON"),
        ("%nuclio confg spec.x = 1", "Did you mean 'config'?"),
        ("%nuclio env_file not-there.env", "not-there.env: the file cannot be read"),
    ],
)
def test_a_wrong_line_is_named(cell: str, said: str) -> None:
    with pytest.raises(MLRunInvalidArgumentError) as caught:
        read_settings(notebook(cell, TRAIN))
    assert said in str(caught.value)


def test_a_notebook_without_them_is_as_it_was() -> None:
    _, document, build = build_export(notebook(TRAIN), "n", "n.ipynb")
    assert "env: []" in document and build.warnings == []
