"""Further attempts of runs that have failed."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from jupyter_mlrun import states
from jupyter_mlrun_runtimes.contract import Observation

from ..store import attempts, launches, runs, times, tokens
from ..store.database import Database
from ..store.launches import Launch
from ..store.runs import RunKey
from .durations import parse_duration
from .ingest import Outboxes
from .launcher import Launcher
from .tokens import TokenBook

BASE_DELAY = 30.0
LONGEST_DELAY = 3600.0


class Retries:
    """Queues a failed run again, as its task's ``retry`` says: the same run, a new attempt."""

    def __init__(
        self,
        database: Database,
        launcher: Launcher,
        outboxes: Outboxes,
        book: TokenBook,
        log: logging.Logger,
    ) -> None:
        self.database = database
        self.launcher = launcher
        self.outboxes = outboxes
        self.book = book
        self.log = log
        self.shortest = BASE_DELAY

    def take(self, launch: Launch, seen: Observation) -> bool:
        """Whether the run will be tried again."""
        if launch.kind not in attempts.KINDS or launch.target == "abort":
            return False
        key = RunKey(launch.project, launch.uid)
        if not self._takes_in(key):
            return False
        with self.database.write() as connection:
            run = runs.find(connection, key)
            if run is None or not _failed(run, seen):
                return False
            if not attempts.left(run):
                return False
            done = attempts.made(run)
            delay = self._delay(run["spec"]["retry"], done)
            status = run["status"]
            ended = {
                "start_time": status.get("start_time"),
                "end_time": times.text(times.now()),
                "error": status.get("error") or seen.reason or f"exit code {seen.exit_code}",
            }
            updates = {
                "status.state": states.PENDING_RETRY,
                "status.retry_count": done + 1,
                "status.retries": [*(status.get("retries") or []), ended],
                "status.status_text": f"attempt {done + 2} begins in {delay:g} s",
                "status.reason": "",
                "status.error": None,
            }
            runs.update(connection, key, updates)
            launches.set_waiting(connection, launch, times.now() + int(delay * 1e6))
            tokens.drop_run(connection, launch.project, launch.uid)
        self.book.forget_run(launch.project, launch.uid)
        self.log.info("Run %s failed and is tried again in %g s", launch.uid, delay)
        return True

    def _takes_in(self, key: RunKey) -> bool:
        """Whether a run has attempts left and no words left behind: they are not the next's."""
        with self.database.read() as connection:
            run = runs.find(connection, key)
        if run is None or not attempts.left(run):
            return False
        try:
            self.outboxes.take_in(key.project, key.uid)
        except Exception as error:  # said, and tried again, where the run is settled
            self.log.debug("Run %s cannot be tried again yet: %s", key.uid, error)
            return False
        return True

    def _delay(self, retry: Mapping[str, Any], done: int) -> float:
        backoff = retry.get("backoff") or {}
        base = parse_duration(backoff.get("base_delay") or self.shortest)
        return float(min(LONGEST_DELAY, max(self.shortest, base) * 2**done))


def _failed(run: Mapping[str, Any], seen: Observation) -> bool:
    state = run["status"]["state"]
    if state in (states.COMPLETED, states.ABORTED, states.ABORTING, states.SKIPPED):
        return False
    return seen.state == states.ERROR or state == states.ERROR
