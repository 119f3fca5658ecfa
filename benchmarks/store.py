"""Storing runs and reading pages of them, in the store and over REST."""

from __future__ import annotations

import json
import logging
import sys
import tempfile
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from jupyter_mlrun_server.store import run_lists, run_row, runs, times
from jupyter_mlrun_server.store.database import Database
from jupyter_mlrun_server.store.tables import runs as table
from tests.live import Live, live_server

from .documents import PROJECT, fill_artifacts
from .figure import Figure, in_turn, median, percentile
from .rest import Rest

ROUNDS = 300
PAGES = 60
FEW, MANY = 10_000, 1_000_000
CHUNK = 20_000
LISTS = (
    ("by MLRun's list", "runs"), ("by the panel's list", "runs"), ("in the store", "runs"),
    ("by MLRun's list", "artifacts"), ("of the latest", "artifacts"),
)  # fmt: skip


def measure(many: int = MANY) -> list[Figure]:
    """Store p50; pages of 200 of ten thousand runs and of a million, asked for in turn."""
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        with live_server(Path(second)) as server:
            stored = storing(server)
        prepared(Path(first), FEW)
        prepared(Path(second), many)
        with live_server(Path(first)) as few, live_server(Path(second)) as large:
            return [*stored, *pages(few, large, many)]


def prepared(folder: Path, count: int) -> None:
    """A server's store with ``count`` runs and as many artifacts."""
    print(f"  filling a store with {count:,} runs and artifacts …", file=sys.stderr, flush=True)
    with live_server(folder) as server:
        project = {"metadata": {"name": PROJECT}, "spec": {}}
        Rest(server).call("PUT", f"mlrun/api/v1/projects/{PROJECT}", project)
    database = opened(folder)
    fill(database, count)
    fill_artifacts(database, count)
    database.close()


def opened(folder: Path) -> Database:
    """The store below a server's folder."""
    return Database(f"sqlite:///{folder}/data/mlrun/store.sqlite", logging.getLogger("benchmarks"))


def storing(server: Live) -> list[Figure]:
    """Storing a new run over REST and in the store, beside Jupyter's own ``/api``."""
    client = Rest(server)
    client.call("POST", "mlrun/api/v1/projects", {"metadata": {"name": PROJECT}, "spec": {}})

    uids = [uuid.uuid4().hex for _ in range(ROUNDS)]
    waiting = [(uid, json.dumps(run(uid)).encode()) for uid in uids]

    def store() -> None:
        uid, body = waiting.pop()
        client.send("POST", f"mlrun/api/v1/projects/{PROJECT}/runs/{uid}", body)

    rest, bare = in_turn([store, lambda: client.call("GET", "api")], ROUNDS)
    database = opened(server.folder)

    documents = [(uid, run(uid)) for uid in (uuid.uuid4().hex for _ in range(ROUNDS))]

    def inside_it() -> None:
        uid, document = documents.pop()
        with database.write() as connection:
            runs.save(connection, runs.RunKey(PROJECT, uid), document)

    (inside,) = in_turn([inside_it], ROUNDS)
    database.close()
    floor = median(bare)
    return [
        Figure(
            "store a run over REST, p50", median(rest), 0.0015, "ms",
            f"Jupyter's GET /api {floor * 1e3:.2f} ms ({median(rest) / floor:.1f} ×)",
            f"p99 {percentile(rest, 0.99) * 1e3:.1f} ms; from the request to the last byte of the "
            "answer on an open socket, without a client's own work",
        ),
        Figure(
            "store a run in the store, p50", median(inside), 0.0015, "ms",
            f"over REST {median(rest) * 1e3:.2f} ms",
        ),
    ]  # fmt: skip


def pages(few: Live, large: Live, many: int) -> list[Figure]:
    """A page of 200 of both stores: as MLRun's client asks, as the panel asks, in the store."""
    clients = [Rest(few), Rest(large)]
    stores = [opened(few.folder), opened(large.folder)]
    listed = f"mlrun/api/v1/projects/{PROJECT}/runs?iter=no&page=1&page-size=200"
    panel = f"mlrun/api/v1/lab/runs?project={PROJECT}&limit=200"
    artifacts = f"mlrun/api/v2/projects/{PROJECT}/artifacts?page=1&page-size=200"
    for client in clients:
        assert len(json.loads(client.call("GET", listed))["runs"]) == 200
        assert len(json.loads(client.call("GET", panel))["rows"]) == 200
        assert len(json.loads(client.call("GET", artifacts))["artifacts"]) == 200
    actions: list[Callable[[], object]] = [
        *(partial(client.call, "GET", listed) for client in clients),
        *(partial(client.call, "GET", panel) for client in clients),
        *(partial(direct, store) for store in stores),
        *(partial(client.call, "GET", artifacts) for client in clients),
        *(partial(client.call, "GET", f"{artifacts}&tag=latest") for client in clients),
        partial(clients[0].call, "GET", "api"),
    ]
    *times, bare = in_turn(actions, PAGES)
    for store in stores:
        store.close()
    floor = f"Jupyter's GET /api {median(bare) * 1e3:.2f} ms"
    figures = []
    for place, (who, what) in enumerate(LISTS):
        first, last = times[2 * place], times[2 * place + 1]
        small, big = median(first), median(last)
        figures += [
            Figure(
                f"page of 200 {who}, {FEW:,} {what}", small, 0.004, "ms", floor,
                f"p95 {percentile(first, 0.95) * 1e3:.1f} ms",
            ),
            Figure(
                f"page of 200 {who}, {many:,} {what}, over {FEW:,}", big / small, 1.5, "x",
                f"{big * 1e3:.2f} ms against {small * 1e3:.2f} ms",
            ),
        ]  # fmt: skip
    return figures


def direct(database: Database) -> None:
    """A page read in the store."""
    asked = run_lists.Filter(iterations=False, limit=200)
    with database.read() as connection:
        assert len(run_lists.select(connection, PROJECT, asked).documents) == 200


def run(uid: str, number: int = 0) -> dict[str, Any]:
    """A run document as a cell leaves it."""
    return {
        "kind": "run",
        "metadata": {
            "name": f"train-{number % 50}", "project": PROJECT, "uid": uid, "iteration": 0,
            "labels": {"kind": "local", "owner": "ann", "host": "bench"},
        },
        "spec": {
            "function": f"{PROJECT}/train@{'0' * 40}", "handler": "train",
            "parameters": {"n_estimators": number, "max_depth": 8, "learning_rate": 0.1},
            "inputs": {"data": "store://datasets/bench/train_data#0@abc"},
            "returns": ["accuracy", "model:model"],
            "output_path": "/home/ann/.local/share/jupyter/mlrun/artifacts/bench",
            "origin": {"notebook": "train.ipynb", "cell_id": "train", "execution_count": 3},
        },
        "status": {
            "state": "completed",
            "results": {"accuracy": 0.91, "loss": 0.23},
            "artifact_uris": {"model": f"store://models/bench/train_model#0@{uid}"},
            "host": "bench",
        },
    }  # fmt: skip


def fill(database: Database, count: int) -> None:
    """Brings the store to ``count`` runs, by the columns that the store itself would write."""
    now = times.now()
    with database.read() as connection:
        held = connection.exec_driver_sql("SELECT count(*) FROM runs").scalar() or 0
    for first in range(held, count, CHUNK):
        numbers = range(first, min(first + CHUNK, count))
        with database.write() as connection:
            connection.execute(table.insert(), [columns(number, now) for number in numbers])


def columns(number: int, now: int) -> dict[str, Any]:
    """The row of the n-th run: one a second."""
    uid = f"{number:032x}"
    document = run(uid, number)
    moment = times.text(now - (MANY - number) * 1_000_000)
    document["status"] |= {"start_time": moment, "end_time": moment, "last_update": moment}
    return {"project": PROJECT, "uid": uid, "iteration": 0, **run_row.columns(document)}
