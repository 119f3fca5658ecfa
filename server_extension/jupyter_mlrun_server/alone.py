"""The service on its own: our routes and nothing else, for many users over one store."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import ssl
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from jupyter_core.application import JupyterApp, base_aliases, base_flags
from jupyter_server.auth import AllowAllAuthorizer, Authorizer, IdentityProvider
from jupyter_server.log import log_request
from tornado import web
from tornado.httpserver import HTTPServer
from traitlets import Bool, Int, Set, Type, Unicode, default

from jupyter_mlrun import names, paths
from jupyter_mlrun.errors import MLRunInvalidArgumentError

from .app import MLRunServerApp
from .cluster_traits import MLRunCluster
from .handlers import MOUNT, routes
from .services.access import load as load_authorizer
from .services.identities import Identities, hub_of
from .services.service import Service

LARGEST_BODY = 512 << 20


class MLRunServeApp(JupyterApp):
    """MLRun's service on its own, without a Jupyter server.

    It executes nobody's code. Its other settings are those of MLRunServerApp.
    """

    name = "jupyter-mlrun"
    description = __doc__
    classes = [MLRunServerApp, MLRunCluster]
    aliases = {
        **base_aliases, "ip": "MLRunServeApp.ip", "port": "MLRunServeApp.port",
        "base-url": "MLRunServeApp.base_url", "db-url": "MLRunServerApp.db_url",
        "certfile": "MLRunServeApp.certfile", "keyfile": "MLRunServeApp.keyfile",
    }  # fmt: skip
    flags = base_flags

    ip = Unicode("127.0.0.1", help="Address to listen at; empty: all.").tag(config=True)
    port = Int(8989, help="Port to listen at; 0: any that is free.").tag(config=True)
    base_url = Unicode(
        help="Path below which the service is mounted. Empty: /, or what JupyterHub says.",
    ).tag(config=True)
    certfile = Unicode(help="Certificate for HTTPS, in PEM.").tag(config=True)
    keyfile = Unicode(help="Key of the certificate, in PEM.").tag(config=True)
    trust_xheaders = Bool(
        False, help="Take a sender's address from the headers of a proxy that stands before."
    ).tag(config=True)
    administrators = Set(
        Unicode(), help="Users who may do everything in every project; the Hub's are added."
    ).tag(config=True)
    project_authorizer = Unicode(
        "members",
        help="Who may do what in a project: 'members' (their roles), 'everybody', or the name of "
        "an entry point of jupyter_mlrun.authorizers.",
    ).tag(config=True)
    authorizer_class = Type(
        AllowAllAuthorizer, Authorizer, help="Jupyter's authorizer, which is asked as well."
    ).tag(config=True)
    run_here = Bool(
        False,
        help="Let the service start runs on its own machine, with its own rights: only where the "
        "machine and the service belong to one user.",
    ).tag(config=True)

    service: Service
    server: HTTPServer

    @default("base_url")
    def _hub_prefix(self) -> str:
        return os.environ.get("JUPYTERHUB_SERVICE_PREFIX", "/")

    def initialize(self, argv: Any = None) -> None:
        """Read the settings; what they contradict is told before anything is opened."""
        self._refuse_unknown(sys.argv[1:] if argv is None else argv)
        super().initialize(argv)
        if self.config_file and not Path(self.config_file).is_file():
            raise MLRunInvalidArgumentError(f"There is no configuration file {self.config_file}")
        for file in (self.certfile, self.keyfile):
            if file and not os.access(file, os.R_OK):
                raise MLRunInvalidArgumentError(f"{file} cannot be read: HTTPS needs it")
        if bool(self.certfile) != bool(self.keyfile):
            raise MLRunInvalidArgumentError("HTTPS takes both certfile and keyfile")
        if address := os.environ.get("JUPYTERHUB_SERVICE_URL"):
            given = urlsplit(address)
            self.ip, self.port = given.hostname or self.ip, given.port or self.port

    def _refuse_unknown(self, argv: Sequence[str]) -> None:
        """Refuse what would be left out with a warning: a service without TLS, on another store."""
        known = [*self.aliases, *self.flags]
        for word in argv:
            name = word.lstrip("-").partition("=")[0]
            if word.startswith("--") and "." not in name and name not in (*known, "help-all", ""):
                raise MLRunInvalidArgumentError(
                    f"--{name} is no setting of this command.{names.near(name, known)} All of "
                    "them: jupyter mlrun serve --help-all"
                )

    def make_service(self) -> Service:
        """The service for many users: nothing of this machine is shown or started."""
        self.extension = MLRunServerApp(config=self.config, log=self.log)
        service = self.extension.make_service(paths.data_dir() / "files")
        service.identities = Identities(
            service.database, service.threads, self.administrators, hub_of()
        )
        service.authorizer = load_authorizer(self.project_authorizer, service.database)
        service.database.discreet = True
        service.files.only_own = True
        service.launcher.here = self.run_here
        service.launcher.shared = True
        return service

    def make_application(self) -> web.Application:
        """Our routes, and for everything else 404."""
        provider = IdentityProvider(parent=self, token="")
        mount = self.base_url.rstrip("/")
        settings: dict[str, Any] = {
            "base_url": f"{mount}/", "identity_provider": provider, "config": self.config,
            "authorizer": self.authorizer_class(parent=self, identity_provider=provider),
            "allow_remote_access": True, "xsrf_cookies": False, "serverapp": None,
            MLRunServerApp.name: self.extension, f"{MLRunServerApp.name}_config": self.config,
            "log_function": partial(log_request, record_prometheus_metrics=False),
            "websocket_max_message_size": 1 << 20, "ws_ping_interval": 30_000,
        }  # fmt: skip
        handlers = [
            (f"{mount}{path}", handler, {"name": MLRunServerApp.name}) for path, handler in routes()
        ]
        return web.Application(cast(Any, handlers), default_handler_class=Nothing, **settings)

    async def begin(self) -> None:
        """Listen and work."""
        self.service = self.extension.service = self.make_service()
        context = None
        if self.certfile:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(self.certfile, self.keyfile)
        self.server = HTTPServer(
            self.make_application(), xheaders=self.trust_xheaders, ssl_options=context,
            max_body_size=LARGEST_BODY, max_buffer_size=LARGEST_BODY,
        )  # fmt: skip
        self.server.listen(self.port, self.ip)
        (listener, *_) = self.server._sockets.values()
        self.port = listener.getsockname()[1]
        scheme = "https" if self.certfile else "http"
        host = "127.0.0.1" if self.ip in ("", "0.0.0.0", "::") else self.ip
        host = f"[{host}]" if ":" in host else host
        address = f"{scheme}://{host}:{self.port}{self.base_url.rstrip('/')}{MOUNT}"
        self.service.open(self.extension.service_url or address)
        self.service.start()
        self.log.info("MLRun's service answers at %s", address)
        if self.run_here:
            self.log.warning("Runs are started on this machine, with the rights of this service")

    async def end(self) -> None:
        """Answer what has been asked, and let go."""
        self.server.stop()
        await self.server.close_all_connections()
        await self.service.stop()

    async def work(self) -> None:
        """Serve until the process is asked to end."""
        loop, asked = asyncio.get_running_loop(), asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, asked.set)
        await self.begin()
        try:
            await asked.wait()
        finally:
            await self.end()

    def start(self) -> None:
        """Serve until the process is asked to end."""
        super().start()
        self.log.setLevel(self.log_level if self.log_level else logging.INFO)
        asyncio.run(self.work())


class Nothing(web.RequestHandler):
    """Whatever is none of our routes."""

    def prepare(self) -> None:
        """404, in the service's own shape."""
        self.set_status(404)
        self.finish({"detail": f"{self.request.path} is none of this service's routes"})
