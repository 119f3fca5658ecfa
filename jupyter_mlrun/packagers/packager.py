"""The contract of a packager: how values of one type become artifacts, and values again."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from .type_hints import TypeHintUtils, name_of

if TYPE_CHECKING:
    from ..datastore.item import DataItem


class ArtifactType:
    """What a value can be packed as."""

    OBJECT, PATH, FILE, DATASET = "object", "path", "file", "dataset"
    MODEL, PLOT, RESULT = "model", "plot", "result"


class Packager(ABC):
    """Packs values of ``PACKABLE_OBJECT_TYPE`` (``...``: any) and unpacks them.

    ``PRIORITY`` is 1 (first) to 10; one that is not set is 5 for those of this library and 3 for
    others. ``SAFE_TYPES`` names the artifact types whose unpacking runs no code of the artifact:
    those alone are unpacked from other projects without an explicit yes.
    """

    PACKABLE_OBJECT_TYPE: ClassVar[Any] = ...
    PRIORITY: ClassVar[Any] = ...
    SAFE_TYPES: ClassVar[frozenset[str]] = frozenset()

    def __init__(self) -> None:
        self._priority = type(self).PRIORITY
        self._clearing: list[str] = []

    @abstractmethod
    def get_default_packing_artifact_type(self, obj: Any) -> str:
        """What the value is packed as where nothing is said."""

    @abstractmethod
    def get_default_unpacking_artifact_type(self, data_item: DataItem) -> str:
        """What data that is no package is unpacked as."""

    @abstractmethod
    def get_supported_artifact_types(self) -> list[str]:
        """What values can be packed as, and unpacked from."""

    def get_supported_packing_artifact_types(self) -> list[str]:
        """What values can be packed as."""
        return self.get_supported_artifact_types()

    def get_supported_unpacking_artifact_types(self) -> list[str]:
        """What values can be unpacked from."""
        return self.get_supported_artifact_types()

    @abstractmethod
    def pack(
        self,
        obj: Any,
        key: str | None = None,
        artifact_type: str | None = None,
        configurations: dict[str, Any] | None = None,
    ) -> Any:
        """An artifact, not yet logged, with instructions to unpack it; or a dict of results."""

    @abstractmethod
    def unpack(
        self,
        data_item: DataItem,
        artifact_type: str | None = None,
        instructions: dict[str, Any] | None = None,
    ) -> Any:
        """The value that the data was packed from."""

    def bundle(self, collection: Any) -> Any:
        """One value of a dict or list of values."""
        raise NotImplementedError(f"{type(self).__name__} makes no collections")

    def unbundle(self, bundled_object: Any) -> Any:
        """The dict or list of the items of a value."""
        raise NotImplementedError(f"{type(self).__name__} takes no collections apart")

    @abstractmethod
    def can_bundle(self, bundle_hint: Any, collection_type: Any) -> bool:
        """Whether ``bundle`` makes the hinted type of a dict or list."""

    @abstractmethod
    def can_unbundle(self, bundled_object: Any) -> bool:
        """Whether ``unbundle`` takes the value apart."""

    def is_packable(
        self,
        obj: Any,
        artifact_type: str | None = None,
        configurations: dict[str, Any] | None = None,
    ) -> bool:
        """Whether this packager packs the value as the artifact type."""
        kind = self.PACKABLE_OBJECT_TYPE
        if kind is not ... and type(obj) is not kind:
            return False
        return not artifact_type or artifact_type in self.get_supported_packing_artifact_types()

    def is_unpackable(
        self, data_item: DataItem, type_hint: Any, artifact_type: str | None = None
    ) -> bool:
        """Whether this packager unpacks data of the artifact type as the hinted type."""
        kind = self.PACKABLE_OBJECT_TYPE
        if kind is not ... and not TypeHintUtils.is_matching(
            type_hint, kind, reduce_type_hint=False
        ):
            return False
        return not artifact_type or artifact_type in self.get_supported_unpacking_artifact_types()

    def runs_code(self, artifact_type: str, instructions: Mapping[str, Any]) -> bool:
        """Whether to unpack it may run code that the data brings along."""
        return artifact_type not in self.SAFE_TYPES or bool(instructions.get("allow_pickle"))

    def add_future_clearing_path(self, path: str | os.PathLike[str]) -> None:
        """Have a file or folder removed once the artifacts are logged."""
        self._clearing.append(os.fspath(path))

    @property
    def priority(self) -> Any:
        """The packager's place among the others: 1 is asked first."""
        return self._priority

    @priority.setter
    def priority(self, priority: int) -> None:
        self._priority = priority

    @property
    def future_clearing_path_list(self) -> list[str]:
        """What is removed once the artifacts are logged."""
        return self._clearing

    def get_data_item_local_path(
        self, data_item: DataItem, add_to_future_clearing_path: bool | None = None
    ) -> str:
        """A path of this machine that holds the data; a copy is removed when the run has ended."""
        path = data_item.local()
        is_copy = data_item.kind != "file"
        if add_to_future_clearing_path or (add_to_future_clearing_path is None and is_copy):
            self.add_future_clearing_path(path)
        return path

    def __lt__(self, other: Packager) -> bool:
        return bool(self.priority < other.priority)

    def __repr__(self) -> str:
        kind = self.PACKABLE_OBJECT_TYPE
        return (
            f"{type(self).__name__}(packable_type={'Any' if kind is ... else name_of(kind)}, "
            f"packing_artifact_types={self.get_supported_packing_artifact_types()}, "
            f"unpacking_artifact_types={self.get_supported_unpacking_artifact_types()}, "
            f"priority={self.priority})"
        )
