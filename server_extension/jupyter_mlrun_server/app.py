"""The extension: its settings, and the start and end of the service."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from pathlib import Path
from typing import Any, cast

from jupyter_server.extension.application import ExtensionApp
from traitlets import Bool, Dict, Int, List, Unicode, default

from jupyter_mlrun import paths
from jupyter_mlrun.errors import MLRunInvalidArgumentError

from .builder_traits import MLRunBuilder
from .cluster_traits import MLRunCluster
from .handlers import MOUNT, routes
from .handlers.proxy import proxy_routes
from .services.cluster_secrets import ClusterSecrets
from .services.environments import Environments
from .services.events import SCHEMA_FILE, SCHEMA_ID
from .services.launcher import Options
from .services.outgoing import Door
from .services.place import Place
from .services.remote import ADDRESS_VARIABLE, TOKEN_VARIABLE, Remote, token_of
from .services.retention import Keep
from .services.scheduler import Rules
from .services.secret_provider import SecretProvider
from .services.secret_provider import load as load_provider
from .services.service import Service
from .store.database import opened

EVERYWHERE = ("", "0.0.0.0", "::", "*", "localhost")


class MLRunServerApp(ExtensionApp):
    """MLRun's service inside a Jupyter server."""

    name = "jupyter_mlrun_server"
    extension_url = "/lab"
    load_other_extensions = True
    description = __doc__
    classes = [MLRunCluster, MLRunBuilder]

    service: Service

    db_url = Unicode(
        help="Database of the store, as SQLAlchemy writes it. Empty: the file store.sqlite in the "
        "data directory.",
    ).tag(config=True)
    max_running = Int(
        min=1,
        help="Most local runs that work at once; the others wait in order. Without a value: as "
        "many as the machine has cores.",
    ).tag(config=True)
    kernel_name = Unicode(
        "python3",
        help="Kernelspec whose interpreter executes runs that no kernel has sent.",
    ).tag(config=True)
    service_url = Unicode(
        help="Address at which kernels and runs reach this service, without a slash at its end. "
        "Empty: this server's own address on the loopback interface.",
    ).tag(config=True)

    artifact_path = Unicode(
        help="Where clients are told to put artifacts, as an address or an absolute path with "
        "{{run.project}} and {{run.uid}} in it, such as s3://lab/{{run.project}}/{{run.uid}}. "
        "Empty: the data directory of the service.",
    ).tag(config=True)
    outgoing_allowed = List(
        Unicode(),
        help="Networks, addresses and host names that are not public and that webhooks, hubs and "
        "http files may reach all the same: 10.0.0.0/8, hooks.example.org, *.example.org, "
        "localhost:8080.",
    ).tag(config=True)

    hub_url = Unicode(
        "https://mlrun.github.io/marketplace",
        help="Address of the default hub of functions. Empty: there is none, as where the internet "
        "cannot be reached.",
    ).tag(config=True)
    secret_provider = Unicode(
        "database",
        help="Where secrets of projects are kept: 'database' (the store, encrypted), 'vault' "
        "(HashiCorp Vault), 'kubernetes' (Secrets of the cluster, read by pods themselves), or the "
        "name of an entry point of jupyter_mlrun.secret_providers.",
    ).tag(config=True)
    secret_options = Dict(
        help="What the secret provider is made with; for 'vault': url, mount, prefix, namespace, "
        "token_file, role_id with secret_id_file, ca_file, timeout.",
    ).tag(config=True)

    schedule_interval = Int(
        600,
        min=1,
        help="Shortest time between two runs of a schedule, in seconds: what is more frequent is "
        "refused.",
    ).tag(config=True)
    schedule_zone = Unicode(
        "UTC",
        help="Time zone of schedules that name none, as in Europe/Berlin.",
    ).tag(config=True)

    lab_url = Unicode(
        help="Address of JupyterLab as people reach it, for links in notifications, such as "
        "https://hub.example.org/user/ann/lab. Empty: this server's own, as its log names it; a "
        "service for many users links nothing then.",
    ).tag(config=True)
    schedules_keep_alive = Bool(
        True,
        help="Whether a server with an active schedule counts as busy, so that it is not shut down "
        "for being idle.",
    ).tag(config=True)
    notification_targets = Dict(
        Unicode(),
        help="Kinds of notifications of your own, each a name and an address as Apprise writes it: "
        "{'ops': 'discord://…'}. Nobody else sees or chooses the address.",
    ).tag(config=True)
    mail_server = Dict(
        help="Mail server of notifications that name none: server_host, server_port, "
        "sender_address, username, password, use_tls, start_tls, validate_certs, "
        "default_email_addresses.",
    ).tag(config=True)

    remote_url = Unicode(
        help="Address of a service that many share, such as https://hub/services/mlrun/mlrun, or "
        "of MLRun's own API: this server then keeps nothing itself and hands every request on to "
        "it. Also $JUPYTER_MLRUN_REMOTE_URL.",
    ).tag(config=True)
    remote_token_file = Unicode(
        help="File with the user's token for that service. Empty: the variable below.",
    ).tag(config=True)
    remote_token_variable = Unicode(
        TOKEN_VARIABLE,
        help="Variable with the user's token for that service; JUPYTERHUB_API_TOKEN for a service "
        "of JupyterHub.",
    ).tag(config=True)

    @default("remote_url")
    def _remote(self) -> str:
        import os

        return os.environ.get(ADDRESS_VARIABLE, "")

    keep_runs_days = Int(
        0,
        min=0,
        help="Days after its end for which a run is kept, with its log. 0: for ever. Runs with "
        "the label keep stay.",
    ).tag(config=True)
    keep_runs_of_name = Int(
        0,
        min=0,
        help="Number of ended runs that are kept of each name in a project, the newest. 0: all.",
    ).tag(config=True)
    keep_logs_days = Int(
        0,
        min=0,
        help="Days for which the log of an ended run is kept after its last line. 0: for ever.",
    ).tag(config=True)
    keep_artifacts_days = Int(
        0,
        min=0,
        help="Days for which a version of an artifact is kept that no tag names any more, with "
        "its data where that lies in the service's own folder. 0: for ever.",
    ).tag(config=True)

    @default("max_running")
    def _cores(self) -> int:
        import os

        return os.cpu_count() or 1

    def initialize_settings(self) -> None:
        """Open the store and make the service."""
        assert self.serverapp is not None
        # traitlets leaves what nobody reads to the handler: each request would make its record
        self.log.setLevel(self.log_level)
        self.remote: Remote | None = None
        if self.remote_url:
            self.remote = self._make_remote()
            self.service = cast(Service, self.remote)  # as far as handlers that hand on need one
            return
        self.service = self.make_service(Path(self.serverapp.root_dir).resolve())
        self.service.monitor.kernels.kernel_lives = self._kernel_lives
        self.service.interrupts.of_kernel = self._interrupt_kernel
        self._copy_events()

    def _make_remote(self) -> Remote:
        assert self.serverapp is not None
        place = Place(paths.data_dir(), Path(self.serverapp.root_dir).resolve())
        place.make()
        token = token_of(self.remote_token_file, self.remote_token_variable)
        self.log.info("Requests are handed on to the service at %s", self.remote_url)
        if not token:
            self.log.warning(
                "There is no token for the service at %s, which will refuse what it is asked: set "
                "$%s or MLRunServerApp.remote_token_file", self.remote_url,
                self.remote_token_variable,
            )  # fmt: skip
        return Remote(self.remote_url, token, place, self.log)

    def make_service(self, files_root: Path) -> Service:
        """The service over the store that the settings name, brought up to date."""
        root = paths.data_dir()
        # runs that name no folder work there
        files_root.mkdir(mode=0o700, parents=True, exist_ok=True)
        place = Place(root, files_root, artifact_path=self.artifact_path)
        place.make()
        database = opened(self.db_url or f"sqlite:///{root / 'store.sqlite'}", self.log)
        settings = MLRunCluster(parent=self)
        building = MLRunBuilder(parent=self)
        planned = settings.read(root, self.service_url, building.make().registry)
        self.cluster = settings.make(planned)
        options = Options(self.max_running, self.kernel_name)
        log: logging.Logger = self.log
        door = Door(self.outgoing_allowed)
        service = Service(
            database, place, options, log, door, self._provider, self.notification_targets
        )
        service.notifications.kinds.mail.defaults = dict(self.mail_server)
        service.scheduler.rules = Rules(self.schedule_zone, self.schedule_interval)
        service.retention.keep = Keep(
            self.keep_runs_days, self.keep_runs_of_name, self.keep_logs_days,
            self.keep_artifacts_days,
        )  # fmt: skip
        service.hub.default_url = self.hub_url
        if self.lab_url:
            service.notifier.url_of = partial(run_link, self.lab_url)
        service.connect(self.cluster, settings.max_running)
        service.launcher.places.planned = planned
        service.launcher.assembly.user_ids = dict(settings.user_ids)
        service.builds.builders.settings = building.make()
        service.builds.most_working = building.max_running
        service.launcher.assembly.environments = service.retention.environments = Environments(
            building.install_requirements, building.environments, building.keep_environments_days
        )
        return service

    def _provider(self, own: SecretProvider) -> SecretProvider:
        if self.secret_provider == "kubernetes":
            if self.cluster is None:
                raise MLRunInvalidArgumentError(
                    "MLRunServerApp.secret_provider = 'kubernetes' needs a cluster: set "
                    "MLRunCluster.kubeconfig"
                )
            return ClusterSecrets(self.cluster)
        return load_provider(self.secret_provider, self.secret_options, own)

    def initialize_handlers(self) -> None:
        """Mount every route."""
        self.handlers.extend(proxy_routes() if self.remote_url else routes())

    async def _start_jupyter_server_extension(self, serverapp: Any) -> None:
        if self.remote is not None:
            self.remote.open(self.service_url or self._own_address())
            return
        if not self._is_made():
            return
        self.service.open(self.service_url or self._own_address())
        self.service.notifier.url_of = self._run_url
        self.service.start()

    async def stop_extension(self) -> None:
        """Let go of the lock and the store; runs go on."""
        if self._is_made():
            await self.service.stop()

    def _is_made(self) -> bool:
        """Whether there is a service: a setting that is refused leaves Jupyter without one."""
        return hasattr(self, "service")

    def current_activity(self) -> dict[str, int] | None:
        """The runs that work, and that a schedule waits: such a server is not idle."""
        if not self._is_made() or self.remote is not None:
            return None
        found = {"runs": self.service.monitor.active}
        if self.schedules_keep_alive:
            found["schedules"] = int(self.service.scheduler.planned)
        return {name: number for name, number in found.items() if number} or None

    def _run_url(self, project: str, uid: str) -> str:
        """Where people see a run."""
        assert self.serverapp is not None
        # Jupyter's own address ends with the page it opens, such as /lab, and with its token
        page = self.serverapp.default_url.removeprefix(self.serverapp.base_url).strip("/")
        own = self.serverapp.public_url.partition("?")[0].rstrip("/").removesuffix(f"/{page}")
        return run_link(self.lab_url or f"{own.rstrip('/')}/lab", project, uid)

    def _own_address(self) -> str:
        server = self.serverapp
        assert server is not None
        scheme = "https" if server.certfile else "http"
        host = "127.0.0.1" if server.ip in EVERYWHERE else server.ip
        host = f"[{host}]" if ":" in host else host
        return f"{scheme}://{host}:{server.port}{server.base_url.rstrip('/')}{MOUNT}"

    def _copy_events(self) -> None:
        assert self.serverapp is not None
        logger = self.serverapp.event_logger
        if logger is None:
            return
        logger.register_event_schema(SCHEMA_FILE)

        def copy(event: dict[str, Any]) -> None:
            logger.emit(schema_id=SCHEMA_ID, data=event)

        self.service.events.copies.add(copy)

    async def _kernel_lives(self, kernel_id: str) -> bool | None:
        """Whether a kernel of this server lives; None for kernels of others."""
        manager = self.serverapp.kernel_manager if self.serverapp else None
        if not kernel_id or manager is None or kernel_id not in manager:
            return None
        return bool(await _awaited(manager.get_kernel(kernel_id).is_alive()))

    async def _interrupt_kernel(self, kernel_id: str) -> None:
        manager = self.serverapp.kernel_manager if self.serverapp else None
        if kernel_id and manager is not None and kernel_id in manager:
            await _awaited(manager.get_kernel(kernel_id).interrupt_kernel())


def run_link(lab_url: str, project: str, uid: str) -> str:
    """Where people see a run in a JupyterLab."""
    return f"{lab_url}?mlrun-run={project}/{uid}"


async def _awaited(value: Any) -> Any:
    return await value if asyncio.iscoroutine(value) or asyncio.isfuture(value) else value
