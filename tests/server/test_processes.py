"""Servers that die and come back, and several on one store: real processes, real ``kill -9``."""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

from jupyter_mlrun.paths import server_file
from tests.live import Live
from tests.server.documents import PROJECT, function

API = "mlrun/api/v1"
SLOW = """
import os, time
def train(context, gate):
    print('begin', flush=True)
    context.log_result('before', 1)
    context.commit()
    while not os.path.exists(gate):
        time.sleep(0.02)
    for n in range(3):
        print('line', n, flush=True)
    context.log_result('after', 2)
    context.log_artifact('note', body=b'kept', local_path='note.txt')
    print('end', flush=True)
"""


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    """A Jupyter server in a process of its own, with the project of the tests."""
    server = Live(tmp_path)
    server.start()
    server.call("POST", f"{API}/projects", {"metadata": {"name": PROJECT}})
    yield server
    server.stop()


def submit(server: Live, source: str, **parameters: Any) -> str:
    """Sends the code as a task, and gives the uid of the run."""
    task = {"metadata": {"name": "train", "project": PROJECT}, "spec": {"parameters": parameters}}
    body = {"task": task, "function": function(source)}
    return str(server.call("POST", f"{API}/submit_job", body)["data"]["metadata"]["uid"])


def read(server: Live, uid: str) -> dict[str, Any]:
    return dict(server.call("GET", f"{API}/projects/{PROJECT}/runs/{uid}")["data"])


def until(ask: Callable[[], Any], timeout: float = 30) -> Any:
    """What the question gives, once it is true."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if found := ask():
            return found
        time.sleep(0.1)
    raise AssertionError("waited in vain")


def has_state(server: Live, uid: str, *states: str) -> dict[str, Any] | None:
    run = read(server, uid)
    return run if run["status"]["state"] in states else None


def lines(server: Live, uid: str) -> list[str]:
    found = server.call("GET", f"{API}/lab/runs/{PROJECT}/{uid}/log/lines?first=1&count=100")
    return [line["text"] for line in found["lines"]]


def folder(server: Live, uid: str) -> Path:
    return server.data / "runs" / PROJECT / uid


def test_a_run_outlives_a_killed_server(live: Live, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    uid = submit(live, SLOW, gate=str(gate))
    until(lambda: has_state(live, uid, "running"))
    until(lambda: "begin" in lines(live, uid))
    port = live.port
    live.kill()
    gate.touch()
    until(lambda: (folder(live, uid) / "exit.json").exists())
    assert (folder(live, uid) / "outbox.jsonl").exists()
    live.start()
    assert live.port != port
    done = until(lambda: has_state(live, uid, "completed", "error"))
    assert done["status"]["state"] == "completed"
    assert done["status"]["results"] == {"before": 1, "after": 2}
    assert lines(live, uid) == ["begin", "line 0", "line 1", "line 2", "end"]
    (key,) = done["status"]["artifact_uris"]
    assert key == "note"
    artifact = live.call("GET", f"mlrun/api/v2/projects/{PROJECT}/artifacts/train_note?tree={uid}")
    assert Path(artifact["spec"]["target_path"]).read_bytes() == b"kept"


def test_a_run_finds_the_server_that_came_back(live: Live, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    uid = submit(live, SLOW, gate=str(gate))
    until(lambda: has_state(live, uid, "running"))
    live.kill()
    live.start()
    assert read(live, uid)["status"]["state"] == "running"
    time.sleep(0.5)
    gate.touch()
    done = until(lambda: has_state(live, uid, "completed", "error"))
    assert done["status"]["results"] == {"before": 1, "after": 2}
    assert lines(live, uid)[-1] == "end"


def test_a_run_of_before_can_be_aborted_after(live: Live, tmp_path: Path) -> None:
    uid = submit(live, SLOW, gate=str(tmp_path / "never"))
    until(lambda: has_state(live, uid, "running"))
    live.kill()
    live.start()
    live.call("POST", f"{API}/projects/{PROJECT}/runs/{uid}/abort")
    assert until(lambda: has_state(live, uid, "aborted", "error"))["status"]["state"] == "aborted"


def test_what_waited_is_started_by_the_next_server(tmp_path: Path) -> None:
    server = Live(tmp_path, ("--MLRunServerApp.max_running=1",))
    server.start()
    try:
        server.call("POST", f"{API}/projects", {"metadata": {"name": PROJECT}})
        gate = tmp_path / "gate"
        first = submit(server, SLOW, gate=str(gate))
        second = submit(server, SLOW, gate=str(gate))
        until(lambda: has_state(server, first, "running"))
        assert read(server, second)["status"]["state"] == "pending"
        server.kill()
        server.start()
        gate.touch()
        assert until(lambda: has_state(server, second, "completed"))
    finally:
        server.stop()


def test_a_supervisor_that_was_killed_is_noticed(live: Live, tmp_path: Path) -> None:
    import psutil

    uid = submit(live, SLOW, gate=str(tmp_path / "never"))
    until(lambda: has_state(live, uid, "running"))
    who = json.loads((folder(live, uid) / "process.json").read_text())
    for part in ("supervisor", "child"):
        psutil.Process(who[part]["pid"]).kill()
    ended = until(lambda: has_state(live, uid, "error"))
    assert "killed from outside" in ended["status"]["error"]


def test_kernels_of_before_keep_their_token(live: Live) -> None:
    token = live.mlrun_token()
    live.kill()
    live.start()
    assert live.mlrun_token() == token
    # written once the new server leads
    until(lambda: json.loads(server_file(live.data).read_text())["url"] == f"{live.url}/mlrun")
    assert server_file(live.data).stat().st_mode & 0o777 == 0o600


def both(servers: tuple[Live, Live]) -> Iterator[tuple[Live, Live]]:
    """Two servers on one store from start to stop, the first of them leading."""
    for server in servers:
        server.start()
    servers[0].call("POST", f"{API}/projects", {"metadata": {"name": PROJECT}})
    yield servers
    for server in servers:
        server.stop()


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Live, Live]]:
    """Two servers on one store."""
    yield from both((Live(tmp_path), Live(tmp_path)))


def leads(server: Live) -> bool:
    return bool(server.call("GET", f"{API}/lab/status")["leader"])


def test_one_server_leads_and_the_other_hands_on(two: tuple[Live, Live]) -> None:
    first, second = two
    until(lambda: leads(first))
    assert not leads(second)
    uid = submit(second, "def train(context):\n    context.log_result('x', 1)")
    assert until(lambda: has_state(first, uid, "completed"))
    assert read(second, uid) == read(first, uid)
    events = second.call("GET", f"{API}/lab/events?cursor=0&timeout=0&uid={uid}")["events"]
    assert events[-1]["state"] == "completed"


def test_the_other_takes_over_what_the_dead_one_ran(two: tuple[Live, Live], tmp_path: Path) -> None:
    first, second = two
    gate = tmp_path / "gate"
    uid = submit(second, SLOW, gate=str(gate))
    until(lambda: has_state(second, uid, "running"))
    first.kill()
    assert until(lambda: leads(second))
    where = json.loads(server_file(second.data).read_text())
    assert where["url"] == f"{second.url}/mlrun"
    gate.touch()
    done = until(lambda: has_state(second, uid, "completed", "error"))
    assert done["status"]["results"] == {"before": 1, "after": 2}


def test_a_refusal_is_handed_on_too(two: tuple[Live, Live]) -> None:
    _, second = two
    with pytest.raises(AssertionError, match=r"404.*not found"):
        second.call("POST", f"{API}/projects/{PROJECT}/runs/{'0' * 32}/abort")
    with pytest.raises(AssertionError, match=r"400.*no .*task"):
        second.call("POST", f"{API}/submit_job", {})


@pytest.fixture
def builders(tmp_path: Path) -> Iterator[tuple[Live, Live]]:
    """Two servers on one store, with a builder that takes its time."""
    programs = tmp_path / "programs"
    programs.mkdir()
    program = programs / "buildah"
    program.write_text("#!/bin/sh\necho $$ > ${0%/*}/pid; exec sleep 300\n")
    program.chmod(0o755)
    path = os.pathsep.join((str(programs), str(Path(sys.executable).parent), os.environ["PATH"]))
    yield from both((Live(tmp_path, env={"PATH": path}), Live(tmp_path, env={"PATH": path})))


def build(server: Live, pid: Path) -> int:
    """The process of a build that has begun."""
    pid.unlink(missing_ok=True)
    document = function("x", kind="job")
    document["metadata"]["project"] = PROJECT
    document["spec"]["build"] |= {"base_image": "a/b:1", "commands": ["true"]}
    server.call("POST", f"{API}/build/function", {"function": document, "with_mlrun": False})
    return int(until(lambda: pid.exists() and pid.read_text().strip()))


def test_what_ends_work_is_handed_on_though_it_has_no_body(
    builders: tuple[Live, Live], tmp_path: Path
) -> None:
    """Deletes of functions, builds and resources, through the server that does not lead."""
    first, second = builders
    until(lambda: leads(first))
    pid = tmp_path / "programs" / "pid"
    working = build(second, pid)
    assert second.call("DELETE", f"{API}/lab/projects/{PROJECT}/builds/train") == {}
    until(lambda: not psutil.pid_exists(working))
    working = build(second, pid)
    # the leader does not take it for a build that works, or that failed
    assert second.call("DELETE", f"{API}/projects/{PROJECT}/functions/train") is None
    until(lambda: not psutil.pid_exists(working))
    assert not list((first.data / "builds" / PROJECT).glob("train/*"))
    uid = submit(second, "import time\ndef train(context): time.sleep(300)")
    until(lambda: has_state(first, uid, "running"))
    ended = second.call("DELETE", f"{API}/projects/{PROJECT}/runtime-resources?force=true")
    assert uid in json.dumps(ended)
    assert until(lambda: has_state(first, uid, "aborted"))


def test_who_leaves_a_download_is_no_fault(live: Live) -> None:
    body = b"x" * 60_000_000
    uid = submit(live, "def train():\n    pass\n")
    until(lambda: has_state(live, uid, "completed"))
    file = live.folder / "data" / "mlrun" / "artifacts" / PROJECT / uid / "large"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(body)
    parts = urlsplit(live.url)
    with socket.create_connection((parts.hostname, parts.port)) as asking:
        path = f"/{API}/lab/runs/{PROJECT}/{uid}/files/{uid}/large"
        head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n"
        asking.sendall(f"{head}Authorization: Bearer {live.mlrun_token()}\r\n\r\n".encode())
        begun = asking.recv(1000)
        assert begun.startswith(b"HTTP/1.1 200"), begun
    live.call("GET", "api")
    time.sleep(0.5)
    assert "Traceback" not in live.log()
