"""What the extension adds to a bare Jupyter server: time to its first answer, and memory."""

from __future__ import annotations

import contextlib
import json
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import psutil

from tests.live import Live, free_port

from .figure import Figure, added, median

ROUNDS = 7
OTHERS = ("jupyterlab", "jupyter_lsp", "notebook", "notebook_shim", "jupyter_server_terminals")


def measure() -> list[Figure]:
    """Start to the first answered client-spec over a bare start to ``/api/status``."""
    with_us, bare = [], []
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        ours, theirs = prepared(Path(first), True), prepared(Path(second), False)
        started(ours, "mlrun/api/v1/client-spec")  # makes the store, as only the first start does
        for _ in range(ROUNDS):
            with_us.append(started(ours, "mlrun/api/v1/client-spec"))
            bare.append(started(theirs, "api/status"))
    seconds, floors = [s for s, _ in with_us], [s for s, _ in bare]
    memory, plain = [m for _, m in with_us], [m for _, m in bare]
    return [
        Figure(
            "extension: added time to the first client-spec", added(seconds, floors), 0.6, "s",
            f"bare Jupyter Server {median(floors):.2f} s to its /api/status",
        ),
        Figure(
            "extension: added memory", added(memory, plain), 60e6, "MB",
            f"bare Jupyter Server {median(plain) / 1e6:.0f} MB",
        ),
    ]  # fmt: skip


def prepared(folder: Path, enabled: bool) -> Live:
    """A server with no extension, or with ours alone."""
    server = Live(folder)
    server.environment()
    extensions = dict.fromkeys(OTHERS, False) | {"jupyter_mlrun_server": enabled}
    settings = {"ServerApp": {"jpserver_extensions": extensions}}
    (folder / "config" / "jupyter_server_config.json").write_text(json.dumps(settings))
    return server


def started(server: Live, path: str) -> tuple[float, float]:
    """Seconds from the start of the process to the first answer, and its memory then."""
    server.port = free_port()
    with (server.folder / "server.log").open("ab") as log:
        begin = time.perf_counter()
        server.process = subprocess.Popen(
            server.command(), env=server.environment(), stdout=log, stderr=log
        )
    try:
        while not answers(server, path):
            assert server.process.poll() is None, server.log()
            assert time.perf_counter() - begin < 60, server.log()
            time.sleep(0.005)
        seconds = time.perf_counter() - begin
        return seconds, float(psutil.Process(server.process.pid).memory_info().rss)
    finally:
        server.stop()


def answers(server: Live, path: str) -> bool:
    """Whether the address answers with a 200."""
    request = Request(f"{server.url}/{path}", headers={"Authorization": f"token {server.token}"})
    with contextlib.suppress(URLError, HTTPError, ConnectionError), urlopen(request) as answer:
        return bool(answer.status == 200)
    return False
