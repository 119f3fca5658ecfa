"""MLRun's own client 1.12.1 against the service: what its users type first."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.compat.conftest import Client
from tests.live import Live

pytestmark = [pytest.mark.compat, pytest.mark.timeout(240)]


def test_it_connects_below_a_base_url(mlrun_client: Client, live: Live) -> None:
    seen = mlrun_client("connect.py")
    assert seen["dbpath"] == f"{live.url}/mlrun"
    assert seen["kind"] == "http"
    assert Path(seen["artifact_path"]).is_absolute()
    assert seen["server_version"].startswith("1.12")
    assert "warning" not in seen["said"].lower()


def test_projects(mlrun_client: Client) -> None:
    seen = mlrun_client("projects.py")
    assert seen["labels"] == {"team": "sea"}
    assert seen["description"] == "tides of the North Sea"
    assert "tides" in seen["names"]
    assert seen["bad"][0] == "MLRunInvalidArgumentError"
    assert "Field 'project.metadata.name' is malformed" in seen["bad"][1]
    assert seen["missing"][0] == "MLRunNotFoundError"
    assert "Run uid nope of project tides not found" in seen["missing"][1]
    assert seen["restricted"][0] == "MLRunPreconditionFailedError"
    assert "related resources found: artifacts" in seen["restricted"][1]
    assert seen["gone"] == "MLRunNotFoundError"


def test_runs_of_the_clients_own_process(mlrun_client: Client) -> None:
    seen = mlrun_client("local_run.py")
    assert seen["state"] == "completed"
    assert seen["results"]["slope"] == pytest.approx(3.0)
    assert seen["results"]["rows"] == 20
    assert seen["kinds"] == {"points": "dataset", "note": "artifact", "line": "model"}
    assert seen["log"][0] == "completed" and "fitted a line" in seen["log"][1]
    assert seen["points"] == [20, 57.0]
    assert seen["note"] == "a line"
    assert seen["model"] == ["line.pkl", "sklearn"]
    assert seen["listed"] == [True] and seen["hash"] == [True]
    assert seen["functions"] == ["lines"]
    assert seen["failed"][0] == "RunError" and "boom" in seen["failed"][1]
    assert seen["failed_run"][0] == "error" and "boom" in seen["failed_run"][1]
    assert seen["failed_run"][2] == {"before": 1}
    assert seen["swept"][0] == 2
    assert seen["iterations"] == [0, 1, 2, 3]
    assert seen["columns"][:4] == ["project", "uid", "iter", "start"]


def test_a_script_with_a_context(mlrun_client: Client, live: Live) -> None:
    seen = mlrun_client("context.py")
    assert seen["state"] == "completed"
    assert seen["results"] == {"answer": 42, "nan": "nan", "inf": "inf"}
    assert seen["labels"]["team"] == "sea"
    assert seen["page"] == "<b>hello</b>"
    rows = live.call("GET", "mlrun/api/v1/lab/runs?project=scripts")["rows"]
    assert [(row["name"], row["state"]) for row in rows] == [("by-hand", "completed")]


def test_runs_that_the_service_executes(mlrun_client: Client) -> None:
    seen = mlrun_client("submit.py")
    assert seen["sent"] in ("pending", "running", "created")
    assert seen["done"] == ["completed", {"sum": 5}, "completed"]
    assert "adding 2 3" in seen["log"]
    assert seen["artifacts"] == ["note"] and seen["note"] == "5"
    assert seen["aborted"] == "aborted"
    assert seen["failed"][0] == "error" and "boom" in seen["failed"][1]
    assert seen["failed"][2] == {"before": 1}
    assert "kind 'serving' is not in this release; available: " in seen["kind"][1]
    assert seen["deleted"] == []


def test_lists(mlrun_client: Client, live: Live) -> None:
    project = {"metadata": {"name": "many"}, "spec": {}}
    live.call("PUT", "mlrun/api/v1/projects/many", project)
    for number in range(250):
        uid = f"{number:032x}"
        document = {
            "metadata": {"name": f"sweep-{number % 25}", "labels": {"n": str(number % 2)}},
            "spec": {"parameters": {"n": number}},
            "status": {"state": "error" if number < 5 else "completed", "results": {"n": number}},
        }
        if number < 10:
            document["metadata"]["labels"]["team"] = "sea"
        live.call("POST", f"mlrun/api/v1/projects/many/runs/{uid}", document)
    seen = mlrun_client("lists.py")
    assert seen["all"] == 250, "the client follows the pages"
    assert seen["page"] == [50, True] and seen["following"] == [50, False]
    assert seen["errors"] == 5 and seen["labelled"] == 10
    assert seen["one"] == ["sweep-7"] * 10
    assert seen["latest"] == 25
    assert seen["frame"] == {"n": 232}
    assert seen["latest_artifacts"] == [["a", "latest"], ["b", "latest"], ["frame", "latest"]]
    assert seen["versions"] == [["a", ""], ["a", "latest"], ["a", "v2"]]
    assert seen["datasets"] == [["frame", "latest"]]
    assert seen["by_label"] == [["a", ""]], "the first version has the label"
    assert {"latest", "v2"} <= set(seen["tags"])
    assert seen["read"] == "again" and seen["rows"] == 1
    assert seen["left"] == [] and seen["gone"] == 0
