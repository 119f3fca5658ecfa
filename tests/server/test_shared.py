"""A user's server that hands every request on to a service elsewhere, as its user."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from jupyter_server.auth import Authorizer
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.simple_httpclient import HTTPStreamClosedError
from tornado.websocket import websocket_connect

from jupyter_mlrun.outbox import Outbox
from jupyter_mlrun_runtimes import process
from jupyter_mlrun_server.handlers.proxy import noun_of
from jupyter_mlrun_server.services.kernel_runs import KernelRuns
from jupyter_mlrun_server.store import leases, times
from tests.server.alone import ROOT, Alone
from tests.server.answers import Answer
from tests.server.documents import UID, artifact, function, run

LAB = "tides"
TOKEN = "JUPYTER_MLRUN_REMOTE_TOKEN"


@pytest.fixture
def alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jp_asyncio_loop: Any, clean_environment: None
) -> Iterator[Alone]:
    """The service that is shared, with a data directory of its own."""
    monkeypatch.setenv("JUPYTER_MLRUN_HOME", str(tmp_path / "service"))
    found = Alone()
    jp_asyncio_loop.run_until_complete(found.app.begin())
    monkeypatch.delenv("JUPYTER_MLRUN_HOME")
    jp_asyncio_loop.run_until_complete(found.project(LAB, ann="editor"))
    monkeypatch.setenv(TOKEN, found.token("ann"))
    yield found
    jp_asyncio_loop.run_until_complete(found.app.end())


@pytest.fixture
def jp_server_config(alone: Alone) -> dict[str, Any]:
    return {
        "ServerApp": {"jpserver_extensions": {"jupyter_mlrun_server": True}},
        "MLRunServerApp": {"remote_url": f"{alone.url}/"},
    }


class User:
    """Ann's Jupyter server."""

    def __init__(self, server: Any, base: str) -> None:
        self.server = server
        self.token = str(server.identity_provider.token)
        self.url = f"http://127.0.0.1:{server.port}{base}mlrun/api/"

    async def __call__(
        self, method: str, path: str, body: Any = None, token: str | None = None, **headers: str
    ) -> Answer:
        """What her server answers."""
        sent = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        if sent is None and method in ("POST", "PUT", "PATCH"):
            sent = b""
        known = self.token if token is None else token
        given = {"Authorization": f"token {known}"} if known else {}
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = await AsyncHTTPClient().fetch(
            self.url + path, method=method, body=sent, headers=given | more,
            raise_error=False, request_timeout=40, follow_redirects=False,
            allow_nonstandard_methods=True,
        )  # fmt: skip
        return Answer(answer.code, answer.body, answer.headers)


@pytest.fixture
def ann(jp_serverapp: Any, jp_asyncio_loop: Any, jp_base_url: str, http_server: Any) -> User:
    """Her server, begun."""
    jp_asyncio_loop.run_until_complete(jp_serverapp.extension_manager.start_all_extensions())
    return User(jp_serverapp, jp_base_url)


async def test_a_missing_token_is_said_at_the_start(
    app: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    app.log.addHandler(caplog.handler)
    monkeypatch.delenv(TOKEN, raising=False)
    remote = app._make_remote()
    await remote.stop()
    assert f"set ${TOKEN}" in caplog.text and remote.remote_url in caplog.text


async def test_documents_logs_and_refusals_pass(ann: User, alone: Alone) -> None:
    base = f"v1/projects/{LAB}"
    assert (await ann("GET", "v1/projects?format=name_only")).json == {"projects": [LAB]}
    assert (await ann("POST", f"{base}/functions/f?tag=x", function("x=1", "f"))).status == 200
    assert (await ann("POST", f"{base}/runs/{UID}", run())).status == 200
    assert (await ann("POST", f"{base}/logs/{UID}", b"\x00\xffraw\n")).status == 200
    log = await ann("GET", f"{base}/logs/{UID}?offset=1")
    assert log.body == b"\xffraw\n" and log.headers["x-mlrun-run-state"] == "running"
    assert (await alone.ok(ROOT, "GET", f"{base}/runs/{UID}"))["data"]["metadata"]["uid"] == UID
    # her role there holds here: an editor keeps no secrets, and nobody executes anything
    refused = await ann("POST", f"{base}/secrets", {"secrets": {"A": "b"}})
    assert refused.status == 403 and "ann may not write secrets" in refused.detail
    task = {"task": {"metadata": {"project": LAB, "name": "f"}}, "function": function("x=1", "f")}
    assert "executes nothing itself" in (await ann("POST", "v1/submit_job", task)).detail
    assert (await ann("DELETE", f"{base}/runs/{'a' * 32}")).status == 204
    assert (await ann("GET", f"{base}/runs/{'b' * 32}")).status == 404
    assert (await ann("GET", "v1/lab/me")).json["user"] == "ann"
    headers = {"x_mlrun_patch_mode": "nonsense"}
    assert (await ann("PATCH", base, {"spec": {}}, **headers)).status in (403, 422)


async def test_ranges_and_large_answers_stream(ann: User, alone: Alone) -> None:
    service = alone.app.service
    folder = service.place.artifacts / LAB
    folder.mkdir(parents=True)
    data = os.urandom(1 << 20) * 9
    (folder / "big.bin").write_bytes(data)
    body = artifact("big", target_path=str(folder / "big.bin"))
    stored = (await ann("PUT", f"v2/projects/{LAB}/artifacts/big", body)).json
    path = f"v1/projects/{LAB}/files?path={folder / 'big.bin'}"
    whole = await ann("GET", path)
    assert whole.body == data and whole.headers["Content-Length"] == str(len(data))
    assert whole.headers["Content-Security-Policy"] == "sandbox"
    part = await ann("GET", path, Range="bytes=100-199")
    assert (part.status, part.body) == (206, data[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(data)}"
    assert (await ann("GET", path, Range="bytes=99999999-")).status == 416
    head = await ann("HEAD", f"v1/lab/artifacts/{LAB}/{stored['metadata']['uid']}/bytes")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == str(len(data))
    large = run()
    large["spec"]["parameters"] = {"text": "x" * 3_000_000}
    assert (await ann("POST", f"v1/projects/{LAB}/runs/{UID}", large)).status == 200


async def test_sockets_pass(ann: User, alone: Alone) -> None:
    def asked(path: str) -> HTTPRequest:
        url = f"{ann.url}{path}".replace("http://", "ws://")
        return HTTPRequest(url, headers={"Authorization": f"token {ann.token}"})

    await alone.project("shut")
    await alone.ok(ROOT, "POST", f"v1/projects/{LAB}/runs/{UID}", run())
    socket = await websocket_connect(asked("v1/lab/socket"))
    assert json.loads(str(await socket.read_message()))["type"] == "hello"
    await socket.write_message(json.dumps({"subscribe": {"projects": [LAB]}}))
    await asyncio.sleep(0.3)
    await alone.ok(ROOT, "PATCH", f"v1/projects/{LAB}/runs/{UID}", {"status.results.n": 1})
    heard = str(await asyncio.wait_for(socket.read_message(), 10))
    assert UID in heard
    socket.close()
    tail = await websocket_connect(asked(f"v1/lab/runs/{LAB}/{UID}/log/tail"))
    await alone.ok(ROOT, "POST", f"v1/projects/{LAB}/logs/{UID}", b"told")
    assert "told" in str(await asyncio.wait_for(tail.read_message(), 10))
    tail.close()
    with pytest.raises(Exception, match="403"):
        await websocket_connect(asked(f"v1/lab/runs/shut/{UID}/log/tail"))


async def test_who_may_come_is_asked_here_too(ann: User, alone: Alone, jp_serverapp: Any) -> None:
    assert (await ann("GET", "v1/projects", token="")).status == 403
    assert (await ann("GET", "v1/projects", token=alone.token("ann"))).status == 403
    # kernels come with a token of this server alone: the user's own is nowhere in their environment
    assert os.environ["MLRUN_DBPATH"] == ann.url.removesuffix("/api/")
    kernel = os.environ["MLRUN_HTTPDB__TOKEN"]
    assert alone.token("ann") not in os.environ.values() and TOKEN not in os.environ
    assert (await ann("GET", "v1/projects", token=kernel)).status == 200
    outside = await AsyncHTTPClient().fetch(
        ann.url.replace("mlrun/api/", "api/contents"), raise_error=False, follow_redirects=False,
        headers={"Authorization": f"token {kernel}"},
    )  # fmt: skip
    assert outside.code == 403

    class ReadsRuns(Authorizer):
        def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
            return resource in ("mlrun.service", "mlrun.runs") and action == "read"

    jp_serverapp.web_app.settings["authorizer"] = ReadsRuns(parent=jp_serverapp)
    assert (await ann("GET", f"v1/projects/{LAB}/runs")).status == 200
    assert (await ann("GET", f"v1/projects/{LAB}/functions")).status == 403
    assert (await ann("POST", f"v1/projects/{LAB}/runs/{UID}", run())).status == 403
    assert noun_of("POST", f"/api/v1/projects/{LAB}/secrets") == "secrets"


async def test_a_service_that_is_away_is_told(ann: User, alone: Alone) -> None:
    alone.app.server.stop()
    await alone.app.server.close_all_connections()
    answer = await ann("GET", "v1/projects")
    assert answer.status == 503 and "does not answer" in answer.detail


async def test_what_runs_said_meanwhile_is_sent_in_its_order(
    ann: User, alone: Alone, jp_serverapp: Any
) -> None:
    (app,) = jp_serverapp.extension_manager.extension_apps["jupyter_mlrun_server"]
    folder = app.remote.place.run_folder(LAB, UID)
    outbox, base = Outbox(folder), f"api/v1/projects/{LAB}"
    alone.app.server.stop()
    await alone.app.server.close_all_connections()
    assert (await ann("PATCH", f"v1/projects/{LAB}/runs/{UID}", {})).status == 503
    outbox.append("POST", f"{base}/runs/{UID}", {"iter": 0}, run(results={"a": 1}))
    outbox.append("POST", f"{base}/logs/{UID}", {"append": "yes"}, b"first\n\xff")
    outbox.append("PATCH", f"{base}/runs/{UID}", {"iter": 0}, {"status.results.b": 2})
    outbox.append("PATCH", f"{base}/runs/{UID}", {}, {"metadata.name": ["no name"]})
    assert (await ann("PATCH", f"v1/projects/{LAB}/runs/{UID}", {})).status == 503
    alone.app.server.listen(alone.app.port, "127.0.0.1")
    assert (await ann("POST", f"v1/projects/{LAB}/logs/{UID}", b"second\n")).status == 200
    stored = (await alone.ok(ROOT, "GET", f"v1/projects/{LAB}/runs/{UID}"))["data"]
    assert stored["status"]["results"] == {"a": 1, "b": 2}
    said = (await alone(ROOT, "GET", f"v1/projects/{LAB}/logs/{UID}")).body
    assert said == b"first\n\xffsecond\n"
    assert app.remote.outboxes.waiting() == []
    # a run of which nobody speaks any more is sent by itself
    outbox.append("PATCH", f"{base}/runs/{UID}", {}, {"status.state": "completed"})
    for _ in range(150):
        stored = (await alone.ok(ROOT, "GET", f"v1/projects/{LAB}/runs/{UID}"))["data"]
        if stored["status"]["state"] == "completed":
            break
        await asyncio.sleep(0.1)
    assert stored["status"]["state"] == "completed"


def kernel_run(pid: int) -> dict[str, Any]:
    """A run as a kernel records it."""
    document = run()
    document["spec"]["origin"] = {"process": process.identity(pid)}
    return document


def sleeper() -> int:
    """A process that stands for a kernel."""
    pid = os.fork()
    if pid == 0:
        time.sleep(120)
        os._exit(0)
    return pid


async def ended(alone: Alone) -> dict[str, Any]:
    """The run's status once it has ended."""
    for _ in range(150):
        stored = (await alone.ok(ROOT, "GET", f"v1/projects/{LAB}/runs/{UID}"))["data"]
        if stored["status"]["state"] != "running":
            break
        await asyncio.sleep(0.1)
    status: dict[str, Any] = stored["status"]
    return status


async def test_the_run_of_a_kernel_that_died_here_ends_there(
    ann: User, alone: Alone, jp_serverapp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (app,) = jp_serverapp.extension_manager.extension_apps["jupyter_mlrun_server"]
    pid = sleeper()
    try:
        path = f"v1/projects/{LAB}/runs/{UID}"
        assert (await ann("POST", path, kernel_run(pid))).status == 200
        known = app.remote.kernel_runs
        held = json.loads(known.file.read_bytes())
        assert [(each["project"], each["uid"]) for each in held] == [(LAB, UID)]
        # the next server of hers knows of it too
        after = KernelRuns(known.file.parent, known.url, known.headers, known.threads, app.log)
        await after.look()
        with alone.app.service.database.read() as connection:
            far = times.now() + 1_000_000_000
            assert leases.over(connection, far) == [(LAB, UID)], "a sign of life"
            assert leases.over(connection, times.now()) == []
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
    status = await ended(alone)
    assert status["state"] == "error" and "the kernel in which the run worked" in status["reason"]
    for _ in range(50):
        if json.loads(known.file.read_bytes()) == []:
            break
        await asyncio.sleep(0.1)
    assert json.loads(known.file.read_bytes()) == []


async def test_a_run_of_which_nothing_is_heard_any_more_ends(alone: Alone) -> None:
    service, pid = alone.app.service, os.getpid()
    await alone.ok("ann", "POST", f"v1/projects/{LAB}/runs/{UID}", kernel_run(pid))
    sign = {"runs": [{"project": LAB, "uid": UID}, {"project": LAB, "uid": "f" * 32},
                     {"project": "shut", "uid": UID}]}  # fmt: skip
    answer = await alone.ok("ann", "POST", "v1/lab/leases", sign)
    assert answer["seconds"] == 180
    assert answer["ended"] == [{"project": LAB, "uid": "f" * 32}, {"project": "shut", "uid": UID}]
    assert await service.threads.call(service.leases.look) == 0
    service.leases.seconds = 0.0
    await alone.ok("ann", "POST", "v1/lab/leases", sign)
    assert await service.threads.call(service.leases.look) == 1
    status = await ended(alone)
    assert (
        status["state"] == "error" and "nothing was heard of the run's kernel" in status["reason"]
    )
    again = await alone.ok("ann", "POST", "v1/lab/leases", sign)
    assert {"project": LAB, "uid": UID} in again["ended"]
    for body in ({}, {"runs": "x"}, {"runs": [5]}, {"runs": [{"project": LAB}]}):
        assert (await alone("ann", "POST", "v1/lab/leases", body)).status == 400


async def test_after_an_outage_of_the_service_itself_runs_get_their_time_again(
    alone: Alone, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, found = alone.app.service, alone.app.service.leases
    await alone.ok("ann", "POST", f"v1/projects/{LAB}/runs/{UID}", kernel_run(os.getpid()))
    sign = {"runs": [{"project": LAB, "uid": UID}]}
    minute, began, later = 60_000_000, times.now(), 0
    monkeypatch.setattr(times, "now", lambda: began + later)
    await alone.ok("ann", "POST", "v1/lab/leases", sign)
    assert found.look() == 0
    later += 10 * minute
    assert found.look() == 0, "the machine slept: nobody could tell"
    later += minute // 4
    with monkeypatch.context() as broken:
        broken.setattr(leases, "over", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            found.look()
    with service.database.write() as connection:
        connection.exec_driver_sql("UPDATE run_leases SET until = 5")
    assert found.look() == 0, "the look before has failed"

    def over(*_: Any) -> list[tuple[str, str]]:
        return [(LAB, UID)]  # a sign of life came after this was read

    with monkeypatch.context() as stale:
        stale.setattr(leases, "over", over)
        assert found.look() == 0
    ended = []
    for _ in range(12):
        later += minute // 4
        ended.append(found.look())
    assert ended == [0] * 11 + [1], "it is silent while the service looks on time"


async def test_signs_of_life_are_sent_before_what_waits(
    ann: User, alone: Alone, jp_serverapp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (app,) = jp_serverapp.extension_manager.extension_apps["jupyter_mlrun_server"]
    remote, database, seen = app.remote, alone.app.service.database, []
    path = f"v1/projects/{LAB}/runs/{UID}"
    assert (await ann("POST", path, kernel_run(os.getpid()))).status == 200

    async def catch_up(project: str, uid: str) -> bool:
        with database.read() as connection:
            seen.append(leases.over(connection, times.now() + 1_000_000_000))
        return True

    monkeypatch.setattr(remote, "catch_up", catch_up)
    monkeypatch.setattr(remote.outboxes, "waiting", lambda: [(LAB, UID)])
    remote.kernel_runs._signed = 0.0
    with database.write() as connection:
        connection.exec_driver_sql("DELETE FROM run_leases")
    await remote._look()
    assert seen[0] == [(LAB, UID)]


class OldMLRun(BaseHTTPRequestHandler):
    """A service of another make: what it is asked, and answers that are not ours."""

    seen: list[tuple[str, str, str]] = []

    def do_GET(self) -> None:
        """Chunked, with a header of MLRun's, a cookie, and then the connection is cut."""
        self.seen.append((self.path, self.headers.get("Authorization", ""),
                          self.headers.get("Cookie", "")))  # fmt: skip
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("x-mlrun-function-status", "ready")
        self.send_header("Set-Cookie", "theirs=1")
        cut = self.path.endswith("cut")
        self.send_header("Content-Length", "100" if cut else "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *args: Any) -> None:
        """Nothing."""


async def test_mlruns_own_service_is_another_address(ann: User, jp_serverapp: Any) -> None:
    OldMLRun.seen = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), OldMLRun)
    Thread(target=server.serve_forever, daemon=True).start()
    (app,) = jp_serverapp.extension_manager.extension_apps["jupyter_mlrun_server"]
    app.remote.remote_url = f"http://127.0.0.1:{server.server_port}"
    try:
        answer = await ann("GET", "v1/build/status?name=f", Cookie="mine=1")
        assert answer.body == b"hello" and answer.headers["x-mlrun-function-status"] == "ready"
        assert "theirs" not in str(answer.headers.get_list("Set-Cookie"))
        (path, authorization, cookie) = OldMLRun.seen[0]
        assert path == "/api/v1/build/status?name=f" and cookie == ""
        assert authorization.startswith("Bearer mlru")
        # what is cut there arrives cut here, never as if it were whole
        with pytest.raises(HTTPStreamClosedError):
            await ann("GET", "v1/cut")
    finally:
        server.shutdown()
        server.server_close()
