"""Retention: what nobody needs any more goes, once a day, as far as the settings say so."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from jupyter_mlrun.errors import MLRunConflictError, MLRunNotFoundError
from jupyter_mlrun.names import is_uid
from jupyter_mlrun_runtimes.log_entries import INDEX

from ..store import alert_activations, background_tasks, times
from ..store import retention as store
from ..store.database import Database
from .background import Background, Progress
from .environments import Environments
from .place import Place
from .threads import Threads
from .watch import watch

DAY = 86_400 * 1_000_000
LOOK = 3600.0
FIRST_LOOK = 60.0
TIMEOUT = 6 * 3600
TASKS_KEPT, ACTIVATIONS_KEPT = 7 * DAY, 98 * DAY


@dataclass
class Keep:
    """What the server's settings say of keeping; 0 is for ever."""

    run_days: int = 0
    runs_of_name: int = 0
    log_days: int = 0
    artifact_days: int = 0


class Retention:
    """Removes what is older or more than is kept; in the leading server."""

    def __init__(
        self,
        database: Database,
        threads: Threads,
        background: Background,
        place: Place,
        log: logging.Logger,
    ) -> None:
        self.database = database
        self.threads = threads
        self.background = background
        self.place = place
        self.log = log
        self.keep = Keep()
        self.environments = Environments()
        self.sweep: Callable[[], None] = lambda: None

    async def run(self) -> None:
        """Look once a day until cancelled; of several servers one does."""
        await asyncio.sleep(FIRST_LOOK)
        await watch(self._begin, self.log, "What is old")

    async def _begin(self) -> float:
        name = f"retention-{time.strftime('%Y-%m-%d', time.gmtime())}"
        if not await self.threads.call(self._is_done, name):
            with contextlib.suppress(MLRunConflictError):
                await self.background.start("", "retention", self.apply, TIMEOUT, name)
        return LOOK

    def apply(self, progress: Progress) -> None:
        """Remove all that is to go, in slices, so that nobody waits for it."""
        self.sweep()
        done = self._old_runs()
        progress(done, None)
        for remove in (self._surplus_runs, self._artifacts):
            while number := remove():
                done += number
                progress(done, None)
        done += self._logs()
        done += self.environments.remove_unused(self.place.root)
        now = times.now()
        with self.database.write() as connection:
            background_tasks.forget(connection, now - TASKS_KEPT)
            alert_activations.forget(connection, now - ACTIVATIONS_KEPT)
        progress(done, done)
        if done:
            self.log.info("Retention: %d runs, logs, artifacts and environments were removed", done)

    def _is_done(self, name: str) -> bool:
        with self.database.read() as connection:
            try:
                background_tasks.read(connection, "", name)
            except MLRunNotFoundError:
                return False
        return True

    def _old_runs(self) -> int:
        if not self.keep.run_days:
            return 0
        before, after, removed = times.now() - self.keep.run_days * DAY, 0, 0
        while True:
            with self.database.read() as connection:
                found = store.old_runs(connection, before, after)
            if not found:
                return removed
            after = found[-1][0]
            removed += self._delete([(project, uid) for _, project, uid in found])

    def _surplus_runs(self) -> int:
        if not self.keep.runs_of_name:
            return 0
        with self.database.read() as connection:
            found = store.surplus_runs(connection, self.keep.runs_of_name)
        return self._delete(found)

    def _delete(self, found: list[tuple[str, str]]) -> int:
        removed = []
        with self.database.write() as connection:
            for project, uid in found:
                if store.delete_run(connection, project, uid):
                    removed.append((project, uid))
        for project, uid in removed:
            if is_uid(uid):
                shutil.rmtree(self.place.run_folder(project, uid), ignore_errors=True)
        return len(removed)

    def _artifacts(self) -> int:
        if not self.keep.artifact_days:
            return 0
        before = times.now() - self.keep.artifact_days * DAY
        with self.database.read() as connection:
            found = store.old_artifacts(connection, before)
        with self.database.write() as connection:
            for each in found:
                store.delete_artifact(connection, each)
        for each in found:
            self._remove_data(each)
        return len(found)

    def _remove_data(self, old: store.OldArtifact) -> None:
        """Remove data below the service's own folder; what lies elsewhere is its owner's."""
        target = Path(old.target.removeprefix("file://"))
        root = (self.place.artifacts / old.project).resolve()
        try:
            if not old.target or not target.is_absolute() or root not in target.resolve().parents:
                return
            if target.is_dir() and not target.is_symlink():
                shutil.rmtree(target)
            else:
                target.unlink(missing_ok=True)
        except OSError as error:
            self.log.warning("The data %s of an old artifact stays: %s", target, error)

    def _logs(self) -> int:
        """Remove old logs of ended runs; their runs stay."""
        if not self.keep.log_days:
            return 0
        before, removed = time.time() - self.keep.log_days * 86_400, 0
        for log in self.place.project_folder("x").parent.glob("*/*/log"):
            project, uid = log.parent.parent.name, log.parent.name
            if _changed(log) < before and self._has_ended(project, uid):
                log.unlink(missing_ok=True)
                for suffix in (INDEX, ".err"):
                    log.with_name(log.name + suffix).unlink(missing_ok=True)
                removed += 1
        return removed

    def _has_ended(self, project: str, uid: str) -> bool:
        with self.database.read() as connection:
            return store.has_ended(connection, project, uid)


def _changed(log: Path) -> float:
    """When a log was written last; now where its run has just been removed."""
    try:
        return log.stat().st_mtime
    except FileNotFoundError:
        return time.time()
