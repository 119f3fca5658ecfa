"""The time, as documents hold it."""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime, tzinfo


def now() -> str:
    """This moment in UTC, to the microsecond."""
    stamp = time.time()
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(stamp))
    return f"{whole}.{int(stamp % 1 * 1e6):06d}+00:00"


def now_date(tz: tzinfo | None = None) -> datetime:
    """This moment, in UTC or the time zone given."""
    from datetime import UTC, datetime

    return datetime.now(tz or UTC)


def to_date_str(moment: datetime | None) -> str:
    """A moment as documents hold it; nothing for None."""
    return moment.isoformat() if moment else ""


def datetime_from_iso(time_str: str) -> datetime | None:
    """The moment that a document's text means, in UTC, as which one without a zone is read."""
    from datetime import UTC, datetime

    if not time_str:
        return None
    moment = datetime.fromisoformat(time_str)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def datetime_to_iso(time_obj: datetime | None) -> str | None:
    """A moment as text; None for None."""
    return time_obj.isoformat() if time_obj else None
