"""DataFrames as datasets: parquet or csv, with header, schema, preview and statistics."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any

from jupyter_mlrun.model import artifact_fields as fields

from ..datastore.registry import get_store, scheme_of
from ..errors import MLRunInvalidArgumentError
from ..lazy import attributes
from ..names import near
from .artifact import Artifact, Of, Placed
from .preview import describe

if TYPE_CHECKING:
    from .base import Draft

# what MLRun has in its module of this name, and lies elsewhere here
__getattr__, __dir__ = attributes(__name__, {"TableArtifact": "artifacts.table"})

FORMATS = ("csv", "parquet", "pq")
# of the stores of streams and key-value tables, which write their data themselves
ELSEWHERE = ("tsdb", "kv")


class DatasetArtifact(Artifact):
    """A table of data: a DataFrame of pandas, Polars or Dask, or a file of one."""

    kind = "dataset"
    SPEC = fields.DATASET
    SUPPORTED_FORMATS = [*FORMATS, *ELSEWHERE]
    header, schema, column_metadata = Of("spec"), Of("spec"), Of("spec")
    preview, stats = Of("status"), Of("status")

    def __init__(
        self,
        key: str | None = None,
        df: Any = None,
        preview: int | None = None,
        format: str = "",
        stats: bool | None = None,
        target_path: str | None = None,
        extra_data: Mapping[str, Any] | None = None,
        column_metadata: Mapping[str, Any] | None = None,
        ignore_preview_limits: bool = False,
        label_column: str | None = None,
        **writing: Any,
    ) -> None:
        format = (format or "").lower()
        if format and format not in self.SUPPORTED_FORMATS:
            raise MLRunInvalidArgumentError(
                f"The dataset '{key}' cannot be written as '{format}': "
                f"choose {', '.join(self.SUPPORTED_FORMATS)}"
            )
        if df is not None and not hasattr(df, "columns"):
            raise MLRunInvalidArgumentError(
                f"The data of the dataset '{key}' is of the type {type(df).__name__}: give a "
                "DataFrame of pandas, Polars, Dask or Spark; rows become one by "
                "pandas.DataFrame(rows)"
            )
        super().__init__(key, format=format, target_path=target_path)
        known = [str(name) for name in df.columns] if label_column and df is not None else None
        if known is not None and label_column not in known:
            raise MLRunInvalidArgumentError(
                f"The dataset '{key}' has no column '{label_column}' to be its label: it has "
                f"{', '.join(known[:20])}.{near(str(label_column), known)}"
            )
        if preview is not None and type(preview) is not int:
            raise MLRunInvalidArgumentError(
                f"preview of the dataset '{key}' is a number of rows, not {preview!r:.80}"
            )
        described = {
            "extra_data": extra_data, "column_metadata": column_metadata,
            "label_column": label_column,
        }  # fmt: skip
        self.spec.update({name: value for name, value in described.items() if value})
        self._df, self._writing = df, writing
        self._preview, self._stats = preview, stats
        self._ignore_limits = ignore_preview_limits

    @property
    def df(self) -> Any:
        """The DataFrame that it was made of."""
        return getattr(self, "_df", None)

    @staticmethod
    def update_preview_fields_from_df(
        artifact: DatasetArtifact,
        df: Any,
        stats: bool | None = None,
        preview_rows_length: int | None = None,
        ignore_preview_limits: bool = False,
    ) -> None:
        """Describe another DataFrame in the artifact: header, schema, first rows, statistics."""
        preview, limits = preview_rows_length, ignore_preview_limits
        describe(artifact.spec, artifact.status, as_pandas(df), preview, stats, limits)

    @staticmethod
    def is_format_supported(fmt: str) -> bool:
        """Whether a dataset can be of the format."""
        return fmt in DatasetArtifact.SUPPORTED_FORMATS

    def write(self, draft: Draft, placed: Placed) -> None:
        """Write the DataFrame, and describe it in the document."""
        df = self.df
        if df is None:
            super().write(draft, placed)
            return
        df = as_pandas(df)
        format = (placed.format or self.format or _format_of(placed) or "parquet").lower()
        if placed.local_path and placed.upload is not False:
            # the file that the user has written already
            super().write(draft, placed)
        elif placed.upload is False and (placed.local_path or placed.target_path):
            draft.target("", "", placed.target_path or os.path.abspath(placed.local_path))
        elif format in ELSEWHERE:
            draft.target("", placed.artifact_path, placed.target_path)
        else:
            suffix = f".{format}"
            target = placed.target_path or self.get_target_path()
            if target and not os.path.splitext(target)[1]:
                target += suffix
            draft.target(suffix, placed.artifact_path, target)
            write_frame(draft, df, format, **self._writing)
        draft.spec["format"] = format
        describe(draft.spec, draft.status, df, self._preview, self._stats, self._ignore_limits)


def _format_of(placed: Placed) -> str:
    suffix = os.path.splitext(placed.target_path or placed.local_path)[1].lstrip(".").lower()
    return suffix if suffix in FORMATS else ""


def as_pandas(df: Any) -> Any:
    """The DataFrame as one of pandas: Polars', Dask's and Spark's are brought into memory."""
    if hasattr(df, "dask") and hasattr(df, "compute"):
        return df.compute()
    for name in ("to_pandas", "toPandas"):
        if hasattr(df, name) and not hasattr(df, "iloc"):
            return getattr(df, name)()
    return df


def write_frame(draft: Draft, df: Any, format: str, **writing: Any) -> None:
    """Write a DataFrame of pandas to the draft's target, whole or not at all.

    On this machine it goes into the file directly: no second copy of it is made in memory.
    """
    is_csv = format == "csv"
    if is_csv:
        writing.setdefault("index", type(df.index).__name__ != "RangeIndex")
    save = _told(df.to_csv if is_csv else df.to_parquet, draft.key, format)
    target = str(draft.spec["target_path"])
    local = draft.local_target() if scheme_of(target) in ("", "file") else None
    if local is None or draft.is_hashed:
        import io

        stream = io.BytesIO()
        save(stream, **writing)
        draft.write(stream.getvalue())
        return
    draft.write_by(lambda path: save(path, **writing))


def _told(save: Callable[..., Any], key: str, format: str) -> Callable[..., Any]:
    """The writer, whose errors say which dataset is meant and what to do."""

    @wraps(save)
    def call(*args: Any, **writing: Any) -> Any:
        try:
            return save(*args, **writing)
        except (ValueError, TypeError, OverflowError, NotImplementedError) as error:
            said = "; ".join(map(str, error.args)).splitlines() or [type(error).__name__]
            other = "" if format == "csv" else ", or write it with format='csv'"
            raise MLRunInvalidArgumentError(
                f"The dataset '{key}' cannot be written as {format}: {said[0]}. "
                f"Look at its columns and at the arguments of the writer{other}"
            ) from error

    return call


def update_dataset_meta(
    artifact: Any,
    from_df: Any = None,
    schema: Mapping[str, Any] | None = None,
    header: list[Any] | None = None,
    preview: list[Any] | None = None,
    stats: Mapping[str, Any] | None = None,
    extra_data: Mapping[str, Any] | None = None,
    column_metadata: Mapping[str, Any] | None = None,
    labels: Mapping[str, Any] | None = None,
    ignore_preview_limits: bool = False,
    client: Any = None,
) -> DatasetArtifact:
    """The dataset with what is said of it changed, stored: an artifact, DataItem or address."""
    from .extras import upload_extra_data
    from .stored import find, store_again

    found = find(artifact, client, "dataset")
    assert isinstance(found, DatasetArtifact)
    if from_df is not None:
        describe(found.spec, found.status, as_pandas(from_df), None, None, ignore_preview_limits)
    for part, name, value in (
        (found.spec, "header", header), (found.spec, "schema", schema),
        (found.spec, "column_metadata", column_metadata), (found.status, "preview", preview),
        (found.status, "stats", stats),
    ):  # fmt: skip
        if value:
            part[name] = value
    found.metadata.labels.update({str(k): str(v) for k, v in (labels or {}).items()})
    folder = os.path.dirname(found.get_target_path())
    upload_extra_data(found.spec, extra_data, folder, get_store)
    store_again(found)
    return found
