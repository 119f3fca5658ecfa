"""The service of one user's programs, where no Jupyter server runs.

It answers on the loopback interface, to those alone who can read the data directory, and ends when
nobody has asked for anything for a while, or as soon as a Jupyter server wants its place.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any, cast

from jupyter_server.auth import AllowAllAuthorizer, IdentityProvider, User
from jupyter_server.log import log_request
from tornado import web
from tornado.httpserver import HTTPServer
from traitlets.config import Config

from jupyter_mlrun import paths

from .alone import LARGEST_BODY, Nothing
from .app import MLRunServerApp
from .handlers import MOUNT, routes
from .services.service import Service

IDLE = "JUPYTER_MLRUN_SERVICE_IDLE"
IDLE_SECONDS = 600.0
LOOK = 0.5
OTHERS_LEAD = 75
CONFIG = ("jupyter_server_config.py", "jupyter_server_config.json")


class TokensOnly(IdentityProvider):
    """Nobody is known but by a token of the service."""

    async def get_user(self, handler: Any) -> User | None:
        """Nobody."""
        return None


class OnDemand:
    """The service and its end."""

    def __init__(self, idle: float, log: logging.Logger) -> None:
        self.idle = idle
        self.log = log
        self.extension = MLRunServerApp(config=read_config(log), log=log)
        self.asked = time.monotonic()

    def application(self) -> web.Application:
        """Our routes, and for everything else 404."""
        provider = TokensOnly(token="")
        settings: dict[str, Any] = {
            "base_url": "/", "identity_provider": provider,
            "authorizer": AllowAllAuthorizer(identity_provider=provider),
            "allow_remote_access": False, "local_hostnames": ["localhost", "127.0.0.1"],
            "serverapp": None, "config": self.extension.config,
            MLRunServerApp.name: self.extension,
            f"{MLRunServerApp.name}_config": self.extension.config,
            "log_function": self._note, "ws_ping_interval": 30_000,
            "websocket_max_message_size": 1 << 20,
        }  # fmt: skip
        handlers = [(path, handler, {"name": MLRunServerApp.name}) for path, handler in routes()]
        return web.Application(cast(Any, handlers), default_handler_class=Nothing, **settings)

    def _note(self, handler: web.RequestHandler) -> None:
        self.asked = time.monotonic()
        log: Any = log_request
        log(handler, record_prometheus_metrics=False)

    async def work(self) -> int:
        """Serve until nobody needs it; the process's exit code."""
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, ended.set)
        if self.extension.remote_url:
            self.log.error(
                "The settings name a service that many share: set MLRUN_DBPATH=%s",
                self.extension.remote_url,
            )
            return 1
        service = self.extension.service = self._service()
        server = HTTPServer(
            self.application(), max_body_size=LARGEST_BODY, max_buffer_size=LARGEST_BODY
        )
        server.listen(0, "127.0.0.1")
        (listener, *_) = server._sockets.values()
        service.open(f"http://127.0.0.1:{listener.getsockname()[1]}{MOUNT}")
        service.start()
        try:
            if not await self._leads(service):
                return OTHERS_LEAD
            await self._until_idle(service, ended)
            return 0
        finally:
            server.stop()
            await server.close_all_connections()
            await service.stop()

    def _service(self) -> Service:
        service = self.extension.make_service(paths.data_dir() / "files")
        service.files.only_own = True
        service.leader.insists = False
        return service

    async def _leads(self, service: Service) -> bool:
        """Whether this host's lock is ours; else another server answers already."""
        deadline = time.monotonic() + 2 * LOOK
        while not service.leader.leads and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        return service.leader.leads

    async def _until_idle(self, service: Service, ended: asyncio.Event) -> None:
        while not ended.is_set():
            try:
                await asyncio.wait_for(ended.wait(), LOOK)
            except TimeoutError:
                pass
            if service.leader.wanted():
                self.log.info("A Jupyter server takes over")
                return
            if service.monitor.active or service.scheduler.planned:
                self.asked = time.monotonic()
            if time.monotonic() - self.asked > self.idle:
                self.log.info("Nobody has asked for anything in %.0f seconds", self.idle)
                return


def read_config(log: logging.Logger) -> Config:
    """What the user's Jupyter server would be told: the same store, the same rules."""
    from jupyter_core.paths import jupyter_config_path
    from traitlets.config.loader import JSONFileConfigLoader, PyFileConfigLoader

    found = Config()
    for folder in reversed(jupyter_config_path()):
        for name, loader in zip(CONFIG, (PyFileConfigLoader, JSONFileConfigLoader), strict=True):
            if Path(folder, name).is_file():
                found.merge(loader(name, folder, log=log).load_config())
    return found


def serve() -> int:
    """Serve until nobody needs it; the process's exit code."""
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s"
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)
    log = logging.getLogger("jupyter-mlrun")
    idle = float(os.environ.get(IDLE) or IDLE_SECONDS)
    return asyncio.run(OnDemand(idle, log).work())
