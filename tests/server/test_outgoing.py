"""The door: what it lets out, what it refuses, and that nobody is led around it."""

from __future__ import annotations

import asyncio
import ipaddress
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from jupyter_mlrun.errors import MLRunInvalidArgumentError, MLRunServiceUnavailableError
from jupyter_mlrun_server.services.outgoing import PIECE, Door, is_public
from jupyter_mlrun_server.services.service import Service
from tests.server.conftest import Api
from tests.server.documents import PROJECT

ODD_LENGTHS = {"squared": "\u00b2", "endless": "9" * 5000, "minus": "-1"}


class Receiver(BaseHTTPRequestHandler):
    """Answers by its path, and remembers what it was sent."""

    seen: list[tuple[str, str, dict[str, str], bytes]] = []
    gate = threading.Event()

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.seen.append((self.command, self.path, dict(self.headers), self.rfile.read(length)))
        name, _, rest = self.path.lstrip("/").partition("?")
        if name in ("to", "on"):
            self.send_response(302 if name == "to" else 307)
            self.send_header("Location", rest)
            self.end_headers()
        elif name in ODD_LENGTHS:
            self.send_response(200)
            self.send_header("Content-Length", ODD_LENGTHS[name])
            self.end_headers()
        elif name in ("gate", "stops"):
            self.send_response(200)
            self.send_header("Content-Length", str(4 * PIECE))
            self.end_headers()
            self.wfile.write(b"a" * 3 * PIECE)
            if name == "gate":
                self.gate.wait(20)
                self.wfile.write(b"b" * PIECE)
        elif name == "drip":
            self.send_response(200)
            self.end_headers()
            for _ in range(200):
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.05)
        else:
            body = b'{"a": 1}' if name != "large" else b"x" * 5000
            self.send_response(404 if name == "missing" else 200)
            self.send_header("Content-Length", str(len(body) + (9 if name == "broken" else 0)))
            self.end_headers()
            self.wfile.write(body)

    do_POST = do_HEAD = do_GET

    def log_message(self, *_: Any) -> None:
        """Silence."""


@pytest.fixture
def receiver() -> Iterator[int]:
    """The port of a server on the loopback interface."""
    Receiver.seen = []
    Receiver.gate.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "10.1.2.3", "192.168.0.1", "0.0.0.0",
     "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "[fd00::1]", "[fe80::1]", "100.64.0.1",
     "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "224.0.0.1", "255.255.255.255", "[fec0::1]",
     "192.0.0.192", "168.63.129.16", "[3fff::1]", "192.88.99.1"],
)  # fmt: skip
def test_what_only_this_server_can_reach_is_refused(host: str) -> None:
    with pytest.raises((MLRunInvalidArgumentError, MLRunServiceUnavailableError)) as refused:
        Door().get(f"http://{host}:9/", seconds=2)
    assert "outgoing_allowed" in str(refused.value) or "not known" in str(refused.value)


def test_public_addresses_are_let_out() -> None:
    assert is_public(ipaddress.ip_address("93.184.216.34"))
    assert is_public(ipaddress.ip_address("2606:2800:220:1:248:1893:25c8:1946"))
    assert Door(resolve=lambda *_: ["93.184.216.34", "10.0.0.1"]).permitted("x", 80) == [
        "93.184.216.34"
    ]


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://example.org/x", "http://", "http://a:b@example.org/", "x",
     "http://example.org:0/", "http://example.org:99999/", "http://exa mple.org/\r\nX: y"],
)  # fmt: skip
def test_what_is_no_url_of_http_is_refused_in_a_sentence(url: str) -> None:
    with pytest.raises(MLRunInvalidArgumentError):
        Door().get(url)


def test_an_administrator_allows_networks_hosts_and_ports(receiver: int) -> None:
    url = f"http://127.0.0.1:{receiver}/"
    for allowed in ("127.0.0.0/8", "127.0.0.1", f"127.0.0.1:{receiver}"):
        assert Door([allowed]).get(url).json() == {"a": 1}
    assert Door(["localhost"]).get(f"http://localhost:{receiver}/").ok
    for allowed in ("127.0.0.1:1", "10.0.0.0/8", "localhost"):
        with pytest.raises(MLRunInvalidArgumentError):
            Door([allowed]).get(url)
    # what a command line hands over where somebody writes a list of JSON into it
    for entry in ("a b:c", '["127.0.0.1"]', '["127.0.0.1:80"]', "http://a", "a/b", "*", ""):
        with pytest.raises(MLRunInvalidArgumentError, match="outgoing_allowed"):
            Door([entry])


def test_a_redirect_passes_the_door_again(receiver: int) -> None:
    door = Door([f"127.0.0.1:{receiver}"])
    base = f"http://127.0.0.1:{receiver}"
    with pytest.raises(MLRunInvalidArgumentError, match="not a public address"):
        door.get(f"{base}/to?http://127.0.0.1:1/secret")
    with pytest.raises(MLRunInvalidArgumentError, match="begins with http"):
        door.get(f"{base}/to?file:///etc/passwd")
    with pytest.raises(MLRunServiceUnavailableError, match="redirects more than"):
        door.get(f"{base}/to?{base}/to?{base}/to?{base}/to?{base}/to?{base}/to?{base}/to?{base}/")
    assert door.get(f"{base}/to?/fine").url == f"{base}/fine"


def test_credentials_do_not_follow_to_another_host(receiver: int) -> None:
    door = Door(["127.0.0.1", "localhost"])
    headers = {"Authorization": "Bearer x", "Cookie": "y", "X-Api-Key": "z", "Accept": "a/b"}
    target = f"http://localhost:{receiver}/end"
    door.request("POST", f"http://127.0.0.1:{receiver}/to?{target}", b"body", headers)
    first, second = Receiver.seen
    assert first[2]["Authorization"] == "Bearer x" and first[3] == b"body"
    assert second[0] == "GET" and second[2]["Accept"] == "a/b"
    assert not {"Authorization", "Cookie", "X-Api-Key"} & set(second[2])
    with pytest.raises(MLRunInvalidArgumentError, match="hands what it is sent on to localhost"):
        door.request("POST", f"http://127.0.0.1:{receiver}/on?{target}", b"body", headers)
    assert len(Receiver.seen) == 3, "the other host was not called"
    assert door.request("POST", f"http://127.0.0.1:{receiver}/on?/end", b"body", headers).ok
    assert Receiver.seen[-1][3] == b"body" and Receiver.seen[-1][2]["X-Api-Key"] == "z"


def test_the_connection_goes_to_the_address_that_was_checked(receiver: int) -> None:
    """A name that is public when it is looked at and private when it is called."""
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    door = Door([f"127.0.0.1:{receiver}"], resolve=lambda *_: next(answers))
    assert door.get(f"http://rebinding.example:{receiver}/").ok
    assert Receiver.seen[0][2]["Host"] == f"rebinding.example:{receiver}"
    with pytest.raises(MLRunInvalidArgumentError):
        door.get(f"http://rebinding.example:{receiver}/")


def test_size_time_and_wholeness_are_bounded(receiver: int) -> None:
    door, base = Door(["127.0.0.1"]), f"http://127.0.0.1:{receiver}"
    assert door.get(f"{base}/missing").status == 404
    with pytest.raises(MLRunServiceUnavailableError, match="larger than 1000"):
        door.get(f"{base}/large", largest=1000)
    with pytest.raises(MLRunServiceUnavailableError):
        door.get(f"{base}/broken")
    began = time.monotonic()
    reply = None
    try:
        reply = door.get(f"{base}/drip", seconds=0.5)
    except MLRunServiceUnavailableError:
        pass
    assert time.monotonic() - began < 5
    assert reply is None, "a half answer is no answer"
    with pytest.raises(MLRunServiceUnavailableError, match="cannot be reached"):
        door.get("http://127.0.0.1:1/", seconds=2)


async def test_files_behind_http_pass_the_door(api: Api, service: Service, receiver: int) -> None:
    files = f"v1/projects/{PROJECT}/files?path=http://127.0.0.1:{receiver}"
    refused = await api("GET", f"{files}/x")
    assert refused.status == 400 and "not a public address" in refused.detail
    service.door.allowed += Door([f"127.0.0.1:{receiver}"]).allowed
    assert (await api("GET", f"{files}/x.json")).body == b'{"a": 1}'
    assert (await api("GET", f"{files}/x.json&offset=1&size=3")).body == b'"a"'
    missing = await api("GET", f"{files}/missing")
    assert missing.status == 404 and "not found" in missing.detail
    by_schema = f"v1/projects/{PROJECT}/filestat?schema=http&path=127.0.0.1:{receiver}/x.json"
    stat = await api.ok("GET", by_schema)
    assert (stat["size"], stat["mimetype"]) == (8, "application/json")
    for name in ODD_LENGTHS:
        path = f"path=http://127.0.0.1:{receiver}/{name}"
        stat = await api.ok("GET", f"v1/projects/{PROJECT}/filestat?{path}")
        assert stat["size"] is None


async def test_a_file_behind_http_is_handed_on_while_it_comes(
    api: Api, service: Service, receiver: int
) -> None:
    service.door.allowed += Door([f"127.0.0.1:{receiver}"]).allowed
    files = f"v1/projects/{PROJECT}/files?path=http://127.0.0.1:{receiver}"
    found = bytearray()

    def take(piece: bytes) -> None:
        found.extend(piece)
        Receiver.gate.set()  # only now does its server send the rest

    began = time.monotonic()
    headers = {"Authorization": f"Bearer {api.token}"}
    answer = await api.client.fetch(
        f"{api.base}{files}/gate", headers=headers, streaming_callback=take, request_timeout=40
    )
    assert answer.code == 200 and time.monotonic() - began < 10
    assert bytes(found) == b"a" * 3 * PIECE + b"b" * PIECE
    assert answer.headers["Content-Security-Policy"] == "sandbox"
    part = await api("GET", f"{files}/gate&offset={3 * PIECE - 2}&size=5")
    assert part.body == b"aabbb"
    assert (await api("GET", f"{files}/broken")).status == 503, "it broke off at once"
    with pytest.raises(Exception, match=r"closed|599|Content-Length"):
        await api.client.fetch(f"{api.base}{files}/stops", headers=headers, request_timeout=40)


def test_many_slow_addresses_have_one_time_together() -> None:
    tried: list[float] = []

    def slow(address: Any, timeout: float) -> Any:
        tried.append(timeout)
        time.sleep(timeout)
        raise TimeoutError("timed out")

    door = Door(resolve=lambda *_: [f"93.184.216.{number}" for number in range(50)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("jupyter_mlrun_server.services.outgoing.socket.create_connection", slow)
        began = time.monotonic()
        with pytest.raises(MLRunServiceUnavailableError, match="cannot be reached"):
            door.get("http://many.example/", seconds=0.3)
    assert time.monotonic() - began < 3 and len(tried) == 1


async def test_slow_receivers_keep_no_download_waiting(
    api: Api, service: Service, receiver: int
) -> None:
    service.door.allowed += Door([f"127.0.0.1:{receiver}"]).allowed
    drip = f"v1/projects/{PROJECT}/files?path=http://127.0.0.1:{receiver}/drip"
    slow = [asyncio.ensure_future(api("GET", drip)) for _ in range(6)]
    await asyncio.sleep(0.3)
    began = time.monotonic()
    assert await service.threads.slow(lambda: 1) == 1
    assert time.monotonic() - began < 3
    for task in slow:
        task.cancel()
