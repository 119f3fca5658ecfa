"""A Tornado server of one file: what a megabyte in and out costs without anything of ours."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tornado import httpserver, netutil, web

PATH = "file"


@dataclass(frozen=True)
class Bare:
    """The address of a bare server; it asks for no token."""

    url: str
    token: str = "none"

    def mlrun_token(self) -> str:
        """Something to send in the place of a token."""
        return self.token


@contextlib.contextmanager
def bare_server(folder: Path) -> Iterator[Bare]:
    """A server in a process of its own, while the context lasts."""
    command = [sys.executable, "-m", __name__, str(folder / PATH)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield Bare(f"http://127.0.0.1:{process.stdout.readline().strip()}")
        finally:
            process.terminate()


class File(web.RequestHandler):
    """The file, written and read whole."""

    def initialize(self, path: Path) -> None:
        """``path`` is where it lies."""
        self._path = path

    def post(self) -> None:
        """Write it anew."""
        self._path.write_bytes(self.request.body)
        self.finish("{}")

    def get(self) -> None:
        """Its bytes."""
        self.finish(self._path.read_bytes())


async def serve(path: Path) -> None:
    """Serve the file until the process is ended, at a port that is told first."""
    sockets = netutil.bind_sockets(0, "127.0.0.1")
    routes = web.Application([(f"/{PATH}", File, {"path": path})])
    httpserver.HTTPServer(routes).add_sockets(sockets)
    print(sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
