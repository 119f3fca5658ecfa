"""The time, as documents hold it."""

from __future__ import annotations

import time


def now() -> str:
    """This moment in UTC, to the microsecond."""
    stamp = time.time()
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(stamp))
    return f"{whole}.{int(stamp % 1 * 1e6):06d}+00:00"
