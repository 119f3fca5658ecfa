"""Runs train.ipynb in a kernel of a Jupyter server and prints what was recorded.

``--lab`` opens JupyterLab on the notebook instead. Both use Jupyter's own data folder, so that
what the demonstration records is there in the panel afterwards.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

HERE = Path(__file__).resolve().parent
NOTEBOOK = HERE / "train.ipynb"
START_SECONDS = 60
CELL_SECONDS = 300


def main() -> int:
    """The exit status: 0 when every cell ran."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lab", action="store_true", help="open JupyterLab on the notebook")
    if parser.parse_args().lab:
        return open_lab()
    with started_server() as server:
        failed = run_notebook(server)
        print_recorded(server)
    if failed:
        print(f"\nThe cell '{failed}' failed: its output above says why.")
        return 1
    print(
        "\nTo look at them: `make lab` opens this notebook in JupyterLab; the runs are behind the"
        " MLRun icon at the left.\nIn a notebook: `%load_ext jupyter_mlrun`, then `%mlrun runs`,"
        " `%mlrun logs train`."
    )
    return 0


def open_lab() -> int:
    """JupyterLab on the notebook; the address is printed where there is no display."""
    options = [
        f"--ServerApp.root_dir={HERE}", "--ServerApp.port_retries=50",
        f"--LabApp.default_url=/lab/tree/{NOTEBOOK.name}",
    ]  # fmt: skip
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        print("There is no display: open the address that follows in a browser.")
        options.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--allow-root")
    command = [sys.executable, "-m", "jupyterlab", *options]
    with contextlib.suppress(KeyboardInterrupt):
        return subprocess.call(command)
    return 0


class Server:
    """A running Jupyter server and its token."""

    def __init__(self, port: int, token: str) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._token = token

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON that the server answers."""
        request = Request(
            f"{self.url}/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {self._token}"},
        )
        with urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or "null")


@contextlib.contextmanager
def started_server() -> Iterator[Server]:
    """A Jupyter server with the extension, on a free port, stopped at the end."""
    port, token = free_port(), secrets.token_hex(24)
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [
                sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root",
                "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}",
                "--ServerApp.port_retries=0", f"--ServerApp.root_dir={HERE}",
            ],
            env={**os.environ, "JUPYTER_TOKEN": token},
            stdout=log,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        server = Server(port, token)
        try:
            wait_until_ready(server, process, log)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_until_ready(server: Server, process: subprocess.Popen[bytes], log: Any) -> None:
    deadline = time.monotonic() + START_SECONDS
    problem = "The Jupyter server did not start."
    while time.monotonic() < deadline and process.poll() is None:
        try:
            server.call("GET", "mlrun/api/v1/client-spec")
            return
        except HTTPError as error:
            # it answers, so its extensions are loaded, or are not
            problem = f"The Jupyter server started without jupyter-mlrun ({error.code})."
            break
        except (URLError, ConnectionError):
            time.sleep(0.1)
    log.seek(0)
    sys.exit(f"{problem} It said:\n{log.read().decode(errors='replace')}")


def run_notebook(server: Server) -> str | None:
    """Runs every code cell as JupyterLab would; the id of the first that failed."""
    from jupyter_client import BlockingKernelClient
    from jupyter_core.paths import jupyter_runtime_dir

    session = server.call(
        "POST",
        "api/sessions",
        {
            "path": NOTEBOOK.name,
            "name": NOTEBOOK.name,
            "type": "notebook",
            "kernel": {"name": "python3"},
        },
    )
    kernel = session["kernel"]["id"]
    client = BlockingKernelClient(
        connection_file=str(Path(jupyter_runtime_dir()) / f"kernel-{kernel}.json")
    )
    client.load_connection_file()
    client.start_channels(hb=False)  # a loaded machine misses beats
    try:
        client.wait_for_ready(timeout=START_SECONDS)
        return run_cells(client)
    finally:
        client.stop_channels()
        server.call("DELETE", f"api/sessions/{quote(session['id'])}")


def run_cells(client: Any) -> str | None:
    cells = json.loads(NOTEBOOK.read_text())["cells"]
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        source = "".join(cell["source"])
        print(f"\n[{cell['id']}] {source.splitlines()[0]}", flush=True)
        message = client.session.msg(
            "execute_request",
            {
                "code": source, "silent": False, "store_history": True,
                "user_expressions": {}, "allow_stdin": False, "stop_on_error": True,
            },
            metadata={"cellId": cell["id"]},
        )  # fmt: skip
        client.shell_channel.send(message)
        problem = show_outputs(client, message["header"]["msg_id"])
        if problem and is_missing_engine(cell, problem):
            print(indent(f"Left out: {problem.partition(': ')[2]}"))
        elif problem:
            print(indent(problem))
            return str(cell["id"])
    return None


def is_missing_engine(cell: Mapping[str, Any], problem: str) -> bool:
    """Whether a cell could not run because its engine is not installed: it has said what to do."""
    tagged = "engine" in (cell["metadata"].get("tags") or [])
    return tagged and ("pip install" in problem or "apt-get install" in problem)


def show_outputs(client: Any, request: str) -> str:
    """Prints the outputs of one cell but its error, which is returned; empty where it has none."""
    problem, card = "", None
    while True:
        message = client.get_iopub_msg(timeout=CELL_SECONDS)
        if message["parent_header"].get("msg_id") != request:
            continue
        kind, content = message["msg_type"], message["content"]
        if kind == "status" and content["execution_state"] == "idle":
            break
        if kind == "stream":
            print(indent(content["text"]), end="")
        elif kind in ("display_data", "execute_result", "update_display_data"):
            card = content["data"].get("text/plain", "")
        elif kind == "error":
            problem = "\n".join(content["traceback"])
    if card:
        print(indent(card))
    return problem


def print_recorded(server: Server) -> None:
    """The recorded runs of the project ``default``, newest first, with what they left."""
    rows = server.call("GET", "mlrun/api/v1/lab/runs?project=default&limit=10")["rows"]
    print(f"\nRecorded in project 'default' ({len(rows)} newest):")
    for row in rows:
        results = ", ".join(f"{k}={short(v)}" for k, v in (row.get("results") or {}).items())
        print(f"  {row['state']:<10} {row['name']:<10} {row['uid'][:7]}  {results}")
        found = server.call(
            "GET", f"mlrun/api/v2/projects/{row['project']}/artifacts?tree={row['uid']}&tag=latest"
        )
        for artifact in found["artifacts"]:
            spec, metadata = artifact["spec"], artifact["metadata"]
            kind = artifact.get("kind") or "artifact"
            print(f"             {kind:<9} {metadata['key']:<20} {spec.get('target_path', '')}")


def short(value: Any) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def indent(text: str) -> str:
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    return "".join(f"    {line}\n" for line in plain.splitlines())


if __name__ == "__main__":
    sys.exit(main())
