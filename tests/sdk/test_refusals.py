"""Wrong arguments are refused before anything is recorded, by MLRun's class and one sentence."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import jupyter_mlrun as mlrun
from jupyter_mlrun import errors
from jupyter_mlrun.names import new_uid
from tests.live import Live

TOLD = {"kind": "console", "name": "told"}
INVALID, TYPE = errors.MLRunInvalidArgumentError, errors.MLRunInvalidArgumentTypeError


@pytest.fixture(autouse=True)
def surroundings(service: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.csv").write_text("x\n1\n2\n")
    (tmp_path / "no.json").write_text("{nope")


def handler(context: Any, x: int = 1) -> int:
    context.log_result("z", x)
    return x


@pytest.mark.row("4.301", "4.302", "4.305", "4.402")
@pytest.mark.parametrize("kind", ["handler", "local"])
@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ({"returns": ["a:"]}, INVALID, "'a:' does not say what to log"),
        ({"returns": [3]}, INVALID, "3 does not say what to log"),
        ({"returns": [{"artifact_type": "model"}]}, INVALID, "has no key"),
        ({"returns": "a"}, TYPE, "returns is a list"),
        ({"inputs": {"x": 3}}, TYPE, "inputs are addresses"),
        ({"state_thresholds": 3}, INVALID, "'state_thresholds' is a dict, not 3"),
        ({"state_thresholds": {"runing": "1h"}}, INVALID, "no threshold of the state 'runing'"),
        ({"hyper_param_options": 5}, TYPE, "is a HyperParamOptions, or its dict, not 5"),
        ({"retry": 3}, INVALID, "'retry' is a dict, not 3"),
        ({"notifications": [3]}, INVALID, "A notification is a mlrun.Notification"),
        ({"notifications": [TOLD, TOLD]}, INVALID, "Notification names must be unique"),
        ({"hyperparams": {"x": 3}}, INVALID, "must be a list that is not empty"),
        ({"hyperparams": {"x": []}}, INVALID, "must be a list that is not empty"),
        ({"hyperparams": {"x": [1]}, "hyper_param_options": {"strategy": "no"}}, INVALID,
         "no strategy 'no'"),
        ({"hyperparams": {"x": [1, 2], "y": [1]}, "hyper_param_options": {"strategy": "list"}},
         INVALID, "lists of one length"),
        ({"hyperparams": {"x": [1]}, "hyper_param_options": {"selector": "mx.z"}}, INVALID,
         "neither max nor min"),
        ({"hyperparams": {"x": [1]}, "hyper_param_options": {"stop_condition": "z>>"}}, INVALID,
         "cannot be read"),
        ({"hyperparams": {"x": [1, 2]}, "hyper_param_options": {"max_iterations": 1}}, INVALID,
         "max_iterations is only valid in random strategy"),
        ({"hyperparams": {"x": [1]}, "hyper_param_options": {"param_file": "rows.csv"}}, INVALID,
         "not both"),
    ],
)  # fmt: skip
def test_a_task_that_cannot_be_followed(
    kind: str, given: dict[str, Any], error: type[Exception], said: str
) -> None:
    name = f"refused-{new_uid()[:8]}"
    function = mlrun.new_function(name, kind=kind)
    if kind == "local":
        function.with_code(body="def handler(context, x=1):\n    return x\n")
        given = {**given, "handler": "handler"}
    else:
        given = {**given, "handler": handler}
    with pytest.raises(error, match=said):
        function.run(name=name, **given)
    assert mlrun.list_runs(name=name) == []


@pytest.mark.row("4.302")
@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"param_file": "none.csv"}, errors.MLRunNotFoundError, "none.csv is not there"),
        ({"param_file": "no.json"}, errors.MLRunBadRequestError, "is no JSON"),
        ({"param_file": "rows.csv", "strategy": "grid"}, INVALID, "one by one"),
    ],
)
def test_a_parameter_file_that_cannot_be_followed(
    options: dict[str, Any], error: type[Exception], said: str
) -> None:
    name = f"refused-{new_uid()[:8]}"
    with pytest.raises(error, match=said):
        mlrun.new_function(name).run(handler=handler, name=name, hyper_param_options=options)
    assert mlrun.list_runs(name=name) == []


@pytest.mark.row("4.207")
@pytest.mark.parametrize("kind", ["handler", "local"])
@pytest.mark.parametrize(
    ("body", "said"), [(b"TOKEN=\xff\xfe\n", "is no UTF-8 text"), (None, "cannot be read: No such")]
)
def test_a_file_of_secrets_that_cannot_be_read(
    tmp_path: Path, kind: str, body: bytes | None, said: str
) -> None:
    name, file = f"refused-{new_uid()[:8]}", tmp_path / "secrets.env"
    if body is not None:
        file.write_bytes(body)
    function: Any = mlrun.new_function(name, kind=kind)
    if kind == "local":
        function.with_code(body="def handler(context):\n    return 1\n")
    task = mlrun.new_task(handler=handler if kind == "handler" else "handler")
    with pytest.raises(INVALID, match=said):
        function.run(task.with_secrets("file", str(file)), name=name)
    assert mlrun.list_runs(name=name) == []
    assert mlrun.get_run_db().list_functions(name) == []


@pytest.mark.parametrize("given", [{"name": 5}, {"runspec": {"metadata": {"name": 5}}}])
def test_a_name_that_is_no_text(given: dict[str, Any]) -> None:
    with pytest.raises(INVALID, match=r"Field 'run\.metadata\.name' must be text, not 5"):
        mlrun.new_function("named", kind="handler").run(handler=handler, **given)


@pytest.mark.parametrize("is_local", [True, False])
def test_a_script_that_is_not_there(is_local: bool) -> None:
    function = mlrun.new_function("scriptless", kind="local", command="none.py --deep 3")
    with pytest.raises(FileNotFoundError, match="command file none"):
        function.run(local=is_local, name="scriptless")
    assert mlrun.list_runs(name="scriptless") == []


@pytest.mark.row("1.03", "1.05")
@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: mlrun.get_or_create_project(3), "'project.metadata.name' must be text, not 3"),
        (lambda: mlrun.get_or_create_project(None), "'project.metadata.name' must be text"),
        (lambda: mlrun.get_or_create_project("Bad_Name"), "is malformed. 'Bad_Name' does not"),
        (lambda: mlrun.new_project(3), "'project.metadata.name' must be text, not 3"),
        (lambda: mlrun.load_project(3), "'context' of a project is a path"),
        (lambda: mlrun.load_project("./x", 3), "'url' of a project is a path"),
        (lambda: mlrun.load_project("./x", name=3), "'project.metadata.name' must be text"),
        (lambda: mlrun.get_or_create_project("a", parameters=3), "'parameters' of a project"),
    ],
)
def test_a_project_of_the_wrong_type(make: Callable[[], Any], said: str) -> None:
    with pytest.raises(INVALID, match=said):
        make()


@pytest.mark.row("1.39")
def test_a_service_that_is_not_there_is_not_chosen(
    service: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "No service answers at http://127.0.0.1:9/mlrun"
    with pytest.raises(errors.MLRunServiceUnreachableError, match=said):
        mlrun.set_environment("http://127.0.0.1:9/mlrun", artifact_path="/never")
    assert mlrun.mlconf.dbpath == f"{service.url}/mlrun" and mlrun.mlconf.artifact_path == ""
    file = tmp_path / "chosen.env"
    file.write_text("MLRUN_ARTIFACT_PATH=/of/the/file\nOF_THE_FILE=1\n")
    monkeypatch.setenv("MLRUN_ARTIFACT_PATH", "/as/it/was")
    monkeypatch.delenv("OF_THE_FILE", raising=False)
    for wrong in ({"api_path": "http://127.0.0.1:9/mlrun"}, {"artifact_path": "relative"}):
        with pytest.raises((errors.MLRunServiceUnreachableError, INVALID)):
            mlrun.set_environment(**wrong, env_file=str(file))
        assert os.environ["MLRUN_ARTIFACT_PATH"] == "/as/it/was"
        assert "OF_THE_FILE" not in os.environ
    mlrun.set_environment(f"{service.url}/mlrun", env_file=str(file))
    assert os.environ.pop("OF_THE_FILE") == "1"
    assert mlrun.mlconf.artifact_path == "/of/the/file"
    assert "default" in mlrun.get_run_db().list_projects()


@pytest.mark.row("1.24", "2.02", "2.03", "2.04", "2.09", "2.10", "2.11", "2.27", "2.33")
@pytest.mark.parametrize(
    ("make", "error", "said"),
    [
        (lambda: mlrun.new_function(5), INVALID, "'function.metadata.name' must be text, not 5"),
        (lambda: mlrun.new_function("a", kind="job", mode="run"), INVALID, "can only be pass"),
        (lambda: mlrun.import_function(5), INVALID, "address is text, not 5"),
        (lambda: mlrun.code_to_function("a", filename="none.py"), FileNotFoundError,
         "There is no file"),
        (lambda: mlrun.code_to_function("a", filename="."), INVALID, "is a folder: name a .py"),
        (lambda: mlrun.new_function("a", kind="job").with_requirements(5), INVALID,
         "must be a list of packages, not 5"),
        (lambda: mlrun.new_function("a").with_code("none.py"), FileNotFoundError,
         "There is no file"),
        (lambda: mlrun.function_to_module(5), INVALID, "unsupported suffix: '5': name a .py"),
        (lambda: mlrun.load_project("./x", "none.yaml"), FileNotFoundError, "cant find project"),
        (lambda: mlrun.new_function("a", kind="job").set_state_thresholds({"x": "1h"}), INVALID,
         "no threshold of the state 'x'"),
        (lambda: mlrun.runtimes.get_runtime_class("jobb"), INVALID, "Did you mean 'job'"),
        (lambda: project().build_config(commands="make"), INVALID, "must be a string list"),
        (lambda: project().get_function(5), INVALID, "named by its name, not by 5"),
        (lambda: project().set_workflow("main", "none.py"), INVALID, "There is no workflow file"),
        (lambda: mlrun.LogHint.parse_obj({"key": "a", "metrics": [3]}), INVALID, "a dict, not"),
        (lambda: project().run(), errors.MLRunNotImplementedServerError,
         "The workflow of project refusing cannot be run"),
        (lambda: project().delete_artifact("key"), TYPE, "needs an artifact, as get_artifact"),
    ],
)  # fmt: skip
def test_an_argument_of_the_wrong_kind(
    make: Callable[[], Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        make()


def project() -> mlrun.MlrunProject:
    return mlrun.get_or_create_project("refusing", "./refusing")


@pytest.mark.parametrize(
    ("method", "given", "said"),
    [
        ("with_node_selection", {"affinity": "text"}, "kubernetes V1Affinity class.* not 'text'"),
        ("with_node_selection", {"tolerations": [3]}, "Toleration.* class.* not 3"),
        ("with_security_context", {"security_context": 5}, "V1SecurityContext class.* not 5"),
    ],
)
def test_parts_of_pods_are_objects_of_kubernetes(
    method: str, given: dict[str, Any], said: str
) -> None:
    function = mlrun.new_function("pods", kind="job")
    with pytest.raises(TYPE, match=said):
        getattr(function, method)(**given)
