"""Attempts of a run: what its task lets follow a failure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.engine import Connection

from jupyter_mlrun import states
from jupyter_mlrun.errors import MLRunTimeoutError

from . import launches, times

KINDS = ("job",)
# microseconds after a failure in which another attempt begins: MLRun's 3 days, its
# monitoring.runs.retry.staleness_threshold
STALE = 3 * 86_400_000_000


def left(run: Mapping[str, Any]) -> int:
    """How many further attempts the run's task allows."""
    retry = run["spec"].get("retry") or {}
    count = retry.get("count") if isinstance(retry, Mapping) else 0
    if not isinstance(count, int):
        return 0
    return max(0, count - made(run))


def made(run: Mapping[str, Any]) -> int:
    """How many attempts have failed; what anybody else wrote there counts as none."""
    count = run["status"].get("retry_count")
    return count if isinstance(count, int) and count > 0 else 0


def check_fresh(run: Mapping[str, Any], now: int) -> None:
    """Nothing, where an attempt may still begin; MLRunTimeoutError long after the last one."""
    failures = run["status"].get("retries") if made(run) else None
    last = failures[-1] if isinstance(failures, list) and failures else None
    ended = times.parse(last.get("end_time")) if isinstance(last, Mapping) else None
    if ended is not None and now - ended > STALE:
        raise MLRunTimeoutError(
            f"its last attempt ended at {times.text(ended)}, more than {STALE // 86_400_000_000} "
            "days ago, and no further one begins: run it again"
        )


def none_began(run: Mapping[str, Any]) -> dict[str, Any]:
    """The update of a run that ends while it waits: without an attempt it has no duration."""
    return {} if made(run) else {"status.never_began": True}


def are_to_be_decided(connection: Connection, run: Mapping[str, Any]) -> bool:
    """Whether the run has failed and may be tried again: its failure is not the last word yet.

    It is where its launch goes with no further attempt.
    """
    metadata = run["metadata"]
    if run["status"]["state"] != states.ERROR or metadata["iteration"] or not left(run):
        return False
    launch = launches.find(connection, metadata["project"], metadata["uid"])
    return launch is not None and launch.kind in KINDS
