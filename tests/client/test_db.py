"""MLRun's method names: a call that is right there means the same here, and is sent as there."""

from __future__ import annotations

import ast
import copy
import inspect
import json
import pickle
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from jupyter_mlrun.client import Client
from jupyter_mlrun.client.address import Address
from jupyter_mlrun.client.answers import Answer
from jupyter_mlrun.client.db import RunDB
from jupyter_mlrun.errors import MLRunInvalidArgumentError
from tests.client.server import ok, service

# the public methods of MLRun's HTTPRunDB, one a line, as MLRun 1.12.1 writes them; but one that
# warns of a registry of Amazon's, which is nothing that programs call
SIGNATURES = (Path(__file__).parent / "signatures-1.12.1.txt").read_text().splitlines()
# what is ours alone, or no method
BESIDE = {"base_url", "kind"}
ANSWER = {
    "runs": [], "artifacts": [], "funcs": [], "projects": [], "schedules": [], "alerts": [],
    "activations": [], "background_tasks": [], "hash_key": "h", "data": {"metadata": {}},
    "tags": ["latest"], "size": 7, "id": "p1", "feature_sets": [], "feature_vectors": [],
    "secret_keys": [], "status": {"state": "succeeded"}, "metadata": {"name": "t"},
}  # fmt: skip
# members of MLRun's enumerations whose values are other words than their names
WORDS = {"ArtifactsDeletionStrategies.metadata_only": "metadata-only"}

Parameter = inspect.Parameter


def theirs(line: str) -> list[tuple[str, Any]]:
    (function,) = ast.parse(f"def {line}: pass").body
    assert isinstance(function, ast.FunctionDef)
    given = function.args
    names = [argument.arg for argument in given.args]
    values = [default(each) for each in given.defaults]
    found = list(zip(names, [Parameter.empty] * (len(names) - len(values)) + values, strict=True))
    found += [(f"*{each.arg}", Parameter.empty) for each in [given.vararg] if each]
    found += [(each.arg, default(value)) for each, value in
              zip(given.kwonlyargs, given.kw_defaults, strict=True) if value]  # fmt: skip
    found += [(f"**{each.arg}", Parameter.empty) for each in [given.kwarg] if each]
    return [each for each in found if each[0] != "self"]


def default(node: ast.expr) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Call):
        # DeletionStrategy.default()
        return "restricted"
    assert isinstance(node, ast.Attribute), ast.dump(node)
    named = ".".join(ast.unparse(node).split(".")[-2:])
    return WORDS.get(named, node.attr.lower())


def ours(name: str) -> list[tuple[str, Any]]:
    marks = {Parameter.VAR_POSITIONAL: "*", Parameter.VAR_KEYWORD: "**"}
    parameters = inspect.signature(getattr(RunDB, name)).parameters.values()
    return [(f"{marks.get(each.kind, '')}{each.name}", each.default)
            for each in parameters if each.name != "self"]  # fmt: skip


def test_every_public_method_is_there() -> None:
    public = {name for name, _ in inspect.getmembers(RunDB) if not name.startswith("_")}
    assert {line.partition("(")[0] for line in SIGNATURES} == public - BESIDE


@pytest.mark.parametrize("line", SIGNATURES, ids=lambda line: line.partition("(")[0])
def test_a_method_has_mlruns_arguments(line: str) -> None:
    name = line.partition("(")[0]
    assert [argument for argument, _ in ours(name)] == [argument for argument, _ in theirs(line)]
    # by their texts: False is no 0
    assert repr(ours(name)) == repr(theirs(line))


def sent(name: str, *arguments: Any, **more: Any) -> tuple[str, str, dict[str, list[str]], Any]:
    """The request that a call becomes."""
    with service(ok(ANSWER)) as running:
        db = RunDB(Client(Address(running.url, "mlrk" + "1" * 40)))
        getattr(db, name)(*arguments, **more)
        db.client.close()
        ((verb, target, _, body),) = running.asked
    url = urlsplit(target)
    path = url.path.partition("/api/")[2]
    return verb, path, parse_qs(url.query), json.loads(body) if body else None


def test_filters_are_sent_by_the_names_of_the_query() -> None:
    day = datetime(2026, 1, 2, tzinfo=UTC)
    _, path, asked, _ = sent(
        "list_runs", "train", ["u1", "u2"], "lab", {"a": "1", "b": None}, ["error"],
        start_time_from=day, partition_by="name", partition_sort_by="created",
    )  # fmt: skip
    assert path == "v1/projects/lab/runs"
    assert asked == {
        "name": ["train"], "uid": ["u1", "u2"], "label": ["a=1", "b"], "states": ["error"],
        "start_time_from": [day.isoformat()], "iter": ["False"], "partition-by": ["name"],
        "partition-sort-by": ["created"], "rows-per-partition": ["1"],
        "partition-order": ["desc"],
    }  # fmt: skip
    assert sent("list_functions", "f", "lab", "v1", "a=1, b", kind="job", states=["ready"])[2] == {
        "name": ["f"], "tag": ["v1"], "label": ["a=1", "b"], "kind": ["job"],
        "format": ["full"], "state": ["ready"],
    }  # fmt: skip
    asked = sent("list_artifacts", "m", "lab", iter=0, best_iteration=True, producer_uri="lab/u")[2]
    assert asked == {
        "name": ["m"], "iter": ["0"], "best-iteration": ["True"], "format": ["full"],
        "producer_uri": ["lab/u"],
    }  # fmt: skip
    asked = sent("list_projects", "ann", "full", ["a"], "online")[2]
    assert asked == {"owner": ["ann"], "format": ["full"], "label": ["a"], "state": ["online"]}
    asked = sent("list_alert_activations", "lab", "low", severity=["high"], entity_kind="job")[2]
    assert asked == {"name": ["low"], "severity": ["high"], "entity-kind": ["job"]}
    asked = sent("list_schedules", "lab", "n", next_run_time_since=day)[2]
    assert asked["next_run_time_since"] == [day.isoformat()]


def test_where_nothing_is_asked_it_is_the_last_week() -> None:
    for name, moment in (
        ("list_runs", "start_time_from"),
        ("list_project_background_tasks", "created_from"),
    ):
        asked = sent(name)[2]
        (since,) = asked[moment]
        assert timedelta(days=6) < datetime.now(UTC) - datetime.fromisoformat(since)
    assert sent("list_runs")[2]["partition-by"] == ["project_and_name"]
    assert sent("list_runs", iter=True)[2] == {"iter": ["True"]}


def test_positions_mean_what_they_mean_in_mlrun() -> None:
    assert sent("del_artifact", "model", "v1", "lab", deletion_strategy="data-force")[1:3] == (
        "v2/projects/lab/artifacts/model", {"tag": ["v1"], "deletion_strategy": ["data-force"]}
    )  # fmt: skip
    assert sent("del_run", "u", "lab", 3)[2] == {"iter": ["3"]}
    assert sent("del_run", "u", "lab")[2] == {}
    assert sent("del_runs", "grow", "lab", {"a": "b"}, "error", 3)[0:3] == (
        "DELETE", "v1/projects/lab/runs",
        {"name": ["grow"], "label": ["a=b"], "state": ["error"], "days_ago": ["3"]},
    )  # fmt: skip
    assert sent("del_artifacts", "model", "lab", "v1")[0:3] == (
        "DELETE", "v2/projects/lab/artifacts", {"name": ["model"], "tag": ["v1"]},
    )  # fmt: skip
    assert sent("abort_run", "u", "lab", 0, 5, "enough")[3] == {"status.status_text": "enough"}
    assert sent("read_run", "u", "lab", 2, "standard")[2] == {"iter": ["2"], "format": ["standard"]}
    document = {"kind": "job", "metadata": {"name": "x"}}
    _, path, asked, body = sent("store_function", document, "f", "lab")
    assert path == "v1/projects/lab/functions/f" and asked["versioned"] == ["False"]
    assert body["metadata"] == {"name": "f", "project": "lab"}


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("abort_run", ("u", "lab", 1), "'iter' cannot be given"),
        ("get_log", ("u", "lab", 0, None, 2), "'attempt' cannot be given"),
        ("read_run", ("u", "lab", 0, "perf"), "'format_' must be one of full, standard"),
        ("list_runs", (None, None, "lab", 5), "'labels' must be"),
        ("create_project", (7,), "'project' must be a document"),
        ("store_project", ("lab", "text"), "'project' must be a document"),
        ("patch_project", ("lab", "text"), "'project' must be a document"),
        ("submit_job", ("text",), "'runspec' must be a document"),
        ("store_function", ("text", "f"), "'function' must be a document"),
        ("store_function", ({"metadata": "text"}, "f"), "'function.metadata' must be a document"),
        ("create_schedule", ("lab", "text"), "'schedule' must be a document"),
        ("update_schedule", ("lab", "n", ["a"]), "'schedule' must be a document"),
        ("store_alert_config", ("a", "text"), "'alert_data' must be a document"),
        ("generate_event", ("failed", None), "'event_data' must be a document"),
        ("tag_artifacts", ("text", "lab", "v1"), "'artifacts' must be a document"),
        ("set_run_notifications", ("lab", "u", "text"), "'notifications' must be a list"),
        ("set_schedule_notifications", ("lab", "n", ["text"]), "'notifications' must be a doc"),
        ("create_project_secrets", ("lab", "vault", {"A": "b"}), "'provider' must be one of"),
        ("delete_project_secrets", ("lab", "vault"), "'provider' must be one of"),
        ("list_project_secret_keys", ("lab", "kubernetes", "t"), "'token' cannot be given"),
        ("del_artifact", ("k", "", "lab", None, None, "metadata-only", {"a": "b"}), "'secrets'"),
        ("get_log", ("u", "lab", -1), "Offset cannot be negative: it is -1"),
        ("store_run", ("text", "u", "lab"), "'struct' must be a document"),
        ("update_run", (["a"], "u", "lab"), "'updates' must be a document"),
        ("store_artifact", ("k", "text"), "'artifact' must be a document"),
        ("tag_objects", ("lab", "v1", "text"), "'objects' must be a document"),
        ("get_project", ("",), "Name must be provided"),
        ("store_alert_config", ("a", {}), "Alert data must be provided"),
        ("get_feature_set", ("s", "lab", "v1", "u"), "both uid and tag were provided"),
        ("delete_model_endpoint", ("m", "lab", "f"), "Either endpoint_uid or function_name and"),
        ("list_pipelines", ("lab", None, "", "", "", "full", 3), "together with pagination"),
        ("submit_pipeline", ("lab", "no.yaml"), "the path of a compiled pipeline"),
        ("push_pipeline_notifications", ("p", "lab"), "'notifications' parameter must be a list"),
    ],
)  # fmt: skip
def test_what_has_no_meaning_is_refused(name: str, arguments: tuple[Any, ...], said: str) -> None:
    db = RunDB(Client(Address("http://127.0.0.1:9/mlrun", "mlrk" + "1" * 40)))
    with pytest.raises(MLRunInvalidArgumentError, match=said):
        getattr(db, name)(*arguments)


def test_runs_and_logs_are_sent_as_by_mlrun() -> None:
    run = {"metadata": {"name": "r"}, "spec": {}, "status": {}}
    assert sent("store_run", run, "u", "lab", 2) == (
        "POST", "v1/projects/lab/runs/u", {"iter": ["2"]}, run
    )  # fmt: skip
    assert sent("update_run", {"status.state": "error"}, "u", "lab") == (
        "PATCH", "v1/projects/lab/runs/u", {"iter": ["0"]}, {"status.state": "error"}
    )  # fmt: skip
    assert sent("get_log_size", "u", "lab")[1] == "v1/projects/lab/logs/u/size"
    assert sent("store_artifact", "k", {"metadata": {"key": "k"}}, 3, "v1", "lab", "t")[0:3] == (
        "PUT", "v2/projects/lab/artifacts/k", {"iter": ["3"], "tag": ["v1"], "tree": ["t"]},
    )  # fmt: skip
    assert sent("list_artifact_tags", "lab", "model")[1:3] == (
        "v1/projects/lab/artifact-tags", {"category": ["model"]}
    )  # fmt: skip
    named = {"kind": "artifact", "identifiers": [{"key": "k"}]}
    assert sent("tag_objects", "lab", "v1", named)[::3] == ("PUT", named)
    assert sent("tag_objects", "lab", "v1", named, True)[0:2] == (
        "POST", "v1/projects/lab/tags/v1"
    )  # fmt: skip
    assert sent("delete_objects_tag", "lab", "v1", named)[::3] == ("DELETE", named)


def test_a_page_is_asked_for_by_number_or_token_alone() -> None:
    assert sent("paginated_list_runs", "r", project="lab", page_size=5)[2] == {
        "name": ["r"], "iter": ["False"], "page": ["1"], "page-size": ["5"]
    }  # fmt: skip
    asked = sent("paginated_list_functions", page=3)[2]
    assert (asked["page"], asked["page-size"]) == (["3"], ["200"])
    assert sent("paginated_list_artifacts", "k", page_token="t")[2] == {"page-token": ["t"]}
    assert sent("paginated_list_alert_activations", "lab", page_token="t")[1] == (
        "v1/projects/lab/alert-activations"
    )


@pytest.mark.parametrize(
    ("name", "arguments", "request_"),
    [
        ("list_runtime_resources", (None, "a=b", "job", None, "project"),
         "GET v1/projects/%2A/runtime-resources group-by=project kind=job label-selector=a=b"),
        ("delete_runtime_resources", ("lab", None, "job", "u", True, 0),
         "DELETE v1/projects/lab/runtime-resources force=true grace-period=0 kind=job object-id=u"),
        ("start_function", ("lab/f:latest",), "POST v1/start/function"),
        ("function_status", ("lab", "f", "dask", []), "POST v1/status/function"),
        ("get_project_summary", ("lab",), "GET v1/project-summaries/lab"),
        ("list_project_secrets", ("lab",), "GET v1/projects/lab/secrets provider=kubernetes"),
        ("get_feature_set", ("s", "lab", "v1"),
         "GET v1/projects/lab/feature-sets/s/references/v1"),
        ("delete_feature_vector", ("s", "lab"), "DELETE v1/projects/lab/feature-vectors/s"),
        ("delete_feature_vector", ("s", "lab", None, "u"),
         "DELETE v1/projects/lab/feature-vectors/s/references/u"),
        ("store_feature_set", ({"metadata": {"name": "s", "project": "lab"}},),
         "PUT v1/projects/lab/feature-sets/s/references/latest versioned=True"),
        ("list_feature_sets", ("lab", "s", None, None, ["e"], ["f"]),
         "GET v1/projects/lab/feature-sets entity=e feature=f format=full name=s"),
        ("list_entities_v2", ("lab", "e"), "GET v2/projects/lab/entities name=e"),
        ("get_hub_catalog", ("own",), "GET v1/hub/sources/own/items object_type=functions"),
        ("get_hub_item", ("own", "f"),
         "GET v1/hub/sources/own/items/f item_type=functions tag=latest"),
        ("list_pipelines", ("lab",), "GET v1/projects/lab/pipelines format=metadata_only"),
        ("get_pipeline", ("p1",), "GET v1/projects/%2A/pipelines/p1 format=summary"),
        ("retry_pipeline", ("p1", "lab"), "POST v1/projects/lab/pipelines/p1/retry"),
        ("submit_workflow", ("lab", "main", {"path": "w.py"}),
         "POST v1/projects/lab/workflows/main/submit"),
        ("list_model_endpoints", ("lab", "m", None, None, None, None, {"a": "b"}),
         "GET v1/projects/lab/model-endpoints label=a=b name=m"),
        ("patch_model_endpoint", ("m", "lab", {"model_name": "x", "error_count": 2}, "f", "v1"),
         "PATCH v1/projects/lab/model-endpoints attribute-key=model_name "
         "attribute-key=error_count"),
        ("enable_model_monitoring", ("lab",),
         "PUT v1/projects/lab/model-monitoring/ base_period=10 "
         "deploy_histogram_data_drift_app=True otlp_enabled=False"),
        ("get_alert_activation", ("lab", 3), "GET v1/projects/lab/alert-activations/3"),
        ("store_secret_token", ({"name": "t", "token": "x"},),
         "PUT v1/user-secrets/tokens force=False"),
        ("delete_secret_token", ("t", "ann"), "DELETE v1/user-secrets/tokens/t username=ann"),
        ("api_call", ("GET", "lab/status", None, {"a": 1}), "GET v1/lab/status a=1"),
        ("api_call", ("PUT", "x", None, None, '{"a": 1}', None, None, 45, "v2"), "PUT v2/x"),
    ],
)  # fmt: skip
def test_requests_are_mlruns(name: str, arguments: tuple[Any, ...], request_: str) -> None:
    verb, path, asked, _ = sent(name, *arguments)
    words = [f"{key}={value}" for key, values in sorted(asked.items()) for value in values]
    assert " ".join([verb, path, *words]) == request_


def test_answers_are_read_by_key_and_by_attribute() -> None:
    found = Answer({"metadata": {"name": "n"}, "runs": [{"id": "a"}], "dict": 1})
    assert found.metadata.name == found["metadata"]["name"] == "n" and found.runs[0].id == "a"
    assert type(found.to_dict()["metadata"]) is dict and type(found.to_dict()["runs"][0]) is dict
    with pytest.raises(AttributeError, match="no field 'metdata' here"):
        found.metdata  # noqa: B018
    assert pickle.loads(pickle.dumps(found)) == found == copy.deepcopy(found)


def caller(running: Any) -> RunDB:
    return RunDB(Client(Address(running.url, "mlrk" + "1" * 40)))


def test_what_the_service_works_on_is_waited_for() -> None:
    def task(state: str) -> bytes:
        return json.dumps({"metadata": {"name": "t"}, "status": {"state": state}}).encode()

    with service((202, task("running")), (200, task("running")), (200, task("succeeded"))) as seen:
        ended = caller(seen).abort_run("u", "lab", status_text="enough")
        assert ended is not None and ended.status.state == "succeeded"
        assert [target.partition("/api/v1/")[2] for _, target, _, _ in seen.asked] == [
            "projects/lab/runs/u/abort", *["projects/lab/background-tasks/t"] * 2
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("status", "call"),
    [
        (202, lambda db: db.abort_run("u", "lab")),
        (202, lambda db: db.delete_project("lab", "cascade")),
        (202, lambda db: db.push_pipeline_notifications("p", "lab", [])),
        (200, lambda db: db.push_run_notifications("u", "lab")),
    ],
)
def test_a_task_that_failed_is_told_of(status: int, call: Any) -> None:
    failed = {"metadata": {"name": "t", "kind": "work"},
              "status": {"state": "failed", "error": "the disk is full"}}  # fmt: skip
    told = pytest.warns(UserWarning, match=r"task 't' \(work\) failed: the disk is full")
    with service((status, json.dumps(failed).encode())) as seen, told:
        call(caller(seen))


def test_fields_with_names_of_methods_are_read_by_key() -> None:
    answer = Answer({"items": [1], "keys": {"a": 1}, "name": "n"})
    assert (answer["items"], answer["keys"].a, answer.name) == ([1], 1, "n")
    assert callable(answer.items) and callable(answer.keys)
    assert answer.to_dict() == {"items": [1], "keys": {"a": 1}, "name": "n"}


def test_a_log_is_followed_to_its_end(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_mlrun.client.db.logs._PAUSE", 0.01)
    text = "grün\n".encode()

    def piece(data: bytes, state: str) -> Any:
        def send(handler: Any) -> None:
            handler.send_response(200)
            handler.send_header("x-mlrun-run-state", state)
            handler.send_header("Content-Length", str(len(data)))
            handler.end_headers()
            handler.wfile.write(data)

        return send

    # a character lies on the border of two pieces
    script = [piece(text[:3], "running"), piece(b"", "running"), piece(text[3:], "running"),
              piece(b"", "completed")]  # fmt: skip
    with service(*script) as seen:
        assert caller(seen).watch_log("u", "lab") == ("completed", len(text))
        assert capsys.readouterr().out == "grün\n"
        asked = [parse_qs(urlsplit(target).query)["offset"] for _, target, _, _ in seen.asked]
        assert asked == [["0"], ["3"], ["3"], ["6"]]
        assert caller(seen).get_log("u", "lab", size=-1) == ("completed", 0)
