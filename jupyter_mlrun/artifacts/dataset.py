"""DataFrames as datasets: parquet or csv, with header, schema, preview and statistics."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import MLRunInvalidArgumentError
from .base import Artifact, Draft

if TYPE_CHECKING:
    from ..context import Context

FORMATS = ("csv", "parquet", "pq")
PREVIEW_ROWS, MAX_COLUMNS, STATS_ROWS, HISTOGRAM_BINS, MAX_TEXT = 20, 100, 10_000, 20, 200


def log_dataset(
    context: Context,
    key: str,
    df: Any,
    tag: str = "",
    local_path: str | None = None,
    artifact_path: str | None = None,
    upload: bool = True,
    labels: Mapping[str, Any] | None = None,
    format: str = "",
    preview: int | None = None,
    stats: bool | None = None,
    db_key: str | bool | None = None,
    target_path: str = "",
    extra_data: Mapping[str, Any] | None = None,
    label_column: str | None = None,
    **writing: Any,
) -> Artifact:
    """A DataFrame as a dataset of the run; ``writing`` goes to pandas' writer."""
    draft = draft_dataset(
        context, key, df, format or "parquet", artifact_path or "", target_path, **writing
    )
    draft.label(labels)
    if label_column:
        draft.spec["label_column"] = label_column
    if extra_data:
        draft.spec["extra_data"] = {name: str(item) for name, item in extra_data.items()}
    describe(draft, df, preview, stats)
    return draft.log(tag, db_key)


def draft_dataset(
    context: Context,
    key: str,
    df: Any,
    format: str = "parquet",
    artifact_path: str = "",
    target_path: str = "",
    **writing: Any,
) -> Draft:
    """The dataset with its data written, not yet told to the service."""
    if format not in FORMATS:
        raise MLRunInvalidArgumentError(
            f"The dataset '{key}' cannot be written as '{format}': choose {', '.join(FORMATS)}"
        )
    draft = Draft(context, key, "dataset")
    draft.target(f".{format}", artifact_path, target_path)
    stream = io.BytesIO()
    if format == "csv":
        writing.setdefault("index", _has_named_index(df))
        stream.write(df.to_csv(**writing).encode())
    else:
        df.to_parquet(stream, **writing)
    draft.write(stream.getvalue())
    draft.unpacks("PandasDataFramePackager", "pandas.DataFrame", file_format=format)
    return draft


def _has_named_index(df: Any) -> bool:
    return type(df.index).__name__ != "RangeIndex"


def describe(draft: Draft, df: Any, preview: int | None = None, stats: bool | None = None) -> None:
    """Put header, length, schema, the first rows and statistics into the document."""
    draft.status.pop("preview_text", None)
    shown = df if _is_default_index(df) and df.index.name is None else df.reset_index()
    shown = shown.iloc[:, :MAX_COLUMNS]
    header = [str(name) for name in shown.columns]
    draft.spec["header"] = header
    draft.spec["length"] = len(df)
    draft.status["header_original_length"] = len(df.columns)
    rows = shown.head(PREVIEW_ROWS if preview is None else preview)
    draft.status["preview"] = [[_cell(value) for value in row] for row in _rows(rows)]
    draft.spec["schema"] = _schema(shown)
    small = len(df) < STATS_ROWS and len(df.columns) < MAX_COLUMNS
    if stats or (stats is None and small):
        draft.status["stats"] = statistics(df)


def _is_default_index(df: Any) -> bool:
    return type(df.index).__name__ == "RangeIndex"


def _rows(frame: Any) -> Any:
    columns = [frame.iloc[:, place].tolist() for place in range(frame.shape[1])]
    return zip(*columns, strict=True) if columns else []


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, str)):
        return value[:MAX_TEXT] if isinstance(value, str) else _bounded(value)
    if isinstance(value, float):
        return value
    try:
        text = str(value)
    except Exception:
        # a cell may hold any object of the user's
        text = f"<{type(value).__name__}>"
    return None if text in ("NaT", "<NA>") else text[:MAX_TEXT]


def _bounded(value: Any) -> Any:
    is_large = isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 1 << 63
    return str(value) if is_large else value


def _schema(frame: Any) -> dict[str, Any]:
    import json

    from pandas.io.json import build_table_schema

    try:
        return dict(json.loads(json.dumps(build_table_schema(frame, index=False), default=str)))
    except (ValueError, NotImplementedError, TypeError):
        # pandas has no schema for some extension types and column indexes
        fields = [{"name": str(n), "type": str(t)} for n, t in frame.dtypes.items()]
        return {"fields": fields}


def statistics(df: Any) -> dict[str, Any]:
    """Count, mean, quantiles and a histogram of each column of numbers; counts of the others."""
    found: dict[str, Any] = {}
    for place in range(df.shape[1]):
        column = df.iloc[:, place]
        try:
            values = column.describe().to_dict()
        except TypeError:
            # values that cannot be hashed or ordered have no statistics
            continue
        entry = {str(name): _cell(_plain(value)) for name, value in values.items()}
        if histogram := _histogram(column):
            entry["hist"] = histogram
        found[str(column.name)] = entry
    return found


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def _histogram(column: Any) -> list[list[float]] | None:
    import numpy as np

    if column.dtype.kind not in "iuf":
        return None
    values = column.to_numpy(dtype="float64", na_value=np.nan)
    values = values[np.isfinite(values)]
    if not len(values):
        return None
    counts, edges = np.histogram(values, bins=HISTOGRAM_BINS)
    return [counts.tolist(), edges.tolist()]
