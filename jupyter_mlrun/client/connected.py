"""One connection, and the project of calls that name none."""

from __future__ import annotations

import os
import time
import warnings
from typing import Any

from ..errors import MLRunTimeoutError
from . import background_tasks
from .answers import Answer
from .transport import Client, Response, part

LONGEST_TASK = 3600.0
_LOOK, _LONG_LOOK = 0.1, 3.0


class Connected:
    """Calls over one connection."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def _project(self, name: str | None) -> str:
        return name or os.environ.get("MLRUN_ACTIVE_PROJECT") or "default"

    def _of(self, project: str | None, path: str) -> str:
        """An address below a project."""
        return f"projects/{part(self._project(project))}/{path}"

    def _ended(self, response: Response, project: str = "") -> Answer | None:
        """The background task that an answer names, when it has ended; None where it names none."""
        if response.status != 202:
            return None
        return self._task_ended(response.json()["metadata"]["name"], project)

    def _task_ended(self, name: str, project: str) -> Answer:
        deadline, pause = time.monotonic() + LONGEST_TASK, _LOOK
        while True:
            task = Answer(background_tasks.read(self.client, name, project))
            if task.status.state not in ("created", "running"):
                _warn_of_failure(task)
                return task
            if time.monotonic() > deadline:
                raise MLRunTimeoutError(
                    f"The background task '{name}' was still {task.status.state} after "
                    f"{LONGEST_TASK:g} s; it goes on"
                )
            time.sleep(pause)
            pause = min(pause * 1.5, _LONG_LOOK)


def _warn_of_failure(task: Answer) -> None:
    if task.status.state != "failed":
        return
    error = task.status.get("error") or "the service says no more of it"
    # what was asked for was taken, so its caller goes on
    warnings.warn(
        f"The background task '{task.metadata.name}' ({task.metadata.get('kind') or 'task'}) "
        f"failed: {error}",
        UserWarning,
        stacklevel=4,
    )


def choices(**given: Any) -> dict[str, Any]:
    """Arguments of a request that were given, flags as MLRun writes them."""
    return {
        name.replace("_", "-"): str(value).lower() if isinstance(value, bool) else value
        for name, value in given.items()
        if value is not None
    }
