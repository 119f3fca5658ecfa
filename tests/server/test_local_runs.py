"""Local runs from task to end: real processes under the real supervisor."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from jupyter_mlrun import paths
from jupyter_mlrun.errors import MLRunServiceUnavailableError
from jupyter_mlrun_runtimes import process
from jupyter_mlrun_server.services import unsaved
from jupyter_mlrun_server.services.service import Service
from jupyter_mlrun_server.store import launches
from jupyter_mlrun_server.store.tables import tokens
from tests.server.conftest import Api
from tests.server.documents import PROJECT, UID, function, run

RUNS = f"v1/projects/{PROJECT}/runs"
ENDED = ("completed", "error", "aborted")

Submit = Callable[..., Awaitable[str]]


@pytest.fixture
def submit(api: Api) -> Submit:
    """Sends code as a function with a task, and gives the uid of the run."""

    async def send(source: str, secrets: dict[str, str] | None = None, **spec: Any) -> str:
        body = {
            "task": {"metadata": {"name": "train", "project": PROJECT}, "spec": spec},
            "function": function(source),
            "secrets": secrets,
        }
        answer = await api.ok("POST", "v1/submit_job", body)
        return str(answer["data"]["metadata"]["uid"])

    return send


async def read(api: Api, uid: str) -> dict[str, Any]:
    return dict((await api.ok("GET", f"{RUNS}/{uid}"))["data"])


async def until(api: Api, uid: str, *wanted: str, timeout: float = 30) -> dict[str, Any]:
    """The run, once it has one of the states."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        found = await read(api, uid)
        if found["status"]["state"] in wanted:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(found)


async def settled(service: Service, uid: str) -> None:
    """Wait until the monitor has let the run go."""
    for _ in range(200):
        if await service.read(launches.find, PROJECT, uid) is None:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the run is not settled")


async def log(api: Api, uid: str) -> str:
    return (await api("GET", f"v1/projects/{PROJECT}/logs/{uid}")).body.decode()


async def test_a_task_becomes_a_completed_run(api: Api, submit: Submit, service: Service) -> None:
    source = (
        "def train(context, n=1):\n    print('n is', n)\n    context.log_result('twice', 2 * n)"
    )
    uid = await submit(source, parameters={"n": 21})
    done = await until(api, uid, *ENDED)
    assert done["status"]["state"] == "completed", done
    assert done["status"]["results"]["twice"] == 42
    labels = done["metadata"]["labels"]
    assert labels | {"kind": "local", "host": service.place.host} == labels
    assert labels["owner"] == service.place.owner
    assert done["spec"]["function"].startswith(f"{PROJECT}/train@")
    assert "n is 21" in await log(api, uid)
    await settled(service, uid)


async def test_the_token_dies_when_the_run_is_settled(
    api: Api, submit: Submit, service: Service
) -> None:
    source = "import os\ndef train(context):\n    print('T=' + os.environ['MLRUN_HTTPDB__TOKEN'])\n"
    uid = await submit(source)
    await until(api, uid, "completed")
    await settled(service, uid)
    token = (await log(api, uid)).split("T=")[1].split()[0]
    answer = await api("PATCH", f"{RUNS}/{uid}", {"status.results.x": 1}, token=token)
    assert answer.status == 403
    with service.database.read() as connection:
        kinds = [row.kind for row in connection.execute(tokens.select())]
    assert "run" not in kinds


async def test_a_failing_run_says_why(api: Api, submit: Submit) -> None:
    uid = await submit(
        "def train(context):\n    context.log_result('a', 1)\n    raise ValueError('boom')"
    )
    failed = await until(api, uid, *ENDED)
    assert failed["status"]["state"] == "error"
    assert "boom" in failed["status"]["error"]
    assert failed["status"]["results"] == {"a": 1}


@pytest.mark.parametrize(
    "code, state, word",
    [("sys.exit(0)", "completed", ""), ("sys.exit(3)", "error", "3"),
     ("os._exit(0)", "error", "without reporting its end"), ("os._exit(7)", "error", "exit code 7"),
     ("os.kill(os.getpid(), 9)", "error", "SIGKILL")],
)  # fmt: skip
async def test_ways_to_end(api: Api, submit: Submit, code: str, state: str, word: str) -> None:
    uid = await submit(f"import os, sys\ndef train(context):\n    {code}")
    ended = await until(api, uid, *ENDED)
    assert ended["status"]["state"] == state
    assert word in str(ended["status"].get("error") or "")


async def test_timeout_ends_the_whole_tree(api: Api, submit: Submit, service: Service) -> None:
    source = (
        "import subprocess, time\ndef train(context):\n"
        "    child = subprocess.Popen(['sleep', '300'], start_new_session=True)\n"
        "    print('CHILD', child.pid, flush=True)\n    time.sleep(300)"
    )
    uid = await submit(source, limits={"timeout": 1, "grace": 0.5})
    ended = await until(api, uid, *ENDED)
    await settled(service, uid)
    ended = await read(api, uid)
    assert ended["status"]["state"] == "aborted"
    assert "time limit of 1 s" in str(ended["status"])
    child = int((await log(api, uid)).split("CHILD ")[1].split()[0])
    assert not psutil.pid_exists(child)


async def test_memory_limit_is_named(api: Api, submit: Submit) -> None:
    source = "import time\ndef train(context):\n    x = bytearray(300_000_000)\n    time.sleep(60)"
    uid = await submit(source, limits={"memory": 150_000_000})
    ended = await until(api, uid, *ENDED)
    assert ended["status"]["state"] == "error"
    assert "memory limit of 150 MB" in ended["status"]["error"]


async def test_abort(api: Api, submit: Submit, service: Service) -> None:
    uid = await submit("import time\ndef train(context):\n    time.sleep(300)")
    await until(api, uid, "running")
    answer = await api("POST", f"{RUNS}/{uid}/abort", {"status.status_text": "enough"})
    assert answer.status == 202
    ended = await until(api, uid, *ENDED)
    assert ended["status"]["state"] == "aborted"
    assert ended["status"]["status_text"] == "enough"
    again = await api("POST", f"{RUNS}/{uid}/abort")
    assert (again.status, "aborted" in again.detail) == (400, True)
    await settled(service, uid)


async def test_at_most_so_many_at_once_and_in_order(
    api: Api, submit: Submit, service: Service, tmp_path: Path
) -> None:
    service.launcher.options.most_running = 1
    gate = tmp_path / "gate"
    source = (
        "import os, time\ndef train(context, gate):\n"
        "    while not os.path.exists(gate):\n        time.sleep(0.02)\n"
    )
    uids = [await submit(source, parameters={"gate": str(gate)}) for _ in range(3)]
    await until(api, uids[0], "running")
    states = [(await read(api, uid))["status"]["state"] for uid in uids]
    assert states == ["running", "pending", "pending"]
    # one that waits is aborted without ever running
    await api.ok("POST", f"{RUNS}/{uids[1]}/abort")
    assert (await until(api, uids[1], *ENDED, timeout=3))["status"]["state"] == "aborted"
    assert service.monitor.active >= 2
    gate.touch()
    first, last = [await until(api, uid, *ENDED) for uid in (uids[0], uids[2])]
    assert first["status"]["end_time"] <= last["status"]["start_time"]


async def test_active_runs_keep_an_idle_server_up(api: Api, submit: Submit, app: Any) -> None:
    uid = await submit("import time\ndef train(context):\n    time.sleep(300)")
    await until(api, uid, "running")
    assert app.current_activity() == {"runs": 1}
    await api.ok("POST", f"{RUNS}/{uid}/abort")
    await until(api, uid, "aborted")
    await settled(app.service, uid)
    await asyncio.sleep(0.3)
    assert app.current_activity() is None


async def test_secrets_stay_in_memory(api: Api, submit: Submit, service: Service) -> None:
    source = "import os\ndef train(context):\n    context.log_result('n', len(os.environ['KEY']))"
    uid = await submit(source, secrets={"KEY": "hunter2-hunter2"})
    done = await until(api, uid, *ENDED)
    assert done["status"]["results"] == {"n": 15}
    assert done["spec"]["secrets"] == ["KEY"]
    await settled(service, uid)
    for path in service.place.root.rglob("*"):
        if path.is_file():
            assert b"hunter2" not in path.read_bytes(), path


async def test_a_rerun_needs_the_secrets_again(api: Api, submit: Submit) -> None:
    source = "import os\ndef train(context):\n    context.log_result('n', len(os.environ['KEY']))"
    uid = await submit(source, secrets={"KEY": "hunter2"})
    await until(api, uid, "completed")
    path = f"v1/lab/runs/{PROJECT}/{uid}/rerun"
    refused = await api("POST", path, {})
    assert (refused.status, "secrets KEY" in refused.detail) == (400, True)
    again = await api.ok("POST", path, {"secrets": {"KEY": "other"}})
    done = await until(api, again["data"]["metadata"]["uid"], *ENDED)
    assert done["status"]["results"] == {"n": 5}


async def test_a_run_works_where_and_how_it_was_asked(
    api: Api, submit: Submit, jp_root_dir: Path
) -> None:
    (jp_root_dir / "work").mkdir()
    source = (
        "import os, sys\ndef train(context):\n"
        "    context.log_results({'cwd': os.getcwd(), 'env': os.environ['A'],"
        " 'backend': os.environ['MPLBACKEND'], 'stdin': sys.stdin.read(),"
        " 'jupyter': os.environ.get('JUPYTER_TOKEN', '')})"
    )
    uid = await submit(source, origin={"workdir": str(jp_root_dir / "work")}, env={"A": "b"})
    done = await until(api, uid, *ENDED)
    assert done["status"]["results"] == {
        "cwd": str(jp_root_dir / "work"), "env": "b", "backend": "Agg", "stdin": "", "jupyter": "",
    }  # fmt: skip


@pytest.mark.usefixtures("clean_environment")
@pytest.mark.parametrize(
    "jp_server_config",
    [{"ServerApp": {"jpserver_extensions": {"jupyter_mlrun_server": True}},
      "MLRunServerApp": {"kernel_name": "marked"}}],
)  # fmt: skip
async def test_without_a_kernel_a_run_has_the_python_of_the_kernelspec_that_is_set(
    api: Api, submit: Submit, tmp_path: Path, jp_data_dir: Path
) -> None:
    python = tmp_path / "marked-python"
    python.write_text(f'#!/bin/sh\nMARK=kernelspec exec {sys.executable} "$@"\n')
    python.chmod(0o755)
    folder = jp_data_dir / "kernels" / "marked"
    folder.mkdir(parents=True)
    argv = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (folder / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "Marked"}))
    source = (
        "import os\ndef train(context):\n"
        "    context.log_result('mark', os.environ.get('MARK', 'none'))"
    )
    for origin, mark in (({}, "kernelspec"), ({"executable": sys.executable}, "none")):
        done = await until(api, await submit(source, origin=origin), *ENDED)
        assert done["status"]["results"] == {"mark": mark}, done["status"]


@pytest.mark.parametrize(
    "spec, word",
    [({"origin": {"workdir": "/not/there"}}, "/not/there"),
     ({"origin": {"executable": "/not/python"}}, "/not/python")],
)  # fmt: skip
async def test_what_cannot_be_started_says_why(
    api: Api, submit: Submit, spec: dict[str, Any], word: str
) -> None:
    uid = await submit("def train(context): pass", **spec)
    ended = await until(api, uid, *ENDED)
    assert ended["status"]["state"] == "error"
    assert word in ended["status"]["error"]


async def test_a_kind_of_later_is_named(api: Api) -> None:
    body = {
        "task": {"metadata": {"name": "train", "project": PROJECT}},
        "function": function("x", kind="dusk"),
    }
    answer = await api("POST", "v1/submit_job", body)
    assert answer.status == 400
    assert answer.detail.startswith("kind 'dusk' is not in this release; available: ")
    assert (await api.ok("GET", f"{RUNS}?iter=no"))["runs"] == []
    assert (await api.ok("GET", f"v1/projects/{PROJECT}/functions"))["funcs"] == []


@pytest.mark.parametrize(
    "metadata, spec, status, word",
    [
        ({"project": "none"}, {}, 404, "none"),
        ({}, {}, 400, "names no function"),
        ({}, {"function": "nope"}, 404, "nope"),
        ({}, {"function": "two/train"}, 400, "two"),
        ({"name": "a b"}, {"function": "train"}, 400, "a b"),
        ({"uid": "../x"}, {"function": "train"}, 400, "../x"),
        ({"labels": {"a b": "c"}}, {"function": "train"}, 400, "a b"),
        ({}, {"function": "train", "parameters": {"x": 2**70}}, 400,
         "Parameter x value 1180591620717411303424 exceeds int64"),
    ],
)  # fmt: skip
async def test_tasks_that_cannot_be_run(
    api: Api, metadata: dict[str, Any], spec: dict[str, Any], status: int, word: str
) -> None:
    task = {"metadata": {"project": PROJECT, **metadata}, "spec": spec}
    await api.ok("POST", f"v1/projects/{PROJECT}/functions/train", function("x"))
    answer = await api("POST", "v1/submit_job", {"task": task})
    assert (answer.status, word in answer.detail) == (status, True), answer.detail


async def test_rerun_with_other_parameters(api: Api, submit: Submit) -> None:
    source = "def train(context, n=1, m=1):\n    context.log_result('sum', n + m)"
    uid = await submit(source, parameters={"n": 1, "m": 2})
    await until(api, uid, "completed")
    again = await api.ok("POST", f"v1/lab/runs/{PROJECT}/{uid}/rerun", {"parameters": {"n": 40}})
    other = again["data"]["metadata"]["uid"]
    assert other != uid
    done = await until(api, other, *ENDED)
    assert done["status"]["results"] == {"sum": 42}


@pytest.mark.parametrize(
    "path, again",
    [
        ("s3://bucket/train/{uid}", "s3://bucket/train/{{{{run.uid}}}}"),
        ("{home}/{project}/{uid}", "{home}/{project}/{{{{run.uid}}}}"),
        ("s3://bucket/{uid}/all", "s3://bucket/{uid}/all"),
        ("s3://bucket", "s3://bucket"),
    ],
)
async def test_a_rerun_writes_beside_the_run_that_it_repeats(
    api: Api, service: Service, path: str, again: str
) -> None:
    """Never into its folder, nor to another store."""
    uid = "c" * 32
    given = {"uid": uid, "project": PROJECT, "home": service.place.artifacts}
    document = {
        "metadata": {"name": "train", "project": PROJECT, "uid": uid},
        "spec": {"output_path": path.format(**given)},
    }
    task = service.launcher.rerun(document, {})
    asked = task["spec"]["output_path"]
    assert asked == again.format(**given)
    other = "d" * 32
    filled = paths.output_path(asked, PROJECT, other)
    assert filled == asked.replace("{{run.uid}}", other)


async def test_deleting_a_run_takes_its_folder(api: Api, submit: Submit, service: Service) -> None:
    uid = await submit("def train(context): pass")
    await until(api, uid, "completed")
    await settled(service, uid)
    folder = service.place.run_folder(PROJECT, uid)
    assert folder.is_dir()
    assert oct(folder.stat().st_mode)[-3:] == "700"
    await api.ok("DELETE", f"{RUNS}/{uid}")
    assert not folder.exists()


async def test_an_end_that_cannot_be_saved_is_said_and_saved_later(
    api: Api, submit: Submit, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(project: str, uid: str) -> int:
        raise MLRunServiceUnavailableError("The disk of the store is full: free some space")

    monkeypatch.setattr(unsaved, "PATIENCE", 0.2)
    with monkeypatch.context() as patch:
        patch.setattr(service.outboxes, "take_in", full)
        uid = await submit("import os\ndef train(context):\n    os._exit(3)")
        told = await until(api, uid, *ENDED)
        assert told["status"]["state"] == "error"
        assert "cannot be saved: The disk of the store is full" in told["status"]["error"]
    await settled(service, uid)
    assert (await read(api, uid))["status"]["error"] == "the process ended with exit code 3"


@pytest.mark.parametrize("origin", [True, "x", ["a"], 3])
async def test_no_document_stops_the_queue(
    api: Api, submit: Submit, service: Service, origin: Any
) -> None:
    body = {"task": {"metadata": {"project": PROJECT}, "spec": {"origin": origin}}}
    answer = await api("POST", "v1/submit_job", body | {"function": function("x")})
    assert (answer.status, "origin" in answer.detail) == (400, True)
    service.launcher.options.most_running = 1
    first = await submit("import time\ndef train(context):\n    time.sleep(1)")
    second = await submit("def train(context): pass")
    # a document that comes later, over the one that waits
    await api.ok("PATCH", f"{RUNS}/{second}", {"spec.origin": origin})
    third = await submit("def train(context): pass")
    assert (await until(api, first, *ENDED))["status"]["state"] == "completed"
    assert (await until(api, second, *ENDED))["status"]["state"] == "error"
    assert (await until(api, third, *ENDED))["status"]["state"] == "completed"


async def test_runs_are_not_deleted_in_all_projects_at_once(api: Api) -> None:
    answer = await api("DELETE", "v1/projects/*/runs")
    assert (answer.status, "one project" in answer.detail) == (400, True)


async def test_nothing_is_deleted_under_a_working_process(
    api: Api, submit: Submit, service: Service
) -> None:
    uid = await submit("import time\ndef train(context):\n    time.sleep(300)")
    await until(api, uid, "running")
    strategy = {"x-mlrun-deletion-strategy": "cascade"}
    refused = await api("DELETE", f"v2/projects/{PROJECT}", headers=strategy)
    assert (refused.status, f"while run {uid} works" in refused.detail) == (412, True)
    # it says that it has ended, and has not
    await api.ok("PATCH", f"{RUNS}/{uid}", {"status.state": "completed"})
    refused = await api("DELETE", f"{RUNS}/{uid}")
    assert (refused.status, "has not ended yet" in refused.detail) == (400, True)
    await api.ok("DELETE", f"{RUNS}?name=train")
    assert await read(api, uid)
    # what hangs after its end can still be ended
    await api.ok("POST", f"{RUNS}/{uid}/abort")
    await settled(service, uid)
    assert (await read(api, uid))["status"]["state"] == "completed"
    await api.ok("DELETE", f"{RUNS}/{uid}")


async def test_a_cascade_takes_the_runs_folders(api: Api, submit: Submit, service: Service) -> None:
    uid = await submit("def train(context): pass")
    await until(api, uid, "completed")
    await settled(service, uid)
    strategy = {"x-mlrun-deletion-strategy": "cascade"}
    assert (await api("DELETE", f"v2/projects/{PROJECT}", headers=strategy)).status == 204
    assert not service.place.project_folder(PROJECT).exists()


async def test_a_handler_run_ends_with_its_kernel(api: Api, service: Service) -> None:
    body = run(state="running", host=service.place.host)
    body["spec"]["origin"] = {"process": process.identity() | {"start_time": 1}}
    await api.ok("POST", f"{RUNS}/{UID}", body)
    ended = await until(api, UID, *ENDED, timeout=5)
    assert ended["status"]["state"] == "error"
    assert "kernel" in ended["status"]["error"]


async def test_a_handler_run_of_a_living_kernel_is_left_alone(api: Api, service: Service) -> None:
    body = run(state="running", host=service.place.host)
    body["spec"]["origin"] = {"process": process.identity(os.getpid())}
    await api.ok("POST", f"{RUNS}/{UID}", body)
    await asyncio.sleep(1.5)
    assert (await read(api, UID))["status"]["state"] == "running"
