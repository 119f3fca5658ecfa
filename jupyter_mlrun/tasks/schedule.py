"""When the service runs something: the cron triggers and documents of schedules."""

from __future__ import annotations

from typing import Any, Self

from jupyter_mlrun.enumerations import ScheduleKinds
from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.model.parts import Part

_CRONTAB = ("minute", "hour", "day", "month", "day_of_week")
_OTHERS: dict[str, Any] = {
    "desired_state": None,
    "labels": None,
    "concurrency_limit": None,
    "credentials": {},
}


class ScheduleCronTrigger(Part):
    """The times of a schedule, field by field; a field that is left out is as APScheduler has it.

    ``start_date`` and ``end_date`` are dates or ISO texts, ``timezone`` a name such as
    ``Europe/Berlin``, ``jitter`` seconds.
    """

    OTHERS = dict.fromkeys(
        (
            "year", "month", "day", "week", "day_of_week", "hour", "minute", "second",
            "start_date", "end_date", "timezone", "jitter",
        )
    )  # fmt: skip

    @classmethod
    def from_crontab(cls, expr: str, timezone: str | None = None) -> Self:
        """The trigger of a cron line: minute, hour, day, month and day of the week."""
        values = expr.split()
        if len(values) != len(_CRONTAB):
            raise MLRunInvalidArgumentError(
                f"Wrong number of fields in crontab expression {expr!r}; got {len(values)}, "
                f"expected {len(_CRONTAB)}: {', '.join(_CRONTAB)}"
            )
        return cls(**dict(zip(_CRONTAB, values, strict=True)), timezone=timezone)

    def to_crontab(self) -> str:
        """Its cron line."""
        return " ".join(str(self[field]) for field in _CRONTAB)


class ScheduleUpdate(Part):
    """What is changed of a schedule; what is left out stays."""

    OTHERS = {"scheduled_object": None, "cron_trigger": None, **_OTHERS}


class ScheduleInput(Part):
    """A schedule to make: its ``scheduled_object`` is what would be submitted."""

    NEEDED = ("name", "kind", "scheduled_object", "cron_trigger")
    OTHERS = {**_OTHERS, "labels": {}}

    def __init__(self, **fields: Any) -> None:
        super().__init__(**fields)
        if self["kind"] not in list(ScheduleKinds):
            raise MLRunInvalidArgumentError(
                f"'kind' of a schedule is one of {', '.join(ScheduleKinds)}, not {self['kind']!r}"
            )
