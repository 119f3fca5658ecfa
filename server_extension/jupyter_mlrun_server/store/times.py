"""Times as the store keeps them (whole microseconds, UTC) and as documents write them (ISO)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def now() -> int:
    """This moment."""
    return (datetime.now(UTC) - _EPOCH) // _MICROSECOND


def parse(text: object) -> int | None:
    """The moment that an ISO text names; without a zone it is UTC; None where it names none."""
    if not isinstance(text, str) or not text:
        return None
    try:
        moment = datetime.fromisoformat(text.strip().replace(" ", "T", 1))
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // _MICROSECOND


def text(moment: int) -> str:
    """The ISO text of a moment, with its zone."""
    return (_EPOCH + timedelta(microseconds=moment)).isoformat()
