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
) -> dict[str, Any]:
    """Have the service run a task; the run as it was recorded.

    ``secrets`` go to this one run's environment and are kept in memory only.
    """
    body: dict[str, Any] = {"task": task}
    if function is not None:
        body["function"] = function
    if secrets:
        body["secrets"] = dict(secrets)
    run: dict[str, Any] = client.json("POST", "submit_job", body=body, timeout=300)["data"]
    return run
