"""Events: every change in the store, this server's and others', to all who listen."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_mlrun.model.document import dumps

from ..store import events, run_row, times
from ..store.database import Database
from ..store.query import Scope
from .threads import Threads
from .watch import watch

LOOK = 0.15
LOOK_FOREIGN = 1.0
GATHER = 0.01
LONGEST_POLL = 60.0
SCHEMA_ID = "https://schema.jupyter-mlrun.org/change/v1"
SCHEMA_FILE = Path(__file__).parent.parent / "events" / "change.yaml"

Event = dict[str, Any]
Listener = Callable[[Event, str], None]
Copy = Callable[[Event], None]


class Events:
    """Reads the events table as it grows and hands each event on, as a dict and as JSON."""

    def __init__(
        self, database: Database, threads: Threads, host: str, log: logging.Logger
    ) -> None:
        self.database = database
        self.threads = threads
        self.host = host
        self.log = log
        self.epoch = f"{time.time():.3f}"
        self.cursor = 0
        self.listeners: set[Listener] = set()
        self.copies: set[Copy] = set()
        self._awake = asyncio.Event()
        self._grown = asyncio.Event()
        self._seen: tuple[int, int] = (0, 0)

    def wake(self) -> None:
        """Look for new events now: this server has written."""
        self._awake.set()

    async def run(self) -> None:
        """Hand on events until cancelled."""
        self.cursor = await self.threads.call(self._last)
        await watch(self._look, self.log, "The events")

    async def _look(self) -> float:
        await self._wait()
        await self._hand_on()
        return 0.0

    async def poll(self, cursor: int, scope: Scope, uid: str, timeout: float) -> dict[str, Any]:
        """The events after a cursor, waiting for the first; ``reset`` where some are lost."""
        deadline = time.monotonic() + min(timeout, LONGEST_POLL)
        oldest = await self.threads.call(self._first)
        newest = await self.threads.call(self._last)
        if cursor < 0 or cursor > newest:
            return {"cursor": newest, "events": [], "reset": cursor > newest}
        if cursor + 1 < oldest:
            return {"cursor": newest, "events": [], "reset": True}
        while True:
            grown = self._grown
            found = await self.threads.call(self._after, cursor)
            cursor = found[-1]["id"] if found else cursor
            wanted = [
                _public(row, self.host) for row in found
                if holds(scope, row["project"]) and uid in ("", row["uid"])
            ]  # fmt: skip
            remaining = deadline - time.monotonic()
            if wanted or remaining <= 0:
                return {"cursor": cursor, "events": wanted, "reset": False}
            if not found:
                try:
                    await asyncio.wait_for(grown.wait(), remaining)
                except TimeoutError:
                    continue

    async def _wait(self) -> None:
        while not self._awake.is_set():
            try:
                await asyncio.wait_for(self._awake.wait(), self._interval())
            except TimeoutError:
                if self.database.path is None or await self.threads.call(self._others_wrote):
                    break
        await asyncio.sleep(GATHER)
        self._awake.clear()

    def _interval(self) -> float:
        return LOOK if self.database.path is not None else LOOK_FOREIGN

    def _others_wrote(self) -> bool:
        """Whether the store's files changed since the last look; unknown counts as yes."""
        if self.database.path is None:
            return True
        try:
            stat = os.stat(f"{self.database.path}-wal")
        except OSError:
            try:
                stat = os.stat(self.database.path)
            except OSError:
                return True
        seen = (stat.st_mtime_ns, stat.st_size)
        changed, self._seen = seen != self._seen, seen
        return changed

    async def _hand_on(self) -> None:
        """The new events, with their runs' rows only where somebody is shown them."""
        listened = bool(self.listeners)
        read = self._after if listened else self._brief
        rows = await self.threads.call(read, self.cursor)
        if not rows:
            return
        self.cursor = rows[-1]["id"]
        grown, self._grown = self._grown, asyncio.Event()
        grown.set()
        for row in rows:
            event = {key: row[key] for key in _FIELDS}
            for copy in list(self.copies):
                self._tell(copy, event)
            if listened:
                text = dumps(_public(row, self.host))
                for listener in list(self.listeners):
                    self._tell(listener, event, text)
        if len(rows) == 500:
            self.wake()

    def _tell(self, listener: Callable[..., None], *told: Any) -> None:
        """Call a listener; what it raises is logged and keeps nothing from the others."""
        try:
            listener(*told)
        except Exception:
            self.log.exception("A listener failed at event %s", told[0]["id"])

    def _after(self, cursor: int) -> list[dict[str, Any]]:
        with self.database.read() as connection:
            return events.after(connection, cursor)

    def _brief(self, cursor: int) -> list[dict[str, Any]]:
        with self.database.read() as connection:
            return events.brief(connection, cursor)

    def _last(self) -> int:
        with self.database.read() as connection:
            return events.last(connection)

    def _first(self) -> int:
        with self.database.read() as connection:
            return events.first(connection)


def holds(scope: Scope, project: str) -> bool:
    """Whether a project is among those asked for; what has no project is shown to those of all."""
    return project in scope if isinstance(scope, frozenset) else scope in ("*", project)


_FIELDS = ("id", "kind", "action", "project", "name", "uid", "iter", "state")


def _public(row: dict[str, Any], host: str) -> dict[str, Any]:
    """The event as listeners get it, with its run's row as that is now."""
    event = {key: row[key] for key in _FIELDS} | {"time": times.text(row["time"]), "summary": None}
    if row["row"] is not None and row["action"] != "deleted":
        event["summary"] = json.loads(
            run_row.shown(row["row"], row["run_state"], row["host"], host)
        )
        event["state"] = event["summary"]["state"]
    return event
