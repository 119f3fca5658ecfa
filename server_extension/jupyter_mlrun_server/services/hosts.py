"""That this host is there, said now and then to the others that share its store.

A host whose server began anew has lost what was in memory only, such as the secrets of runs.
"""

from __future__ import annotations

import logging

from ..store import hosts, times
from ..store.database import Database
from .threads import Threads
from .watch import watch

SIGN = 10.0
SILENCE = 45.0


class Hosts:
    """The sign of life of this host, given by its leading server."""

    def __init__(
        self, database: Database, threads: Threads, host: str, log: logging.Logger
    ) -> None:
        self.database = database
        self.threads = threads
        self.host = host
        self.log = log
        self._began = 0

    async def run(self) -> None:
        """Give it until cancelled; a SQLite store has no other host."""
        if self.database.path is None:
            await watch(self._look, self.log, "The sign of life of this host")

    def begin(self) -> None:
        """Know that this server leads its host from now on."""
        self._began = times.now()

    def sign(self) -> None:
        """Give it once."""
        with self.database.write() as connection:
            hosts.sign(connection, self.host, self._began)

    def leave(self) -> None:
        """Let the others know at once that this host ends."""
        if self._began:
            with self.database.write() as connection:
                hosts.leave(connection, self.host, self._began)

    async def _look(self) -> float:
        await self.threads.call(self.sign)
        return SIGN
