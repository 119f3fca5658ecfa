"""A service that stands alone, in the test's own loop, and people with tokens for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from jupyter_mlrun_server.alone import MLRunServeApp
from jupyter_mlrun_server.store import user_tokens
from tests.server.answers import Answer

ROOT = "root"


class Alone:
    """The service, and a way to call it as anybody."""

    def __init__(self, *argv: str) -> None:
        self.app = MLRunServeApp()
        self.app.initialize([f"--MLRunServeApp.administrators={ROOT}", "--port=0", *argv])
        self._tokens: dict[str, str] = {}

    @property
    def url(self) -> str:
        """The address of the service."""
        return f"http://127.0.0.1:{self.app.port}{self.app.base_url.rstrip('/')}/mlrun"

    def token(self, user: str, *groups: str) -> str:
        """The user's token, made when it is first asked for."""
        if user not in self._tokens:
            with self.app.service.database.write() as connection:
                self._tokens[user] = user_tokens.create(connection, user, "test", None, groups)
        return self._tokens[user]

    async def __call__(
        self, user: str, method: str, path: str, body: Any = None, token: str = "",
        headers: dict[str, str] | None = None, below: str = "/mlrun/api",
    ) -> Answer:  # fmt: skip
        """The answer to somebody; to nobody for an empty name."""
        sent = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        if sent is None and method in ("POST", "PUT", "PATCH"):
            sent = b""
        known = token or (self.token(user) if user else "")
        given = {"Authorization": f"Bearer {known}"} if known else {}
        answer = await AsyncHTTPClient().fetch(
            f"{self.url.removesuffix('/mlrun')}{below}/{path}", method=method, body=sent,
            headers=given | (headers or {}),
            raise_error=False, request_timeout=40, follow_redirects=False,
            allow_nonstandard_methods=True,
        )  # fmt: skip
        return Answer(answer.code, answer.body, answer.headers)

    async def ok(self, user: str, method: str, path: str, body: Any = None) -> Any:
        """The JSON of an answer that must be a good one."""
        answer = await self(user, method, path, body)
        assert answer.status < 300, (user, method, path, answer.status, answer.body)
        return answer.json if answer.body else None

    async def project(self, name: str, **roles: str) -> None:
        """A project of ``root`` in which these users have these roles."""
        await self.ok(ROOT, "POST", "v1/projects", {"metadata": {"name": name}})
        for user, role in roles.items():
            path = f"v1/lab/projects/{name}/members/user/{user}"
            await self.ok(ROOT, "PUT", path, {"role": role})

    async def socket(self, user: str, path: str) -> WebSocketClientConnection:
        """An open WebSocket of somebody."""
        request = HTTPRequest(
            f"{self.url}/api/{path}".replace("http://", "ws://"),
            headers={"Authorization": f"Bearer {self.token(user)}"},
        )
        return await websocket_connect(request)


def started(found: Alone, loop: Any) -> Iterator[Alone]:
    """The service from its beginning to its end."""
    loop.run_until_complete(found.app.begin())
    yield found
    loop.run_until_complete(found.app.end())
