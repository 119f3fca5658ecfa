"""Whole lists, values, deletion, logs, and how long the server's loop stands still meanwhile."""

from __future__ import annotations

import json
import tempfile
import threading
import uuid
from functools import partial
from pathlib import Path

from jupyter_mlrun_server.store import times
from tests.live import Live, live_server

from .bare import PATH, bare_server
from .documents import COUNT, PROJECT, artifact, fill_artifacts, fill_runs, run
from .figure import Figure, in_turn, median, percentile, timed
from .rest import Rest
from .store import opened

ROUNDS = 200
FEW = 9
MEGABYTE = b"one line of a log, as they are: epoch 17, loss 0.4711\n" * 19_419
WHOLE = "full list of 10,000"


def measure() -> list[Figure]:
    """On a store of ten thousand runs and artifacts, as MLRun's client writes them."""
    with tempfile.TemporaryDirectory() as folder:
        with live_server(Path(folder)) as server:
            client = Rest(server)
            client.call("PUT", f"mlrun/api/v1/projects/{PROJECT}", {"metadata": {"name": PROJECT}})
        database = opened(Path(folder))
        fill_runs(database, COUNT)
        fill_artifacts(database, COUNT)
        database.close()
        with live_server(Path(folder)) as server:
            return [*storing(server), *lists(server), *logs(server), *ending(server)]


def storing(server: Live) -> list[Figure]:
    """A new artifact beside ten thousand."""
    client = Rest(server)
    waiting = [artifact(1, uuid.uuid4().hex) for _ in range(ROUNDS)]
    path = f"mlrun/api/v2/projects/{PROJECT}/artifacts/{waiting[0]['spec']['db_key']}"
    bodies = [(body["metadata"]["tree"], json.dumps(body).encode()) for body in waiting]

    def store() -> None:
        tree, body = bodies.pop()
        client.send("PUT", f"{path}?tree={tree}", body)

    rest, bare = in_turn([store, lambda: client.call("GET", "api")], ROUNDS)
    return [
        Figure(
            "store an artifact over REST, p50", median(rest), 0.002, "ms",
            f"Jupyter's GET /api {median(bare) * 1e3:.2f} ms",
            f"p99 {percentile(rest, 0.99) * 1e3:.1f} ms",
        )
    ]  # fmt: skip


def lists(server: Live) -> list[Figure]:
    """Everything at once, and two hundred by a value."""
    base = f"projects/{PROJECT}"
    runs = f"mlrun/api/v1/{base}/runs?iter=no"
    found = f"mlrun/api/v2/{base}/artifacts?tag=*"
    value = (
        f"mlrun/api/v1/lab/runs?project={PROJECT}&limit=200&sort=-results.accuracy"
        "&q=results.accuracy%3E0.5"
    )
    client = Rest(server)
    sizes = [len(client.call("GET", path)) for path in (runs, found)]
    assert len(json.loads(client.call("GET", runs))["runs"]) == COUNT
    assert len(json.loads(client.call("GET", found))["artifacts"]) >= COUNT
    assert len(json.loads(client.call("GET", value))["rows"]) == 200
    actions = [partial(client.call, "GET", path) for path in (runs, found, value)]
    all_runs, all_artifacts, by_value = in_turn(actions, FEW)
    with Stalls(server) as stalls:
        in_turn(actions, 2)
    return [
        Figure(
            f"{WHOLE} runs, to the last byte", median(all_runs), 0.15, "ms",
            f"{sizes[0] / 1e6:.1f} MB",
        ),
        Figure(
            f"{WHOLE} artifacts, to the last byte", median(all_artifacts), 0.25, "ms",
            f"{sizes[1] / 1e6:.1f} MB",
        ),
        Figure(
            "200 of 10,000 runs, filtered and ordered by a result", median(by_value), 0.02, "ms",
            f"p95 {percentile(by_value, 0.95) * 1e3:.1f} ms",
        ),
        stalls.figure("whole lists"),
    ]  # fmt: skip


def logs(server: Live) -> list[Figure]:
    """A megabyte in and out, and a run of five megabytes."""
    client = Rest(server)
    uid = f"{1:032x}"
    path = f"mlrun/api/v1/projects/{PROJECT}/logs/{uid}"
    large = run(1, times.now())
    large["metadata"]["uid"] = uid
    large["spec"]["inputs"] = {"text": "x" * 5_000_000}

    def store_large() -> None:
        client.call("POST", f"mlrun/api/v1/projects/{PROJECT}/runs/{uid}", large)

    both = [
        partial(client.send, "POST", f"{path}?append=no", MEGABYTE),
        partial(client.call, "GET", f"{path}?size={len(MEGABYTE)}"),
    ]
    with tempfile.TemporaryDirectory() as folder, bare_server(Path(folder)) as floor:
        bare = Rest(floor)
        floors = [partial(bare.send, "POST", PATH, MEGABYTE), partial(bare.send, "GET", PATH, None)]
        into, out, bare_in, bare_out = in_turn([*both, *floors], FEW * 4)
    with Stalls(server) as stalls:
        in_turn([*both, store_large], FEW)
    assert client.call("GET", f"{path}?size={len(MEGABYTE)}") == MEGABYTE
    return [
        Figure("1 MB of log in", median(into), 0.003, "ms", _floor(bare_in), f"p95 {worst(into)}"),
        Figure("1 MB of log out", median(out), 0.003, "ms", _floor(bare_out), f"p95 {worst(out)}"),
        stalls.figure("logs of 1 MB and runs of 5 MB"),
    ]


def _floor(times: list[float]) -> str:
    return f"the same to and from a file by Tornado alone {median(times) * 1e3:.2f} ms"


def ending(server: Live) -> list[Figure]:
    """The project with all that it holds, once: it is gone afterwards."""
    client = Rest(server)
    client.headers["x-mlrun-deletion-strategy"] = "cascade"
    with Stalls(server) as stalls:
        seconds = timed(partial(client.call, "DELETE", f"mlrun/api/v2/projects/{PROJECT}"))
    return [
        Figure(
            "delete a project of 10,000 artifacts and runs", seconds, 1.0, "s",
            "MLRun's own service 20 s on MariaDB",
        ),
        stalls.figure("deletion"),
    ]  # fmt: skip


def worst(values: list[float]) -> str:
    return f"{percentile(values, 0.95) * 1e3:.1f} ms"


class Stalls:
    """How long others wait at most while a block is executed."""

    def __init__(self, server: Live) -> None:
        self._server = server
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.longest = 0.0

    def __enter__(self) -> Stalls:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def figure(self, meanwhile: str) -> Figure:
        """The longest wait."""
        return Figure(f"longest wait of another request, {meanwhile}", self.longest, None, "ms", "")

    def _watch(self) -> None:
        client = Rest(self._server)
        while not self._done.wait(0.002):
            self.longest = max(self.longest, timed(partial(client.call, "GET", "api")))
