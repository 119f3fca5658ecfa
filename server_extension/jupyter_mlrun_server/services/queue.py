"""The queue of launches as one host sees it: its own, and those of the cluster that it leads."""

from __future__ import annotations

import logging
from collections.abc import Callable, Container

from sqlalchemy.engine import Connection

from jupyter_mlrun_runtimes import KUBERNETES
from jupyter_mlrun_runtimes.contract import Handle, Runtime

from ..store import clock, hosts, launches
from ..store.database import Database
from ..store.launches import Launch
from .cluster_lead import ClusterLead
from .hosts import SILENCE
from .place import Place

# microseconds in which a host that was not heard of yet starts what was sent to it
OTHERS_TURN = 60_000_000
SECRETS_LOST = (
    "the server was restarted before this run began, and its secrets were in memory only: "
    "run it again"
)


class Queue:
    """What this host starts and watches."""

    def __init__(self, database: Database, place: Place, log: logging.Logger) -> None:
        self.database = database
        self.place = place
        self.log = log
        self.lead = ClusterLead(database, place.host, log)
        self.hears: Callable[[], bool] = lambda: True

    def read(
        self, connection: Connection, cluster: str, secrets: Container[tuple[str, str]]
    ) -> list[Launch]:
        """Its launches, oldest first; ``cluster`` is the name under which those there are kept.

        Of a cluster that another host leads, these are those whose secrets only this one has.
        """
        if cluster == self.place.host or self.lead.holds(cluster):
            return launches.select(connection, *{self.place.host, cluster})
        found = launches.select(connection, self.place.host)
        others = launches.select(connection, cluster) if secrets else []
        return found + [
            each
            for each in others
            if each.phase == launches.PENDING and (each.project, each.uid) in secrets
        ]

    def is_anothers(self, launch: Launch) -> bool:
        """Whether the run was sent to another host, which is there and starts it itself.

        One whose server began after the run had come has lost what only its memory held.
        """
        with self.database.read() as connection:
            return self._is_anothers(connection, launch)

    def has_lost(self, connection: Connection, launch: Launch) -> bool:
        """Whether the run still waits, and nobody has its secrets any more."""
        known = launches.find(connection, launch.project, launch.uid)
        waits = known is not None and known.phase == launches.PENDING
        return waits and not self._is_anothers(connection, launch)

    def _is_anothers(self, connection: Connection, launch: Launch) -> bool:
        if launch.place != KUBERNETES or launch.sent_to in ("", self.place.host):
            return False
        began = hosts.began(connection, launch.sent_to, SILENCE)
        if began is not None:
            return began <= launch.created
        # further attempts, and what waits for a place that is away, are due later than they came
        due = max(launch.created, launch.not_before)
        return not self.hears() or clock.now(connection) - due < OTHERS_TURN

    def keeps(self, launch: Launch, handle: Handle, runtime: Runtime) -> bool:
        """Whether the launch is this host's and has the handle now.

        What was started of one that went meanwhile is ended; what another host started stays.
        """
        with self.database.write() as connection:
            if launches.set_started(connection, launch, handle):
                return True
            known = launches.find(connection, launch.project, launch.uid)
        is_anothers = known is not None and known.phase == launches.STARTED
        if not is_anothers or launch.place != KUBERNETES:
            self.log.warning("Run %s was let go while it was started: it is ended", launch.uid)
            runtime.cancel(handle, "it was let go while it was started")
        return False
