"""pandas' DataFrames and Series as values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import MLRunInvalidArgumentError
from .base import Artifact
from .dataset import describe, draft_dataset

if TYPE_CHECKING:
    from ..context import Context
    from ..datastore.item import DataItem

_UNNAMED = "values"
_CONTAINERS = (list, tuple, set, frozenset, dict)


def pack_frame(context: Context, key: str, value: Any, tag: str = "", **options: Any) -> Artifact:
    """A DataFrame as a dataset; one that parquet cannot hold is pickled."""
    return _pack(context, key, value, value, tag, options)


def pack_series(context: Context, key: str, value: Any, tag: str = "", **options: Any) -> Artifact:
    """A Series as a dataset of one column."""
    frame = value.to_frame(name=_UNNAMED if value.name is None else value.name)
    return _pack(context, key, value, frame, tag, options, {"name": value.name})


def pack_dataset(context: Context, key: str, value: Any, tag: str = "", **options: Any) -> Artifact:
    """What the user calls a dataset: a DataFrame, a Series, or what makes a DataFrame."""
    import pandas as pd

    if isinstance(value, pd.Series):
        return pack_series(context, key, value, tag, **options)
    if not isinstance(value, pd.DataFrame):
        try:
            value = pd.DataFrame(value)
        except (ValueError, TypeError) as error:
            raise MLRunInvalidArgumentError(
                f"The output '{key}' is a {type(value).__name__}, which makes no dataset: {error}"
            ) from None
    return pack_frame(context, key, value, tag, **options)


def _pack(
    context: Context,
    key: str,
    value: Any,
    frame: Any,
    tag: str,
    options: Mapping[str, Any],
    series: Mapping[str, Any] | None = None,
) -> Artifact:
    import pyarrow as pa

    format = str(options.get("file_format") or "parquet")
    try:
        _refuse_what_parquet_alters(frame)
        draft = draft_dataset(context, key, frame, format)
    except (pa.ArrowException, TypeError, ValueError, NotImplementedError) as error:
        if isinstance(error, MLRunInvalidArgumentError):
            raise
        from .objects import pack_object

        why = f"{format} cannot hold it ({str(error).splitlines()[0]})"
        return pack_object(context, key, value, tag, why=why)
    if series is not None:
        name = series["name"]
        unnamed = {"unnamed": True} if name is None else {}
        draft.unpacks("PandasSeriesPackager", "pandas.Series", file_format=format, **unnamed)
    describe(draft, frame)
    return draft.log(tag)


def _refuse_what_parquet_alters(frame: Any) -> None:
    if not len(frame.columns) and len(frame):
        raise ValueError("a table of no columns has no rows there")
    for place in range(frame.shape[1]):
        column = frame.iloc[:, place]
        if column.dtype == object and any(isinstance(value, _CONTAINERS) for value in column):
            raise ValueError(f"the column '{column.name}' holds collections, which change there")


def unpack_frame(item: DataItem, object_type: str, file_format: str = "", **_: Any) -> Any:
    """The DataFrame."""
    return item.as_df(format=file_format)


def unpack_series(
    item: DataItem, object_type: str, file_format: str = "", unnamed: bool = False, **_: Any
) -> Any:
    """The Series."""
    column = item.as_df(format=file_format).iloc[:, 0]
    return column.rename(None) if unnamed else column
