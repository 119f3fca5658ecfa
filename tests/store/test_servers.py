"""Two servers on one PostgreSQL: they agree, and what the database misses is tried again."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.live import Live, live_server
from tests.store.conftest import Postgres

pytestmark = [pytest.mark.external_service, pytest.mark.timeout(240)]

PROJECT = "mlrun/api/v1/projects/shared"
ARTIFACTS = "mlrun/api/v2/projects/shared/artifacts"


class Shared:
    """A database of its own, and two servers that share it."""

    def __init__(self, postgres: Postgres, first: Live, second: Live) -> None:
        self.postgres, self.first, self.second = postgres, first, second


@pytest.fixture(scope="module")
def shared(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    postgres = Postgres(folder / "shared")
    option = f"--MLRunServerApp.db_url={postgres.start()}"
    with ExitStack() as stack:
        stack.callback(postgres.stop)
        first, second = (
            stack.enter_context(
                live_server(
                    tmp_path_factory.mktemp(name), options=(option,),
                    env={"JUPYTERHUB_USER": "ann"},
                )
            )
            for name in ("first", "second")
        )  # fmt: skip
        first.call("POST", "mlrun/api/v1/projects", {"metadata": {"name": "shared"}})
        yield Shared(postgres, first, second)


def asked(server: Live, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """Status and JSON of an answer, whatever it is."""
    parts = urlsplit(server.url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    headers = {"Authorization": f"token {server.token}"}
    text = None if body is None else json.dumps(body)
    connection.request(method, f"{parts.path}/{path}", text, headers)
    answer = connection.getresponse()
    told = json.loads(answer.read() or b"null")
    connection.close()
    return answer.status, told


def run(name: str) -> dict[str, Any]:
    return {"metadata": {"name": name}, "status": {"state": "completed"}}


def test_what_one_writes_the_other_reads(shared: Shared) -> None:
    for number in range(3):
        server = (shared.first, shared.second)[number % 2]
        server.call("POST", f"{PROJECT}/runs/{number:032x}", run(f"train-{number}"))
    listed = f"{PROJECT}/runs?page=1&page-size=2"
    page = shared.first.call("GET", listed)
    token = page["pagination"]["page-token"]
    rest = shared.second.call("GET", f"{PROJECT}/runs?page-token={token}")
    names = [each["metadata"]["name"] for each in page["runs"] + rest["runs"]]
    assert names == ["train-2", "train-1", "train-0"]


def test_one_latest_among_eight_writers_of_two_servers(shared: Shared) -> None:
    refused: list[Any] = []

    def write(server: Live, writer: int) -> None:
        for number in range(6):
            tree = f"{writer}{number:031x}"
            body = {"kind": "model", "metadata": {"key": "model", "tree": tree}, "spec": {}}
            status, told = asked(server, "PUT", f"{ARTIFACTS}/model?tree={tree}&tag=best", body)
            if status != 200:
                refused.append((status, told))

    threads = [
        threading.Thread(target=write, args=((shared.first, shared.second)[n % 2], n))
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == []
    found = shared.second.call("GET", f"{ARTIFACTS}?name=model")["artifacts"]
    tags = Counter(each["metadata"].get("tag", "") for each in found)
    assert (tags["latest"], tags["best"]) == (1, 1)
    assert len({each["metadata"]["tree"] for each in found}) == 48


def test_no_log_is_called_empty_that_lies_in_the_folder_of_another_server(shared: Shared) -> None:
    uid, live = f"{5:032x}", f"{6:032x}"
    asked(shared.first, "POST", f"{PROJECT}/runs/{uid}", run("told"))
    working = {"metadata": {"name": "works"}, "status": {"state": "running"}}
    asked(shared.first, "POST", f"{PROJECT}/runs/{live}", working)
    assert asked(shared.first, "POST", f"{PROJECT}/logs/{uid}", "hello")[0] == 200
    for server in (shared.first, shared.second):
        waited(lambda server=server: "Other servers of this store" in server.log())
    assert asked(shared.first, "GET", f"{PROJECT}/logs/{uid}") == (200, "hello")
    for path in (f"logs/{uid}", f"logs/{uid}/size"):
        status, told = asked(shared.second, "GET", f"{PROJECT}/{path}")
        assert status == 404 and f":{shared.first.data}" in told["detail"], told
        assert "JUPYTER_MLRUN_HOME" in told["detail"]
    # a log that has not begun yet is waited for, here as there
    assert asked(shared.second, "GET", f"{PROJECT}/logs/{live}/size") == (200, {"size": 0})


def test_no_log_is_written_in_two_folders(shared: Shared) -> None:
    """Each of two servers would show a part of it: the other refuses, and says who has it."""
    uid = f"{7:032x}"
    working = {"metadata": {"name": "works"}, "status": {"state": "running"}}
    asked(shared.first, "POST", f"{PROJECT}/runs/{uid}", working)
    assert asked(shared.second, "POST", f"{PROJECT}/logs/{uid}", "one ")[0] == 200
    status, told = asked(shared.first, "POST", f"{PROJECT}/logs/{uid}", "two ")
    assert status == 409 and f":{shared.second.data}" in told["detail"], told
    assert asked(shared.second, "POST", f"{PROJECT}/logs/{uid}", "three")[0] == 200
    size = len(json.dumps("one ") + json.dumps("three"))
    assert asked(shared.second, "GET", f"{PROJECT}/logs/{uid}/size") == (200, {"size": size})
    # who knows that it lies elsewhere does not call it empty, although the run goes on
    waited(lambda: "Other servers of this store" in shared.first.log())
    status, told = asked(shared.first, "GET", f"{PROJECT}/logs/{uid}/size")
    assert status == 404 and f":{shared.second.data}" in told["detail"], told


def test_a_database_that_is_away_is_waited_for(shared: Shared) -> None:
    """A client that repeats what was refused, as MLRun's does, loses nothing."""
    kept: list[str] = []
    refusals: Counter[int] = Counter()
    done = threading.Event()

    def write() -> None:
        for number in range(100, 1000):
            if done.is_set():
                return
            uid = f"{number:032x}"
            while True:
                status, told = asked(shared.first, "POST", f"{PROJECT}/runs/{uid}", run("train"))
                if status == 200:
                    kept.append(uid)
                    break
                refusals[status] += 1
                assert "try again" in told["detail"], told
                time.sleep(0.1)

    writer = threading.Thread(target=write)
    writer.start()
    waited(lambda: len(kept) > 5)
    shared.postgres.stop()
    _, told = waited(
        lambda: (
            (answer := asked(shared.second, "GET", "mlrun/api/v1/projects/shared"))[0] == 503
            and answer
        )
    )
    assert "is away" in told["detail"]
    waited(lambda: refusals[503] > 2)
    before = len(kept)
    shared.postgres.start()
    waited(lambda: len(kept) > before + 5)
    done.set()
    writer.join()
    assert set(refusals) == {503}, refusals
    waited(lambda: asked(shared.second, "GET", f"{PROJECT}/runs?name=train")[0] == 200)
    found = shared.second.call("GET", f"{PROJECT}/runs?name=train")["runs"]
    assert {each["metadata"]["uid"] for each in found} >= set(kept)
    assert "Traceback" not in shared.second.call("GET", PROJECT).get("detail", "")


def waited(check: Any, seconds: float = 60) -> Any:
    """What the check gives, once it gives something."""
    deadline = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found
