"""Python's own types: numbers, texts, bytes, collections, paths."""

from __future__ import annotations

import pathlib
import types
from typing import TYPE_CHECKING, Any, ClassVar

from .. import scratch
from ..artifacts.artifact import Artifact
from ..errors import MLRunPackagePackingError
from . import archives, formats
from .default import DefaultPackager
from .packager import ArtifactType
from .plain import exact_json, is_result

if TYPE_CHECKING:
    from ..datastore.item import DataItem

_SAFE = frozenset({ArtifactType.FILE, ArtifactType.PATH, ArtifactType.DATASET})


class _ScalarPackager(DefaultPackager):
    """A number or the like: a result; from a file, what its text says."""

    DEFAULT_PACKING_ARTIFACT_TYPE = ArtifactType.RESULT
    DEFAULT_UNPACKING_ARTIFACT_TYPE = ArtifactType.FILE
    SAFE_TYPES = _SAFE

    def pack_file(self, obj: Any, key: str) -> tuple[Artifact, dict[str, Any]]:
        """The value's text."""
        return Artifact(key, repr(obj), format="txt"), {}

    def unpack_file(self, data_item: DataItem) -> Any:
        """The value of a text; raises ValueError for another text."""
        text = data_item.get(encoding="utf-8").strip()
        return self.PACKABLE_OBJECT_TYPE(text)


class NonePackager(_ScalarPackager):
    """``None``: always a result."""

    PACKABLE_OBJECT_TYPE = types.NoneType

    def get_supported_packing_artifact_types(self) -> list[str]:
        """``result`` alone: there is nothing to keep in a file."""
        return [ArtifactType.RESULT]

    def get_supported_unpacking_artifact_types(self) -> list[str]:
        """None."""
        return []


class IntPackager(_ScalarPackager):
    """Whole numbers."""

    PACKABLE_OBJECT_TYPE = int


class FloatPackager(_ScalarPackager):
    """Numbers."""

    PACKABLE_OBJECT_TYPE = float


class ComplexPackager(_ScalarPackager):
    """Complex numbers: a file of their text."""

    PACKABLE_OBJECT_TYPE = complex
    DEFAULT_PACKING_ARTIFACT_TYPE = ArtifactType.FILE


class BoolPackager(_ScalarPackager):
    """Truth values."""

    PACKABLE_OBJECT_TYPE = bool

    def unpack_file(self, data_item: DataItem) -> bool:
        """True for ``true`` and 1, false for ``false`` and 0; anything else is refused."""
        text = data_item.get(encoding="utf-8").strip().lower()
        if text not in ("true", "false", "1", "0"):
            raise ValueError(f"{text[:40]!r} is neither true nor false")
        return text in ("true", "1")


class StrPackager(DefaultPackager):
    """Texts: a result, or a file of a large one; as ``path`` the file or folder that it names."""

    PACKABLE_OBJECT_TYPE: ClassVar[Any] = str
    DEFAULT_UNPACKING_ARTIFACT_TYPE = ArtifactType.PATH
    SAFE_TYPES = _SAFE

    def get_default_packing_artifact_type(self, obj: str) -> str:
        """A result; a file where it is large."""
        return ArtifactType.RESULT if is_result(obj) else ArtifactType.FILE

    def pack_file(
        self, obj: str, key: str, file_format: str = "txt"
    ) -> tuple[Artifact, dict[str, Any]]:
        """The text in a file."""
        data = obj.encode("utf-8", "surrogatepass")
        return Artifact(key, data, format=file_format), {"file_format": file_format}

    def unpack_file(self, data_item: DataItem, file_format: str | None = None) -> str:
        """The text of a file."""
        text: str = data_item.read_bytes().decode("utf-8", "surrogatepass")
        return text

    def pack_path(
        self, obj: str, key: str, archive_format: str = archives.DEFAULT_ARCHIVE_FORMAT
    ) -> tuple[Artifact, dict[str, Any]]:
        """The file that the text names, or an archive of the folder."""
        path = pathlib.Path(obj)
        if path.is_file():
            return Artifact(key, src_path=path.absolute()), {"is_directory": False}
        if not path.is_dir():
            raise MLRunPackagePackingError(
                f"The output '{key}' is the path {path.absolute()}: nothing is there"
            )
        folder = scratch.folder()
        self.add_future_clearing_path(folder)
        archive = archives.create(str(path), folder, archive_format)
        said = {"archive_format": archive_format, "is_directory": True}
        return Artifact(key, src_path=archive), said

    def unpack_path(
        self, data_item: DataItem, is_directory: bool = False, archive_format: str | None = None
    ) -> str:
        """A path of this machine with the file, or the folder that was extracted."""
        path = self.get_data_item_local_path(data_item)
        if not is_directory or data_item.is_dir():
            return path
        target = scratch.folder()
        self.add_future_clearing_path(target)
        return archives.extract(path, target, archive_format or "")


class PathPackager(StrPackager):
    """``pathlib.Path``: the file, or the folder as an archive."""

    PACKABLE_OBJECT_TYPE = pathlib.Path
    PACK_SUBCLASSES = True

    def get_default_packing_artifact_type(self, obj: Any) -> str:
        """``path``."""
        return ArtifactType.PATH

    def pack_result(self, obj: Any, key: str) -> dict[str, Any]:
        """The path as a text."""
        return {key: str(obj)}

    def pack_path(
        self, obj: Any, key: str, archive_format: str = archives.DEFAULT_ARCHIVE_FORMAT
    ) -> tuple[Artifact, dict[str, Any]]:
        """The file at the path, or an archive of the folder."""
        return super().pack_path(str(obj), key, archive_format)

    def pack_file(
        self, obj: Any, key: str, file_format: str = ""
    ) -> tuple[Artifact, dict[str, Any]]:
        """The file at the path, or an archive of the folder."""
        return self.pack_path(obj, key)

    def unpack_file(self, data_item: DataItem, file_format: str | None = None, **how: Any) -> Any:
        """A path of this machine with the file or folder."""
        return self.unpack_path(data_item, **how)

    def pack_directory(self, obj: Any, key: str) -> tuple[Artifact, dict[str, Any]]:
        """The folder at the path, file by file."""
        from ..artifacts.artifact import DirArtifact

        path = pathlib.Path(obj).absolute()
        if not path.is_dir():
            raise MLRunPackagePackingError(
                f"The output '{key}' is the path {path}: it is no folder"
            )
        return DirArtifact(key, src_path=path), {}

    def unpack_directory(self, data_item: DataItem) -> Any:
        """A path of this machine with the folder."""
        return pathlib.Path(self.get_data_item_local_path(data_item))

    def unpack_path(
        self, data_item: DataItem, is_directory: bool = False, archive_format: str | None = None
    ) -> Any:
        """A path of this machine with the file or folder."""
        return pathlib.Path(super().unpack_path(data_item, is_directory, archive_format))


class _CollectionPackager(DefaultPackager):
    """A collection: a result where it is small and plain, a file where JSON keeps it, a pickle."""

    DEFAULT_UNPACKING_ARTIFACT_TYPE = ArtifactType.FILE
    SAFE_TYPES = _SAFE

    def get_default_packing_artifact_type(self, obj: Any) -> str:
        """The first of result, file and object that gives the value back as it was."""
        if is_result(obj):
            return ArtifactType.RESULT
        return ArtifactType.FILE if exact_json(obj) is not None else ArtifactType.OBJECT

    def get_kept_artifact_type(self, obj: Any) -> str:
        """A file where JSON keeps the value as it is, else a pickle."""
        return ArtifactType.FILE if exact_json(obj) is not None else ArtifactType.OBJECT

    def bundle(self, collection: Any) -> Any:
        """The collection as the packager's type."""
        return self.PACKABLE_OBJECT_TYPE(collection)

    def unbundle(self, bundled_object: Any) -> Any:
        """Its items."""
        return bundled_object if isinstance(bundled_object, dict) else list(bundled_object)

    def pack_result(self, obj: Any, key: str) -> dict[str, Any]:
        """The collection as a result; a set as a list."""
        return {key: obj if isinstance(obj, dict) else list(obj)}

    def pack_file(
        self, obj: Any, key: str, file_format: str = formats.DEFAULT_STRUCT_FILE_FORMAT
    ) -> tuple[Artifact, dict[str, Any]]:
        """The collection as text."""
        flat = obj if isinstance(obj, dict) else list(obj)
        if isinstance(obj, (set, frozenset)):
            flat = sorted(obj, key=repr)
        data = formats.write(flat, file_format, key)
        return Artifact(key, data, format=file_format), {"file_format": file_format}

    def unpack_file(self, data_item: DataItem, file_format: str | None = None) -> Any:
        """The collection of a text."""
        found = file_format or formats.StructFileSupportedFormat.match_format(data_item.url)
        value = formats.read(data_item.read_bytes(), found or "json", data_item.artifact_url)
        return self._of(value)

    def _of(self, value: Any) -> Any:
        if isinstance(value, dict) and self.PACKABLE_OBJECT_TYPE is not dict:
            value = list(value.values())
        elif isinstance(value, list) and self.PACKABLE_OBJECT_TYPE is dict:
            value = dict(enumerate(value))
        if not isinstance(value, (dict, list, tuple, bytes)):
            raise ValueError(f"a {type(value).__name__} is no {self.PACKABLE_OBJECT_TYPE.__name__}")
        return self.PACKABLE_OBJECT_TYPE(value)


class DictPackager(_CollectionPackager):
    """Dicts."""

    PACKABLE_OBJECT_TYPE = dict
    BUNDLE_FROM_DICT = True


class ListPackager(_CollectionPackager):
    """Lists."""

    PACKABLE_OBJECT_TYPE = list
    BUNDLE_FROM_LIST = True


class TuplePackager(_CollectionPackager):
    """Tuples."""

    PACKABLE_OBJECT_TYPE = tuple
    BUNDLE_FROM_LIST = True


class SetPackager(_CollectionPackager):
    """Sets."""

    PACKABLE_OBJECT_TYPE = set
    BUNDLE_FROM_LIST = True


class FrozensetPackager(_CollectionPackager):
    """Frozen sets."""

    PACKABLE_OBJECT_TYPE = frozenset
    BUNDLE_FROM_LIST = True


class BytesPackager(_CollectionPackager):
    """Bytes: a file of them (``bin``); in the other formats the list of their numbers."""

    PACKABLE_OBJECT_TYPE: ClassVar[Any] = bytes
    DEFAULT_PACKING_ARTIFACT_TYPE = ArtifactType.FILE

    def get_default_packing_artifact_type(self, obj: Any) -> str:
        """``file``."""
        return ArtifactType.FILE

    def get_kept_artifact_type(self, obj: Any) -> str:
        """``file``."""
        return ArtifactType.FILE

    def pack_result(self, obj: Any, key: str) -> dict[str, Any]:
        """The bytes as Python writes them."""
        return {key: str(bytes(obj))}

    def pack_file(
        self, obj: Any, key: str, file_format: str = "bin"
    ) -> tuple[Artifact, dict[str, Any]]:
        """The bytes themselves, or their numbers as text."""
        if file_format == "bin":
            return Artifact(key, bytes(obj), format="bin"), {"file_format": "bin"}
        return super().pack_file(bytes(obj), key, file_format)

    def unpack_file(self, data_item: DataItem, file_format: str | None = None) -> Any:
        """The bytes."""
        known = formats.StructFileSupportedFormat.get_all_formats()
        if file_format in known:
            return super().unpack_file(data_item, file_format)
        return self.PACKABLE_OBJECT_TYPE(data_item.read_bytes())


class BytearrayPackager(BytesPackager):
    """Byte arrays, as bytes."""

    PACKABLE_OBJECT_TYPE = bytearray
