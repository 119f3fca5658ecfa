"""Each flow of the API by the real clients, in one process each, against one live server."""

from __future__ import annotations

import ast
import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.compat import coverage
from tests.compat.conftest import CLIENTS, client_environment
from tests.live import Live

pytestmark = [pytest.mark.compat, pytest.mark.timeout(400)]

FLOWS = Path(__file__).parent / "flows"
SECONDS = 300
ITEM = {"version": "1.0.0", "description": "Groups", "assets": {"docs": "static/doc.html"}}
FILES = {
    "/hub/functions/main/catalog.json": json.dumps({"aggregate": {"latest": ITEM}}).encode(),
    "/hub/functions/main/aggregate/latest/static/doc.html": b"<h1>Aggregate</h1>",
    "/hub/functions/main/aggregate/latest/src/function.yaml": b"kind: job\nmetadata:\n"
    b"  name: aggregate\nspec:\n  image: x\n",
}
Told = Callable[[str], dict[str, Any]]


def names() -> list[str]:
    """Every flow, as its file declares it."""
    found = ["connect"]
    for path in sorted(FLOWS.glob("flow_*.py")):
        for node in ast.parse(path.read_text()).body:
            decorators = getattr(node, "decorator_list", [])
            if any(ast.unparse(each).startswith("flow") for each in decorators):
                found.append(node.name)  # type: ignore[attr-defined]
    return found


@pytest.fixture(scope="session")
def hub() -> Iterator[str]:
    """The address of a hub that is files on this machine."""

    class Files(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = FILES.get(self.path)
            self.send_response(404 if body is None else 200)
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: Any) -> None:
            """Nothing on the console."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Files) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/hub"
        server.shutdown()


@pytest.fixture(scope="session")
def told(live: Live, hub: str, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """What a client's flows met and called, by its version; each client runs once."""
    known: dict[str, dict[str, Any]] = {}

    def of(version: str) -> dict[str, Any]:
        if version not in known:
            folder = tmp_path_factory.mktemp("client")
            output = folder / "told.json"
            env = {**client_environment(live, folder), "HUB": hub}
            command = [
                "timeout", str(SECONDS), str(CLIENTS[version]), str(FLOWS / "harness.py"),
                str(output),
            ]  # fmt: skip
            done = subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True)
            assert output.exists(), f"{done.stdout}\n{done.stderr}\n{live.log()[-4000:]}"
            known[version] = json.loads(output.read_text())
        return known[version]

    return of


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("version", CLIENTS)
def test_flow(version: str, name: str, told: Told) -> None:
    fault = told(version)[name]["fault"]
    if fault is None:
        pytest.skip(f"client {version} does not have it")
    assert not fault, fault


def test_no_call_failed_in_the_service(told: Told) -> None:
    for version in CLIENTS:
        for name, flow in told(version).items():
            failed = [call for call in flow["calls"] if call[2] >= 500 and call[2] != 501]
            assert failed == [], (version, name)


def test_the_recorded_coverage_is_what_the_flows_call(told: Told) -> None:
    called = coverage.called({version: told(version) for version in CLIENTS})
    coverage.RECORD.write_text(coverage.text(called)) if coverage.WRITE else None
    assert coverage.text(called) == coverage.RECORD.read_text(), (
        "type: MLRUN_WRITE_COVERAGE=1 pytest -m compat tests/compat/test_contract.py"
    )


def test_every_endpoint_of_the_newest_client_is_called() -> None:
    assert [row for row in coverage.rows() if not row[2]] == []
