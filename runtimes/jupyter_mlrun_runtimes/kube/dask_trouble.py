"""Why the workers of a Dask cluster do not work: a run that waits for them says nothing. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import reasons
from .manifests import Body

ENDED = "a worker of its Dask cluster ended: {}"
WAITS = "a worker of its Dask cluster waits: {}"


def explain(workers: Sequence[Body], container: str) -> str:
    """What hinders them; empty where one works that has never failed, or all just begin."""
    found = [_trouble(body, container) for body in workers]
    return next((each for each in found if each), "") if all(found) else ""


def _trouble(body: Body, container: str) -> str:
    before = _last_end(body, container)
    if before is not None:
        return ENDED.format(reasons.end_of(body, before))
    seen = reasons.of_pod(body, container)
    if seen.reason:
        return ENDED.format(seen.reason)
    return WAITS.format(seen.detail) if seen.detail else ""


def _last_end(body: Body, container: str) -> Mapping[str, Any] | None:
    """How it ended before its node started it anew."""
    for each in (body.get("status") or {}).get("containerStatuses") or []:
        if each.get("name") == container:
            found: Mapping[str, Any] | None = (each.get("lastState") or {}).get("terminated")
            return found
    return None
