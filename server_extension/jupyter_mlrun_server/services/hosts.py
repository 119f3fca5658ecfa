"""That this host is there, said now and then to the others that share its store.

A host whose server began anew has lost what was in memory only, such as the secrets of runs.
"""

from __future__ import annotations

import logging
import time

from ..store import clock, hosts
from ..store.database import Database
from .threads import Threads
from .watch import watch

SIGN = 10.0
SILENCE = 45.0
# between two signs of a host that can write into the store as it should
LATE = 2 * SIGN


class Hosts:
    """The sign of life of this host, given by its leading server."""

    def __init__(
        self, database: Database, threads: Threads, host: str, log: logging.Logger
    ) -> None:
        self.database = database
        self.threads = threads
        self.host = host
        self.log = log
        self._led = time.monotonic()
        self._began = 0
        self._signed = self._since = float("-inf")

    async def run(self) -> None:
        """Give it until cancelled; a SQLite store has no other host."""
        if self.database.path is None:
            await watch(self._look, self.log, "The sign of life of this host")

    def begin(self) -> None:
        """Know that this server leads its host from now on."""
        self._led, self._began = time.monotonic(), 0

    def sign(self) -> None:
        """Give it once."""
        with self.database.write() as connection:
            if not self._began:
                now = clock.now(connection)
                self._began = now - int((time.monotonic() - self._led) * 1e6)
            hosts.sign(connection, self.host, self._began)
        now_here = time.monotonic()
        if now_here - self._signed > LATE:
            self._since = now_here
        self._signed = now_here

    def hears(self) -> bool:
        """Whether who is there was heard of: this host has signed in time for one silence.

        What keeps its own sign from the store, such as an outage, keeps those of the others too.
        """
        if self.database.path is not None:
            return True
        now = time.monotonic()
        return now - self._signed < LATE and now - self._since > SILENCE

    def leave(self) -> None:
        """Let the others know at once that this host ends."""
        if self._began:
            with self.database.write() as connection:
                hosts.leave(connection, self.host, self._began)

    async def _look(self) -> float:
        await self.threads.call(self.sign)
        return SIGN
