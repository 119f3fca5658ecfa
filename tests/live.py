"""A real Jupyter server in a process of its own, and kernels in it, as a browser starts them.

Everything it writes lies below one folder. The tests of the documentation, the tests with
MLRun's own client and the benchmarks share it.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from jupyter_mlrun.paths import server_file

START_SECONDS = 60
PORTS_TRIED = 3
CELL_SECONDS = 120
INHERITED = ("LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "TMPDIR", "JUPYTER_MLRUN_AUTOSTART")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Live:
    """A Jupyter server whose home, data, configuration and notebooks lie below ``folder``."""

    def __init__(
        self,
        folder: Path,
        options: tuple[str, ...] = (),
        env: Mapping[str, str] | None = None,
        base_url: str = "/",
        python: str = sys.executable,
    ) -> None:
        self.folder = folder
        self.root = folder / "notebooks"
        self.root.mkdir(parents=True, exist_ok=True)
        self.base_url = base_url
        self.python = python
        self.token = secrets.token_hex(24)
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None
        self._options = options
        self._env = dict(env or {})

    @property
    def url(self) -> str:
        """The server's address, with its base URL and without a slash at the end."""
        return f"http://127.0.0.1:{self.port}{self.base_url}".rstrip("/")

    @property
    def data(self) -> Path:
        """The data directory of the service."""
        return self.folder / "data" / "mlrun"

    def environment(self) -> dict[str, str]:
        """What the server's process is given: nothing of the developer's own Jupyter."""
        kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
        bin_folder = str(Path(self.python).parent)
        for part in ("home", "data", "config", "runtime", "ipython"):
            (self.folder / part).mkdir(exist_ok=True)
        return {
            **kept,
            "PATH": f"{bin_folder}{os.pathsep}{os.environ.get('PATH', '')}",
            "HOME": str(self.folder / "home"),
            "JUPYTER_DATA_DIR": str(self.folder / "data"),
            "JUPYTER_CONFIG_DIR": str(self.folder / "config"),
            "JUPYTER_RUNTIME_DIR": str(self.folder / "runtime"),
            "IPYTHONDIR": str(self.folder / "ipython"),
            "JUPYTER_TOKEN": self.token,
            **self._env,
        }

    def start(self) -> None:
        """Starts it on a free port; it answers client-spec when this returns."""
        for _ in range(PORTS_TRIED):
            self.port = free_port()
            if self._try_start():
                return
            self.stop()
            # another program took the port between the look and the start
            if "is already in use" not in self.log():
                break
        raise RuntimeError(f"the Jupyter server did not answer; it said:\n{self.log()}")

    def _try_start(self) -> bool:
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command(), env=self.environment(), stdout=log, stderr=log, cwd=self.root
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError, HTTPException):
                self.call("GET", "mlrun/api/v1/client-spec")
                return True
            time.sleep(0.05)
        return False

    def command(self) -> list[str]:
        """The command line of the server."""
        return [
            self.python, "-m", "jupyter_server", "--no-browser", "--allow-root",
            "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={self.port}",
            "--ServerApp.port_retries=0", f"--ServerApp.root_dir={self.root}",
            f"--ServerApp.base_url={self.base_url}", *self._options,
        ]  # fmt: skip

    def log(self) -> str:
        """What the server has printed."""
        return (self.folder / "server.log").read_text(errors="replace")

    def stop(self) -> None:
        """Ends it in order."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """``kill -9``."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(how)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(20)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON that the server answers; an HTTP error is raised with its text."""
        request = Request(
            f"{self.url}/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {self.token}"},
        )
        try:
            with urlopen(request, timeout=30) as answer:
                return json.loads(answer.read() or b"null")
        except HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read()!r}") from None

    def mlrun_token(self) -> str:
        """The token that kernels and terminals of this server are given."""
        deadline = time.monotonic() + START_SECONDS
        while not server_file(self.data).exists() and time.monotonic() < deadline:
            # it is written by the server that holds the leader's lock, soon after it answers
            time.sleep(0.05)
        return str(json.loads(server_file(self.data).read_text())["token"])

    @contextlib.contextmanager
    def kernel(self, notebook: str = "page.ipynb") -> Iterator[Kernel]:
        """A kernel of a notebook's session, shut down at the end."""
        from jupyter_client import BlockingKernelClient

        session = self.call(
            "POST",
            "api/sessions",
            {
                "path": notebook,
                "name": Path(notebook).name,
                "type": "notebook",
                "kernel": {"name": "python3"},
            },
        )
        connection = self.folder / "runtime" / f"kernel-{session['kernel']['id']}.json"
        client = BlockingKernelClient(connection_file=str(connection))
        client.load_connection_file()
        client.start_channels(hb=False)  # a loaded machine misses beats
        try:
            client.wait_for_ready(timeout=START_SECONDS)
            yield Kernel(client, session["kernel"]["id"])
        finally:
            client.stop_channels()
            with contextlib.suppress(AssertionError, URLError):
                self.call("DELETE", f"api/sessions/{session['id']}")


@dataclass
class Answer:
    """What a cell gave."""

    text: str = ""
    error: str = ""
    displays: list[dict[str, Any]] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether the cell ended without an exception."""
        return not self.error


class Kernel:
    """A kernel that executes cells one after the other."""

    def __init__(self, client: Any, kernel_id: str) -> None:
        self.client = client
        self.id = kernel_id

    def run(self, source: str, cell_id: str | None = None, seconds: float = CELL_SECONDS) -> Answer:
        """Executes a cell and returns what it printed, displayed and raised."""
        return self.answer(self.send(source, cell_id), seconds)

    def send(self, source: str, cell_id: str | None = None) -> str:
        """Begins a cell; the id to ask for its answer with."""
        message = self.client.session.msg(
            "execute_request",
            {
                "code": source, "silent": False, "store_history": True,
                "user_expressions": {}, "allow_stdin": False, "stop_on_error": True,
            },
            metadata={"cellId": cell_id} if cell_id else {},
        )  # fmt: skip
        self.client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def answer(self, request: str, seconds: float = CELL_SECONDS) -> Answer:
        """What a cell that was begun printed, displayed and raised, once it has ended."""
        answer = Answer()
        deadline = time.monotonic() + seconds
        while not self._take(answer, request, deadline):
            pass
        return answer

    def _take(self, answer: Answer, request: str, deadline: float) -> bool:
        message = self.client.get_iopub_msg(timeout=max(0.1, deadline - time.monotonic()))
        if message["parent_header"].get("msg_id") != request:
            return False
        kind, content = message["msg_type"], message["content"]
        if kind == "stream":
            answer.text += content["text"]
        elif kind in ("display_data", "execute_result", "update_display_data"):
            answer.displays.append(content["data"])
        elif kind == "error":
            answer.error = plain("\n".join(content["traceback"]))
        return kind == "status" and content["execution_state"] == "idle"


def plain(text: str) -> str:
    """The text without its colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


@contextlib.contextmanager
def live_server(folder: Path, **options: Any) -> Iterator[Live]:
    """A started server, stopped at the end."""
    server = Live(folder, **options)
    try:
        # a server that starts without the extension is ended too
        server.start()
        yield server
    finally:
        server.stop()
