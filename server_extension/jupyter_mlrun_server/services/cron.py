"""When a schedule runs: MLRun's cron triggers, with an IANA zone, as times to come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from apscheduler.triggers.cron import CronTrigger

from jupyter_mlrun.errors import MLRunInvalidArgumentError

FIELDS = ("year", "month", "day", "week", "day_of_week", "hour", "minute", "second")
CRONTAB = ("minute", "hour", "day", "month", "day_of_week")
LONGEST_FIELD = 200
MOST_JITTER = 86_400
CHECKED = 60
NONE, MOMENT = timedelta(), timedelta(microseconds=1)
# a zone that changed its side of the date line left a day out
LONGEST_CHANGE = timedelta(hours=26)


@dataclass(frozen=True)
class Cron:
    """A cron trigger: its fields as documents hold them, and the times that they name."""

    fields: dict[str, Any]
    zone: str
    jitter: int
    trigger: CronTrigger
    # the same times on a clock that nobody sets
    clock: CronTrigger

    def times(self, after: datetime, number: int = 1) -> list[datetime]:
        """The next times after a moment, in the trigger's zone; fewer where it ends."""
        found: list[datetime] = []
        for each in self._fires(after):
            found.append(each)
            if len(found) == number:
                break
        return found

    def next(self, after: datetime) -> datetime | None:
        """The next time after a moment, None where there is none."""
        return next(self._fires(after), None)

    def to_dict(self) -> dict[str, Any]:
        """The trigger as MLRun's documents hold it."""
        return {**dict.fromkeys(FIELDS), **self.fields}

    def _fires(self, after: datetime) -> Iterator[datetime]:
        previous = after.astimezone(UTC)
        if self.trigger.start_date is not None:
            previous = max(previous, self.trigger.start_date.astimezone(UTC) - MOMENT)
        following = self._by_time if self._every_hour else self._by_clock
        while (found := following(previous)) is not None:
            if self.trigger.end_date is not None and found > self.trigger.end_date:
                return
            yield found.astimezone(self.trigger.timezone)
            previous = found

    @property
    def _every_hour(self) -> bool:
        """Whether no hour is named, so that one that clocks repeat or leave out counts as it is."""
        (hour,) = (str(each) for each in self.trigger.fields if each.name == "hour")
        return hour in ("*", "*/1", "0-23")

    def _by_time(self, previous: datetime) -> datetime | None:
        """The first time after a moment, each hour that passes being one."""
        # it answers moments from the given one on; sums in UTC, as a zone's hours repeat
        start = (previous + MOMENT).astimezone(self.trigger.timezone)
        found = self.trigger.get_next_fire_time(None, start)
        return None if found is None else found.astimezone(UTC)

    def _by_clock(self, previous: datetime) -> datetime | None:
        """The first moment after one at which clocks show a named time, or have passed over it.

        What clocks show twice counts once, and what they leave out comes as much later.
        """
        zone = self.trigger.timezone
        now, before = previous.astimezone(zone), (previous - LONGEST_CHANGE).astimezone(zone)
        left_out = max((now.utcoffset() or NONE) - (before.utcoffset() or NONE), NONE)
        shown = now.replace(tzinfo=UTC, fold=0) - left_out
        found: datetime | None = None
        while (shown_next := self.clock.get_next_fire_time(None, shown + MOMENT)) is not None:
            shown = shown_next
            moment = shown.replace(tzinfo=zone).astimezone(UTC)
            if moment <= previous:
                continue
            found = moment if found is None else min(found, moment)
            if moment.astimezone(zone).replace(tzinfo=UTC, fold=0) == shown:
                break  # clocks do show it: all others come later
        return found


def parse(given: Any, zone: str = "UTC") -> Cron:
    """The trigger of a crontab line (``CRON_TZ=Europe/Oslo 0 2 * * mon``) or of a document.

    ``zone`` holds where the trigger names none. As in MLRun, days of the week count from 0 =
    Monday; names (mon, tue, …) say what they mean.
    """
    if isinstance(given, str):
        given = _fields_of_line(given)
    if not isinstance(given, Mapping):
        raise MLRunInvalidArgumentError(
            f"The schedule must be a cron line or a trigger, not {given!r:.80}"
        )
    fields = {name: _field(name, value) for name, value in given.items()
              if name in FIELDS and value is not None}  # fmt: skip
    if not fields:
        raise MLRunInvalidArgumentError(
            "The schedule names no time: give minute, hour, day, month, day_of_week ('0 2 * * *')"
        )
    named = given.get("timezone") or zone
    moments = {name: _moment(name, given.get(name), named) for name in ("start_date", "end_date")}
    jitter = _jitter(given.get("jitter"))
    try:
        trigger = CronTrigger(**fields, **moments, timezone=_zone(named))
        clock = CronTrigger(**fields, timezone=UTC)
    except (ValueError, TypeError, KeyError) as error:
        raise MLRunInvalidArgumentError(
            f"The schedule cannot be read: {error} (days of the week are mon … sun, or 0 … 6 from "
            "Monday)"
        ) from None
    kept: dict[str, Any] = fields | {
        name: moment.isoformat() for name, moment in moments.items() if moment is not None
    }
    kept |= {"timezone": named if given.get("timezone") else None, "jitter": jitter or None}
    return Cron(kept, str(named), jitter, trigger, clock)


def check(cron: Cron, least_seconds: float, now: datetime | None = None) -> None:
    """Nothing, where the trigger has a time to come and never two that are too close."""
    now = now or datetime.now(UTC)
    found = cron.times(now, CHECKED)
    if not found:
        raise MLRunInvalidArgumentError(
            "The schedule names no time to come: look at its day, month, year and end_date"
        )
    for first, second in pairwise(found):
        if (second - first).total_seconds() < least_seconds:
            raise MLRunInvalidArgumentError(
                f"Cron trigger too frequent: it runs at {first.isoformat()} and again at "
                f"{second.isoformat()}, and the shortest interval here is {least_seconds:g} "
                "seconds (MLRunServerApp.schedule_interval)"
            )


def _fields_of_line(line: str) -> dict[str, Any]:
    parts = line.split()
    fields: dict[str, Any] = {}
    if parts and parts[0].upper().startswith(("CRON_TZ=", "TZ=")):
        fields["timezone"] = parts.pop(0).partition("=")[2]
    if len(parts) != len(CRONTAB):
        raise MLRunInvalidArgumentError(
            f"Wrong number of fields in crontab expression {line!r:.100}; got {len(parts)}, "
            "expected 5: minute, hour, day, month, day_of_week"
        )
    return fields | dict(zip(CRONTAB, parts, strict=True))


def _field(name: str, value: Any) -> str | int:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise MLRunInvalidArgumentError(
            f"'{name}' of the schedule must be a text or a number, not {value!r:.40}"
        )
    if isinstance(value, str) and (len(value) > LONGEST_FIELD or not value.strip()):
        raise MLRunInvalidArgumentError(f"'{name}' of the schedule is empty or too long")
    return value


def _zone(name: Any) -> ZoneInfo:
    if not isinstance(name, str) or name not in available_timezones():
        raise MLRunInvalidArgumentError(
            f"Time zone {name!r:.60} is not one of the IANA list: write it as in 'Europe/Berlin'"
        )
    return ZoneInfo(name)


def _moment(name: str, value: Any, zone: Any) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise MLRunInvalidArgumentError(
            f"'{name}' of the schedule is not an ISO time: {value!r:.60}"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=_zone(zone))


def _jitter(value: Any) -> int:
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_JITTER:
        raise MLRunInvalidArgumentError(
            f"'jitter' of the schedule is {value!r:.40}: give 0 to {MOST_JITTER} seconds"
        )
    return value
