"""Tables of other libraries than pandas: Polars and Arrow."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Any

from ..artifacts.artifact import Artifact
from ..artifacts.dataset import DatasetArtifact
from .default import DefaultPackager
from .packager import ArtifactType

if TYPE_CHECKING:
    from ..datastore.item import DataItem


class _TablePackager(DefaultPackager):
    """A table: a dataset as parquet, written by its own library."""

    DEFAULT_PACKING_ARTIFACT_TYPE = ArtifactType.DATASET
    DEFAULT_UNPACKING_ARTIFACT_TYPE = ArtifactType.DATASET
    SAFE_TYPES = frozenset({ArtifactType.DATASET})
    MODULE, NAME = "", ""

    def _matches(self, kind: Any, with_subclasses: bool) -> bool:
        library = sys.modules.get(self.MODULE)
        return library is not None and kind is getattr(library, self.NAME, None)

    def is_unpackable(
        self, data_item: DataItem, type_hint: Any, artifact_type: str | None = None
    ) -> bool:
        """Whether this library's table is asked for."""
        return self._matches(type_hint, False) and artifact_type in (None, "dataset")

    def pack_dataset(self, obj: Any, key: str) -> tuple[Artifact, dict[str, Any]]:
        """The table as a dataset."""
        return DatasetArtifact(key, obj, format="parquet"), {}


class PolarsDataFramePackager(_TablePackager):
    """DataFrames of Polars."""

    MODULE, NAME = "polars", "DataFrame"

    def unpack_dataset(self, data_item: DataItem) -> Any:
        """The table."""
        import polars

        return data_item.as_df(df_module=polars)


class ArrowTablePackager(_TablePackager):
    """Tables of Arrow."""

    MODULE, NAME = "pyarrow", "Table"

    def unpack_dataset(self, data_item: DataItem) -> Any:
        """The table."""
        from pyarrow import parquet

        return parquet.read_table(io.BytesIO(data_item.read_bytes()))
