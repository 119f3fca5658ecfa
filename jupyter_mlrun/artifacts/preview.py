"""What a dataset's document says of its data: header, schema, first rows, statistics."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

PREVIEW_ROWS, MAX_COLUMNS, STATS_ROWS, HISTOGRAM_BINS, MAX_TEXT = 20, 100, 10_000, 20, 200


def describe(
    spec: MutableMapping[str, Any],
    status: MutableMapping[str, Any],
    df: Any,
    preview: int | None = None,
    stats: bool | None = None,
    ignore_limits: bool = False,
) -> None:
    """Put header, length, schema, the first rows and statistics of a DataFrame into the parts.

    Statistics are made of small ones, and of larger ones when they are asked for.
    """
    status.pop("preview_text", None)
    length = len(df)
    count = length if ignore_limits else PREVIEW_ROWS if preview is None else preview
    shown = df.head(count)
    if not (_is_default_index(df) and df.index.name is None):
        shown = shown.reset_index(allow_duplicates=True)
    status["header_original_length"] = len(df.columns)
    if not ignore_limits:
        shown = shown.iloc[:, :MAX_COLUMNS]
    spec["header"] = [str(name) for name in shown.columns]
    spec["length"] = length
    status["preview"] = [list(row) for row in _rows(shown)]
    spec["schema"] = _schema(shown)
    small = length < STATS_ROWS and len(df.columns) < MAX_COLUMNS
    if stats or (stats is None and (small or ignore_limits)):
        status["stats"] = statistics(df)


def _is_default_index(df: Any) -> bool:
    return type(df.index).__name__ == "RangeIndex"


def _rows(frame: Any) -> Any:
    columns = [_cells(frame.iloc[:, place]) for place in range(frame.shape[1])]
    return zip(*columns, strict=True) if columns else []


def _cells(column: Any) -> list[Any]:
    values = [_cell(value) for value in column.tolist()]
    if column.dtype.kind in "fc":
        return values
    # where no numbers are, pandas says of what is missing that it is no number
    return [None if value != value else value for value in values]


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


def statistics(df: Any, bins: int | None = None) -> dict[str, Any]:
    """Count, mean, quantiles and a histogram of each column of numbers; counts of the others."""
    import numpy as np

    found: dict[str, Any] = {}
    for place in range(df.shape[1]):
        column = df.iloc[:, place]
        try:
            # infinite numbers have no mean: what is counted says so, nobody need be warned
            with np.errstate(all="ignore"):
                values = column.describe().to_dict()
        except TypeError:
            # values that cannot be hashed or ordered have no statistics
            continue
        entry = {str(name): _cell(_plain(value)) for name, value in values.items()}
        if histogram := _histogram(column, bins or HISTOGRAM_BINS):
            entry["hist"] = histogram
        found[str(column.name)] = entry
    return found


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def _histogram(column: Any, bins: int) -> list[list[float]] | None:
    import numpy as np

    if column.dtype.kind not in "iuf":
        return None
    values = column.to_numpy(dtype="float64", na_value=np.nan)
    values = values[np.isfinite(values)]
    if not len(values):
        return None
    counts, edges = np.histogram(values, bins=bins)
    return [counts.tolist(), edges.tolist()]
