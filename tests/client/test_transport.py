"""The transport against services that answer, refuse, vanish and move."""

from __future__ import annotations

import gc
import json
import os
import socket
import threading
import time
import warnings
from pathlib import Path

import pytest

from jupyter_mlrun import errors
from jupyter_mlrun.client import Client, connect
from jupyter_mlrun.client.address import Address, is_ours, resolve
from jupyter_mlrun.paths import server_file
from tests.client.server import hangs_up, ok, refuses, service

KERNEL = "mlrk" + "1" * 40
OTHER_KERNEL = "mlrk" + "2" * 40
RUN = "mlrr" + "3" * 40


@pytest.fixture(autouse=True)
def home(isolated_dirs: Path) -> Path:
    return isolated_dirs / "data" / "mlrun"


def announce(home: Path, url: str, token: str = OTHER_KERNEL) -> None:
    home.mkdir(parents=True, exist_ok=True)
    server_file(home).write_text(json.dumps({"url": url, "token": token}))


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def test_request_says_who_asks() -> None:
    with service(ok({"a": 1})) as server:
        client = Client(Address(server.url, KERNEL))
        assert client.json("GET", "projects", {"x": None, "label": ["a", "b=c"]}) == {"a": 1}
    method, path, headers, body = server.asked[0]
    assert (method, path, body) == ("GET", "/mlrun/api/v1/projects?label=a&label=b%3Dc", b"")
    assert headers["Authorization"] == f"Bearer {KERNEL}"
    assert headers["x-mlrun-client-version"]


def test_connection_is_kept_open() -> None:
    seen = set()

    def remember(handler: object) -> None:
        seen.add(handler.client_address)  # type: ignore[attr-defined]
        handler.send_response(200)  # type: ignore[attr-defined]
        handler.send_header("Content-Length", "0")  # type: ignore[attr-defined]
        handler.end_headers()  # type: ignore[attr-defined]

    with service(remember) as server:
        client = Client(Address(server.url, KERNEL))
        for _ in range(5):
            client.request("GET", "healthz")
        assert len(seen) == 1
        thread = threading.Thread(target=lambda: client.request("GET", "healthz"))
        thread.start()
        thread.join()
        assert len(seen) == 2
        client.close()


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.MLRunBadRequestError),
        (401, errors.MLRunUnauthorizedError),
        (403, errors.MLRunAccessDeniedError),
        (404, errors.MLRunNotFoundError),
        (409, errors.MLRunConflictError),
        (412, errors.MLRunPreconditionFailedError),
        (422, errors.MLRunUnprocessableEntityError),
        (500, errors.MLRunInternalServerError),
        (418, errors.MLRunHTTPError),
    ],
)
def test_a_refusal_is_the_same_class_here(status: int, kind: type[Exception]) -> None:
    answer = refuses(status, "MLRunError('no such thing')")
    with service(answer) as server, pytest.raises(kind) as caught:
        Client(Address(server.url, KERNEL)).request("GET", "x")
    assert str(caught.value) == "no such thing"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"detail": {"reason": "bad JSON body"}}', "bad JSON body"),
        (
            b'{"detail": [{"loc": ["query", "iter"], "msg": "no integer"}]}',
            "query.iter: no integer",
        ),
        (b"<html>gateway</html>", "<html>gateway</html>"),
        (b"", "the service answered 400"),
        (b'{"message": "as Jupyter says it"}', "as Jupyter says it"),
    ],
)
def test_every_shape_of_refusal_is_read(body: bytes, text: str) -> None:
    with service((400, body)) as server, pytest.raises(errors.MLRunBadRequestError) as caught:
        Client(Address(server.url, KERNEL)).request("GET", "x")
    assert str(caught.value) == text


def test_what_may_be_repeated_is_repeated() -> None:
    with service(hangs_up, (503, b""), ok({"done": True})) as server:
        assert Client(Address(server.url, KERNEL)).json("PUT", "x", body={}) == {"done": True}
        assert len(server.asked) == 3


def test_what_may_not_be_repeated_is_sent_once() -> None:
    with service(hangs_up, ok()) as server:
        with pytest.raises(errors.MLRunServiceUnreachableError):
            Client(Address(server.url, KERNEL)).request("POST", "submit_job", body={})
        assert len(server.asked) == 1


def test_a_connection_that_was_closed_meanwhile_is_opened_anew() -> None:
    def answers_and_leaves(handler: object) -> None:
        handler.send_response(200)  # type: ignore[attr-defined]
        handler.send_header("Content-Length", "0")  # type: ignore[attr-defined]
        handler.end_headers()  # type: ignore[attr-defined]
        handler.close_connection = True  # type: ignore[attr-defined]

    with service(answers_and_leaves) as server:
        client = Client(Address(server.url, KERNEL))
        for _ in range(3):
            client.request("POST", "x", body={})
            time.sleep(0.1)
        assert len(server.asked) == 3


def test_nobody_there_is_a_sentence() -> None:
    url = f"http://127.0.0.1:{free_port()}/mlrun"
    with pytest.raises(errors.MLRunServiceUnreachableError) as caught:
        Client(Address(url, KERNEL)).request("GET", "x")
    assert url in str(caught.value)
    assert "Start the Jupyter server again" in str(caught.value)


@pytest.mark.parametrize("url", ["localhost:80/mlrun", "ftp://a/b", "http:///mlrun"])
def test_no_address_is_a_sentence(url: str) -> None:
    with pytest.raises(errors.MLRunBadRequestError, match="write http://HOST:PORT/mlrun"):
        Client(Address(url, KERNEL)).request("GET", "x")


def test_a_kernel_follows_the_service_to_its_new_address_and_token(home: Path) -> None:
    client = Client(Address(f"http://127.0.0.1:{free_port()}/mlrun", KERNEL))
    with service(ok()) as server:
        announce(home, server.url)
        client.request("POST", "submit_job", body={})
    assert server.asked[0][2]["Authorization"] == f"Bearer {OTHER_KERNEL}"
    assert len(server.asked) == 1


def test_a_run_keeps_its_own_token(home: Path) -> None:
    client = Client(Address(f"http://127.0.0.1:{free_port()}/mlrun", RUN))
    with service(ok()) as server:
        announce(home, server.url)
        client.request("PATCH", "x", body={})
    assert server.asked[0][2]["Authorization"] == f"Bearer {RUN}"


def test_a_stranger_at_the_old_port_is_left(home: Path) -> None:
    with service((404, b"Not found")) as stranger, service(ok({"ours": 1})) as server:
        client = Client(Address(stranger.url, KERNEL))
        announce(home, server.url)
        assert client.json("GET", "x") == {"ours": 1}


def test_a_service_of_the_users_own_is_never_exchanged(home: Path) -> None:
    client = Client(Address(f"http://127.0.0.1:{free_port()}/mlrun", "my-own-token"))
    with service(ok()) as server:
        announce(home, server.url)
        with pytest.raises(errors.MLRunServiceUnreachableError):
            client.request("GET", "x")
    assert not server.asked


def test_where_the_service_is(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(errors.MLRunServiceUnreachableError, match="Start a Jupyter server"):
        connect()
    announce(home, "http://file/mlrun/")
    assert resolve() == ("http://file/mlrun", OTHER_KERNEL)
    monkeypatch.setenv("MLRUN_DBPATH", "http://env/mlrun/")
    monkeypatch.setenv("MLRUN_HTTPDB__TOKEN", "t")
    assert resolve() == ("http://env/mlrun", "t")
    assert resolve("http://said/mlrun", "s") == ("http://said/mlrun", "s")


def test_hosts_that_share_a_home_find_their_own_service(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    announce(home, "http://127.0.0.1:8888/mlrun")
    other = server_file(home, "elsewhere")
    other.write_text(json.dumps({"url": "http://127.0.0.1:9999/mlrun", "token": KERNEL}))
    assert connect().url == "http://127.0.0.1:8888/mlrun"
    here = os.uname()
    monkeypatch.setattr(os, "uname", lambda: os.uname_result((here[0], "elsewhere", *here[2:])))
    assert connect().url == "http://127.0.0.1:9999/mlrun"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"url": "http://x"}'])
def test_a_broken_server_file_is_no_service(home: Path, text: str) -> None:
    home.mkdir(parents=True)
    server_file(home).write_text(text)
    with pytest.raises(errors.MLRunServiceUnreachableError):
        connect()


def test_which_tokens_are_ours() -> None:
    assert is_ours(KERNEL)
    assert is_ours(RUN)
    assert not is_ours("0" * 48)
    assert not is_ours(KERNEL + "0")


def test_a_forked_child_has_a_socket_of_its_own() -> None:
    with service(ok()) as server:
        client = Client(Address(server.url, KERNEL))
        client.request("GET", "parent")
        child = os.fork()
        if child == 0:
            try:
                client.request("GET", "child")
                os._exit(0)
            finally:
                os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        client.request("GET", "parent")
        assert [path.rpartition("/")[2] for _, path, _, _ in server.asked] == [
            "parent",
            "child",
            "parent",
        ]


def test_a_thread_that_ends_leaves_no_socket_open() -> None:
    with service() as server, warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        client = Client(Address(server.url, OTHER_KERNEL), follows=False)
        thread = threading.Thread(target=client.request, args=("GET", "healthz"))
        thread.start()
        thread.join()
        gc.collect()
        assert not [one for one in said if issubclass(one.category, ResourceWarning)]


def test_numbers_that_json_has_not_are_sent_as_text() -> None:
    with service(ok()) as server:
        body = {"a": float("nan"), "b": [float("-inf")]}
        Client(Address(server.url, KERNEL)).request("POST", "x", body=body)
    assert json.loads(server.asked[0][3]) == {"a": "nan", "b": ["-inf"]}
