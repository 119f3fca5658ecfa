"""The parts of an alert, and what the service tells of alerts: documents with attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from enum import Enum
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
from jupyter_mlrun.names import near


def told(value: Any) -> Any:
    """A copy of the value, of plain dicts, lists and texts."""
    if isinstance(value, Mapping):
        return {key: told(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [told(item) for item in value]
    return str(value) if isinstance(value, Enum) else value


class AlertPart(Fields):
    """A part made of its fields by name; one that is missing or not known is refused."""

    NEEDED: ClassVar[tuple[str, ...]] = ()
    OTHERS: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, **fields: Any) -> None:
        own = type(self).__name__
        for name in self.NEEDED:
            if fields.get(name) is None:
                raise MLRunInvalidArgumentError(f"{own} needs '{name}': give {name}=")
        known = {*self.NEEDED, *self.OTHERS}
        for name in fields:
            if name not in known:
                raise MLRunInvalidArgumentError(f"{own} has no field '{name}'.{near(name, known)}")
        super().__init__({**{key: plain(value) for key, value in self.OTHERS.items()}, **fields})

    @classmethod
    def parse_obj(cls, obj: Mapping[str, Any]) -> Any:
        """The part of a dict; fields of a newer service are left out."""
        if isinstance(obj, cls):
            return obj
        if not isinstance(obj, Mapping):
            raise MLRunInvalidArgumentError(f"{cls.__name__} is made of a dict, not {obj!r:.60}")
        known = {*cls.NEEDED, *cls.OTHERS}
        return cls(**{key: value for key, value in obj.items() if key in known})

    def to_dict(self) -> dict[str, Any]:
        """Its fields as a dict of plain values."""
        return {key: told(value) for key, value in self.items()}

    dict = to_dict


class EventEntities(AlertPart):
    """Whom events concern: a ``kind``, a ``project``, and ``ids``, a list of one name."""

    NEEDED = ("kind", "project", "ids")

    def __init__(self, **fields: Any) -> None:
        super().__init__(**fields)
        self["kind"] = word(EventEntityKind, self["kind"], "kind")
        if isinstance(self["ids"], str) or len(self["ids"]) != 1:
            raise MLRunInvalidArgumentError(
                f"'ids' of EventEntities is a list of one name, not {self['ids']!r:.60}"
            )


class AlertTrigger(AlertPart):
    """What an alert listens to: ``events``, a list of kinds of them."""

    OTHERS: ClassVar[Mapping[str, Any]] = {"events": [], "prometheus_alert": None}

    def __init__(self, **fields: Any) -> None:
        super().__init__(**fields)
        self["events"] = [word(EventKind, each, "events") for each in self["events"] or ()]


class AlertCriteria(AlertPart):
    """How many events, within which ``period`` (``1d``, ``3h``, ``5m``, ``15s``), ring it."""

    OTHERS: ClassVar[Mapping[str, Any]] = {"count": 1, "period": None}


class AlertNotification(AlertPart):
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


class AlertTemplate(AlertPart):
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


class Event(AlertPart):
    """Something that happened to an entity, which alerts count."""

    NEEDED = ("kind", "entity")
    OTHERS: ClassVar[Mapping[str, Any]] = {"timestamp": None, "value_dict": {}}

    def __init__(self, **fields: Any) -> None:
        super().__init__(**fields)
        self["kind"] = word(EventKind, self["kind"], "kind")
        self["entity"] = EventEntities.parse_obj(self["entity"])


class AlertActivation(AlertPart):
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
