"""Functions made of files and notebooks, tasks, and run objects without a service."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml

from jupyter_mlrun import RunObject, code_to_function, import_function, new_function, new_task
from jupyter_mlrun.client.address import Address
from jupyter_mlrun.client.transport import Client
from jupyter_mlrun.errors import (
    MLRunInvalidArgumentError,
    MLRunInvalidArgumentTypeError,
    RunError,
)
from tests.client.server import Service, ok, service
from tests.sdk.conftest import make_run


@pytest.fixture(autouse=True)
def home(isolated_dirs: Path) -> Path:
    return isolated_dirs


def test_a_file_is_a_function(tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    path.write_text("def fit(context, n: int = 3):\n    'Fits.'\n\ndef _inner(): pass\n")
    function = code_to_function(filename=str(path), handler="fit", requirements=["numpy"])
    document = function.to_dict()
    assert (function.name, function.kind, function.code) == ("train", "local", path.read_text())
    assert document["spec"]["build"]["requirements"] == ["numpy"]
    assert list(document["spec"]["entry_points"]) == ["fit"]
    assert document["spec"]["entry_points"]["fit"]["parameters"][1] == {
        "name": "n",
        "type": "int",
        "default": 3,
    }


@pytest.mark.row("2.31")
def test_much_code_is_said_to_be_better_as_a_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "long.py"
    path.write_text("x = 1\n" * 2_000)
    for make in (
        lambda: code_to_function(filename=str(path)),
        lambda: new_function("long").with_code(body=path.read_text()),
    ):
        with pytest.warns(UserWarning, match=r"16000 bytes.*more than 10000.*with_source_archive"):
            assert make().code == path.read_text()
    monkeypatch.setenv("MLRUN_FUNCTION__SPEC__SOURCE_CODE_MAX_BYTES", "20000")
    code_to_function(filename=str(path))


def test_a_notebook_is_a_function(tmp_path: Path) -> None:
    cells = ["# mlrun: ignore\n1/0", "def fit(context):\n    return 1"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    nbformat.write(notebook, tmp_path / "work.ipynb")
    function = code_to_function(filename=str(tmp_path / "work.ipynb"))
    assert "def fit(context)" in function.code
    assert "1/0" not in function.code
    assert list(function.spec["entry_points"]) == ["fit"]


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({}, MLRunInvalidArgumentError, "needs filename="),
        ({"filename": "/nowhere.py"}, FileNotFoundError, r"There is no file /nowhere\.py"),
    ],
)
def test_what_is_no_file_is_a_sentence(
    arguments: dict[str, Any], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        code_to_function(**arguments)


def test_an_image_is_kept_by_any_kind(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def f(): return 1\n")
    for kind in ("local", "job"):
        function = code_to_function("f", filename=str(tmp_path / "a.py"), kind=kind, image="m/m")
        assert function.spec.image == "m/m"


def test_a_syntax_error_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = (\n")
    with pytest.raises(MLRunInvalidArgumentError, match=r"a\.py, line 1"):
        code_to_function(filename=str(tmp_path / "a.py"))


@pytest.mark.parametrize("name", ["f.yaml", "f.json"])
def test_export_and_import_are_inverse(tmp_path: Path, name: str) -> None:
    with pytest.warns(UserWarning, match="stored as 'my-fn'"):
        function = new_function("My_Fn", kind="local").with_code(body="def f(): pass")
    function.set_env("A", "1").set_env("A", "2")
    function.export(str(tmp_path / name), strip=False)
    back = import_function(str(tmp_path / name))
    assert back.to_dict() == function.to_dict()
    assert back.hash == function.hash
    assert back.name == "my-fn"
    assert back.spec["env"] == [{"name": "A", "value": "2"}]


def test_a_file_that_holds_no_function_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(yaml.safe_dump({"kind": "local"}))
    with pytest.raises(MLRunInvalidArgumentError, match="holds no function"):
        import_function(str(tmp_path / "x.yaml"))


def test_a_bad_name_is_refused() -> None:
    with pytest.raises(MLRunInvalidArgumentError, match=r"Field 'function\.metadata\.name'"):
        new_function("a/b")


@pytest.mark.parametrize("what", ["params", "hyper_params", "inputs"])
def test_values_without_names_are_refused(what: str) -> None:
    given: dict[str, Any] = {what: [1]}
    with pytest.raises(MLRunInvalidArgumentTypeError, match=rf"^{what} is a dict .* not list$"):
        new_task("t", **given)


def test_tasks() -> None:
    base = new_task("base", params={"a": 1}, inputs={"x": "/x"}, selector="max.acc")
    base.with_params(b=2).with_input("y", "/y").set_label("k", "v")
    task = new_task(base=base, handler="fit", artifact_path="/out").to_dict()
    assert task["metadata"] == {"name": "base", "labels": {"k": "v"}}
    assert task["spec"] == {
        "parameters": {"a": 1, "b": 2},
        "inputs": {"x": "/x", "y": "/y"},
        "hyper_param_options": {"selector": "max.acc"},
        "handler": "fit",
        "output_path": "/out",
    }
    swept = new_task().with_hyper_params({"a": [1]}, "min.loss", "list", max_errors=1).to_dict()
    assert swept["spec"]["hyperparams"] == {"a": [1]}
    assert swept["spec"]["hyper_param_options"] == {
        "selector": "min.loss",
        "strategy": "list",
        "max_errors": 1,
    }


def run_object(server: Service, **status: Any) -> RunObject:
    run = make_run(parameters={"x": 1}) | {"status": status}
    return RunObject.from_dict(run, Client(Address(server.url, "t")))


def test_an_ended_run_is_not_asked_for_again() -> None:
    plot = {"kind": "plot", "metadata": {"key": "b"}, "spec": {"target_path": "/b.html"}}
    with service(ok()) as server:
        run = run_object(
            server, state="completed", results={"a": 1}, artifact_uris={"b": "store://x"},
            artifacts=[plot],
        )  # fmt: skip
        assert run.outputs == {"a": 1, "b": "/b.html"}
        assert (run.output("a"), run.output("c")) == (1, None)
        assert run.wait_for_completion() == run.wait() == run.state() == "completed"
        assert run["status"]["state"] == run.get("status")["state"] == "completed"
        assert run.spec.parameters == {"x": 1}
        assert run.status.reason is None
        assert json.loads(run.to_json()) == yaml.safe_load(run.to_yaml()) == run.to_dict()
        assert not server.asked


def test_a_failed_run_raises_its_reason() -> None:
    with service(ok()) as server:
        assert run_object(server, state="error", error="boom").error == "boom"
        with pytest.raises(RunError, match="boom"):
            run_object(server, state="error", error="boom").wait()
        with pytest.raises(RunError, match="you stopped it"):
            run_object(server, state="aborted", reason="you stopped it").wait()
        assert run_object(server, state="error").wait(raise_on_failure=False) == "error"


@pytest.mark.row("4.113")
def test_a_run_shows_itself() -> None:
    with service(ok()) as server:
        run = run_object(server, state="completed", results={"a": 1})
        bundle = run._repr_mimebundle_()
        assert set(bundle) == {
            "application/vnd.jupyter-mlrun.run+json",
            "text/html",
            "text/plain",
        }
        assert run.uid() in repr(run)
        assert run.ui_url.endswith(f"/lab?mlrun-run=default/{run.uid()}")


def test_a_log_in_pieces_keeps_its_characters(capsys: pytest.CaptureFixture[str]) -> None:
    text = "naïve ✓".encode()
    pieces = [(200, text[:3]), (200, text[3:8]), (200, text[8:]), (200, b"")]
    with service(*pieces) as server:
        assert run_object(server, state="completed").logs()[0] == "completed"
    assert capsys.readouterr().out == "naïve ✓"


@pytest.mark.row("2.01")
def test_a_function_shows_itself(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text('def train(context, x: int = 2):\n    """Fit <it>."""\n')
    function = code_to_function(
        "shown", "p", filename=str(tmp_path / "a.py"), kind="job", image="i"
    )
    html = function._repr_html_()
    assert "<b>shown</b>" in html and "x: int = 2" in html and "Fit &lt;it&gt;." in html
    assert "<script" not in html and "<details>" in html
