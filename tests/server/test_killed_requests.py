"""``kill -9`` of the whole server amid its requests: what it answered is there, and whole."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.live import Live
from tests.server.documents import PROJECT, UID, artifact, run

BASE = f"/mlrun/api/v1/projects/{PROJECT}"
SECONDS = 60
# each line says its number, so that a torn or doubled one is seen
PIECE = 20_000


def piece(number: int) -> bytes:
    """The n-th piece of the log: some kilobytes of lines."""
    line = b"piece %06d of a log that grows\n" % number
    return line * (PIECE // len(line))


class Writer(threading.Thread):
    """Sends requests one after the other until the server is gone; counts what was answered."""

    def __init__(self, server: Live, request: Callable[[int], tuple[str, str, bytes]]) -> None:
        super().__init__(daemon=True)
        self.request = request
        self.first = self.answered = 0
        self.headers = {"Authorization": f"Bearer {server.mlrun_token()}"}
        self.port = server.port

    def once(self) -> None:
        """One request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(*self.request(0), self.headers)
        assert connection.getresponse().status < 300
        connection.close()

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            while True:
                method, path, body = self.request(self.first + self.answered)
                connection.request(method, path, body, self.headers)
                answer = connection.getresponse()
                answer.read()
                assert answer.status < 300, (path, answer.status)
                self.answered += 1
        except (OSError, http.client.HTTPException):
            return


def log(number: int) -> tuple[str, str, bytes]:
    return "POST", f"{BASE}/logs/{UID}?append=yes", piece(number)


def new_run(number: int) -> tuple[str, str, bytes]:
    body = run("kept", state="completed", results={"n": number})
    return "POST", f"{BASE}/runs/{number:032x}", json.dumps(body).encode()


def new_artifact(number: int) -> tuple[str, str, bytes]:
    body = artifact("model", tree=f"{number:032x}")
    path = f"{BASE.replace('/v1/', '/v2/')}/artifacts/model?tree={number:032x}"
    return "PUT", path, json.dumps(body).encode()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Live]:
    found = Live(tmp_path)
    found.start()
    found.call("POST", "mlrun/api/v1/projects", {"metadata": {"name": PROJECT}})
    found.call("POST", f"{BASE[1:]}/runs/{UID}", run())
    yield found
    found.stop()


@pytest.mark.timeout(300)
def test_what_was_answered_is_there_after_kill_9(server: Live) -> None:
    logged = stored = tagged = 0
    for _ in range(2):
        writers = [Writer(server, request) for request in (log, new_run, new_artifact)]
        for writer, first in zip(writers, (logged, stored, tagged), strict=True):
            writer.first = first
            writer.start()
        deadline = time.monotonic() + SECONDS
        while min(writer.answered for writer in writers) < 8 and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(random.random() / 10)
        server.kill()
        for writer in writers:
            writer.join(40)
            assert writer.answered >= 8
        server.start()
        logged = _log_is_whole(server, writers[0].first + writers[0].answered)
        stored = _runs_are_whole(server, writers[1].first + writers[1].answered)
        tagged = _artifacts_are_whole(server, writers[2].first + writers[2].answered)


def _log_is_whole(server: Live, answered: int) -> int:
    """How many pieces there are: all that were answered, and of the next one at most a beginning.

    The log is brought to whole pieces again, as a client does that sends its last one once more.
    """
    (file,) = server.data.glob(f"runs/*/{UID}/log")
    text = file.read_bytes()
    whole = b"".join(piece(number) for number in range(answered))
    assert text[: len(whole)] == whole
    rest = text[len(whole) :]
    assert piece(answered).startswith(rest)
    lines = server.call("GET", f"mlrun/api/v1/lab/runs/{PROJECT}/{UID}/log/lines?first=1&count=1")
    assert lines["size"] == len(text)
    assert lines["total"] == text.count(b"\n") + (not text.endswith(b"\n"))
    if rest and rest != piece(answered):
        again = Writer(server, lambda number: ("POST", f"{BASE}/logs/{UID}?append=no", whole))
        again.once()
        return answered
    return answered + bool(rest)


def _runs_are_whole(server: Live, answered: int) -> int:
    found = server.call("GET", f"{BASE[1:]}/runs?name=kept")["runs"]
    numbers = sorted(each["status"]["results"]["n"] for each in found)
    assert numbers in (list(range(answered)), list(range(answered + 1)))
    rows = server.call("GET", f"mlrun/api/v1/lab/runs?project={PROJECT}&q=name:kept&limit=1")
    assert rows["total"] == len(numbers)
    assert server.call("GET", f"mlrun/api/v1/lab/runs?project={PROJECT}")["all"] == len(found) + 1
    return len(numbers)


def _artifacts_are_whole(server: Live, answered: int) -> int:
    base = BASE[1:].replace("/v1/", "/v2/")
    found = server.call("GET", f"{base}/artifacts?name=model")["artifacts"]
    trees = {each["metadata"]["tree"] for each in found}
    assert len(trees) in (answered, answered + 1)
    assert {f"{number:032x}" for number in range(answered)} <= trees
    latest = server.call("GET", f"{base}/artifacts?name=model&tag=latest")["artifacts"]
    assert len(latest) == 1
    return len(trees)
