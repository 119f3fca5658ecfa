"""A document of metadata, spec and status that keeps the keys it does not know."""

from __future__ import annotations

import copy
import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Self

from ..errors import MLRunInvalidArgumentError

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def strict(value: Any) -> Any:
    """The value as strict JSON can hold it: ``nan``, ``inf`` and ``-inf`` become these strings."""
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {str(key): strict(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [strict(item) for item in value]
    return value


def dumps(value: Any) -> str:
    """Strict, compact JSON; non-finite numbers as strings."""
    try:
        return _encode(value)
    except ValueError:
        return _encode(strict(value))


def dump_json(document: Mapping[str, Any]) -> str:
    """A document as JSON for people: sorted keys, indented."""
    return json.dumps(strict(document), ensure_ascii=False, indent=2, sort_keys=True)


def dump_yaml(document: Mapping[str, Any]) -> str:
    """A document as YAML for people."""
    import yaml

    return str(yaml.safe_dump(strict(document), allow_unicode=True, sort_keys=True))


def canonical(value: Any) -> str:
    """JSON with sorted keys: equal documents give equal text."""
    return json.dumps(
        strict(value), ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    )


def sha1(value: Any) -> str:
    """The hash of a document's canonical JSON: 40 hexadecimal digits."""
    return hashlib.sha1(canonical(value).encode()).hexdigest()


@dataclass
class Part:
    """One third of a document: known fields as attributes, all others kept in ``extra``."""

    extra: dict[str, Any] = field(default_factory=dict, kw_only=True)

    @classmethod
    def from_dict(cls, value: Mapping[str, Any] | None, where: str = "document") -> Self:
        """The part, of a dict as MLRun sends it; anything but a dict is refused."""
        if value is None:
            value = {}
        if not isinstance(value, Mapping):
            raise MLRunInvalidArgumentError(f"'{where}' must be an object, not {value!r:.80}")
        known = {part.name for part in fields(cls)} - {"extra"}
        given = {key: copy.deepcopy(item) for key, item in value.items() if key in known}
        rest = {key: copy.deepcopy(item) for key, item in value.items() if key not in known}
        return cls(**given, extra=rest)

    def to_dict(self) -> dict[str, Any]:
        """The part as a new dict, without the fields that are None."""
        known = {part.name: getattr(self, part.name) for part in fields(self)}
        rest = known.pop("extra")
        return copy.deepcopy({k: v for k, v in known.items() if v is not None} | rest)


@dataclass
class Document:
    """The base of every noun: ``kind``, ``metadata``, ``spec``, ``status`` and what else came."""

    metadata: Any
    spec: Any
    status: Any
    kind: str = ""
    extra: dict[str, Any] = field(default_factory=dict)

    Metadata: ClassVar[type[Part]] = Part
    Spec: ClassVar[type[Part]] = Part
    Status: ClassVar[type[Part]] = Part
    default_kind: ClassVar[str] = ""

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Self:
        """The document, of a dict as MLRun sends it; raises MLRunInvalidArgumentError."""
        if not isinstance(value, Mapping):
            raise MLRunInvalidArgumentError(f"A document must be an object, not {value!r:.80}")
        rest = {k: copy.deepcopy(v) for k, v in value.items() if k not in _PARTS}
        return cls(
            metadata=cls.Metadata.from_dict(value.get("metadata"), "metadata"),
            spec=cls.Spec.from_dict(value.get("spec"), "spec"),
            status=cls.Status.from_dict(value.get("status"), "status"),
            kind=value.get("kind") or cls.default_kind,
            extra=rest,
        )

    def to_dict(self) -> dict[str, Any]:
        """The document as a new dict in MLRun's shape."""
        return {
            "kind": self.kind,
            "metadata": self.metadata.to_dict(),
            "spec": self.spec.to_dict(),
            "status": self.status.to_dict(),
            **copy.deepcopy(self.extra),
        }


_PARTS = ("kind", "metadata", "spec", "status")


def dotted_path(key: str) -> list[str]:
    """The names that a dotted key goes through."""
    return [part.replace("\0", ".") for part in key.replace("\\.", "\0").split(".")]


def apply_dotted(document: dict[str, Any], updates: Mapping[str, Any]) -> dict[str, Any]:
    """The document, changed in place by dotted updates.

    A key with escaped dots (``results.a\\.b``) is MLRun's way to name a key that holds one.
    """
    for key, value in updates.items():
        target = document
        *path, last = dotted_path(key)
        for part in path:
            below = target.get(part)
            if not isinstance(below, dict):
                below = target[part] = {}
            target = below
        target[last] = value
    return document
