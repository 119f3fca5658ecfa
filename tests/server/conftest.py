"""A real Jupyter server with the extension, and a way to call it with any token."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_mlrun_server.services.service import Service
from jupyter_mlrun_server.store import tokens
from jupyter_mlrun_server.store.tokens import Grant
from tests.server.alone import Alone, started
from tests.server.answers import Answer
from tests.server.documents import PROJECT
from tests.server.jupyterhub import HubApi, listening


@pytest.fixture
def jp_server_config(clean_environment: None) -> dict[str, Any]:
    return {
        "ServerApp": {
            "jpserver_extensions": {"jupyter_mlrun_server": True},
            "allow_unauthenticated_access": False,
        }
    }


@pytest.fixture
def app(jp_serverapp: Any, jp_asyncio_loop: Any) -> Any:
    """The extension in a server that has begun."""
    manager = jp_serverapp.extension_manager
    jp_asyncio_loop.run_until_complete(manager.start_all_extensions())
    (found,) = manager.extension_apps["jupyter_mlrun_server"]
    return found


@pytest.fixture
def service(app: Any) -> Service:
    """The service behind the extension."""
    found: Service = app.service
    return found


class Api:
    """Calls of the service, by default with the token that kernels get."""

    def __init__(self, client: Any, base: str, token: str, jupyter_token: str) -> None:
        self.client = client
        self.base = base
        self.token = token
        self.jupyter_token = jupyter_token

    async def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        token: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """The answer, whatever its status."""
        sent = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        if sent is None and method in ("POST", "PUT", "PATCH"):
            sent = b""
        given = {"Authorization": f"Bearer {self.token if token is None else token}"}
        answer = await self.client.fetch(
            self.base + path, method=method, body=sent, headers=given | (headers or {}),
            raise_error=False, request_timeout=40, follow_redirects=False,
            allow_nonstandard_methods=True,
        )  # fmt: skip
        return Answer(answer.code, answer.body, answer.headers)

    async def ok(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """The JSON of an answer that must be a good one."""
        answer = await self(method, path, body, **more)
        assert answer.status < 300, (answer.status, answer.body)
        return answer.json if answer.body else None


@pytest.fixture
def bare_api(service: Service, http_server_client: Any, jp_base_url: str, jp_serverapp: Any) -> Api:
    """The service with nothing in it."""
    token = jp_serverapp.identity_provider.token
    return Api(http_server_client, f"{jp_base_url}mlrun/api/", service.token, token)


@pytest.fixture
def api(bare_api: Api, jp_asyncio_loop: Any) -> Api:
    """The service with the project of the tests."""
    body = {"metadata": {"name": PROJECT}, "spec": {}}
    jp_asyncio_loop.run_until_complete(bare_api.ok("POST", "v1/projects", body))
    return bare_api


@pytest.fixture
def run_token(service: Service) -> Callable[[str, str], str]:
    """Makes the token of a run."""

    def make(project: str, uid: str) -> str:
        text = tokens.new("run")
        with service.database.write() as connection:
            tokens.add(connection, text, Grant("run", project, uid))
        return text

    return make


@pytest.fixture
def alone(isolated_dirs: Path, jp_asyncio_loop: Any) -> Iterator[Alone]:
    """The service on its own, with its default settings."""
    yield from started(Alone(), jp_asyncio_loop)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[HubApi]]:
    """A Hub that has started this service as ``mlrun``."""
    yield from listening(monkeypatch)


@pytest.fixture
def behind_hub(hub: type[HubApi], isolated_dirs: Path, jp_asyncio_loop: Any) -> Iterator[Alone]:
    """The service as a service of the Hub."""
    yield from started(Alone(), jp_asyncio_loop)
