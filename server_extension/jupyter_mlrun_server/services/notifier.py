"""The notifier: what runs and alerts have to tell is sent, each once, in the leading server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.engine import Connection

from jupyter_mlrun.errors import MLRunBaseError, MLRunHTTPError, MLRunServiceUnavailableError
from jupyter_mlrun.model import alert

from ..store import alert_activations, alerts, clock, notifications, runs
from ..store.database import Database
from ..store.notifications import Notification
from ..store.runs import RunKey
from . import templates
from .notification_message import Message
from .notifications import Notifications
from .threads import TELLERS, Threads
from .watch import watch

LONGEST_SLEEP = 60.0
TOLD = {"completed": "completed", "error": "failed", "aborted": "aborted", "running": "started"}


class Notifier:
    """Claims what is due, sends it, and keeps how it went."""

    def __init__(
        self,
        database: Database,
        threads: Threads,
        definitions: Notifications,
        sender: str,
        log: logging.Logger,
    ) -> None:
        self.database = database
        self.threads = threads
        self.definitions = definitions
        self.sender = sender
        self.log = log
        self.on_change: Callable[[], None] = lambda: None
        self.url_of: Callable[[str, str], str] = lambda project, uid: ""
        self._awake = asyncio.Event()
        self._knows_lost = False

    def heed(self, event: Mapping[str, Any]) -> None:
        """Look for what is due after a change that made it so: a run's end tells of its own."""
        if event["kind"] in ("alert", "notification"):
            self._awake.set()

    async def run(self) -> None:
        """Send what is due until cancelled; what was being sent from here before has failed."""
        await watch(self._look, self.log, "Notifications", self._awake)

    async def _look(self) -> float:
        if not self._knows_lost:
            await self.threads.call(self._settle_lost, self.sender)
            self._knows_lost = True
        found = await self.threads.call(self._claim)
        await asyncio.gather(*(self.threads.telling(self.send, each) for each in found))
        if found:
            self.on_change()
        wait = await self.threads.call(self._wait)
        return LONGEST_SLEEP if wait is None else min(max(wait, 0.0), LONGEST_SLEEP)

    def _claim(self) -> list[Notification]:
        wait = self._wait()
        if wait is None or wait > 0:
            return []
        self._settle_lost()
        with self.database.write() as connection:
            alerts.reset_cooled(connection)
            # no more than can begin at once: what is claimed and not begun would be lost with us
            return notifications.claim(connection, clock.now(connection), self.sender, TELLERS)

    def _settle_lost(self, sender: str | None = None) -> None:
        """Say of what a dead server was sending that nobody knows whether it was sent."""
        with self.database.write() as connection:
            lost = notifications.settle_lost(connection, clock.now(connection), sender)
        for each in lost:
            self._warn(each, "has failed", notifications.LOST)
            with self.database.write() as connection:
                self._tell_run(connection, each)

    def _wait(self) -> float | None:
        """The seconds until something is due; None where nothing is planned."""
        with self.database.read() as connection:
            moments = [notifications.next_moment(connection), alerts.next_reset(connection)]
            planned = [each for each in moments if each is not None]
            return (min(planned) - clock.now(connection)) / 1e6 if planned else None

    def send(self, notification: Notification) -> None:
        """Send one that was claimed, and keep how it went."""
        definition = notification.document
        try:
            message = self._message(notification)
            if message is None:
                self._settle(notification, unmet=True)
                return
            params = self.definitions.params(notification.project, definition)
            self.definitions.kinds.send(str(definition["kind"]), message, params)
        except MLRunBaseError as error:
            again = isinstance(error, MLRunServiceUnavailableError)
            self._failed(notification, str(error), again)
        except Exception as error:
            self.log.exception("Notification %s could not be sent", notification.name)
            self._failed(notification, f"{type(error).__name__}: {error}", False)
        else:
            self._settle(notification)

    def _message(self, notification: Notification) -> Message | None:
        """What is to be told; None where the notification's condition does not hold."""
        if notification.source == "alert":
            return self._of_alert(notification)
        with self.database.read() as connection:
            run = runs.read(connection, RunKey(notification.project, notification.uid))
        definition, state = notification.document, run["status"]["state"]
        condition = str(definition.get("condition") or "")
        values = {"run": run, "notification": {**definition, "secret_params": {}}}
        if state == "completed" and not templates.holds(condition, values):
            return None
        text = f"Run {TOLD.get(state, state)} in project {notification.project}"
        own = definition.get("message")
        return Message(
            notification.project, notification.name, f"{text}: {own}" if own else text,
            str(definition.get("severity") or "info"), [run],
            url=self.url_of(notification.project, notification.uid),
        )  # fmt: skip

    def _of_alert(self, notification: Notification) -> Message:
        with self.database.read() as connection:
            cause = alert_activations.cause(connection, notification.project, int(notification.uid))
        if cause is None:
            raise MLRunHTTPError("The alert's activation is gone")
        config, event = cause["alert"], cause["event"]
        definition = notification.document
        uid = str((event.get("value_dict") or {}).get("uid") or "")
        return Message(
            notification.project, notification.name,
            str(definition.get("message") or config["name"]),
            str(definition.get("severity") or "info"), alert=config, event=event,
            summary=alert.summary(config, str(event["entity"]["ids"][0])),
            url=self.url_of(notification.project, uid) if uid else "",
        )  # fmt: skip

    def _failed(self, notification: Notification, reason: str, again: bool) -> None:
        with self.database.write() as connection:
            later = notifications.set_failed(connection, notification, reason[:2000], again)
            self._tell_run(connection, notification)
        self._warn(notification, "will be tried again" if later else "has failed", reason)

    def _warn(self, notification: Notification, word: str, reason: str) -> None:
        self.log.warning(
            "Notification %s of %s %s/%s %s: %s", notification.name, notification.source,
            notification.project, notification.uid, word, reason,
        )  # fmt: skip

    def _settle(self, notification: Notification, unmet: bool = False) -> None:
        with self.database.write() as connection:
            if unmet:
                notifications.set_unmet(connection, notification)
            else:
                notifications.set_sent(connection, notification)
            self._tell_run(connection, notification)

    def _tell_run(self, connection: Connection, notification: Notification) -> None:
        """Write into the run's status what its notifications have come to."""
        if notification.source != "run":
            return
        key = RunKey(notification.project, notification.uid)
        if runs.find(connection, key) is not None:
            states = notifications.states(connection, key.project, key.uid)
            runs.update(connection, key, {"status.notifications": states})
