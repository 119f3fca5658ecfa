"""Functions from everything that can hold one, what is built for them, and their documentation."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import nbformat
import pytest
import yaml

import jupyter_mlrun as mlrun
from jupyter_mlrun import errors, session
from jupyter_mlrun.functions.registry import build, get_class
from jupyter_mlrun.model import entry_points
from jupyter_mlrun.names import new_uid
from tests.live import Live

SOURCE = '''
import pandas as pd

def fit(context, df: pd.DataFrame, n: int = 3, *, mode="fast", x: "a.B" = None) -> dict:
    """Fits.

    :param df: the data
               goes on
    :type n: float
    :returns: a model
    """
    return {"n": n}

def _inner(): pass
'''


@pytest.fixture(autouse=True)
def home(isolated_dirs: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(isolated_dirs)
    return isolated_dirs


@pytest.fixture
def code(tmp_path: Path) -> Path:
    path = tmp_path / "train.py"
    path.write_text(SOURCE)
    return path


@pytest.mark.row("2.17")
def test_entry_points_are_those_of_mlrun(code: Path, capsys: pytest.CaptureFixture[str]) -> None:
    function = mlrun.code_to_function(filename=str(code), kind="job", description="Trains.")
    assert function.spec.entry_points == {
        "fit": {
            "name": "fit", "doc": "Fits.", "lineno": 4, "has_varargs": False, "has_kwargs": False,
            "parameters": [
                {"name": "context"},
                {"name": "df", "type": "DataFrame", "doc": "the data goes on"},
                {"name": "n", "type": "float", "default": 3},
                {"name": "mode", "default": "fast"},
                {"name": "x", "type": "a.B", "default": None},
            ],
            "outputs": [{"doc": "a model", "type": "dict"}],
        }
    }  # fmt: skip
    function.doc()
    said = capsys.readouterr().out
    assert "function: train\nTrains." in said
    assert "    n(float)  - , default=3" in said


@pytest.mark.row("2.17")
def test_marked_handlers_and_other_docstrings() -> None:
    source = "# mlrun:handler\ndef one(a): pass\n\ndef two(): pass\n"
    assert list(entry_points.describe_handlers(source)) == ["one"]
    google = """def f(a, b):
    '''F.

    Args:
        a (int): first
          more
        b: x
    Returns:
        it
    '''
"""
    entry = entry_points.describe_handlers(google)["f"]
    assert entry["doc"] == "F."
    assert entry["parameters"] == [
        {"name": "a", "type": "int", "doc": "first more"},
        {"name": "b", "doc": "x"},
    ]
    assert entry["outputs"] == [{"doc": "it"}]
    # a default that JSON cannot hold is told as it is written
    entry = entry_points.describe_handlers("def f(a={1}): pass")["f"]
    assert entry["parameters"][0]["default"] == "{1}"


@pytest.mark.row("2.02")
def test_code_that_is_not_embedded(code: Path) -> None:
    function = mlrun.code_to_function("f", filename=str(code), kind="job", embed_code=False)
    assert function.spec.command == str(code) and not function.code
    with pytest.raises(errors.MLRunInvalidArgumentError, match="A valid code file"):
        mlrun.code_to_function("f", kind="job", embed_code=False)


@pytest.mark.row("2.02", "2.06", "2.21")
def test_a_notebook_by_the_variables_of_its_surroundings(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = [nbformat.v4.new_code_cell(f"def {name}(): pass") for name in ("kept", "left")]
    cells[1]["metadata"]["tags"] = ["draft"]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), home / "work.ipynb")
    monkeypatch.setenv("JPY_SESSION_NAME", str(home / "work.ipynb"))
    function = mlrun.code_to_function(kind="job", code_output=".", ignored_tags="draft;other")
    assert function.name == "work" and list(function.spec.entry_points) == ["kept"]
    assert "def left" not in (home / "work.py").read_text()
    # the one that is named wins over the session's, which a rename leaves behind
    monkeypatch.setenv("JUPYTER_NOTEBOOK_FILE_NAME", "gone.ipynb")
    with pytest.raises(errors.MLRunInvalidArgumentError, match=r"gone\.ipynb is not there"):
        mlrun.code_to_function(kind="job")
    monkeypatch.delenv("JUPYTER_NOTEBOOK_FILE_NAME")
    monkeypatch.delenv("JPY_SESSION_NAME")
    with pytest.raises(errors.MLRunInvalidArgumentError, match="No notebook is known here"):
        mlrun.code_to_function(kind="job")


@pytest.mark.row("2.02")
def test_where_code_comes_from_has_no_password(code: Path) -> None:
    for kind, name in (("job", str(code)), ("local", None)):
        spec = mlrun.code_to_function(filename=str(code), kind=kind).spec
        assert (spec.build.code_origin, spec.filename) == (str(code), name), "outside of git"
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(code.parent)]
    for line in (["init", "-q"], ["remote", "add", "origin", "https://me:secret@host/a.git"],
                 ["add", "."], ["commit", "-qm", "x"]):  # fmt: skip
        subprocess.run([*git, *line], check=True)
    origin = mlrun.code_to_function(filename=str(code), kind="job").spec.build.code_origin
    assert origin.startswith("https://host/a.git#") and origin.endswith(f":{code}")


@pytest.mark.row("2.03")
def test_kinds_are_inferred(code: Path) -> None:
    assert mlrun.new_function().kind == "handler"
    assert mlrun.new_function().name.startswith("mlrun-")
    script = mlrun.new_function(command=str(code))
    assert (script.kind, script.name) == ("local", "train")
    with pytest.raises(errors.MLRunInvalidArgumentError, match=r"Unsupported runtime \(jobb\)"):
        mlrun.new_function("a", kind="jobb")
    with pytest.raises(errors.MLRunInvalidArgumentError, match="image should only be set"):
        mlrun.new_function("a", command="x.py", image="a/b")


@pytest.mark.row("2.03", "2.19")
def test_parts_answer_by_attribute_and_copies_are_apart() -> None:
    function = mlrun.new_function("a", kind="job", image="a/b", project="p")
    before = function.hash
    assert function.spec.env == [] and function.metadata.labels == {} and function.hash == before
    function.spec.workdir = "/w"
    function.set_label("k", 1).set_categories(["c"]).with_annotations({"x": "y"})
    other = function.copy()
    other.spec.workdir = "/other"
    assert function.spec["workdir"] == "/w"
    metadata = function.to_dict()["metadata"]
    metadata.pop("tag", None)
    assert metadata == {
        "name": "a", "project": "p", "labels": {"k": "1"}, "categories": ["c"],
        "annotations": {"x": "y"},
    }  # fmt: skip
    with pytest.raises(AttributeError, match="Did you mean 'workdir'"):
        _ = function.spec.workdirr
    seen = []
    assert function.apply(seen.append) is function and seen == [function]


@pytest.mark.row("2.10", "2.12", "2.14")
def test_what_is_built(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text("# all\npandas>=2  # tables\n\nnumpy\n")
    function = mlrun.new_function("a", kind="job", image="a/b")
    assert not function.requires_build()
    function.with_requirements(["numpy", "x"], requirements_file=str(tmp_path / "r.txt"))
    assert function.spec.build.requirements == ["pandas>=2", "numpy", "x"]
    assert (function.spec.image, function.spec.build.base_image) == ("", "a/b")
    function.with_requirements(["y"], overwrite=True).with_commands(["ls", "ls"])
    assert function.spec.build.to_dict() | {} == {
        "requirements": ["y"], "commands": ["ls"], "base_image": "a/b",
    }  # fmt: skip
    assert function.clean_build_params().spec.image == "a/b" and not function.requires_build()
    for wrong in ("pandas", [1]):
        with pytest.raises(errors.MLRunInvalidArgumentError, match="must be a list of packages"):
            function.with_requirements(wrong)  # type: ignore[arg-type]
    with pytest.raises(errors.MLRunInvalidArgumentError, match=r"none\.txt cannot be read"):
        function.with_requirements(requirements_file="none.txt")
    with pytest.raises(errors.MLRunInvalidArgumentError, match="commands must be a string list"):
        function.with_commands("ls")  # type: ignore[arg-type]


@pytest.mark.row("2.16")
def test_sources() -> None:
    function = mlrun.new_function("a", kind="job", image="a/b")
    function.with_source_archive("git://host/r.git#main", workdir="./w", handler="m.f")
    assert function.spec.build.load_source_on_run and not function.requires_build()
    assert (function.spec.workdir, function.spec.default_handler) == ("./w", "m.f")
    function.with_source_archive("a.zip", pull_at_runtime=False)
    assert function.requires_build() and function.spec.build.base_image == "a/b"
    with pytest.raises(errors.MLRunInvalidArgumentError, match="must be a compressed"):
        function.with_source_archive("nothing")


@pytest.mark.row("2.15")
def test_names_of_images(monkeypatch: pytest.MonkeyPatch) -> None:
    function = mlrun.new_function("a", kind="job", image="mlrun/mlrun")
    assert function.full_image_path() == "mlrun/mlrun:1.12.1"
    assert function.full_image_path("mlrun/ml-base:1.9") == "mlrun/mlrun:1.9"
    assert function.full_image_path("other/image") == "other/image"
    assert function.full_image_path("python", client_python_version="3.11.7") == "python:3.11"
    with pytest.raises(errors.MLRunInvalidArgumentError, match="none is defined"):
        function.full_image_path(".mine")
    monkeypatch.setenv("MLRUN_HTTPDB__BUILDER__DOCKER_REGISTRY", "reg:5000/team/")
    monkeypatch.setenv("MLRUN_IMAGES_REGISTRY", "mirror/")
    monkeypatch.setenv("MLRUN_VENDOR_IMAGES_REGISTRY", "vendors")
    monkeypatch.setenv("MLRUN_IMAGES_TAG", "7")
    assert function.full_image_path(".mine") == "reg:5000/team/mine"
    assert function.full_image_path() == "mirror/mlrun/mlrun:7"
    assert function.full_image_path("python:3.11") == "vendors/python:3.11"
    assert function.full_image_path("python:3.12") == "python:3.12"


@pytest.mark.row("2.09")
def test_code_given_to_a_function(code: Path) -> None:
    function = mlrun.new_function("a", kind="job")
    assert function.with_code(from_file=str(code)).code == SOURCE
    assert list(function.spec.entry_points) == ["fit"]
    function.with_code(body="def g(): pass\n", with_doc=False)
    assert list(function.spec.entry_points) == ["fit"] and "def g" in function.code
    with pytest.raises(errors.MLRunInvalidArgumentError, match="not both"):
        function.with_code(from_file=str(code), body="x = 1")
    with pytest.raises(errors.MLRunInvalidArgumentError, match="cannot be read as Python"):
        (code.parent / "b.py").write_bytes(b"\xff\xfe")
        function.with_code(from_file=str(code.parent / "b.py"))


@pytest.mark.row("2.18")
def test_export_leaves_out_what_belongs_to_one_place(tmp_path: Path) -> None:
    function = mlrun.new_function("a", kind="job", project="p").with_code(body="x = 1")
    function.set_label("k", "v").spec.replicas = 3
    function.status.state = "ready"
    function.export(str(tmp_path / "deep" / "f.yaml"))
    document = yaml.safe_load((tmp_path / "deep" / "f.yaml").read_text())
    assert document["metadata"].keys() <= {"name", "tag"}
    assert "status" not in document and "replicas" not in document["spec"]
    function.export(format=".json", strip=False)
    assert json.loads(Path("function.yaml").read_text())["metadata"]["project"] == "p"
    assert yaml.safe_load(function.to_yaml()) == json.loads(function.to_json())
    with pytest.raises(errors.MLRunInvalidArgumentError, match="cannot export local handler"):
        mlrun.new_function("a", kind="handler").export()


@pytest.mark.row("2.04")
def test_code_beside_the_yaml(tmp_path: Path) -> None:
    folder = tmp_path / "lib"
    folder.mkdir()
    (folder / "code.py").write_text("def f(): return 1\n")
    text = yaml.safe_dump({"metadata": {"name": "a"}, "spec": {"command": "code.py"}})
    (folder / "function.yaml").write_text(text)
    function = mlrun.import_function(str(folder / "function.yaml"), new_name="b")
    assert (function.kind, function.name, function.code) == ("job", "b", "def f(): return 1\n")
    (folder / "function.yaml").write_text(text.replace("code.py", "../x.py"))
    with pytest.raises(errors.MLRunInvalidArgumentError, match="lies outside of the folder"):
        mlrun.import_function(str(folder / "function.yaml"))
    (folder / "function.yaml").write_text("{")
    with pytest.raises(errors.MLRunInvalidArgumentError, match="neither YAML nor JSON"):
        mlrun.import_function(str(folder / "function.yaml"))


@pytest.mark.row("2.27")
def test_a_function_as_a_module(code: Path) -> None:
    code.write_text("def f(): return 7\n")
    for form in (
        str(code),
        mlrun.new_function("embedded", kind="job").with_code(body="def f(): return 7\n"),
        mlrun.new_function("named", kind="local", command=str(code)),
    ):
        module = mlrun.function_to_module(form)
        assert module is not None and module.f() == 7
        sys.modules.pop(module.__name__)
    assert mlrun.function_to_module(silent=True) is None
    with pytest.raises(errors.MLRunInvalidArgumentError, match="nothing to run"):
        mlrun.function_to_module()
    with pytest.raises(errors.MLRunInvalidArgumentError, match=r"unsupported suffix: \.txt"):
        mlrun.function_to_module("a.txt")


@pytest.mark.row("2.33")
def test_a_kind_from_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    from jupyter_mlrun.functions import registry
    from jupyter_mlrun.functions.function import Function

    class Toy(Function):
        SPEC = {**Function.SPEC, "wheels": list}

    monkeypatch.setitem(registry.KINDS, "toy", "toy:Toy")
    monkeypatch.setitem(sys.modules, "jupyter_mlrun.functions.toy", Toy)  # type: ignore[arg-type]
    monkeypatch.setattr(Toy, "Toy", Toy, raising=False)
    assert get_class("toy") is Toy
    made = build({"kind": "toy", "metadata": {"name": "t"}})
    assert isinstance(made, Toy) and made.spec.wheels == []
    assert isinstance(mlrun.new_function("t", kind="toy"), Toy)


@pytest.mark.row("2.07", "2.08", "2.04")
def test_versions_and_tags(service: Live) -> None:
    function = mlrun.new_function("versions", kind="local").with_code(body="x = 1\n")
    one = function.save(versioned=True)
    two = function.with_requirements(["a"]).save(tag="v2", versioned=True)
    assert one != two and two.startswith("db://default/versions:v2@")
    assert mlrun.import_function("db://default/versions:v2").spec.build.requirements == ["a"]
    assert not mlrun.import_function(one).spec.build.requirements
    rows = mlrun.get_run_db().list_functions("versions", "default")
    assert sorted(row["metadata"]["tag"] for row in rows) == ["latest", "v2"]
    with pytest.raises(errors.MLRunNotFoundError):
        mlrun.import_function("db://default/nowhere")


@pytest.mark.row("2.14", "3.001")
def test_names_that_mlrun_dropped_warn(service: Live, tmp_path: Path) -> None:
    function = mlrun.new_function("old", kind="local").with_code(
        body="def f(context): return context.artifact_path\n"
    )
    for name in ("artifact_path", "out_path"):
        with pytest.warns(FutureWarning, match="output_path"):
            run = function.run(handler="f", local=True, **{name: str(tmp_path)})
        assert run.outputs["return"].startswith(str(tmp_path))
    with pytest.raises(errors.MLRunInvalidArgumentError, match=r"paramss.*Did you mean 'params'"):
        function.run(handler="f", paramss={})
    with pytest.raises(errors.MLRunInvalidArgumentError, match="have no image to build"):
        function.with_requirements(["x"]).deploy()


@pytest.mark.row("2.26", "2.04")
def test_functions_of_a_hub(service: Live, tmp_path: Path) -> None:
    source = tmp_path / "hub" / "functions" / "main" / "add_up" / "latest" / "src"
    source.mkdir(parents=True)
    made = mlrun.new_function("add-up", kind="job").with_code(body="def f(): return 1\n")
    made.export(str(source / "function.yaml"))
    serve = functools.partial(SimpleHTTPRequestHandler, directory=str(tmp_path / "hub"))
    web = ThreadingHTTPServer(("127.0.0.1", 0), serve)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    metadata = {"name": f"h-{new_uid()[:8]}", "description": "x"}
    path = f"http://127.0.0.1:{web.server_port}"
    spec = {"path": path, "channel": "main", "object_type": "functions"}
    body = {"index": 1, "source": {"kind": "HubSource", "metadata": metadata, "spec": spec}}
    client = session.client()
    client.json("POST", "hub/sources", body=body)
    try:
        function = mlrun.import_function(f"hub://{metadata['name']}/add_up", project="p")
        assert (function.name, function.metadata.project) == ("add-up", "p")
        assert function.code == "def f(): return 1\n"
    finally:
        client.request("DELETE", f"hub/sources/{metadata['name']}")
        web.shutdown()
        web.server_close()
    for wrong in ("hub://a/b/c", "hub://"):
        with pytest.raises(errors.MLRunInvalidArgumentError, match="no address of a hub"):
            mlrun.import_function(wrong)


def test_run_local_still_runs(service: Live, tmp_path: Path) -> None:
    (tmp_path / "old.py").write_text("def f(context, x): return x + 1\n")
    with pytest.warns(FutureWarning, match=r"run_local\(\) was removed"):
        run = mlrun.run_local(command=str(tmp_path / "old.py"), handler="f", params={"x": 1})
    assert run.output("return") == 2


@pytest.mark.parametrize("kind", ["job", "dask"])
def test_gpus_still_counts(service: Live, kind: str) -> None:
    function = mlrun.new_function("g", kind=kind, image="i:1")
    with pytest.warns(FutureWarning, match=r"gpus\(\) was removed"):
        function.gpus(2)
    limits = getattr(function.spec, "worker_resources" if kind == "dask" else "resources")["limits"]
    assert limits == {"nvidia.com/gpu": 2}


@pytest.mark.row("2.06")
def test_a_callable_and_local_code(service: Live, tmp_path: Path) -> None:
    assert mlrun.new_function("c").run(handler=lambda context, x: x + 1, params={"x": 1}).output(
        "return"
    ) == 2  # fmt: skip
    (tmp_path / "mine.py").write_text("def f(context): return 'mine'\n")
    stored = mlrun.new_function("s", kind="job").with_code(body="def f(context): return 'old'\n")
    run = stored.run(handler="f", local=True, local_code_path=str(tmp_path / "mine.py"))
    assert run.output("return") == "mine" and "old" in stored.code
