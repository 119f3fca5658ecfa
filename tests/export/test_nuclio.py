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
        notebook("%nuclio env_file x.env\n%nuclio cmd cp $DEEP b", "%nuclio mount -t pvc /a b"),
        expands=True,
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


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("spec = 3", "spec is an object of settings, not 3"),
        ('spec.build = "x"', "spec.build is an object of settings, not 'x'"),
        ("spec.env = 3", "spec.env is a list of objects like"),
        ('spec.env = ["A=1"]', "'A=1' is not"),
        ("spec.build.commands = [3]", "spec.build.commands is a list of texts, which 3 is not"),
        ("spec.image = 3", "spec.image is a text, not 3"),
        ('spec.image = "a"\nspec.image.name = "b"', "spec.image.name has no place, since"),
        ('spec.image = "a"\nspec.image += "b"', "+= adds to a list, and spec.image is 'a'"),
        ("kind = 3", "kind is a text, not 3"),
    ],
)
def test_a_setting_of_the_wrong_type_is_named(cell: str, said: str) -> None:
    with pytest.raises(MLRunInvalidArgumentError) as caught:
        read_settings(notebook(f"%%nuclio config\n{cell}", TRAIN))
    assert str(caught.value).startswith("cell 1: %nuclio config: ") and said in str(caught.value)


def test_settings_may_come_as_a_whole() -> None:
    cells = (
        '%%nuclio config\nspec.build.commands = "apt x"\nspec.build.commands += "apt y"',
        '%nuclio config spec.build = {"commands": "one two", "baseImage": "a/b"}',
        "%nuclio cmd three",
        '%%nuclio config\nspec = {"env": [{"name": "A", "valueFrom": {}}], "image": "c/d"}',
        "%nuclio env B=1",
    )
    assert read_settings(notebook(*cells[:1])).spec["build"]["commands"] == ["apt x", "apt y"]
    built = read_settings(notebook(*cells[:3])).spec["build"]
    assert built == {"commands": ["one two", "three"], "base_image": "a/b"}
    whole = read_settings(notebook(*cells))
    assert [each["name"] for each in whole.spec["env"]] == ["A", "B"] and whole.warnings == []
    assert read_settings(notebook("%nuclio config spec = null", "%nuclio cmd a")).spec["build"]


@pytest.fixture
def exporter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A notebook's folder, whose user has secrets, and works elsewhere."""
    (tmp_path / "nb").mkdir()
    (tmp_path / "outer.env").write_text("OUTER=1\n")
    (tmp_path / "nb" / "x.env").write_text("MODE=fast\nAPI_TOKEN=in-the-file\nPLACE=$DEEP/x\n")
    monkeypatch.setenv("DEEP", "/of-the-exporter")
    monkeypatch.setenv("MY_TOKEN", "of-the-exporter-too")
    monkeypatch.setenv("V3IO_ACCESS_KEY", "of-the-exporter-as-well")
    monkeypatch.chdir(tmp_path)
    cells = (
        "%nuclio env API_KEY=$MY_TOKEN", "%nuclio env %v3io", "%nuclio env_file x.env",
        "%nuclio env_file ../outer.env", "%nuclio cmd curl ${MY_TOKEN} x",
        '%nuclio config spec.env += {"name": "OTHER", "value": "$DEEP"}', TRAIN,
    )  # fmt: skip
    path = tmp_path / "nb" / "n.ipynb"
    nbformat.write(nbformat.from_dict(notebook(*cells)), path)  # type: ignore[no-untyped-call]
    return path


def test_an_export_holds_no_value_of_the_exporters(exporter: Path) -> None:
    answer = export_notebook(str(exporter))
    text = Path(answer["function"]["path"]).read_text()
    assert "of-the-exporter" not in text and "in-the-file" not in text and "OUTER" not in text
    spec = yaml.safe_load(text)["spec"]
    assert {each["name"]: each["value"] for each in spec["env"]} == {
        "API_KEY": "$MY_TOKEN", "MODE": "fast", "PLACE": "$DEEP/x", "OTHER": "$DEEP",
    }  # fmt: skip
    assert spec["build"]["commands"] == ["curl ${MY_TOKEN} x"]
    said = "\n".join(answer["warnings"])
    assert said.count("stays as it is written") == 4 and "API_KEY: $MY_TOKEN stays" in said
    assert "%v3io is left out" in said and "API_TOKEN is left out: it looks like a secret" in said
    assert "../outer.env is left out: an export takes files of the notebook's folder" in said


def test_a_function_of_ones_own_has_them_and_says_which_look_secret(exporter: Path) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        function = mlrun.code_to_function("f", filename=str(exporter), kind="job", project="p")
    assert {each["name"]: each["value"] for each in function.spec.env} == {
        "API_KEY": "of-the-exporter-too", "V3IO_ACCESS_KEY": "of-the-exporter-as-well",
        "MODE": "fast", "API_TOKEN": "in-the-file", "PLACE": "/of-the-exporter/x", "OUTER": "1",
        "OTHER": "/of-the-exporter",
    }  # fmt: skip
    assert function.spec.build["commands"] == ["curl of-the-exporter-too x"]
    said = [str(each.message) for each in caught if "looks like a secret" in str(each.message)]
    for name in ("API_KEY", "V3IO_ACCESS_KEY", "API_TOKEN", "MY_TOKEN"):
        assert sum(f"the value of {name} looks" in each for each in said) == 1, (name, said)
    assert len(said) == 4 and "exporter" not in "".join(said).replace(str(exporter), "")


def test_code_alone_needs_no_settings(tmp_path: Path) -> None:
    path = tmp_path / "n.ipynb"
    cells = notebook("%nuclio env_file not-there.env", TRAIN)
    nbformat.write(nbformat.from_dict(cells), path)  # type: ignore[no-untyped-call]
    function = mlrun.new_function("f", kind="job", project="p").with_code(str(path))
    assert "def train" in function.code
    with pytest.raises(MLRunInvalidArgumentError, match="the notebook's folder"):
        mlrun.code_to_function("f", filename=str(path), kind="job", project="p")


def test_a_line_of_a_file_is_not_told(tmp_path: Path) -> None:
    (tmp_path / "x.env").write_text("A=1\nhunter2\n")
    with pytest.raises(MLRunInvalidArgumentError, match="line 2 is not NAME=VALUE") as caught:
        read_settings(notebook("%nuclio env_file x.env"), str(tmp_path))
    assert "hunter2" not in str(caught.value)


def test_a_notebook_without_them_is_as_it_was() -> None:
    _, document, build = build_export(notebook(TRAIN), "n", "n.ipynb")
    assert "env: []" in document and build.warnings == []


def test_marks_of_a_function_named_by_its_file_choose_its_code(tmp_path: Path) -> None:
    path = tmp_path / "train.ipynb"
    cells = ("gone = 1", f"# mlrun: start-code train\n{TRAIN}", "# mlrun: end-code train\ngone = 2")
    nbformat.write(nbformat.from_dict(notebook(*cells)), path)  # type: ignore[no-untyped-call]
    function = mlrun.code_to_function(filename=str(path), kind="job", project="p")
    assert function.name == "train"
    assert "def train" in function.code and "gone" not in function.code
