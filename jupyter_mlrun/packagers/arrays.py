"""NumPy's arrays and numbers, and lists and dicts of arrays; sparse matrices of SciPy."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ..artifacts.artifact import Artifact
from ..artifacts.dataset import DatasetArtifact
from ..errors import MLRunPackagePackingError
from .default import DefaultPackager
from .packager import ArtifactType

if TYPE_CHECKING:
    from ..datastore.item import DataItem

FORMATS = ("npy", "npz", "txt", "gz", "csv")
_RESULT_SIZE = 10
_SAFE = frozenset({ArtifactType.FILE, ArtifactType.DATASET})


class NumPyNDArrayPackager(DefaultPackager):
    """Arrays: fewer than ten plain numbers are a result, others a file."""

    PACKABLE_OBJECT_TYPE = np.ndarray
    SAFE_TYPES = _SAFE

    def get_default_packing_artifact_type(self, obj: Any) -> str:
        """A result, a file, or a pickle of objects."""
        if obj.dtype.hasobject:
            return ArtifactType.OBJECT
        is_small = obj.size < _RESULT_SIZE and obj.dtype.kind in "biufU"
        return ArtifactType.RESULT if is_small else ArtifactType.FILE

    def get_default_unpacking_artifact_type(self, data_item: DataItem) -> str:
        """``dataset`` for one, else ``file``."""
        return "dataset" if data_item.get_artifact_type() == "dataset" else "file"

    def pack_result(self, obj: Any, key: str) -> dict[str, Any]:
        """The array as a list, one of a single number as the number."""
        return {key: obj.item() if obj.size == 1 else obj.tolist()}

    def pack_file(
        self, obj: Any, key: str, file_format: str = "npy", **save_kwargs: Any
    ) -> tuple[Artifact, dict[str, Any]]:
        """The array in a file: npy, txt, gz or csv."""
        data = _saved(obj, key, file_format, save_kwargs)
        said: dict[str, Any] = {"file_format": file_format}
        if file_format == "npy" and obj.dtype.hasobject:
            said["allow_pickle"] = True
        artifact = Artifact(key, data, format=file_format)
        with np.printoptions(threshold=200, edgeitems=3):
            shape = "×".join(map(str, obj.shape)) or "scalar"
            artifact.status["preview_text"] = f"{shape} {obj.dtype}\n{obj}"[:4000]
        return artifact, said

    def pack_dataset(
        self, obj: Any, key: str, file_format: str = ""
    ) -> tuple[Artifact, dict[str, Any]]:
        """The array of one or two dimensions as a table."""
        import pandas as pd

        if obj.ndim > 2:
            raise MLRunPackagePackingError(
                f"The output '{key}' has {obj.ndim} dimensions, and a dataset has at most two: "
                "log it as a file"
            )
        frame = pd.DataFrame(obj)
        frame.columns = frame.columns.map(str)
        return DatasetArtifact(key, frame, format=file_format), {}

    def unpack_file(
        self, data_item: DataItem, file_format: str | None = None, allow_pickle: bool = False
    ) -> Any:
        """The array of a file."""
        format = file_format or data_item.suffix.lstrip(".")
        if format == "npy":
            return np.load(io.BytesIO(data_item.read_bytes()), allow_pickle=allow_pickle)
        if format not in ("txt", "gz", "csv"):
            raise ValueError(
                f"'{data_item.artifact_url}' is no array: its format '{format}' is none of "
                "npy, txt, gz, csv"
            )
        return np.loadtxt(data_item.local(), delimiter="," if format == "csv" else None)

    def unpack_dataset(self, data_item: DataItem) -> Any:
        """The array of a table; of a single column, that column."""
        return data_item.as_df().to_numpy().squeeze()


def _saved(obj: Any, key: str, format: str, how: dict[str, Any]) -> bytes:
    stream = io.BytesIO()
    if format == "npy":
        np.save(stream, obj, allow_pickle=bool(obj.dtype.hasobject))
        return stream.getvalue()
    if format not in ("txt", "gz", "csv"):
        raise MLRunPackagePackingError(
            f"The output '{key}' is an array, which is not written as '{format}': "
            "choose npy, txt, gz or csv by file_format="
        )
    if obj.ndim > 2:
        raise MLRunPackagePackingError(
            f"The output '{key}' has {obj.ndim} dimensions, and {format} at most two: use npy"
        )
    if format == "csv":
        how.setdefault("delimiter", ",")
    np.savetxt(stream, obj, **how)
    if format != "gz":
        return stream.getvalue()
    import gzip

    return gzip.compress(stream.getvalue())


class _ArraysPackager(DefaultPackager):
    """A collection of arrays: one ``npz`` file."""

    PRIORITY: ClassVar[Any] = 4
    DEFAULT_UNPACKING_ARTIFACT_TYPE = ArtifactType.FILE
    SAFE_TYPES = _SAFE

    def get_default_packing_artifact_type(self, obj: Any) -> str:
        """``file``; a pickle where an array holds objects."""
        arrays = obj.values() if isinstance(obj, dict) else obj
        has_objects = any(array.dtype.hasobject for array in arrays)
        return ArtifactType.OBJECT if has_objects else ArtifactType.FILE

    def pack_file(
        self, obj: Any, key: str, file_format: str = "npz", is_compressed: bool = False
    ) -> tuple[Artifact, dict[str, Any]]:
        """The arrays in one file."""
        if file_format != "npz":
            raise MLRunPackagePackingError(
                f"The output '{key}' has several arrays, which are written as npz, "
                f"not as '{file_format}'"
            )
        stream, save = io.BytesIO(), np.savez_compressed if is_compressed else np.savez
        if isinstance(obj, dict):
            save(stream, **obj)
            arrays = list(obj.values())
        else:
            save(stream, *obj)
            arrays = obj
        said: dict[str, Any] = {"file_format": "npz"}
        if any(array.dtype.hasobject for array in arrays):
            said["allow_pickle"] = True
        return Artifact(key, stream.getvalue(), format="npz"), said

    def _load(self, data_item: DataItem, allow_pickle: bool) -> dict[str, Any]:
        with np.load(io.BytesIO(data_item.read_bytes()), allow_pickle=allow_pickle) as found:
            if not hasattr(found, "files"):
                raise ValueError(f"'{data_item.artifact_url}' holds one array, not several")
            return {name: found[name] for name in found.files}

    def _is_packable(self, obj: Any, artifact_type: str | None, how: Any) -> bool:
        known = self.get_supported_packing_artifact_types()
        if artifact_type and artifact_type not in known:
            return False
        # an empty collection is one of arrays only where that is said
        return bool(obj) or (how or {}).get("file_format") == "npz"


class NumPyNDArrayDictPackager(_ArraysPackager):
    """Dicts of arrays by name."""

    PACKABLE_OBJECT_TYPE = dict[str, np.ndarray]

    def is_packable(
        self, obj: Any, artifact_type: str | None = None, configurations: Any = None
    ) -> bool:
        """Whether it is a dict whose values are all arrays, by names."""
        is_arrays = type(obj) is dict and all(
            isinstance(name, str) and type(array) is np.ndarray for name, array in obj.items()
        )
        # numpy's own parameter has that name
        is_arrays = is_arrays and "file" not in obj
        return is_arrays and self._is_packable(obj, artifact_type, configurations)

    def pack_result(self, obj: Any, key: str) -> dict[str, Any]:
        """The arrays as lists."""
        return {key: {name: array.tolist() for name, array in obj.items()}}

    def unpack_file(
        self, data_item: DataItem, file_format: str | None = None, allow_pickle: bool = False
    ) -> Any:
        """The arrays by their names."""
        return self._load(data_item, allow_pickle)


class NumPyNDArrayListPackager(_ArraysPackager):
    """Lists of arrays."""

    PACKABLE_OBJECT_TYPE = list[np.ndarray]

    def is_packable(
        self, obj: Any, artifact_type: str | None = None, configurations: Any = None
    ) -> bool:
        """Whether it is a list of arrays alone."""
        is_arrays = type(obj) is list and all(type(array) is np.ndarray for array in obj)
        return is_arrays and self._is_packable(obj, artifact_type, configurations)

    def pack_result(self, obj: Any, key: str) -> dict[str, Any]:
        """The arrays as lists."""
        return {key: [array.tolist() for array in obj]}

    def unpack_file(
        self, data_item: DataItem, file_format: str | None = None, allow_pickle: bool = False
    ) -> Any:
        """The arrays in their order."""
        return list(self._load(data_item, allow_pickle).values())


class NumPyNumberPackager(DefaultPackager):
    """Single numbers of NumPy: results."""

    PACKABLE_OBJECT_TYPE = np.number
    PACK_SUBCLASSES = True
    DEFAULT_PACKING_ARTIFACT_TYPE = ArtifactType.RESULT
    DEFAULT_UNPACKING_ARTIFACT_TYPE = ArtifactType.FILE
    SAFE_TYPES = _SAFE

    def pack_result(self, obj: Any, key: str) -> dict[str, Any]:
        """The number."""
        return {key: obj.item()}

    def pack_file(self, obj: Any, key: str) -> tuple[Artifact, dict[str, Any]]:
        """The number in a file of NumPy's, with its type."""
        return Artifact(key, _saved(np.asarray(obj), key, "npy", {}), format="npy"), {}

    def unpack_file(self, data_item: DataItem) -> Any:
        """The number."""
        return np.load(io.BytesIO(data_item.read_bytes()), allow_pickle=False)[()]
