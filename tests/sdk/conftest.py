"""Contexts without a service, whose outbox shows what they tell; and a real server."""

from __future__ import annotations

import base64
import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_mlrun.client.address import Address
from jupyter_mlrun.client.transport import Client
from jupyter_mlrun.context import Context
from jupyter_mlrun.names import new_uid
from jupyter_mlrun.outbox import Outbox
from jupyter_mlrun.process_run import execute
from jupyter_mlrun.report import Reporter
from tests.live import Live, live_server

RUN_TOKEN = "mlrr" + "0" * 40
NOBODY = "http://127.0.0.1:9/mlrun"
FUNCTION: dict[str, Any] = {"metadata": {"name": "proof", "project": "default"}, "spec": {}}


class Told:
    """What a context has told: the lines of its outbox."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "outbox.jsonl"

    def entries(self) -> list[dict[str, Any]]:
        if not self.path.exists():
            return []
        return [json.loads(line) for line in self.path.read_text().splitlines()]

    def bodies(self, method: str) -> list[Any]:
        return [entry["body"] for entry in self.entries() if entry["method"] == method]

    def log(self) -> str:
        """The log that was told."""
        logs = [e["body"]["base64"] for e in self.entries() if "/logs/" in e["path"]]
        return b"".join(map(base64.b64decode, logs)).decode()

    def status(self) -> dict[str, Any]:
        """All status fields told by updates, the last of each."""
        found: dict[str, Any] = {}
        for body in self.bodies("PATCH"):
            found |= {key.removeprefix("status."): value for key, value in body.items()}
        return found


@pytest.fixture
def offline(isolated_dirs: Path) -> Path:
    """A home in which no service answers; the folder of the run."""
    return isolated_dirs / "run"


@pytest.fixture
def told(offline: Path) -> Told:
    return Told(offline)


def make_run(**spec: Any) -> dict[str, Any]:
    """A run document."""
    return {
        "kind": "run",
        "metadata": {
            "name": "train",
            "uid": new_uid(),
            "project": "default",
            "labels": {"owner": "me"},
        },
        "spec": spec,
        "status": {"state": "running"},
    }


@pytest.fixture
def context(offline: Path) -> Iterator[Context]:
    """A context whose service is away."""
    client = Client(Address(NOBODY, RUN_TOKEN))
    made = Context(make_run(), Reporter(client, Outbox(offline)))
    yield made
    made.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """One real Jupyter server for all tests of the SDK."""
    with live_server(tmp_path_factory.mktemp("live")) as live:
        yield live


@pytest.fixture
def service(server: Live, isolated_dirs: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Live]:
    """The real server, found as a kernel finds it."""
    from jupyter_mlrun import session

    monkeypatch.setenv("JUPYTER_DATA_DIR", str(server.folder / "data"))
    monkeypatch.setenv("MLRUN_DBPATH", f"{server.url}/mlrun")
    monkeypatch.setenv("MLRUN_HTTPDB__TOKEN", server.mlrun_token())
    monkeypatch.setattr(session, "_client", None)
    yield server


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Ctrl-C raises, also where what started the tests ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def call(offline: Path) -> Any:
    """Run a handler, or a source, with a spec; the run's document."""

    def run(
        called: Any = None, source: str = "", entry: Any = None, files: Any = None, **spec: Any
    ) -> dict[str, Any]:
        function = json.loads(json.dumps(FUNCTION))
        if source:
            code = base64.b64encode(source.encode()).decode()
            name = spec.get("handler", "train")
            spec.setdefault("handler", name)
            function["spec"] = {
                "build": {"functionSourceCode": code},
                "entry_points": {name: entry or {}},
                "files": files or [],
            }
        client = Client(Address(NOBODY, RUN_TOKEN))
        return execute(make_run(**spec), function, client, called, offline)

    return run
