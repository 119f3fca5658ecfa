"""The service: everything that handlers need, made once."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Concatenate, ParamSpec, TypeVar

from jupyter_server.base.handlers import JupyterHandler
from sqlalchemy.engine import Connection

from jupyter_mlrun import paths, states
from jupyter_mlrun.errors import MLRunServiceUnavailableError
from jupyter_mlrun_runtimes.kube.cluster import Cluster

from ..store import projects
from ..store.database import Database
from .access import Authorizer, Everybody, Identity
from .background import Background
from .builds import Builds
from .collector import Collector
from .dask_labextension import DaskPanel
from .data_folders import DataFolders
from .deletion import Deletion
from .events import Events
from .files import Files
from .forward import forward
from .function_clusters import FunctionClusters
from .hosts import Hosts
from .hub import Hub
from .identities import Identities
from .ingest import Outboxes
from .interrupts import Interrupts
from .kernels import tell_kernels
from .keyring import Keyring
from .launcher import Launcher, Options
from .leader import Leader
from .leases import Leases
from .logs import Logs
from .monitor import Monitor
from .notification_kinds import Kinds
from .notifications import Notifications
from .notifier import Notifier
from .outgoing import Door
from .place import Place
from .retention import Retention
from .scheduler import Rules, Scheduler
from .secret_provider import DatabaseSecrets, SecretProvider
from .secrets import Secrets
from .summaries import Summaries
from .threads import Threads
from .tokens import TokenBook
from .uploads import Uploads
from .works import Works

LONGEST_LOOKUP = 30.0
# seconds that the end of a server waits for notifications on their way
LONGEST_TELLING = 5.0

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R")


class Service:
    """The store and the services over it, with their start and end."""

    def __init__(
        self,
        database: Database,
        place: Place,
        options: Options,
        log: logging.Logger,
        door: Door | None = None,
        provider: Callable[[SecretProvider], SecretProvider] = lambda own: own,
        targets: Mapping[str, str] | None = None,
    ) -> None:
        self.database = database
        self.door = door or Door()
        self.place = place
        self.log = log
        self.threads = Threads()
        self.tokens = TokenBook(database)
        self.identities: Identities | None = None
        self.authorizer: Authorizer = Everybody()
        self.files = Files(place)
        self.uploads = Uploads(place)
        self.deletion = Deletion(database, place, self.files, log)
        self.keyring = Keyring(place.root / "secrets.key")
        self.hub = Hub(self.door, self.keyring)
        self.summaries = Summaries(database)
        self.secrets = Secrets(provider(DatabaseSecrets(database, self.keyring)))
        self.logs = Logs(place, self.threads, log)
        self.events = Events(database, self.threads, place.host, log)
        self.outboxes = Outboxes(database, place, self.logs, log)
        kinds = Kinds(targets, self.door)
        self.notifications = Notifications(self.secrets, kinds)
        self.launcher = Launcher(database, place, options, log, self.secrets, self.notifications)
        self.monitor = Monitor(
            database, self.threads, place, self.launcher, self.outboxes, self.tokens, log
        )
        self.scheduler = Scheduler(database, self.threads, self.launcher, place.owner, Rules(), log)
        self.notifier = Notifier(database, self.threads, self.notifications, place.mark, log)
        self.background = Background(database, self.threads, place.host, log)
        self.function_clusters = FunctionClusters(database, place, self.launcher, self.background)
        self.builds = Builds(database, place, self.launcher, self.threads, log)
        self.retention = Retention(database, self.threads, self.background, place, log)
        self.leases = Leases(database, self.threads, log)
        self.data_folders = DataFolders(database, self.threads, place, log)
        self.hosts = Hosts(database, self.threads, place.host, log)
        self.leader = Leader(place, self.threads, log)
        self.url = ""
        self.token = ""
        self.interrupts = Interrupts(self.threads)
        self.works = Works()
        self._join()

    def _join(self) -> None:
        """Let each part tell those that heed it."""
        self.secrets.provider.born = self._born
        self.launcher.own.hears = self.hosts.hears
        self.deletion.forget = self._forget
        self.logs.masks.masker = self.secrets.masker
        self.outboxes.conceal = self.secrets.conceal
        self.outboxes.notifications = self.notifications.of_run
        self.monitor.on_change = self.events.wake
        self.events.copies.add(self._hear)
        self.scheduler.on_run = self._ran
        self.scheduler.allows = lambda who, wish: self.authorizer.allows(who, wish)
        self.scheduler.who_is = self._who_is
        self.events.copies.add(self.scheduler.heed)
        self.notifier.on_change = self.events.wake
        self.events.copies.add(self.notifier.heed)
        self.background.on_change = self._ran
        self.function_clusters.on_change = self.events.wake
        self.builds.on_change = self._ran
        self.builds.leads = lambda: self.leader.leads
        self.leases.on_change = self.events.wake
        self.retention.sweep = self.deletion.sweep

    def connect(self, cluster: Cluster | None, most_running: int) -> None:
        """Let runs work on a cluster."""
        if cluster is None:
            return
        self.launcher.places.cluster = cluster
        self.launcher.options.most_on_cluster = most_running
        self.monitor.pods.collector = Collector(cluster, self.place, self.logs, self.log)
        cluster.on_change = partial(self.works.soon, self.monitor.wake)

    async def read(
        self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """The function's answer, over a connection that sees one moment of the store."""

        def call() -> T:
            with self.database.read() as connection:
                return function(connection, *args, **kwargs)

        return await self.threads.call(call)

    async def write(
        self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """The function's answer, its changes kept and told to all who listen."""

        def call() -> T:
            with self.database.write() as connection:
                return function(connection, *args, **kwargs)

        answer = await self.threads.call(call)
        self.events.wake()
        return answer

    def after(self, project: str, uid: str) -> After:
        """The store once it holds what the run had to say before: no request overtakes another."""
        return After(self, project, uid)

    async def submit(self, body: Mapping[str, Any], owner: str = "") -> dict[str, Any]:
        """A task as a recorded run that will be started in its turn."""
        run = await self.threads.call(self.launcher.submit, body, owner)
        self.events.wake()
        self.monitor.wake()
        return run

    async def abort(self, project: str, uid: str, text: str) -> None:
        """Ask for the end of a run; one in a kernel is interrupted there."""
        run = await self.threads.call(self.monitor.abort, project, uid, text)
        self.events.wake()
        self.monitor.wake()
        # what a document of many users' service says of processes is nobody's word here
        if is_handler(run) and not self.alone:
            await self.interrupts.interrupt(run["spec"].get("origin"))

    async def forward(self, handler: JupyterHandler) -> bool:
        """Whether the leading server has answered instead, since this one does not lead."""
        if self.leader.leads:
            return False
        leader = await self.threads.call(self.leader.address)
        if not leader.get("url") or leader.get("host") != self.place.host:
            raise MLRunServiceUnavailableError("No server leads yet: try again in a second")
        return await forward(handler, leader)

    def open(self, url: str) -> None:
        """Know the own address, and hand it with a token to the kernels of this server, if any."""
        self.url = self.launcher.assembly.address = url
        if self.alone:
            return
        self.token = self.tokens.kernel_token(paths.server_file(self.place.root))
        tell_kernels(url, self.token, self.place.files_root, self.log)

    @property
    def alone(self) -> bool:
        """Whether this is a service of its own, for many users, outside a Jupyter server."""
        return self.identities is not None

    def start(self) -> None:
        """Begin to tell events and to try for the lock."""
        if not gc.get_freeze_count():
            # what lives as long as the server: to look through it holds all requests for long
            gc.freeze()
        self.works.loop = asyncio.get_running_loop()
        self.works.begin(self.events.run())
        self.works.begin(DaskPanel(self.function_clusters, self.threads, self.log).run())
        self.works.begin(self.data_folders.run())
        self.works.begin(self.leader.run(self._lead))

    async def stop(self) -> None:
        """End everything but the runs: they go on without this server."""
        await self.works.end()
        # whoever leads next takes what is not sent by then for lost
        await self.threads.end_telling(LONGEST_TELLING)
        await self.background.stop()
        for leave in (self.launcher.own.lead.release, self.hosts.leave):
            try:
                await self.threads.call(leave)
            except Exception as error:
                self.log.warning("What this host leads is left to its time: %s", error)
        self.leader.release()
        if self.launcher.places.cluster is not None:
            self.launcher.places.cluster.close()
        self.threads.close()
        self.database.close()

    async def _lead(self) -> None:
        self.hosts.begin()
        address = {
            "url": self.url, "token": self.token, "pid": os.getpid(),
            "started": time.time(), "host": self.place.host,
        }  # fmt: skip
        await self.threads.call(self.leader.announce, address)
        await self.threads.slow(self.deletion.sweep)
        works = (
            self.monitor.run, self.scheduler.run, self.notifier.run, self.background.run,
            self.retention.run, self.leases.run, self.builds.run, self.hosts.run,
            self.function_clusters.run,
        )  # fmt: skip
        # each is known by itself: a gather ends with its first, and the others would go on
        await asyncio.gather(*(self.works.begin(run()) for run in works))

    def _forget(self, project: str, born: int) -> None:
        """What is kept outside of the store of a project that is gone."""
        if self._born(project) in (None, born):  # else clusters are those of its successor
            self.function_clusters.forget(project)
            self.builds.forget(project)
        self.secrets.drop_project(project, born)

    def _born(self, project: str) -> int | None:
        with self.database.read() as connection:
            return projects.created(connection, project)

    def _who_is(self, name: str) -> Identity | None:
        """Who somebody is now, for work without a request; called in a thread."""
        if self.identities is None or self.works.loop is None:
            return Identity(name)
        asked = asyncio.run_coroutine_threadsafe(self.identities.named(name), self.works.loop)
        return asked.result(LONGEST_LOOKUP)

    def _ran(self) -> None:
        """A run was recorded in a thread."""
        self.works.soon(self._look)

    def _look(self) -> None:
        self.events.wake()
        self.monitor.wake()

    def _hear(self, event: Mapping[str, Any]) -> None:
        """Finish what belongs to a run that has ended, or to a project that is gone."""
        project, uid = str(event["project"]), str(event["uid"])
        if event["kind"] == "project" and event["action"] == "deleted":
            self.secrets.forget(project)
        elif event["state"] in states.TERMINAL and self.logs.masks.is_to_end(project, uid):
            self.works.begin(self.threads.call(self.logs.end, project, uid))


class After:
    """Reads and writes that come after what a run has left in its outbox."""

    def __init__(self, service: Service, project: str, uid: str) -> None:
        self._service = service
        self._run = (project, uid)

    async def read_then(
        self,
        act: Callable[[T], R],
        function: Callable[Concatenate[Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """What acting on the function's answer gives, in the thread that read it."""

        def call() -> R:
            self._service.outboxes.take_in(*self._run)
            with self._service.database.read() as connection:
                found = function(connection, *args, **kwargs)
            return act(found)

        return await self._service.threads.call(call)

    async def write(
        self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """The function's answer, its changes kept and told."""

        def call() -> T:
            self._service.outboxes.take_in(*self._run)
            with self._service.database.write() as connection:
                return function(connection, *args, **kwargs)

        answer = await self._service.threads.call(call)
        self._service.events.wake()
        return answer


def is_handler(run: Mapping[str, Any]) -> bool:
    """Whether a run works in its kernel."""
    return (run["metadata"].get("labels") or {}).get("kind") == "handler"
