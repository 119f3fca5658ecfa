"""MLRun's own client 1.12.1 against the service: what its users type first."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import websocket

from tests.compat.conftest import CLIENTS, ROOT, SCRIPTS, Client, client_environment
from tests.live import Live

pytestmark = [pytest.mark.compat, pytest.mark.timeout(240)]


def test_it_connects_below_a_base_url(mlrun_client: Client, live: Live) -> None:
    seen = mlrun_client("connect.py")
    assert seen["dbpath"] == f"{live.url}/mlrun"
    assert seen["kind"] == "http"
    assert Path(seen["artifact_path"]).is_absolute()
    assert seen["server_version"].startswith("1.12")
    assert "warning" not in seen["said"].lower()


ADVICE = "export MLRUN_AUTH_SESSION=$MLRUN_HTTPDB__TOKEN"
# puts the token behind the address, as a shell may
BEHIND = "env -u MLRUN_HTTPDB__TOKEN MLRUN_HTTPDB__TOKEN=$MLRUN_HTTPDB__TOKEN"
ASK = "import mlrun; print('found', type(mlrun.get_run_db().list_projects()).__name__)"


@pytest.mark.parametrize("version", CLIENTS)
def test_clients_in_a_terminal(live: Live, tmp_path: Path, version: str) -> None:
    """As the how-to on MLRun's client says: 1.7 and 1.8 need a variable, 1.12 does not."""
    assert f"`{ADVICE}` first" in (ROOT / "docs/howto/mlrun-client.md").read_text()
    python = CLIENTS[version]
    told = []
    for number, advice in enumerate((":", ADVICE)):
        script = f'{advice}; {BEHIND} {python} -c "{ASK}" > said.{number} 2> fault.{number}'
        told.append(typed(live, tmp_path, f"{script}; echo $? > code.{number}", f"code.{number}"))
    # what the advice mends: the client connects without its token
    assert told[0] == ("0" if version == "1.12.1" else "1")
    assert "403" in (tmp_path / "fault.0").read_text() or version == "1.12.1"
    assert told[1] == "0", (tmp_path / "fault.1").read_text()
    assert (tmp_path / "said.1").read_text().splitlines()[-1] == "found list"
    # and in the order in which the shell hands its variables on
    script = f'{ADVICE}; {python} -c "{ASK}" > said.2 2> fault.2; echo $? > code.2'
    assert typed(live, tmp_path, script, "code.2") == "0", (tmp_path / "fault.2").read_text()


def typed(live: Live, folder: Path, line: str, answer: str) -> str:
    """What a file says once a line has been typed in a terminal of the Jupyter server."""
    terminal = live.call("POST", "api/terminals", {"cwd": str(folder)})["name"]
    address = f"{live.url}/terminals/websocket/{terminal}".replace("http", "ws", 1)
    line_to_it = websocket.create_connection(
        address, header=[f"Authorization: token {live.token}"], timeout=60
    )
    try:
        line_to_it.send(json.dumps(["stdin", f"cd {folder}; {line}\r"]))
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            if (folder / answer).exists() and (text := (folder / answer).read_text().strip()):
                return text
            time.sleep(0.1)
        raise TimeoutError(f"{line} did not end")
    finally:
        line_to_it.close()
        live.call("DELETE", f"api/terminals/{terminal}")


def test_alerts_are_listed_whoever_stored_them(live: Live, tmp_path: Path) -> None:
    """An alert of a newer client has what an older one does not know, and the other way."""
    body = {"metadata": {"name": "alert-lists"}, "spec": {}}
    live.call("POST", "mlrun/api/v1/projects", body)
    who = {**{version: (python, "mlrun") for version, python in CLIENTS.items()},
           "ours": (Path(sys.executable), "jupyter_mlrun")}  # fmt: skip

    def ask(version: str, task: str) -> Any:
        python, package = who[version]
        command = [str(python), str(SCRIPTS / "alert_lists.py"), package, task, name(version)]
        done = subprocess.run(
            command, env=client_environment(live, tmp_path), cwd=tmp_path, capture_output=True,
            text=True,
        )  # fmt: skip
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return json.loads(done.stdout.splitlines()[-1])["found"]

    for version in who:
        assert ask(version, "store") == f"by {name(version)}"
    names = sorted(name(version) for version in who)
    for version in who:
        found = ask(version, "list")
        cooldown, page = found.pop("cooldown", None), found.pop("page", names[1:3])
        assert found == {each: ["AlertConfig", f"by {each}", 0] for each in names}
        assert page == names[1:3], version
        newest = {name("1.12.1"), name("ours")}
        held = {each: "1h" if each in newest else None for each in names}
        assert cooldown == (held if name(version) in newest else None), version


def name(version: str) -> str:
    """What a client calls its alert."""
    return f"of-{version.replace('.', '-')}"


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
