"""JupyterHub's REST API, as far as the service asks it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

SERVICE_TOKEN = "s" * 32


class HubApi(BaseHTTPRequestHandler):
    """``/hub/api/user`` and ``/hub/api/users/NAME``, as the Hub's documentation has them."""

    users: dict[str, dict[str, Any]] = {}
    asked: list[str] = []
    broken = False
    tells_of_others = True

    def do_GET(self) -> None:
        """The model of the token's holder, or for the service that of another user."""
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        self.asked.append(token)
        status, found = 403, None
        if scheme == "token" and self.path == "/hub/api/user":
            found = self.users.get(token)
        elif (scheme, token) == ("token", SERVICE_TOKEN) and self.tells_of_others:
            name = self.path.removeprefix("/hub/api/users/")
            known = {user["name"]: user for user in self.users.values()}
            status, found = 404, known.get(name)
        status = 500 if self.broken else 200 if found else status
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(found or {"status": status}).encode())

    def log_message(self, *args: Any) -> None:
        """Nothing."""


def listening(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[HubApi]]:
    """The Hub, with three users, named by the environment."""
    HubApi.users = {
        "a" * 32: {"name": "ann", "kind": "user", "admin": False, "groups": ["lab"],
                   "scopes": ["access:services!service=mlrun", "read:users!user=ann"]},
        "b" * 32: {"name": "bob", "kind": "user", "admin": False, "groups": [],
                   "scopes": ["access:servers!user=bob"]},
        "c" * 32: {"name": "boss", "kind": "user", "admin": True, "groups": [],
                   "scopes": ["access:services!service=mlrun"]},
    }  # fmt: skip
    HubApi.asked, HubApi.broken, HubApi.tells_of_others = [], False, True
    server = ThreadingHTTPServer(("127.0.0.1", 0), HubApi)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for name, value in {
        "JUPYTERHUB_API_URL": f"http://127.0.0.1:{server.server_port}/hub/api",
        "JUPYTERHUB_SERVICE_NAME": "mlrun", "JUPYTERHUB_SERVICE_PREFIX": "/services/mlrun/",
        "JUPYTERHUB_API_TOKEN": SERVICE_TOKEN,
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    yield HubApi
    server.shutdown()
    server.server_close()
