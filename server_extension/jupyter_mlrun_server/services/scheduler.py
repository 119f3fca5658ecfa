"""The scheduler: schedules become runs when their time has come, each once.

It sleeps until the next time that the store knows and wakes when something changes. A time is
claimed in the store together with the uid of its run: a server that dies in between leaves a claim
behind, and whoever finds it records that same run, which cannot be there twice.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.engine import Connection

from jupyter_mlrun import names, states
from jupyter_mlrun.errors import (
    MLRunAccessDeniedError,
    MLRunBaseError,
    MLRunConflictError,
    MLRunInvalidArgumentError,
    MLRunServiceUnavailableError,
)

from ..store import projects, runs, schedules, times
from ..store.database import Database
from ..store.runs import RunKey
from ..store.schedules import ACTIVE, ENDED, LABEL, PAUSED, Schedule
from . import cron, schedule_input
from .access import WRITE, Identity, Wish
from .cron import Cron
from .launcher import Launcher
from .threads import Threads
from .watch import watch

LONGEST_SLEEP = 60.0
SHOWN = 5
ON_TIME = 60.0
# the annotation of a run that says which of its schedule's times it is
DUE = "jupyter-mlrun/due"


@dataclass
class Rules:
    """What the server's settings say of schedules."""

    zone: str = "UTC"
    least_seconds: float = 600.0


class Scheduler:
    """Makes, shows and keeps schedules; runs what is due in the leading server."""

    def __init__(
        self,
        database: Database,
        threads: Threads,
        launcher: Launcher,
        keeper: str,
        rules: Rules,
        log: logging.Logger,
    ) -> None:
        self.database = database
        self.threads = threads
        self.launcher = launcher
        self.keeper = keeper
        self.rules = rules
        self.log = log
        self.planned = False
        self._waits = False
        self.on_run: Callable[[], None] = lambda: None
        self.allows: Callable[[Identity, Wish], bool] = lambda who, wish: True
        self.who_is: Callable[[str], Identity | None] = Identity
        self._awake = asyncio.Event()

    def heed(self, event: Mapping[str, Any]) -> None:
        """Look again where a schedule was changed, or a run has ended that one may wait for."""
        ended = event["kind"] == "run" and event["state"] in states.TERMINAL
        if (ended and self._waits) or event["kind"] == "schedule":
            self._awake.set()

    async def run(self) -> None:
        """Run what is due until cancelled."""
        await watch(lambda: self.threads.call(self.look), self.log, "The schedules", self._awake)

    def look(self) -> float:
        """Run what is due; the seconds until the next look."""
        # a run that ends while this looks is heeded: whether one waits is known at the end alone
        self._waits = True
        now = times.now()
        with self.database.read() as connection:
            due = schedules.due(connection, self.keeper, now)
        for each in due:
            try:
                self._act(each)
            except Exception:
                self.log.exception("Schedule %s/%s could not run", each.project, each.name)
        with self.database.read() as connection:
            moment = schedules.next_moment(connection, self.keeper)
            self._waits = schedules.any_waits(connection, self.keeper)
        self.planned = moment is not None
        if moment is None:
            return LONGEST_SLEEP
        return min(max((moment - times.now()) / 1e6, 0.05 if not due else 0.5), LONGEST_SLEEP)

    def invoke(self, project: str, name: str, who: Identity) -> dict[str, Any]:
        """A run of the schedule's object now, whatever its times say; it is the invoker's."""
        if not self.allows(who, Wish(WRITE, "runs", project)):
            raise MLRunAccessDeniedError(f"{who.name} may not run in project {project}")
        with self.database.read() as connection:
            schedule = schedules.read(connection, project, name)
        run = self.launcher.submit(_task_of(schedule, names.new_uid()), who.name)
        uri = run_uri(project, run["metadata"]["uid"])
        with self.database.write() as connection:
            found = schedules.read(connection, project, name)
            schedules.save(connection, replace(found, last_run_uri=uri))
        self.on_run()
        return run

    def submit(self, body: Mapping[str, Any], who: Identity) -> dict[str, Any]:
        """A task with a schedule, as MLRun's client sends it: the schedule made or changed."""
        task = body.get("task")
        metadata = task.get("metadata") if isinstance(task, Mapping) else None
        if not isinstance(metadata, Mapping) or not isinstance(metadata.get("name"), str):
            raise MLRunInvalidArgumentError("A scheduled task needs a name: set task.metadata.name")
        project = str(metadata.get("project") or "default")
        given = {
            "name": metadata["name"], "kind": "job", "cron_trigger": body["schedule"],
            "scheduled_object": {k: v for k, v in body.items() if k not in schedule_input.POLICIES},
            "labels": metadata.get("labels") or {},
        }  # fmt: skip
        given |= {name: body[name] for name in schedule_input.POLICIES if name in body}
        with self.database.read() as connection:
            known = schedules.find(connection, project, given["name"]) is not None
        if known:
            self.update(project, given["name"], given, who)
        else:
            self.create(project, given, who)
        return {
            "schedule": body["schedule"], "project": project, "name": given["name"],
            "action": "modified" if known else "created",
        }  # fmt: skip

    def create(self, project: str, given: Mapping[str, Any], who: Identity) -> Schedule:
        """A new schedule of a ``ScheduleInput``; its runs belong to whoever makes it."""
        name = names.validate_run(given.get("name"))
        kind = schedule_input.parse_kind(given.get("kind"))
        given = self._concealed(project, given)
        self.who_is(who.name)  # who cannot be looked up now cannot be at any of its times
        empty = Schedule(project, name, kind, who.name, self.keeper, ACTIVE, {})
        made = self._with(empty, given)
        with self.database.write() as connection:
            return schedules.create(connection, self._checked(connection, made))

    def update(self, project: str, name: str, given: Mapping[str, Any], who: Identity) -> Schedule:
        """The schedule with what a ``ScheduleUpdate`` changes; what is null stays.

        Whoever changes what runs is its owner from then on.
        """
        with self.database.read() as connection:
            schedules.read(connection, project, name)
        if given.get("scheduled_object") is not None:
            self.who_is(who.name)
        given = self._concealed(project, given)
        with self.database.write() as connection:
            held = schedules.read(connection, project, name)
            changed = self._with(held, given)
            if given.get("scheduled_object") is not None:
                changed = self._checked(connection, replace(changed, owner=who.name))
            schedules.save(connection, changed)
        return changed

    def shown(
        self, schedule: Schedule, last_run: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """The schedule as MLRun's clients read it, with the next five times."""
        document = schedule.document
        trigger = cron.parse(document["cron_trigger"], self.rules.zone)
        coming = [schedule.next_run] if schedule.next_run is not None else []
        if coming:
            later = trigger.times(_datetime(coming[0]), SHOWN - 1)
            coming += [_microseconds(each) for each in later]
        shown = [
            datetime.fromtimestamp(each / 1e6, trigger.trigger.timezone).isoformat()
            for each in coming
        ]
        return {
            "name": schedule.name, "project": schedule.project, "kind": schedule.kind,
            "scheduled_object": document.get("scheduled_object"),
            "cron_trigger": trigger.to_dict() | {"timezone": trigger.zone},
            "desired_state": PAUSED if schedule.state == PAUSED else ACTIVE,
            "labels": document.get("labels") or {},
            "concurrency_limit": document.get("concurrency_limit", 1),
            "credentials": {"access_key": None},
            "creation_time": times.text(schedule.created), "state": schedule.state,
            "last_run_uri": schedule.last_run_uri, "last_run": dict(last_run or {}),
            "next_run_time": shown[0] if shown else None, "next_run_times": shown,
            "owner": schedule.owner, "keeper": schedule.keeper,
            "if_busy": document.get("if_busy", "skip"), "if_late": document.get("if_late", "run"),
            "status": document.get("status") or {},
        }  # fmt: skip

    def preview(self, given: Any) -> dict[str, Any]:
        """The next times of a trigger that nobody has saved yet."""
        trigger = cron.parse(given, self.rules.zone)
        cron.check(trigger, self.rules.least_seconds)
        coming = trigger.times(_datetime(times.now()), SHOWN)
        return {
            "next_run_times": [each.isoformat() for each in coming],
            "timezone": trigger.zone,
            "cron_trigger": trigger.to_dict() | {"timezone": trigger.zone},
        }

    def _with(self, held: Schedule, given: Mapping[str, Any]) -> Schedule:
        """The schedule with what is given, checked; the next time is counted anew."""
        document = dict(held.document)
        if given.get("cron_trigger") is not None or not document:
            trigger = cron.parse(given.get("cron_trigger"), self.rules.zone)
            cron.check(trigger, self.rules.least_seconds)
            document["cron_trigger"] = trigger.to_dict() | {"timezone": trigger.zone}
        else:
            trigger = cron.parse(document["cron_trigger"], self.rules.zone)
        if given.get("scheduled_object") is not None or "scheduled_object" not in document:
            document["scheduled_object"] = schedule_input.parse_object(
                given.get("scheduled_object")
            )
        if given.get("labels") is not None:
            document["labels"] = schedule_input.parse_labels(given["labels"])
        document |= schedule_input.parse_policies(given)
        state = schedule_input.parse_state(given.get("desired_state")) or held.state
        if state == ENDED:
            state = ACTIVE
        changed = "cron_trigger" in given or state != held.state or held.next_run is None
        if state == PAUSED:
            coming = None
        else:
            coming = self._following(trigger, times.now()) if changed else held.next_run
        return replace(held, document=document, state=state, next_run=coming, waits=False)

    def notify(self, project: str, name: str, given: Any) -> None:
        """Replace the notifications of the schedule's runs."""
        told = self.launcher.notifications.taken(project, given)
        with self.database.write() as connection:
            held = schedules.read(connection, project, name)
            body = held.document["scheduled_object"]
            task = {**body["task"], "spec": {**body["task"].get("spec", {}), "notifications": told}}
            document = {**held.document, "scheduled_object": {**body, "task": task}}
            schedules.save(connection, replace(held, document=document))

    def _concealed(self, project: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """What is given, with the secret parts of its notifications by reference."""
        if given.get("scheduled_object") is None:
            return dict(given)
        body = schedule_input.parse_object(given["scheduled_object"])
        spec = body["task"].get("spec")
        if not isinstance(spec, Mapping) or not spec.get("notifications"):
            return {**given, "scheduled_object": body}
        with self.database.read() as connection:
            projects.require(connection, project)
        told = self.launcher.notifications.taken(project, spec["notifications"])
        task = {**body["task"], "spec": {**spec, "notifications": told}}
        return {**given, "scheduled_object": {**body, "task": task}}

    def _checked(self, connection: Connection, schedule: Schedule) -> Schedule:
        """The schedule, where its object can become a run now."""
        body = {**schedule.document["scheduled_object"]}
        body = self.launcher.check(connection, schedule.project, body, schedule.owner)
        return replace(schedule, document={**schedule.document, "scheduled_object": body})

    def _act(self, schedule: Schedule) -> None:
        """Claim a schedule whose time has come, and record its run."""
        with self.database.write() as connection:
            found = schedules.find(connection, schedule.project, schedule.name)
            if found is None or found != schedule:
                return
            claimed = self._claimed(connection, found)
            if claimed != found:
                schedules.save(connection, claimed)
        if claimed.run_uid is not None:
            self._record(claimed)

    def _claimed(self, connection: Connection, schedule: Schedule) -> Schedule:
        """The schedule with a claim for its run; without one where a policy says no."""
        now = times.now()
        if schedule.run_uid is not None:
            return replace(schedule, claimed=now)
        document = schedule.document
        came = schedule.next_run if schedule.next_run is not None else now
        is_due = came <= now
        late = (now - came) / 1e6
        trigger = cron.parse(document["cron_trigger"], self.rules.zone)
        coming = self._following(trigger, now) if is_due else schedule.next_run
        state = schedule.state if coming is not None else ENDED
        moved = replace(schedule, next_run=coming, state=state)
        if is_due and not schedule.waits and late > ON_TIME and document.get("if_late") == "skip":
            return _noted(moved, {"skipped": f"{late:.0f} s late", "skipped_at": times.text(now)})
        limit = document.get("concurrency_limit", 1)
        if limit and schedules.live_runs(connection, schedule) >= limit:
            return self._busy(moved, schedule, now)
        claimed = replace(moved, waits=False, run_uid=names.new_uid(), claimed=now)
        return _noted(claimed, {"due": times.text(min(came, now))})

    def _busy(self, moved: Schedule, held: Schedule, now: int) -> Schedule:
        if moved.document.get("if_busy") == "wait":
            return replace(moved, waits=True, state=held.state)
        if moved.next_run == held.next_run:
            return held
        limit = moved.document.get("concurrency_limit", 1)
        self.log.warning(
            "Schedule %s/%s was skipped: %d of its runs are working, which is its limit",
            moved.project, moved.name, limit,
        )  # fmt: skip
        return _noted(
            moved, {"skipped": "an earlier run is working", "skipped_at": times.text(now)}
        )

    def _record(self, schedule: Schedule) -> None:
        uid = str(schedule.run_uid)
        uri: str | None = run_uri(schedule.project, uid)
        changes: dict[str, Any] = {"error": None}
        try:
            self._check_owner(schedule)
            due = schedule.document["status"]["due"]
            self.launcher.submit(_task_of(schedule, uid, due), schedule.owner)
        except MLRunServiceUnavailableError as error:
            # the claim is left, and found again when it is old enough
            with self.database.write() as connection:
                schedules.note(connection, schedule, self._failed(schedule, error))
            return
        except MLRunConflictError as error:
            with self.database.read() as connection:
                recorded = runs.find(connection, RunKey(schedule.project, uid)) is not None
            # else the server that claimed it has recorded it and died before it said so
            if not recorded:
                uri, changes = None, self._failed(schedule, error)
        except Exception as error:
            uri, changes = None, self._failed(schedule, error)
        with self.database.write() as connection:
            schedules.settle(connection, schedule, uri, changes)
        self.on_run()

    def _failed(self, schedule: Schedule, error: Exception) -> dict[str, Any]:
        """What the schedule's status says of an error: a fault of ours by its kind too."""
        said = str(error)
        if isinstance(error, MLRunBaseError):
            self.log.warning("Schedule %s/%s: %s", schedule.project, schedule.name, error)
        else:
            self.log.error("Schedule %s/%s failed", schedule.project, schedule.name, exc_info=error)
            said = f"The service failed ({type(error).__name__}): see the server's log"
        return {"error": said, "error_at": times.text(times.now())}

    def _check_owner(self, schedule: Schedule) -> None:
        """Nothing, where the owner, as known now, may run things in the project."""
        who = self.who_is(schedule.owner)
        if who is None:
            raise MLRunAccessDeniedError(
                f"{schedule.owner}, whose schedule this is, is no user of this service any more: "
                "somebody who may run in the project has to save it again"
            )
        if not self.allows(who, Wish(WRITE, "runs", schedule.project)):
            raise MLRunAccessDeniedError(
                f"{schedule.owner}, whose schedule this is, may not run in project "
                f"{schedule.project} any more: somebody who may has to save it again"
            )

    def _following(self, trigger: Cron, now: int) -> int | None:
        found = trigger.next(_datetime(now))
        if found is None:
            return None
        return _microseconds(found) + secrets.randbelow(trigger.jitter * 1_000_000 + 1)


def run_uri(project: str, uid: str) -> str:
    """A run's address as MLRun's schedules hold it."""
    return f"{project}@{uid}#0"


def _task_of(schedule: Schedule, uid: str, due: str = "") -> dict[str, Any]:
    """The body that submits the schedule's run, under a uid that is known beforehand."""
    body = dict(schedule.document["scheduled_object"])
    task = body.get("task") or {}
    metadata = dict(task.get("metadata") or {})
    labels = {**(metadata.get("labels") or {}), LABEL: schedule.name}
    metadata |= {"uid": uid, "project": schedule.project, "labels": labels}
    if due:
        metadata["annotations"] = {**(metadata.get("annotations") or {}), DUE: due}
    metadata["name"] = metadata.get("name") or schedule.name
    return {key: value for key, value in body.items() if key != "schedule"} | {
        "task": {**task, "metadata": metadata}
    }


def _noted(schedule: Schedule, changes: dict[str, Any]) -> Schedule:
    status = {**(schedule.document.get("status") or {}), **changes}
    return replace(schedule, document={**schedule.document, "status": status})


def _datetime(moment: int) -> datetime:
    return datetime.fromtimestamp(moment / 1e6, UTC)


def _microseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1e6)
