"""Waiting for a run: by the service's events, through restarts of the server, interruptibly."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from jupyter_mlrun import states
from jupyter_mlrun.client import events, logs, runs
from jupyter_mlrun.client.transport import Client
from jupyter_mlrun.display.words import missing
from jupyter_mlrun.errors import (
    Interrupted,
    MLRunBaseError,
    MLRunNotFoundError,
    MLRunServiceUnreachableError,
)

SECOND_INTERRUPT = 3.0
AWAY_PAUSE = 1.0
AFTER_ABORT = 20.0
POLL = 20.0
TAIL_BYTES = 8192


class Follower:
    """One run, followed to its end."""

    def __init__(
        self, client: Client, project: str, uid: str, watch: bool = False, aloud: bool = False
    ) -> None:
        self.client, self.project, self.uid = client, project, uid
        self.aloud = aloud
        self._watch, self._offset = watch, 0
        self._cursor: int | None = None
        self._said = ""

    def wait(self, until: float | None = None) -> dict[str, Any] | None:
        """The run's document at its end; None where the time is over first."""
        while True:
            run = self._look()
            if run is not None and run["status"].get("state") in states.TERMINAL:
                self.print_log()
                return run
            left = None if until is None else until - time.monotonic()
            if left is not None and left <= 0:
                return None
            self._pause(POLL if left is None else min(POLL, left))

    def _look(self) -> dict[str, Any] | None:
        """The run as it is now; None while the service is away."""
        try:
            if self._cursor is None:
                self._cursor = events.poll(self.client, timeout=0)["cursor"]
            if self._watch:
                self.print_log()
            run = runs.read(self.client, self.project, self.uid)
            self._say(run["status"])
            return run
        except MLRunNotFoundError:
            raise
        except MLRunBaseError as error:
            if not _is_away(error):
                raise
            return None

    def _say(self, status: dict[str, Any]) -> None:
        """Print what the service says of a run that waits or works, once: a full disk, say."""
        text = str(status.get("status_text") or "")
        if self.aloud and text and text != self._said and status["state"] not in states.TERMINAL:
            self._said = text
            print(f"mlrun: {text}", file=sys.stderr, flush=True)

    def _pause(self, seconds: float) -> None:
        """Until something happens to the run, or the time is over."""
        try:
            if self._watch:
                time.sleep(min(0.3, seconds))
                return
            answer = events.poll(self.client, self._cursor, self.project, self.uid, seconds)
            self._cursor = answer["cursor"]
        except MLRunBaseError as error:
            if not _is_away(error):
                raise
            self._cursor = None
            time.sleep(min(AWAY_PAUSE, seconds))

    def print_log(self) -> None:
        """Print what the log has more than was printed."""
        while self._watch:
            chunk = logs.read(self.client, self.project, self.uid, self._offset)
            if not chunk.data:
                return
            self._offset += len(chunk.data)
            sys.stdout.write(chunk.data.decode("utf-8", "replace"))
            sys.stdout.flush()

    def print_missing(self) -> None:
        """Say where the log that was printed is not whole."""
        status = runs.read(self.client, self.project, self.uid)["status"]
        if text := missing(status):
            print(f"mlrun: {text}", file=sys.stderr, flush=True)


def _is_away(error: MLRunBaseError) -> bool:
    status = getattr(error, "status_code", None)
    return isinstance(error, MLRunServiceUnreachableError) or status in (502, 503, 504)


def wait_interruptibly(follower: Follower, say: Callable[[str], None]) -> dict[str, Any]:
    """The run at its end. An interrupt ends the wait, a second within 3 s stops the run."""
    try:
        run = follower.wait()
        assert run is not None
        return run
    except KeyboardInterrupt:
        pass
    name = follower.uid[:7]
    say(f"The wait is over; the run {name} goes on. Interrupt again within 3 s to stop it.")
    try:
        follower.wait(time.monotonic() + SECOND_INTERRUPT)
    except KeyboardInterrupt:
        runs.abort(follower.client, follower.project, follower.uid, "stopped from the notebook")
        raise Interrupted(f"the run {name} is being stopped") from None
    raise Interrupted(f"the run {name} goes on; its card shows how it ends") from None


def follow_in_background(follower: Follower, show: Callable[[dict[str, Any]], None]) -> None:
    """Show the run's end when it comes, without holding the kernel."""

    def work() -> None:
        try:
            run = follower.wait()
        except MLRunBaseError:
            # a thread has nobody to tell: the card in the browser goes on by itself
            return
        if run is not None:
            show(run)

    threading.Thread(target=work, name=f"mlrun-{follower.uid[:7]}", daemon=True).start()


def read_tail(client: Client, run: dict[str, Any], most: int = 4) -> list[str]:
    """The last lines of a run's log."""
    project, uid = run["metadata"]["project"], run["metadata"]["uid"]
    size = logs.size(client, project, uid)
    offset = max(0, size - TAIL_BYTES)
    text = logs.read(client, project, uid, offset).data.decode("utf-8", "replace")
    lines = [line.rsplit("\r", 1)[-1] for line in text.splitlines() if line.strip()]
    return (lines[1:] if offset and len(lines) > 1 else lines)[-most:]
