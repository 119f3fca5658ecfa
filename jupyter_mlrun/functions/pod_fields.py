"""The ``spec`` of a function that runs in pods: a dict that keeps MLRun's shape as it changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Self

from jupyter_mlrun.errors import MLRunInvalidArgumentTypeError
from jupyter_mlrun.model.fields import Fields, Table
from jupyter_mlrun.model.manifest import to_manifest

from .resources import complete

Complete = Callable[[str, Any], Any]


class PodFields(Fields):
    """Values are completed and checked when they are set, as MLRun does."""

    COMPLETE: ClassVar[Mapping[str, Complete]] = {"resources": complete}
    OBJECTS: ClassVar[Mapping[str, str]] = {
        "affinity": "V1Affinity",
        "tolerations": "List[V1.Toleration]",
        "security_context": "V1SecurityContext",
    }

    def __init__(self, value: Mapping[str, Any] | None = None, table: Table | None = None) -> None:
        super().__init__({}, table)
        for key, item in (value or {}).items():
            self[key] = item

    def __setitem__(self, key: str, value: Any) -> None:
        if key in self.COMPLETE and value is not None:
            value = self.COMPLETE[key](key, dict(value))
        elif key in self.OBJECTS:
            value = _objects(key, value, self.OBJECTS[key])
        super().__setitem__(key, value)

    def put(self, key: str, value: Any) -> None:
        """Set a value as it is."""
        super().__setitem__(key, value)

    def with_volumes(self, volumes: Any) -> Self:
        """Add volumes; one of the same name is replaced."""
        self.put("volumes", merged(self.get("volumes"), volumes, "name"))
        return self

    def with_volume_mounts(self, volume_mounts: Any, field: str = "volume_mounts") -> Self:
        """Add mounts; one at the same path is replaced."""
        self.put(field, merged(self.get(field), volume_mounts, "mountPath"))
        return self

    def update_vols_and_mounts(self, volumes: Any, volume_mounts: Any) -> None:
        """Add volumes and mounts."""
        self.with_volumes(volumes or [])
        self.with_volume_mounts(volume_mounts or [])


def merged(before: Any, added: Any, key: str) -> list[dict[str, Any]]:
    """Items by their key, later ones in the place of earlier ones."""
    found: dict[Any, dict[str, Any]] = {}
    for item in [*_items(before), *_items(added)]:
        found[item.get(key)] = item
    return list(found.values())


def _items(value: Any) -> Iterable[dict[str, Any]]:
    if value is None:
        return []
    found = to_manifest(value)
    return found if isinstance(found, list) else [found]


def _objects(name: str, value: Any, kind: str) -> Any:
    found = to_manifest(value)
    if kind.startswith("List") and isinstance(found, Mapping):
        found = [found]
    for item in found if isinstance(found, list) else [found or {}]:
        if not isinstance(item, Mapping):
            raise MLRunInvalidArgumentTypeError(
                f"{name} must be instance of kubernetes {kind} class, or its dict, not {item!r:.60}"
            )
        for key in item:
            if "_" in key:
                # a to_dict() of the Kubernetes client has lost how Kubernetes spells its keys
                raise MLRunInvalidArgumentTypeError(
                    f"{name} must be instance of kubernetes {kind} class "
                    f"but contains not sanitized key: {key}"
                )
    return found
