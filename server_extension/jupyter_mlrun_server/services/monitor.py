"""The monitor: what the runtimes say becomes the state of recorded runs, on start-up too."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from sqlalchemy.engine import Connection

from jupyter_mlrun import states
from jupyter_mlrun.errors import (
    MLRunBadRequestError,
    MLRunHTTPError,
    MLRunServiceUnavailableError,
)
from jupyter_mlrun_runtimes.contract import Observation

from ..store import attempts, launches, run_changes, run_lists, runs, times, tokens
from ..store.database import Database
from ..store.launches import Launch
from ..store.runs import RunKey
from .handler_runs import HandlerRuns, is_of_other_host
from .ingest import Outboxes
from .launcher import Launcher
from .place import Place
from .pods import Pods
from .retries import Retries
from .threads import Threads
from .tokens import TokenBook
from .unsaved import Unsaved

LOOK = 0.1
LOOK_IDLE = 1.0
LOOK_KERNELS = 1.0
# seconds for which what made trouble is left alone
PAUSE = 1.0

# every way out of ``python -m jupyter_mlrun run`` reports its end or exits with another code than 0
SILENT_END = "the process ended without reporting its end (os._exit?)"


class Monitor:
    """Starts what waits, settles what has ended, ends what shall; only in the leading server."""

    def __init__(
        self,
        database: Database,
        threads: Threads,
        place: Place,
        launcher: Launcher,
        outboxes: Outboxes,
        book: TokenBook,
        log: logging.Logger,
    ) -> None:
        self.database = database
        self.threads = threads
        self.place = place
        self.launcher = launcher
        self.outboxes = outboxes
        self.book = book
        self.log = log
        self.active = 0
        self.pods = Pods(database, launcher)
        self.retries = Retries(database, launcher, outboxes, book, log)
        self.unsaved = Unsaved(log)
        self.kernels = HandlerRuns(database, place, launcher, outboxes)
        self.on_change: Callable[[], None] = lambda: None
        self._awake = asyncio.Event()
        self._kernels_seen = 0.0
        self._asked: set[tuple[str, str]] = set()
        self._troubled: dict[tuple[str, str], float] = {}

    def wake(self) -> None:
        """Look now: something was queued, or shall end."""
        self._awake.set()

    async def run(self) -> None:
        """Watch until cancelled; one run's trouble never stops the others."""
        arrears = asyncio.ensure_future(self._take_in_arrears())
        try:
            await self._watch()
        finally:
            arrears.cancel()

    async def _take_in_arrears(self) -> None:
        """What kernels' runs did while no server answered; others' outboxes come with their end."""
        taken = await self.threads.slow(self.outboxes.take_in_all)
        if taken:
            self.log.info("%d lines of runs that worked meanwhile were taken in", taken)
            self.on_change()

    async def _watch(self) -> None:
        while True:
            self._awake.clear()
            try:
                if await self.threads.call(self.look):
                    self.on_change()
                await self._look_at_kernels()
            except Exception:
                self.log.exception("The runs could not be watched; trying again")
            try:
                wait = LOOK if self.active else LOOK_IDLE
                await asyncio.wait_for(self._awake.wait(), wait)
            except TimeoutError:
                continue

    def look(self) -> bool:
        """Whether anything changed: one round over every launch of this host."""
        changed = False
        with self.database.read() as connection:
            known = self.launcher.queue(connection)
        waiting = [each for each in known if each.phase == launches.PENDING]
        for launch in waiting:
            if launch.target == "abort":
                changed |= self._tried(launch, self._abandon)
        for launch, seen in self._observe([e for e in known if e.phase == launches.STARTED]):
            changed |= self._tried(launch, partial(self._act, seen=seen))
        if waiting or changed:
            changed |= bool(self.launcher.start_next())
        self.active = len(known) if not changed else max(1, len(known))
        return changed

    def _tried(self, launch: Launch, act: Callable[[Launch], bool]) -> bool:
        """Whether what was done for one run changed it; after trouble it is left alone a while."""
        run = (launch.project, launch.uid)
        if time.monotonic() < self._troubled.get(run, 0.0):
            return False
        try:
            changed = act(launch)
        except Exception as error:
            self._say_trouble(run, f"Run {launch.uid} could not be acted on", error)
            return False
        self._troubled.pop(run, None)
        return changed

    def _say_trouble(self, key: tuple[str, str], what: str, error: Exception) -> None:
        now = time.monotonic()
        if now >= self._troubled.get(key, 0.0):
            self._troubled[key] = now + PAUSE
            known = isinstance(error, MLRunHTTPError)
            self.log.error("%s; trying again: %s", what, error, exc_info=not known)

    def _abandon(self, launch: Launch) -> bool:
        """Whether a run that waits is settled; what may have been made for it goes first."""
        try:
            self.launcher.undo(launch, self._why(launch))
        except MLRunServiceUnavailableError as error:
            # asked again at the next look
            self.log.debug("Run %s could not be ended yet: %s", launch.uid, error)
            return False
        self._settle(launch, None)
        return True

    def abort(self, project: str, uid: str, text: str) -> dict[str, Any]:
        """The run on its way to its end; refused where it has ended or nobody here can end it."""
        key = RunKey(project, uid)
        with self.database.write() as connection:
            run = runs.read(connection, key)
            state = run["status"]["state"]
            if state in states.TERMINAL:
                # it has told its end, but its process may hang
                if launches.set_target(connection, project, uid, "abort"):
                    return run
                raise MLRunBadRequestError(
                    f"Run is already in terminal state, can not be aborted: it is {state}"
                )
            known = launches.set_target(connection, project, uid, "abort")
            updates = {"status.state": states.ABORTING if known else states.ABORTED}
            if not known and is_of_other_host(run, self.place.host):
                raise MLRunBadRequestError(
                    f"Run {uid} was not started by this server: end it where it runs"
                )
            reason = text or "Run was aborted by user"
            updates |= {"status.status_text": reason, "status.reason": reason}
            return runs.update(connection, key, updates)

    def _observe(self, started: list[Launch]) -> list[tuple[Launch, Observation]]:
        by_kind: dict[tuple[str, str], list[Launch]] = defaultdict(list)
        for launch in started:
            by_kind[launch.kind, launch.place].append(launch)
        found: list[tuple[Launch, Observation]] = []
        for (kind, place), group in by_kind.items():
            handles = [launch.handle or {} for launch in group]
            try:
                seen = self.launcher.runtime(kind, place).poll(handles)
            except MLRunServiceUnavailableError as error:
                # the place does not answer: what is known of its runs stays
                self.log.debug("Runs of kind %s could not be looked at: %s", kind, error)
                continue
            except Exception as error:
                self._say_trouble((kind, place), f"Runs of kind {kind} cannot be looked at", error)
                continue
            found += zip(group, seen, strict=True)
        return found

    def _act(self, launch: Launch, seen: Observation) -> bool:
        if seen.unsent:
            self.launcher.requeue(launch)
            return True
        if seen.state in states.TERMINAL:
            if not self.pods.is_read(launch):
                return False
            if self.retries.take(launch, seen):
                self.unsaved.drop((launch.project, launch.uid))
                self.pods.begin_again(launch)
            else:
                self._settle(launch, seen)
            return True
        if self.pods.attend(launch, seen):
            self.abort(launch.project, launch.uid, self.pods.thresholds.exceeded(launch, seen))
            return True
        asked = (launch.project, launch.uid)
        if launch.target == "abort" and asked not in self._asked:
            runtime = self.launcher.runtime(launch.kind, launch.place)
            try:
                runtime.cancel(launch.handle or {}, self._why(launch))
            except MLRunServiceUnavailableError as error:
                # asked again at the next look
                self.log.debug("Run %s could not be ended yet: %s", launch.uid, error)
                return False
            self._asked.add(asked)
        return False

    def _why(self, launch: Launch) -> str:
        with self.database.read() as connection:
            run = runs.find(connection, RunKey(launch.project, launch.uid))
        return str((run or {}).get("status", {}).get("status_text") or "")

    def _settle(self, launch: Launch, seen: Observation | None) -> None:
        """Take in what is left, decide the state, and let token and launch go."""
        asked = (launch.project, launch.uid)
        if self.unsaved.waits(asked):
            return
        try:
            self.outboxes.take_in(launch.project, launch.uid)
            told = self.pods.story(launch, seen)
            with self.database.write() as connection:
                unsaid = self._unsaid(connection, launch)
                launches.remove(connection, launch.project, launch.uid)
                tokens.drop_run(connection, launch.project, launch.uid)
                for iteration in run_lists.live_iterations(connection, launch.project, launch.uid):
                    key = RunKey(launch.project, launch.uid, iteration)
                    runs.update(connection, key, _ending(runs.read(connection, key), seen))
                if told and runs.find(connection, RunKey(launch.project, launch.uid)):
                    runs.update(connection, RunKey(launch.project, launch.uid), told)
                if seen is not None and seen.state == states.COMPLETED and seen.reason:
                    _add_reason(connection, RunKey(launch.project, launch.uid), seen.reason)
                if unsaid is not None:
                    run_changes.tell(connection, unsaid)
        except Exception as error:
            self.unsaved.put_off(asked, error)
            return
        self.unsaved.drop(asked)
        self._asked.discard(asked)
        self.launcher.secrets.let_go(launch.project, launch.uid)
        self.pods.forget(launch)
        self.book.forget_run(launch.project, launch.uid)

    def _unsaid(self, connection: Connection, launch: Launch) -> dict[str, Any] | None:
        """The run, where nobody was told of its failure, as it might have been tried again."""
        run = runs.find(connection, RunKey(launch.project, launch.uid))
        if run is None or not attempts.are_to_be_decided(connection, run):
            return None
        return run

    async def _look_at_kernels(self) -> None:
        """End the runs of kernels that are gone."""
        if time.monotonic() - self._kernels_seen < LOOK_KERNELS:
            return
        self._kernels_seen = time.monotonic()
        for run in await self.threads.call(self.kernels.going_on):
            origin = run["spec"].get("origin")
            asked = (run["metadata"]["project"], run["metadata"]["uid"])
            if self.unsaved.waits(asked) or not isinstance(origin, Mapping):
                continue
            try:
                if await self.kernels.lives(origin) is False:
                    await self.threads.call(self.kernels.end, run)
                    self.on_change()
                    self.unsaved.drop(asked)
            except Exception as error:
                self.unsaved.put_off(asked, error)


def _ending(run: Mapping[str, Any], seen: Observation | None) -> dict[str, Any]:
    """The updates that end a run as its runtime saw it end; None: it never began."""
    status = run["status"]
    if seen is None:
        return {"status.state": states.ABORTED, **attempts.none_began(run)}
    state, reason = seen.state, seen.reason
    if state == states.COMPLETED:
        state, reason = states.ERROR, SILENT_END
    # whoever is asked to end may say so by a signal's exit code
    asked = status["state"] == states.ABORTING and seen.exit_code in (None, 0, 137, 143)
    if asked and state == states.ERROR:
        state = states.ABORTED
    updates: dict[str, Any] = {"status.state": state, "status.exit_code": seen.exit_code}
    if seen.ended_at:
        updates["status.end_time"] = times.text(int(seen.ended_at * 1e6))
    if reason:
        updates["status.reason"] = reason
        if state == states.ERROR:
            updates["status.error"] = status.get("error") or reason
        elif state == states.ABORTED and not status.get("status_text"):
            updates["status.status_text"] = reason
    return updates


def _add_reason(connection: Connection, key: RunKey, reason: str) -> None:
    """Keep what is to be said of a run that ended well, such as a log that is not whole."""
    run = runs.find(connection, key)
    if run is not None and not run["status"].get("reason"):
        runs.update(connection, key, {"status.reason": reason})
