"""Sending runs to be run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .transport import Client


def submit(
    client: Client,
    task: Mapping[str, Any],
    function: Mapping[str, Any] | None = None,
    secrets: Mapping[str, str] | None = None,
    schedule: Any = None,
) -> dict[str, Any]:
    """Have the service run a task; the run as it was recorded.

    ``secrets`` go to this one run's environment and are kept in memory only. With a ``schedule``,
    a cron line or MLRun's cron trigger, the answer says which schedule was made or changed.
    """
    body: dict[str, Any] = {"task": task}
    if function is not None:
        body["function"] = function
    if secrets:
        body["secrets"] = dict(secrets)
    if schedule:
        body["schedule"] = schedule
    run: dict[str, Any] = client.json("POST", "submit_job", body=body, timeout=300)["data"]
    return run
