"""Whole lists, values, deletion, logs, and how long the server's loop stands still meanwhile."""

from __future__ import annotations

import json
import tempfile
import threading
import uuid
from functools import partial
from pathlib import Path
from typing import Any

from jupyter_mlrun_server.store import artifacts, run_row, run_values, tables, times
from jupyter_mlrun_server.store.database import Database
from tests.live import Live, live_server

from .figure import Figure, in_turn, median, percentile, timed
from .store import PROJECT, Rest, opened

COUNT = 10_000
SLICE = 5_000
KEYS = 500
ROUNDS = 200
FEW = 9
MEGABYTE = b"one line of a log, as they are: epoch 17, loss 0.4711\n" * 19_419
DOCUMENTS = json.loads((Path(__file__).parent / "documents.json").read_text())
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

    def store() -> None:
        tree = uuid.uuid4().hex
        body = artifact(1, tree)
        path = f"mlrun/api/v2/projects/{PROJECT}/artifacts/{body['spec']['db_key']}"
        client.call("PUT", f"{path}?tree={tree}", body)

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
    with Stalls(server) as stalls:
        all_runs, all_artifacts, by_value = in_turn(actions, FEW)
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

    with Stalls(server) as stalls:
        into, out = in_turn(
            [
                partial(client.send, "POST", f"{path}?append=no", MEGABYTE),
                partial(client.call, "GET", f"{path}?size={len(MEGABYTE)}"),
            ],
            FEW * 4,
        )
        in_turn([store_large], FEW)
    assert client.call("GET", f"{path}?size={len(MEGABYTE)}") == MEGABYTE
    return [
        Figure("1 MB of log in", median(into), 0.003, "ms", f"p95 {worst(into)}"),
        Figure("1 MB of log out", median(out), 0.003, "ms", f"p95 {worst(out)}"),
        stalls.figure("logs of 1 MB and runs of 5 MB"),
    ]


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


def run(number: int, now: int) -> dict[str, Any]:
    """The n-th run, as MLRun's client leaves it."""
    document: dict[str, Any] = json.loads(json.dumps(DOCUMENTS["run"]))
    moment = times.text(now - number * 1_000_000)
    uid = f"{number:032x}"
    document["metadata"] |= {"uid": uid, "name": f"train-{number % 50}", "project": PROJECT}
    document["spec"]["parameters"] = {"n_estimators": number, "max_depth": 8}
    document["status"]["results"] = {"accuracy": number * 7919 % COUNT / COUNT, "loss": 0.2311}
    document["status"] |= {"start_time": moment, "end_time": moment, "last_update": moment}
    return document


def artifact(number: int, tree: str) -> dict[str, Any]:
    """The n-th artifact, as MLRun's client stores it: notes, models and datasets in turn."""
    kinds = DOCUMENTS["artifacts"]
    document: dict[str, Any] = json.loads(json.dumps(kinds[number % len(kinds)]))
    document["metadata"] |= {"tree": tree, "project": PROJECT}
    document["spec"]["db_key"] = f"train_{document['kind']}_{number % KEYS}"
    return document


def fill_runs(database: Database, count: int) -> None:
    """Runs, by the columns that the store itself would write."""
    now = times.now()
    for first in range(0, count, SLICE):
        documents = [run(number, now) for number in range(first, min(first + SLICE, count))]
        with database.write() as connection:
            connection.execute(tables.runs.insert(), [
                {"id": first + n + 1, "project": PROJECT, "uid": each["metadata"]["uid"],
                 "iteration": 0, **run_row.columns(each)}
                for n, each in enumerate(documents)
            ])  # fmt: skip
            connection.execute(tables.run_values.insert(), [
                {"run_id": first + n + 1, **run_values.columns(each)}
                for n, each in enumerate(documents)
            ])  # fmt: skip


def fill_artifacts(database: Database, count: int) -> None:
    """Artifacts of many versions, the newest of each key with its tag."""
    now = times.now()
    for first in range(0, count, SLICE):
        numbers = range(first, min(first + SLICE, count))
        rows = [artifact_row(number, now - (count - number) * 1_000_000) for number in numbers]
        tags = [
            {"artifact_id": row["id"], "tag": "latest", "project": PROJECT, "key": row["key"],
             "updated": row["updated"]}
            for row in rows if row["id"] > count - KEYS
        ]  # fmt: skip
        with database.write() as connection:
            connection.execute(tables.artifacts.insert(), rows)
            if tags:
                connection.execute(tables.artifact_tags.insert(), tags)


def artifact_row(number: int, moment: int) -> dict[str, Any]:
    """The row of the n-th artifact: one a second."""
    document = artifact(number, f"{number:032x}")
    uid = f"{number:040x}"
    told = times.text(moment)
    document["metadata"] |= {"uid": uid, "updated": told, "created": told}
    return {
        "id": number + 1, "project": PROJECT, "key": document["spec"]["db_key"], "uid": uid,
        "best_iteration": True, "created": moment, **artifacts.columns(document, moment),
    }  # fmt: skip
