"""Background tasks: work that outlives its request, recorded from its beginning to its end."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable
from typing import Any

from jupyter_mlrun.errors import MLRunBaseError
from jupyter_mlrun_runtimes import process

from ..store import background_tasks as store
from ..store.database import Database
from .threads import Threads

TIMEOUT = 600
LOST = "the server was ended while it worked at this: start it again"


class TaskStopped(MLRunBaseError):
    """The task's time has passed, or it was removed: its work ends here."""


Progress = Callable[[int, int | None], None]
Work = Callable[[Progress], None]


class Background:
    """Starts tasks and records how they went."""

    def __init__(
        self, database: Database, threads: Threads, host: str, log: logging.Logger
    ) -> None:
        self.database = database
        self.threads = threads
        self.log = log
        self.on_change: Callable[[], None] = lambda: None
        self.worker = {"host": host, **process.identity()}
        self.worker["boot_id"] = str(self.worker["boot_id"])[:36]
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopped = False

    async def start(
        self,
        project: str,
        kind: str,
        work: Work,
        timeout: int | None = TIMEOUT,
        name: str = "",
    ) -> dict[str, Any]:
        """The document of a task that has begun; ``project`` is empty for the service's own.

        ``work`` runs in a thread. It calls its argument with how much is done, and of how much:
        that raises where the task's time has passed.
        """
        name = name or str(uuid.uuid4())
        document = await self.threads.call(self._add, project, name, kind, timeout)
        task = asyncio.get_running_loop().create_task(self._work(project, name, kind, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.on_change()
        return document

    async def run(self) -> None:
        """Say of tasks whose server is gone that they failed; in the leading server, at start."""
        await self.threads.call(self._settle_lost)

    async def stop(self) -> None:
        """Let go of what works: the next leading server says that it was lost."""
        self._stopped = True
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _work(self, project: str, name: str, kind: str, work: Work) -> None:
        def call() -> None:
            work(lambda done, total: self._progress(project, name, done, total))

        error: str | None = None
        try:
            await self.threads.long(call)
        except MLRunBaseError as failure:
            error = str(failure)
        except Exception as failure:
            self.log.exception("Background task %s (%s) failed", name, kind)
            error = f"{type(failure).__name__}: {failure}"
        await self.threads.call(self._settle, project, name, error)
        self.on_change()

    def _add(self, project: str, name: str, kind: str, timeout: int | None) -> dict[str, Any]:
        with self.database.write() as connection:
            return store.add(connection, project, name, kind, self.worker, timeout)

    def _progress(self, project: str, name: str, done: int, total: int | None) -> None:
        if self._stopped:
            raise TaskStopped("the server ends")
        with self.database.write() as connection:
            goes_on = store.progress(connection, project, name, done, total)
        if not goes_on:
            raise TaskStopped("the time for this task has passed")
        self.on_change()

    def _settle(self, project: str, name: str, error: str | None) -> None:
        with self.database.write() as connection:
            store.settle(connection, project, name, error)

    def _settle_lost(self) -> None:
        with self.database.write() as connection:
            for project, name, worker in store.running(connection):
                ours = worker.get("host") == self.worker["host"]
                if ours and worker != self.worker and not process.is_alive(worker):
                    store.settle(connection, project, name, LOST)
