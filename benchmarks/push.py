"""How soon a browser's socket hears of a log line and of a new state."""

from __future__ import annotations

import base64
import json
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

import websocket

from tests.live import Live, live_server

from .figure import Figure, median, percentile
from .rest import Rest

LINES = 200
CHANGES = 100
PROJECT = "push"
PRINTS = f"""
import time

def prints(context):
    for _ in range({LINES}):
        print(repr(time.time()), flush=True)
        time.sleep(0.03)
"""


def measure() -> list[Figure]:
    """From a printed line and a stored state to the message on the WebSocket."""
    with tempfile.TemporaryDirectory() as folder, live_server(Path(folder)) as server:
        client = Rest(server)
        client.call("POST", "mlrun/api/v1/projects", {"metadata": {"name": PROJECT}, "spec": {}})
        lines, states = log_lines(server, client), state_changes(server, client)
    return [
        Figure(
            "log line to the browser's socket, p95", percentile(lines, 0.95), 0.15, "s",
            f"p50 {median(lines) * 1e3:.0f} ms, {len(lines)} lines, one each 30 ms",
        ),
        Figure(
            "state to the browser's socket, p95", percentile(states, 0.95), 0.3, "s",
            f"p50 {median(states) * 1e3:.0f} ms, {len(states)} changes",
        ),
    ]  # fmt: skip


def connect(server: Live, path: str) -> websocket.WebSocket:
    """A socket as the browser opens it."""
    address = server.url.replace("http", "ws", 1)
    return websocket.create_connection(
        f"{address}/{path}", header=[f"Authorization: token {server.token}"], timeout=60
    )


def log_lines(server: Live, client: Rest) -> list[float]:
    """The age of each line when the socket of the log tab delivers it."""
    function = {
        "kind": "local",
        "metadata": {"name": "prints", "project": PROJECT, "tag": "latest"},
        "spec": {"build": {"functionSourceCode": base64.b64encode(PRINTS.encode()).decode()}},
    }
    task = {
        "metadata": {"name": "prints", "project": PROJECT},
        "spec": {"handler": "prints"},
    }
    sent = client.call("POST", "mlrun/api/v1/submit_job", {"task": task, "function": function})
    uid = json.loads(sent)["data"]["metadata"]["uid"]
    socket = connect(server, f"mlrun/api/v1/lab/runs/{PROJECT}/{uid}/log/tail?offset=0")
    ages: list[float] = []
    rest = ""
    while True:
        message: dict[str, Any] = json.loads(socket.recv())
        now = time.time()
        if message.get("end"):
            break
        *whole, rest = (rest + message.get("text", "")).split("\n")
        ages += [now - float(line) for line in whole if is_time(line)]
    socket.close()
    assert len(ages) == LINES, f"{len(ages)} of {LINES} lines arrived"
    return ages


def is_time(line: str) -> bool:
    """Whether this is one of the lines that the function prints."""
    return line.replace(".", "", 1).isdigit()


def state_changes(server: Live, client: Rest) -> list[float]:
    """The age of each stored state when the socket of the panel delivers its event."""
    socket = connect(server, "mlrun/api/v1/lab/socket")
    socket.send(json.dumps({"subscribe": {"projects": [PROJECT], "logs": []}}))
    while json.loads(socket.recv())["type"] != "hello":
        pass
    ages = []
    for number in range(CHANGES):
        uid = uuid.uuid4().hex
        document = {"metadata": {"name": f"change-{number}"}, "status": {"state": "running"}}
        begin = time.perf_counter()
        client.call("POST", f"mlrun/api/v1/projects/{PROJECT}/runs/{uid}", document)
        while not told(json.loads(socket.recv()), uid):
            pass
        ages.append(time.perf_counter() - begin)
        time.sleep(0.05)
    socket.close()
    return ages


def told(message: dict[str, Any], uid: str) -> bool:
    """Whether this message is the event of that run."""
    return message["type"] == "event" and message["event"].get("uid") == uid
