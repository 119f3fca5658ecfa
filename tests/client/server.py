"""A service that misbehaves: each of its ways is one line of a script."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, bytes] | Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers by the script, and remembers what it was asked."""

    protocol_version = "HTTP/1.1"

    def do(self) -> None:
        server: Any = self.server
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        server.asked.append((self.command, self.path, dict(self.headers), body))
        answer = server.script.pop(0) if len(server.script) > 1 else server.script[0]
        if callable(answer):
            answer(self)
            return
        status, data = answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Service(ThreadingHTTPServer):
    """The server with its script and what it was asked."""

    daemon_threads = True

    def __init__(self, script: list[Answer], port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.script, self.asked = script, list[tuple[str, str, dict[str, str], bytes]]()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/mlrun"


@contextmanager
def service(*script: Answer, port: int = 0) -> Iterator[Service]:
    """A running service; the last answer of the script is given for ever."""
    running = Service(list(script) or [(200, b"{}")], port)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield running
    finally:
        running.shutdown()
        running.server_close()
        thread.join()


def ok(value: Any = None) -> Answer:
    """A good answer."""
    return 200, json.dumps(value if value is not None else {}).encode()


def refuses(status: int, detail: Any) -> Answer:
    """A refusal in MLRun's form."""
    return status, json.dumps({"detail": detail}).encode()


def hangs_up(handler: Handler) -> None:
    """Closes the connection without an answer."""
    handler.close_connection = True
    handler.connection.close()
