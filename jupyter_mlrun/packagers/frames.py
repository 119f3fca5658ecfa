"""pandas' DataFrames and Series: datasets, or files of nine formats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from ..artifacts.artifact import Artifact
from ..artifacts.dataset import DatasetArtifact
from ..errors import MLRunPackagePackingError
from . import frame_formats
from .default import DefaultPackager
from .packager import ArtifactType

if TYPE_CHECKING:
    from ..datastore.item import DataItem

_CONTAINERS = (list, tuple, set, frozenset, dict)
_UNNAMED = "values"


class PandasDataFramePackager(DefaultPackager):
    """DataFrames: a dataset as parquet; a pickle of what parquet would change."""

    PACKABLE_OBJECT_TYPE = pd.DataFrame
    DEFAULT_PACKING_ARTIFACT_TYPE = ArtifactType.DATASET
    SAFE_TYPES = frozenset({ArtifactType.FILE, ArtifactType.DATASET})

    def get_default_packing_artifact_type(self, obj: Any) -> str:
        """``dataset``; ``object`` where parquet cannot hold it."""
        return ArtifactType.OBJECT if refusal(obj) else ArtifactType.DATASET

    def get_default_unpacking_artifact_type(self, data_item: DataItem) -> str:
        """``dataset`` for one, else ``file``."""
        return "dataset" if data_item.get_artifact_type() == "dataset" else "file"

    def runs_code(self, artifact_type: str, instructions: Any) -> bool:
        """Whether to unpack it may run code: HDF5 holds pickles of what is no number."""
        is_pickled = instructions.get("file_format") == "h5"
        return is_pickled or super().runs_code(artifact_type, instructions)

    def pack_result(self, obj: Any, key: str) -> dict[str, Any]:
        """The columns as lists; with a named index as dicts, with several levels split."""
        levels = obj.index.names
        orient: Any = "split" if len(levels) > 1 else "dict" if levels[0] is not None else "list"
        return {key: _plain(obj.to_dict(orient=orient))}

    def pack_file(
        self,
        obj: Any,
        key: str,
        file_format: str | None = None,
        flatten: bool = True,
        **to_kwargs: Any,
    ) -> tuple[Artifact, dict[str, Any]]:
        """The table in a file; ``to_kwargs`` go to pandas' writer."""
        format = file_format or ("parquet" if _has_names(obj) else "csv")
        data, reading = frame_formats.write(obj, key, format, flatten, to_kwargs)
        return Artifact(key, data, format=format), {"file_format": format, "read_kwargs": reading}

    def pack_dataset(
        self, obj: Any, key: str, file_format: str = "parquet"
    ) -> tuple[Artifact, dict[str, Any]]:
        """The table as a dataset."""
        if why := refusal(obj) if file_format in ("parquet", "pq") else "":
            raise MLRunPackagePackingError(
                f"The output '{key}' cannot be a dataset: parquet cannot hold it ({why}). "
                "Log it as object, or as file[file_format=csv]"
            )
        return DatasetArtifact(key, obj, format=file_format), {}

    def unpack_file(
        self,
        data_item: DataItem,
        file_format: str | None = None,
        read_kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """The table of a file."""
        format = file_format or frame_formats.match(data_item.url)
        if not format:
            return data_item.as_df()
        if format == "h5" and not file_format:
            raise ValueError("HDF5 may hold pickles: read it yourself, by as_df(trust=True)")
        return frame_formats.read(data_item, format, dict(read_kwargs or {}))

    def unpack_dataset(self, data_item: DataItem) -> Any:
        """The table of a dataset."""
        return data_item.as_df()


class PandasSeriesPackager(PandasDataFramePackager):
    """Series: a dataset of one column, which is packed as a file of MLRun's."""

    PACKABLE_OBJECT_TYPE = pd.Series

    def get_default_packing_artifact_type(self, obj: Any) -> str:
        """``file``; ``object`` where parquet cannot hold it."""
        return ArtifactType.OBJECT if refusal(_frame(obj)) else ArtifactType.FILE

    def get_default_unpacking_artifact_type(self, data_item: DataItem) -> str:
        """``file``."""
        return ArtifactType.FILE

    def pack_result(self, obj: Any, key: str) -> dict[str, Any]:
        """The values as a list below the Series' name."""
        return super().pack_result(pd.DataFrame(obj), key)

    def pack_dataset(
        self, obj: Any, key: str, file_format: str = "parquet"
    ) -> tuple[Artifact, dict[str, Any]]:
        """The values as a dataset of one column."""
        return super().pack_dataset(_frame(obj), key, file_format)

    def pack_file(
        self,
        obj: Any,
        key: str,
        file_format: str | None = None,
        flatten: bool = True,
        **to_kwargs: Any,
    ) -> tuple[Artifact, dict[str, Any]]:
        """The values in a file; parquet, with a preview, where nothing is said."""
        said = {"column_name": _plain(obj.name)}
        if file_format in (None, "parquet") and not to_kwargs:
            how = {"file_format": "parquet", "read_kwargs": {}}
            return DatasetArtifact(key, _frame(obj), format="parquet"), {**how, **said}
        artifact, how = super().pack_file(_frame(obj), key, file_format, flatten, **to_kwargs)
        return artifact, {**how, **said}

    def unpack_file(
        self,
        data_item: DataItem,
        file_format: str | None = None,
        read_kwargs: dict[str, Any] | None = None,
        column_name: Any = None,
    ) -> Any:
        """The Series of a file of one column."""
        frame = super().unpack_file(data_item, file_format, read_kwargs)
        column = self._column(data_item, frame)
        if read_kwargs is None:
            return column
        return column.rename(tuple(column_name) if isinstance(column_name, list) else column_name)

    def unpack_dataset(self, data_item: DataItem) -> Any:
        """The Series of a dataset of one column."""
        return self._column(data_item, data_item.as_df())

    def _column(self, data_item: DataItem, frame: Any) -> Any:
        if frame.shape[1] != 1:
            raise ValueError(
                f"'{data_item.artifact_url}' has {frame.shape[1]} columns, and a Series has one"
            )
        return frame.iloc[:, 0]


def refusal(frame: Any) -> str:
    """Why parquet would not give the table back as it was; empty where it does."""
    if not len(frame.columns) and len(frame):
        return "a table of no columns has no rows there"
    if not frame.columns.is_unique:
        return "two columns have one name"
    if frame.columns.nlevels == 1 and frame.columns.inferred_type.startswith("mixed"):
        return "the names of its columns are of several types"
    for place in range(frame.shape[1]):
        column = frame.iloc[:, place]
        if column.dtype == object and (why := _mixed(column)):
            return why
        if isinstance(column.dtype, pd.SparseDtype) or column.dtype.kind == "c":
            return f"the column '{column.name}' is {column.dtype}"
    return ""


def _mixed(column: Any) -> str:
    if any(isinstance(value, _CONTAINERS) for value in column):
        return f"the column '{column.name}' holds collections, which change there"
    kinds = {type(value) for value in column if value is not None and value == value}
    if len(kinds) > 1 or not kinds <= {str, bytes, bool}:
        names = ", ".join(sorted(kind.__name__ for kind in kinds))
        return f"the column '{column.name}' holds objects ({names})"
    return ""


def _frame(series: Any) -> Any:
    return series.to_frame(name=_UNNAMED if series.name is None else str(series.name))


def _has_names(frame: Any) -> bool:
    return all(isinstance(name, str) for name in frame.columns)


def _plain(value: Any) -> Any:
    """Keys and values as JSON has them: tuples are lists, keys texts."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value.item() if hasattr(value, "item") else value


class AnyDatasetPackager(DefaultPackager):
    """What a user calls a dataset and is none: rows or columns of which pandas makes one."""

    PRIORITY = 9
    RECORDED_AS = "PandasDataFramePackager"

    def is_packable(
        self, obj: Any, artifact_type: str | None = None, configurations: Any = None
    ) -> bool:
        """Whether a dataset is asked for."""
        return artifact_type == ArtifactType.DATASET

    def is_unpackable(
        self, data_item: DataItem, type_hint: Any, artifact_type: str | None = None
    ) -> bool:
        """Never by a hint: the type's own packager does."""
        return False

    def pack_dataset(
        self, obj: Any, key: str, file_format: str = "parquet"
    ) -> tuple[Artifact, dict[str, Any]]:
        """The table that pandas makes of it."""
        try:
            frame = pd.DataFrame(obj)
        except (ValueError, TypeError) as error:
            raise MLRunPackagePackingError(
                f"The output '{key}' is a {type(obj).__name__}, which makes no dataset: {error}"
            ) from None
        frame.columns = frame.columns.map(str)
        return DatasetArtifact(key, frame, format=file_format), {}
