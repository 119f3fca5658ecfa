"""Objects of the Kubernetes client as the dicts that their YAML would be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def is_object(value: Any) -> bool:
    """Whether the value is an object of the Kubernetes client, of any of its releases."""
    return hasattr(type(value), "attribute_map")


def to_manifest(value: Any) -> Any:
    """The value with every object in it as its dict, keys as Kubernetes spells them."""
    if is_object(value):
        names: Mapping[str, str] = type(value).attribute_map
        found = {spelled: getattr(value, name) for name, spelled in names.items()}
        return {key: to_manifest(item) for key, item in found.items() if item is not None}
    if isinstance(value, Mapping):
        return {key: to_manifest(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_manifest(item) for item in value]
    return value
