"""Which of several hosts leads the runs of a cluster: the others wait until it is silent.

Clocks of hosts are not compared: each counts, by its own, how long a beat has not changed.
"""

from __future__ import annotations

import logging
import time

from sqlalchemy.exc import IntegrityError

from ..store import cluster_holders
from ..store.cluster_holders import Holder
from ..store.database import Database

BEAT = 5.0
SILENCE = 45.0
LOOK = 1.0


class ClusterLead:
    """Whether this host leads the runs of its cluster. Its methods block."""

    def __init__(self, database: Database, host: str, log: logging.Logger) -> None:
        self.database = database
        self.host = host
        self.log = log
        self.silence = SILENCE
        self._name = ""
        self._held = False
        self._asked = 0.0
        self._seen: Holder | None = None
        self._since = 0.0

    def holds(self, name: str) -> bool:
        """Whether it does; asked often, and answered from memory for some seconds."""
        now = time.monotonic()
        if name == self._name and self._asked and now - self._asked < self._remembered:
            return self._held
        held = self._ask(name, now)
        if held != self._held:
            self.log.info("This host %s the runs of %s", "leads" if held else "leaves", name)
        self._name, self._asked, self._held = name, now, held
        return held

    def release(self) -> None:
        """Let another host lead at once."""
        if self._held:
            self._held = False
            with self.database.write() as connection:
                cluster_holders.release(connection, self._name, self.host)

    @property
    def _remembered(self) -> float:
        return BEAT if self._held else min(LOOK, self.silence)

    def _ask(self, name: str, now: float) -> bool:
        with self.database.read() as connection:
            known = cluster_holders.read(connection, name)
        if known is not None and known.host == self.host:
            with self.database.write() as connection:
                return cluster_holders.beat(connection, name, self.host)
        if known != self._seen:
            self._seen, self._since = known, now
        if known is not None and now - self._since < self.silence:
            return False
        try:
            with self.database.write() as connection:
                return cluster_holders.take(connection, name, self.host, known)
        except IntegrityError:
            # another host was there first
            return False
