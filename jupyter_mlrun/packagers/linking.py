"""Outputs that others refer to: ``...`` in extra data and metrics becomes the output of its key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..artifacts.artifact import Artifact


def has_links(artifact: Artifact) -> bool:
    """Whether an artifact refers to outputs that may be logged later."""
    parts = (artifact.spec.get("extra_data"), artifact.spec.get("metrics"))
    return any(value is ... for part in parts if part for value in part.values())


def link(artifacts: Sequence[Artifact], outputs: Mapping[str, Any]) -> list[str]:
    """Fill the links of artifacts in place; keys that no output has are left away and returned."""
    by_key = {artifact.key: artifact for artifact in artifacts}
    missing: list[str] = []
    for artifact in artifacts:
        for name in ("extra_data", "metrics"):
            part = artifact.spec.get(name) or {}
            for key in [key for key, value in part.items() if value is ...]:
                known = {**outputs} if name == "metrics" else {**outputs, **by_key}
                if key in known:
                    part[key] = known[key]
                else:
                    part.pop(key)
                    missing.append(key)
    return missing
