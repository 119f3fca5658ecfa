"""Events and logs as they come: by long poll and by WebSocket."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_mlrun_server.services import events
from jupyter_mlrun_server.services.service import Service
from jupyter_mlrun_server.store import runs
from jupyter_mlrun_server.store.runs import RunKey
from tests.server.conftest import Api
from tests.server.documents import OTHER_UID, PROJECT, UID, artifact, run

RUNS = f"v1/projects/{PROJECT}/runs"


async def message(socket: Any, timeout: float = 5) -> dict[str, Any]:
    """The next message of a WebSocket."""
    text = await asyncio.wait_for(socket.read_message(), timeout)
    assert text is not None, "the socket was closed"
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.fixture
def socket(api: Api, service: Service, jp_ws_fetch: Any, jp_asyncio_loop: Any) -> Any:
    """The page's socket, with every project."""

    async def connect() -> Any:
        while service.events.cursor == 0:
            await asyncio.sleep(0.01)
        opened = await jp_ws_fetch("mlrun", "api", "v1", "lab", "socket")
        assert (await message(opened))["type"] == "hello"
        await opened.write_message(json.dumps({"subscribe": {"projects": None, "logs": []}}))
        return opened

    return jp_asyncio_loop.run_until_complete(connect())


async def test_a_long_poll_waits_for_what_comes(api: Api) -> None:
    start = (await api.ok("GET", "v1/lab/events"))["cursor"]
    waiting = asyncio.ensure_future(api.ok("GET", f"v1/lab/events?cursor={start}&timeout=10"))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    await api.ok("POST", f"{RUNS}/{UID}", run())
    found = await waiting
    (event,) = found["events"]
    assert (event["kind"], event["action"], event["uid"]) == ("run", "created", UID)
    assert event["summary"]["name"] == "train"
    assert found["cursor"] == event["id"] > start


async def test_a_poll_ends_with_nothing(api: Api) -> None:
    start = (await api.ok("GET", "v1/lab/events"))["cursor"]
    found = await api.ok("GET", f"v1/lab/events?cursor={start}&timeout=0.1")
    assert found == {"cursor": start, "events": [], "reset": False}


async def test_a_poll_for_one_run_hears_of_no_other(api: Api) -> None:
    await api.ok("POST", f"{RUNS}/{OTHER_UID}", run())
    await api.ok("POST", f"{RUNS}/{UID}", run())
    query = f"cursor=0&timeout=0&project={PROJECT}&uid={UID}"
    found = await api.ok("GET", f"v1/lab/events?{query}")
    assert [event["uid"] for event in found["events"]] == [UID]


async def test_a_cursor_of_another_store_is_reset(api: Api) -> None:
    assert (await api.ok("GET", "v1/lab/events?cursor=999999&timeout=0"))["reset"] is True


async def test_a_page_hears_each_change_in_order(api: Api, socket: Any) -> None:
    await api.ok("POST", f"{RUNS}/{UID}", run())
    await api.ok("PUT", f"v2/projects/{PROJECT}/artifacts/a?tree={UID}", artifact("a"))
    await api.ok("PATCH", f"{RUNS}/{UID}", {"status.state": "completed"})
    seen = [(await message(socket))["event"] for _ in range(3)]
    assert [(e["kind"], e["action"]) for e in seen] == [
        ("run", "created"), ("artifact", "created"), ("run", "updated"),
    ]  # fmt: skip
    assert [e["id"] for e in seen] == sorted(e["id"] for e in seen)
    assert seen[-1]["state"] == seen[-1]["summary"]["state"] == "completed"
    socket.close()


async def test_a_page_hears_of_its_projects_only(api: Api, socket: Any) -> None:
    await api.ok("POST", "v1/projects", {"metadata": {"name": "two"}})
    assert (await message(socket))["event"]["project"] == "two"
    await socket.write_message(json.dumps({"subscribe": {"projects": ["two"]}}))
    await asyncio.sleep(0.1)
    await api.ok("POST", f"{RUNS}/{UID}", run())
    await api.ok("POST", f"v1/projects/two/runs/{UID}", run())
    assert (await message(socket))["event"]["project"] == "two"
    socket.close()


async def test_a_page_hears_of_the_logs_it_follows(api: Api, socket: Any) -> None:
    await api.ok("POST", f"{RUNS}/{UID}", run())
    await message(socket)
    subscribe = {"projects": [], "logs": [f"{PROJECT}/{UID}"]}
    await socket.write_message(json.dumps({"subscribe": subscribe}))
    assert (await message(socket))["event"]["size"] == 0
    await api.ok("POST", f"v1/projects/{PROJECT}/logs/{UID}", b"hello\n")
    event = (await message(socket))["event"]
    assert event == {"kind": "log", "project": PROJECT, "uid": UID, "size": 6}
    socket.close()


@pytest.mark.parametrize(
    "text", ["x", "[]", "{}", '{"subscribe": 3}', '{"subscribe": {"logs": ["x"]}}']
)
async def test_what_a_socket_does_not_understand_it_says(socket: Any, text: str) -> None:
    await socket.write_message(text)
    assert "Not understood" in (await message(socket))["detail"]
    socket.close()


async def test_a_change_of_another_process_is_noticed(
    api: Api, service: Service, socket: Any
) -> None:
    def write() -> None:
        with service.database.write() as connection:
            runs.save(connection, RunKey(PROJECT, UID), run("from-elsewhere"))

    await asyncio.to_thread(write)
    assert (await message(socket, 2))["event"]["name"] == "from-elsewhere"
    socket.close()


async def test_a_listener_that_fails_keeps_nothing_from_the_others(
    api: Api, service: Service, socket: Any
) -> None:
    asked: list[int] = []

    def fail(event: dict[str, Any], *_: Any) -> None:
        asked.append(event["id"])
        raise ValueError("a listener of another distribution")

    service.events.copies.add(fail)
    service.events.listeners.add(fail)
    for uid in (UID, OTHER_UID):
        await api.ok("POST", f"{RUNS}/{uid}", run())
        assert (await message(socket))["event"]["uid"] == uid
    assert len(asked) == 4
    socket.close()


async def test_a_store_that_cannot_be_looked_at_counts_as_changed(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(path: Any) -> Any:
        raise PermissionError(path)

    with monkeypatch.context() as patch:
        patch.setattr(events, "os", SimpleNamespace(stat=away))
        assert service.events._others_wrote()


async def test_jupyters_event_bus_gets_a_copy(api: Api, jp_serverapp: Any) -> None:
    heard: list[dict[str, Any]] = []

    async def listen(logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        heard.append(data)

    from jupyter_mlrun_server.services.events import SCHEMA_ID

    jp_serverapp.event_logger.add_listener(schema_id=SCHEMA_ID, listener=listen)
    await api.ok("POST", f"{RUNS}/{UID}", run())
    for _ in range(50):
        if any(event["kind"] == "run" for event in heard):
            break
        await asyncio.sleep(0.05)
    assert (heard[-1]["kind"], heard[-1]["uid"]) == ("run", UID)


async def test_a_log_is_followed_to_its_end(api: Api, jp_ws_fetch: Any) -> None:
    log = f"v1/projects/{PROJECT}/logs/{UID}"
    await api.ok("POST", f"{RUNS}/{UID}", run(state="running"))
    await api.ok("POST", log, b"one\n")
    path = ("mlrun", "api", "v1", "lab", "runs", PROJECT, UID, "log", "tail")
    tail = await jp_ws_fetch(*path, params={"offset": "0"})
    assert (await message(tail))["text"] == "one\n"
    # a character that arrives in two pieces is not torn
    await api.ok("POST", log, "zwei €\n".encode()[:-2])
    await asyncio.sleep(0.2)
    await api.ok("POST", log, "zwei €\n".encode()[-2:])
    text = ""
    while "\n" not in text:
        text += (await message(tail))["text"]
    assert text == "zwei €\n"
    await api.ok("PATCH", f"{RUNS}/{UID}", {"status.state": "completed"})
    assert await message(tail) == {"end": True, "state": "completed"}
    assert await tail.read_message() is None


async def test_the_log_of_no_run_cannot_be_followed(api: Api, jp_ws_fetch: Any) -> None:
    from tornado.httpclient import HTTPClientError

    path = ("mlrun", "api", "v1", "lab", "runs", PROJECT, UID, "log", "tail")
    with pytest.raises(HTTPClientError) as refused:
        await jp_ws_fetch(*path)
    assert refused.value.code == 404


async def test_a_socket_needs_a_login(api: Api, jp_ws_fetch: Any) -> None:
    from tornado.httpclient import HTTPClientError

    for headers in ({"Authorization": "Bearer wrong"}, {"Authorization": f"Bearer mlrk{'0' * 40}"}):
        with pytest.raises(HTTPClientError) as refused:
            await jp_ws_fetch("mlrun", "api", "v1", "lab", "socket", headers=headers)
        assert refused.value.code == 403


async def test_another_site_cannot_open_a_socket(
    api: Api, jp_serverapp: Any, jp_ws_fetch: Any, http_server_client: Any, jp_base_url: str
) -> None:
    from tornado.httpclient import HTTPClientError

    login = await http_server_client.fetch(f"{jp_base_url}api/me?token={api.jupyter_token}")
    cookie = "; ".join(part.split(";")[0] for part in login.headers.get_list("Set-Cookie"))
    headers = {"Cookie": cookie, "Authorization": "", "Origin": "http://evil.example"}
    with pytest.raises(HTTPClientError) as refused:
        await jp_ws_fetch("mlrun", "api", "v1", "lab", "socket", headers=headers)
    assert refused.value.code == 403
