"""Exact values of Python's library that are no numbers of JSON: times, decimals, identifiers."""

from __future__ import annotations

import datetime
import decimal
import fractions
import uuid
from typing import TYPE_CHECKING, Any

from ..artifacts.artifact import Artifact
from .default import DefaultPackager
from .packager import ArtifactType

if TYPE_CHECKING:
    from ..datastore.item import DataItem


class _TextPackager(DefaultPackager):
    """A value with a text that says it exactly: a file of that text."""

    DEFAULT_PACKING_ARTIFACT_TYPE = ArtifactType.FILE
    DEFAULT_UNPACKING_ARTIFACT_TYPE = ArtifactType.FILE
    SAFE_TYPES = frozenset({ArtifactType.FILE})

    def _write(self, obj: Any) -> str:
        return str(obj)

    def _read(self, text: str) -> Any:
        return self.PACKABLE_OBJECT_TYPE(text)

    def pack_result(self, obj: Any, key: str) -> dict[str, Any]:
        """The value's text."""
        return {key: self._write(obj)}

    def pack_file(self, obj: Any, key: str) -> tuple[Artifact, dict[str, Any]]:
        """The value's text in a file."""
        return Artifact(key, self._write(obj), format="txt"), {}

    def unpack_file(self, data_item: DataItem) -> Any:
        """The value of the text."""
        return self._read(data_item.get(encoding="utf-8").strip())


class _IsoPackager(_TextPackager):
    """A date or time in its ISO form. The fold of a repeated hour is kept."""

    def _write(self, obj: Any) -> str:
        text: str = obj.isoformat()
        return text

    def _read(self, text: str) -> Any:
        return self.PACKABLE_OBJECT_TYPE.fromisoformat(text)


class DatePackager(_IsoPackager):
    """``datetime.date``."""

    PACKABLE_OBJECT_TYPE = datetime.date


class _ZonedPackager(_IsoPackager):
    def get_default_packing_artifact_type(self, obj: Any) -> str:
        """A file; a pickle where the time zone is no fixed offset, which ISO does not say."""
        zone = obj.tzinfo
        is_fixed = zone is None or isinstance(zone, datetime.timezone)
        has_name = is_fixed and zone is not None and zone != datetime.timezone(zone.utcoffset(None))
        return ArtifactType.FILE if is_fixed and not has_name and not obj.fold else "object"


class DatetimePackager(_ZonedPackager):
    """``datetime.datetime``."""

    PACKABLE_OBJECT_TYPE = datetime.datetime


class TimePackager(_ZonedPackager):
    """``datetime.time``."""

    PACKABLE_OBJECT_TYPE = datetime.time


class TimedeltaPackager(_TextPackager):
    """``datetime.timedelta``, as days, seconds and microseconds."""

    PACKABLE_OBJECT_TYPE = datetime.timedelta

    def _write(self, obj: Any) -> str:
        return f"{obj.days} {obj.seconds} {obj.microseconds}"

    def _read(self, text: str) -> Any:
        days, seconds, microseconds = map(int, text.split())
        return datetime.timedelta(days, seconds, microseconds)


class DecimalPackager(_TextPackager):
    """``decimal.Decimal``."""

    PACKABLE_OBJECT_TYPE = decimal.Decimal


class FractionPackager(_TextPackager):
    """``fractions.Fraction``."""

    PACKABLE_OBJECT_TYPE = fractions.Fraction


class UUIDPackager(_TextPackager):
    """``uuid.UUID``."""

    PACKABLE_OBJECT_TYPE = uuid.UUID
