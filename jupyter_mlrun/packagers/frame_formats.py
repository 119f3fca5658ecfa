"""Tables in files: nine formats of pandas, with what is needed to read them as they were."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..errors import MLRunMissingDependencyError, MLRunPackagePackingError
from ..names import near

if TYPE_CHECKING:
    from ..datastore.item import DataItem

# format: pandas' writer, its reader, the package it needs, whether it knows levels by itself
FORMATS: dict[str, tuple[str, str, str, bool]] = {
    "parquet": ("to_parquet", "read_parquet", "", True),
    "csv": ("to_csv", "read_csv", "", False),
    "h5": ("to_hdf", "read_hdf", "tables", True),
    "xml": ("to_xml", "read_xml", "lxml", False),
    "xlsx": ("to_excel", "read_excel", "openpyxl", False),
    "html": ("to_html", "read_html", "lxml", False),
    "json": ("to_json", "read_json", "", False),
    "feather": ("to_feather", "read_feather", "", False),
    "orc": ("to_orc", "read_orc", "", False),
}
_SHARED = ("Unnamed: 0", "index")


def match(path: str) -> str:
    """The format that a file's name says; empty for another one."""
    suffix = path.rpartition(".")[2].lower()
    return {"pq": "parquet"}.get(suffix, suffix if suffix in FORMATS else "")


def write(
    frame: Any, key: str, format: str, flatten: bool, how: Mapping[str, Any]
) -> tuple[bytes, dict[str, Any]]:
    """The table as bytes of a format, and what its reader needs to give it back as it was."""
    if format not in FORMATS:
        raise MLRunPackagePackingError(
            f"The output '{key}' is a table, which is not written as '{format}': choose "
            f"{', '.join(FORMATS)} by file_format=.{near(format, FORMATS)}"
        )
    writer, _, package, has_levels = FORMATS[format]
    given = dict(how)
    reading = _reading(format, given)
    if flatten and not has_levels:
        frame, reading["unflatten_kwargs"] = flattened(frame)
    with tempfile.TemporaryDirectory(prefix="mlrun-") as folder:
        path = os.path.join(folder, f"table.{format}")
        try:
            getattr(frame, writer)(path, **given)
        except ImportError as error:
            raise _missing(key, format, package, error) from None
        except (ValueError, TypeError, NotImplementedError, pd.errors.PyperclipException) as error:
            raise MLRunPackagePackingError(
                f"The output '{key}' cannot be written as {format}: {str(error).splitlines()[0]}"
            ) from error
        with open(path, "rb") as file:
            return file.read(), reading


def _reading(format: str, given: dict[str, Any]) -> dict[str, Any]:
    """What MLRun records for the reader of each format, and the writer's own defaults."""
    if format == "h5":
        given.setdefault("key", "table")
        return {"key": given["key"]}
    if format == "xml":
        given.setdefault("parser", "etree")
        return {"parser": given["parser"]}
    if format == "xlsx":
        return {"engine": given.get("engine")}
    if format == "json":
        return {"orient": given.get("orient")}
    return {}


def read(item: DataItem, format: str, how: dict[str, Any]) -> Any:
    """The table of a file."""
    _, reader, package, _ = FORMATS[format]
    levels = how.pop("unflatten_kwargs", None)
    try:
        frame = getattr(pd, reader)(item.local(), **how)
    except ImportError as error:
        raise _missing(item.key, format, package, error) from None
    if format == "html":
        frame = frame[0]
    if levels is None:
        return frame
    if len(frame.columns) and frame.columns[0] in _SHARED and _has_more(frame, levels):
        frame = frame.drop(columns=[frame.columns[0]])
    return unflattened(frame, **levels)


def _has_more(frame: Any, levels: Mapping[str, Any]) -> bool:
    """Whether the writer added an index of its own in front."""
    return len(frame.columns) > len(levels["columns"]) + len(levels["index_levels"])


def _missing(key: str, format: str, package: str, error: ImportError) -> Exception:
    name = package or str(getattr(error, "name", None) or "pyarrow")
    return MLRunMissingDependencyError(
        f"'{key}' is a table as {format}, which needs {name}: pip install {name}"
    )


def flattened(frame: Any) -> tuple[Any, dict[str, Any]]:
    """The table with its index as first columns and one level of columns; how it was before."""
    columns = list(frame.columns)
    levels = {
        "columns": [list(c) for c in columns] if frame.columns.nlevels > 1 else columns,
        "columns_levels": list(frame.columns.names),
        "index_levels": list(frame.index.names),
    }
    frame = frame.copy(deep=False)
    if frame.columns.nlevels > 1:
        frame.columns = pd.Index(["-".join(map(str, column)) for column in columns])
    taken = set(frame.columns)
    frame.index = frame.index.set_names(
        [
            name if name is not None and name not in taken else f"INDEX_{name}_{place}"
            for place, name in enumerate(frame.index.names)
        ]
    )
    frame = frame.reset_index()
    frame.columns = frame.columns.map(str)
    return frame, levels


def unflattened(
    frame: Any, columns: list[Any], columns_levels: list[Any], index_levels: list[Any]
) -> Any:
    """The table with its index and levels as they were."""
    frame = frame.set_index(list(frame.columns[: len(index_levels)]))
    frame.index = frame.index.set_names(index_levels)
    if len(columns_levels) > 1:
        frame.columns = pd.MultiIndex.from_tuples(
            [tuple(column) for column in columns], names=columns_levels
        )
    else:
        if len(columns) == len(frame.columns):
            frame.columns = pd.Index(columns)
        frame.columns = frame.columns.set_names(columns_levels)
    return frame
