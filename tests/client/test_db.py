"""MLRun's method names: a call that is right there means the same here, and is sent as there."""

from __future__ import annotations

import ast
import inspect
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from jupyter_mlrun.client import Client
from jupyter_mlrun.client.address import Address
from jupyter_mlrun.client.db import RunDB
from jupyter_mlrun.errors import MLRunInvalidArgumentError
from tests.client.server import ok, service

# the methods of MLRun's HTTPRunDB that are here too, one a line, as MLRun 1.12.1 writes them
SIGNATURES = (Path(__file__).parent / "signatures-1.12.1.txt").read_text().splitlines()
ANSWER = {
    "runs": [], "artifacts": [], "funcs": [], "projects": [], "schedules": [],
    "activations": [], "background_tasks": [], "hash_key": "h", "data": {"metadata": {}},
}  # fmt: skip


def theirs(line: str) -> list[tuple[str, Any]]:
    (function,) = ast.parse(f"def {line}: pass").body
    assert isinstance(function, ast.FunctionDef)
    names = [argument.arg for argument in function.args.args][1:]
    values = [default(each) for each in function.args.defaults]
    required = [inspect.Parameter.empty] * (len(names) - len(values))
    return list(zip(names, required + values, strict=True))


def default(node: ast.expr) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Call):
        # DeletionStrategy.default()
        return "restricted"
    assert isinstance(node, ast.Attribute), ast.dump(node)
    return node.attr.replace("metadata_only", "metadata-only")


def ours(name: str) -> list[tuple[str, Any]]:
    parameters = list(inspect.signature(getattr(RunDB, name)).parameters.values())[1:]
    kinds = {each.kind for each in parameters}
    assert kinds <= {inspect.Parameter.POSITIONAL_OR_KEYWORD}, f"{name} takes what it does not name"
    return [(each.name, each.default) for each in parameters]


def test_every_public_method_is_compared() -> None:
    public = {name for name, _ in inspect.getmembers(RunDB, callable) if not name.startswith("_")}
    assert {line.partition("(")[0] for line in SIGNATURES} == public


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
    ],
)  # fmt: skip
def test_what_has_no_meaning_is_refused(name: str, arguments: tuple[Any, ...], said: str) -> None:
    db = RunDB(Client(Address("http://127.0.0.1:9/mlrun", "mlrk" + "1" * 40)))
    with pytest.raises(MLRunInvalidArgumentError, match=said):
        getattr(db, name)(*arguments)
