"""Ends of runs that cannot be saved yet: tried again later, and told to whoever asks meanwhile."""

from __future__ import annotations

import json
import logging
import time
from typing import Any

from jupyter_mlrun import states
from jupyter_mlrun.errors import MLRunHTTPError
from jupyter_mlrun.model.document import dumps

PATIENCE = 5.0

Run = tuple[str, str]


class Unsaved:
    """By run, its project and uid, why its end is not saved."""

    def __init__(self, log: logging.Logger) -> None:
        self.log = log
        self._reasons: dict[Run, str] = {}
        self._not_before: dict[Run, float] = {}

    def waits(self, run: Run) -> bool:
        """Whether it is not to be tried again yet."""
        return time.monotonic() < self._not_before.get(run, 0.0)

    def put_off(self, run: Run, error: Exception) -> None:
        """Try again later; who asks for the run meanwhile is told why its end is not saved."""
        self._not_before[run] = time.monotonic() + PATIENCE
        if run in self._reasons:
            return
        self._reasons[run] = f"the run has ended, but its end cannot be saved: {error}"
        known = isinstance(error, MLRunHTTPError | OSError)
        self.log.error(
            "Run %s of project %s: %s", run[1], run[0], self._reasons[run], exc_info=not known
        )

    def drop(self, run: Run) -> None:
        """It is saved, or begins anew."""
        self._reasons.pop(run, None)
        self._not_before.pop(run, None)

    def in_run(self, run: dict[str, Any]) -> dict[str, Any]:
        """The run as the store has it, or with what cannot be saved of its end."""
        metadata = run["metadata"]
        reason = self._reasons.get((metadata["project"], metadata["uid"]))
        if reason and run["status"]["state"] not in states.TERMINAL:
            run["status"] |= {"state": states.ERROR, "error": reason, "reason": reason}
        return run

    def in_rows(self, rows: list[str]) -> list[str]:
        """The rows as the store has them, or with what cannot be saved of their runs' ends."""
        if not self._reasons:
            return rows
        found = []
        for text in rows:
            row = json.loads(text)
            reason = self._reasons.get((row["project"], row["uid"]))
            if reason and row["state"] not in states.TERMINAL:
                row |= {"state": states.ERROR, "error": reason, "reason": reason}
                text = dumps(row)
            found.append(text)
        return found
