"""Telling the service what has changed: the part of a context that writes."""

from __future__ import annotations

import threading
from typing import Any

from . import states
from .clock import now
from .errors import MLRunBaseError
from .logger import Logger
from .pulse import Pulse
from .report import Reporter
from .runview import RunView, copy_tree


class Telling(RunView):
    """Remembers what has changed and tells it soon, many changes in one request.

    Safe to use from several threads: one lock guards the document, another keeps the requests in
    order.
    """

    def __init__(self, run: dict[str, Any], reporter: Reporter) -> None:
        super().__init__(run)
        self._reporter = reporter
        self._logger = Logger(str(self._spec.get("log_level") or "INFO"))
        self._changed: set[str] = set()
        self._lock, self._telling = threading.RLock(), threading.RLock()
        self._pulse = Pulse(self._tell_quietly)
        # of a run whose end is said by what called this code: here only results are told
        self.is_part = False

    @property
    def logger(self) -> Logger:
        """Writes lines with values into the run's log."""
        return self._logger

    @property
    def log_level(self) -> str:
        """The logger's level."""
        return self._logger.level

    @log_level.setter
    def log_level(self, value: str) -> None:
        self._logger.level = value

    def set_annotation(self, key: str, value: Any, replace: bool = True) -> None:
        """Give the run an annotation."""
        annotations = self._metadata.setdefault("annotations", {})
        if replace or key not in annotations:
            annotations[key] = str(value)
            self._touch("metadata.annotations")

    def commit(self, message: str = "", completed: bool = False) -> None:
        """Tell the service everything now; ``completed`` ends a run that this code began.

        The message becomes the run's annotation ``message``.
        """
        if message:
            self.set_annotation("message", message)
            self.set_status(commit=message)
        if completed and not self.is_part:
            self.set_state(states.COMPLETED, commit=False)
        self._tell()

    def set_state(
        self, execution_state: str | None = None, error: str | None = None, commit: bool = True
    ) -> None:
        """Change the run's state; an error's text makes it ``error``."""
        with self._lock:
            if error is not None:
                execution_state = states.ERROR
                self._status["error"] = str(error)
                self._changed.add("status.error")
            if execution_state:
                self._status["state"] = states.advance(self.state, execution_state)
                self._changed.add("status.state")
            if self.state in states.TERMINAL:
                self._status["end_time"] = now()
                self._changed.add("status.end_time")
        if commit:
            self._tell()

    def set_status(self, **values: Any) -> None:
        """Set fields of the run's status; told with the next commit."""
        with self._lock:
            for name, value in values.items():
                self._status[name] = value
                self._changed.add(f"status.{name}")

    def store_run(self) -> None:
        """Store the whole run document."""
        with self._telling, self._lock:
            self._changed.clear()
            self._reporter.store(self._run)

    def tell_end(self, error: str) -> None:
        """Tell the run's end alone, as one that failed: what else there is was not taken."""
        with self._lock:
            self._status.update({"state": states.ERROR, "error": error, "end_time": now()})
            told = {f"status.{name}": self._status[name] for name in ("state", "error", "end_time")}
            self._changed.clear()
        self._reporter.update(self._run, told)

    def update_run(self) -> None:
        """Tell the service what has changed."""
        self._tell()

    def finish(self) -> None:
        """Store the whole document, the last word of an iteration."""
        self._pulse.stop()
        self.store_run()

    def _touch(self, path: str) -> None:
        with self._lock:
            self._changed.add(path)
        self._pulse.touch()

    def _tell_quietly(self) -> None:
        try:
            self._tell()
        except (MLRunBaseError, OSError) as error:
            # commit, or the end of the run, meets it again in the user's own thread
            self._logger.warning(f"the service was not told of this run: {error}")

    def _tell(self) -> None:
        with self._telling:
            with self._lock:
                changed, self._changed = self._changed, set()
                updates = {path: copy_tree(self._at(path)) for path in changed}
            if updates:
                try:
                    self._reporter.update(self._run, updates)
                except BaseException:
                    with self._lock:
                        self._changed |= changed
                    raise

    def _at(self, path: str) -> Any:
        part, _, name = path.partition(".")
        return self._run[part].get(name)
