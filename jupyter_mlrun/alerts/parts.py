"""The parts of an alert, and what the service tells of alerts: documents with attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar

from jupyter_mlrun.clock import datetime_from_iso
from jupyter_mlrun.enumerations import (
    AlertSeverity,
    EventEntityKind,
    EventKind,
    ResetPolicy,
)
from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.model.fields import Fields, plain
from jupyter_mlrun.model.parts import Part
from jupyter_mlrun.names import near


class EventEntities(Part):
    """Whom events concern: a ``kind``, a ``project``, and ``ids``, a list of one name."""

    NEEDED = ("kind", "project", "ids")

    def __init__(self, **fields: Any) -> None:
        super().__init__(**fields)
        self["kind"] = word(EventEntityKind, self["kind"], "kind")
        if isinstance(self["ids"], str) or len(self["ids"]) != 1:
            raise MLRunInvalidArgumentError(
                f"'ids' of EventEntities is a list of one name, not {self['ids']!r:.60}"
            )


class AlertTrigger(Part):
    """What an alert listens to: ``events``, a list of kinds of them."""

    OTHERS: ClassVar[Mapping[str, Any]] = {"events": [], "prometheus_alert": None}

    def __init__(self, **fields: Any) -> None:
        super().__init__(**fields)
        self["events"] = [word(EventKind, each, "events") for each in self["events"] or ()]


class AlertCriteria(Part):
    """How many events, within which ``period`` (``1d``, ``3h``, ``5m``, ``15s``), ring it."""

    OTHERS: ClassVar[Mapping[str, Any]] = {"count": 1, "period": None}


class AlertNotification(Part):
    """Who is told when an alert rings."""

    NEEDED = ("notification",)
    OTHERS: ClassVar[Mapping[str, Any]] = {"cooldown_period": None}

    def __init__(self, **fields: Any) -> None:
        super().__init__(**fields)
        self["notification"] = Fields(plain(self["notification"]), _TOLD)


_TOLD = dict.fromkeys(
    (
        "kind", "name", "message", "severity", "when", "condition", "params", "status",
        "sent_time", "secret_params", "reason",
    ),
)  # fmt: skip


class AlertTemplate(Part):
    """What alerts can be made of."""

    NEEDED = ("template_name", "severity", "trigger")
    OTHERS: ClassVar[Mapping[str, Any]] = {
        "template_id": None, "template_description": None, "system_generated": False,
        "summary": None, "criteria": None, "reset_policy": ResetPolicy.AUTO,
        "cooldown_period": None,
    }  # fmt: skip

    def __init__(self, **fields: Any) -> None:
        super().__init__(**fields)
        self["severity"] = word(AlertSeverity, self["severity"], "severity")
        self["reset_policy"] = word(ResetPolicy, self["reset_policy"], "reset_policy")
        self["trigger"] = AlertTrigger.parse_obj(self["trigger"])
        if self["criteria"] is not None:
            self["criteria"] = AlertCriteria.parse_obj(self["criteria"])

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> AlertTemplate:
        """The template of a document; words of a newer service stay texts."""
        with reading():
            made: AlertTemplate = cls.parse_obj(document)
        return made

    def templates_differ(self, other: AlertTemplate) -> bool:
        """Whether another one makes other alerts."""
        compared = (
            "template_description", "summary", "severity", "trigger", "reset_policy", "criteria",
            "cooldown_period",
        )  # fmt: skip
        return any(self[name] != other[name] for name in compared)


class Event(Part):
    """Something that happened to an entity, which alerts count."""

    NEEDED = ("kind", "entity")
    OTHERS: ClassVar[Mapping[str, Any]] = {"timestamp": None, "value_dict": {}}

    def __init__(self, **fields: Any) -> None:
        super().__init__(**fields)
        self["kind"] = word(EventKind, self["kind"], "kind")
        self["entity"] = EventEntities.parse_obj(self["entity"])


class AlertActivation(Part):
    """One time that an alert rang: when, for whom, after how many events, and who was told."""

    NEEDED = ("id", "name", "project", "activation_time", "entity_id", "entity_kind")
    OTHERS: ClassVar[Mapping[str, Any]] = {
        "severity": None, "criteria": None, "event_kind": None, "number_of_events": None,
        "notifications": [], "reset_time": None,
    }  # fmt: skip

    def __init__(self, **fields: Any) -> None:
        super().__init__(**fields)
        for name in ("activation_time", "reset_time"):
            if isinstance(self[name], str):
                self[name] = datetime_from_iso(self[name])
        self["notifications"] = [Fields(each) for each in self["notifications"] or ()]
        if self["criteria"] is not None:
            self["criteria"] = AlertCriteria.parse_obj(self["criteria"])

    def group_key(self, attributes: Sequence[str]) -> Any:
        """The values of some fields; of one field the value alone."""
        values = tuple(getattr(self, name) for name in attributes)
        return values[0] if len(values) == 1 else values


class AlertActivations(list[AlertActivation]):
    """Activations; MLRun's client has them in ``activations``."""

    def __init__(
        self, activations: Iterable[Any] = (), pagination: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(AlertActivation.parse_obj(each) for each in activations)
        self.pagination = pagination

    @property
    def activations(self) -> list[AlertActivation]:
        """Themselves."""
        return self

    def group_by(self, *attributes: str) -> dict[Any, list[AlertActivation]]:
        """The activations by the values of their fields."""
        found: dict[Any, list[AlertActivation]] = {}
        for each in self:
            found.setdefault(each.group_key(attributes), []).append(each)
        return found

    def aggregate_by(
        self,
        group_by_attrs: list[str],
        aggregation_function: Callable[[list[AlertActivation]], Any],
    ) -> dict[Any, Any]:
        """What a function makes of each group of ``group_by``."""
        grouped = self.group_by(*group_by_attrs)
        return {key: aggregation_function(several) for key, several in grouped.items()}


_reads: ContextVar[bool] = ContextVar("reads", default=False)


@contextmanager
def reading() -> Iterator[None]:
    """Take words that are not known, as a newer service may tell them."""
    before = _reads.set(True)
    try:
        yield
    finally:
        _reads.reset(before)


def word(words: Any, value: Any, field: str) -> Any:
    """One of an enumeration's words."""
    try:
        return words(value)
    except ValueError:
        if _reads.get():
            return str(value)
        known = [str(each) for each in words]
        raise MLRunInvalidArgumentError(
            f"'{field}' is one of {', '.join(known)}, not {value!r:.60}.{near(str(value), known)}"
        ) from None
