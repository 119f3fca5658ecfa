"""Data as tables: of pandas, Polars, Dask and Spark, by columns, times and filters."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from zipfile import BadZipFile

from .. import paths
from ..errors import (
    MLRunAccessDeniedError,
    MLRunBaseError,
    MLRunInvalidArgumentError,
    MLRunMissingDependencyError,
)

if TYPE_CHECKING:
    from .item import DataItem

FORMATS = {
    "csv": "read_csv", "parquet": "read_parquet", "pq": "read_parquet", "json": "read_json",
    "jsonl": "read_json", "feather": "read_feather", "orc": "read_orc", "xlsx": "read_excel",
    "xml": "read_xml", "html": "read_html", "h5": "read_hdf",
}  # fmt: skip
_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "=": lambda c, v: c == v, "==": lambda c, v: c == v, "!=": lambda c, v: c != v,
    "<": lambda c, v: c < v, "<=": lambda c, v: c <= v, ">": lambda c, v: c > v,
    ">=": lambda c, v: c >= v,
}  # fmt: skip


class Asked(NamedTuple):
    """Which columns and rows of a table are wanted."""

    columns: Sequence[str] | None = None
    time_column: str | None = None
    start_time: Any = None
    end_time: Any = None
    filters: Sequence[Any] | None = None

    def conditions(self) -> list[tuple[str, str, Any]]:
        """What a row must meet: ``(column, operator, value)``."""
        found: list[tuple[str, str, Any]] = []
        if (self.start_time is not None or self.end_time is not None) and not self.time_column:
            raise MLRunInvalidArgumentError(
                "start_time and end_time need the column of the times: give time_column="
            )
        import pandas as pd

        for operator, value in ((">", self.start_time), ("<=", self.end_time)):
            if value is not None:
                found.append((str(self.time_column), operator, pd.Timestamp(value)))
        for each in self.filters or ():
            if len(each) != 3 or each[1] not in (*_OPERATORS, "in", "not in"):
                raise MLRunInvalidArgumentError(
                    f"The filter {each!r} is none: write (column, operator, value) with one of "
                    f"{', '.join(_OPERATORS)}, in, not in"
                )
            found.append(tuple(each))
        return found


def read(item: DataItem, module: Any, format: str, asked: Asked, how: dict[str, Any]) -> Any:
    """The table of a data item, as the library given makes it."""
    _refuse_module(module)
    if (kept := _kept(item, asked)) is not None:
        return _as(kept, module)
    kind = (format or item.format).lower()
    if kind in ("", "dir") and item.is_dir():
        kind = "parquet"
    if kind not in FORMATS:
        raise MLRunInvalidArgumentError(
            f"'{item}' has the format '{kind or 'unknown'}', which is no table: "
            f"name one of {', '.join(sorted(FORMATS))} by format="
        )
    is_trusted = how.pop("trust", False) or kind != "h5"
    if not is_trusted and not _is_own(item):
        raise MLRunAccessDeniedError(
            f"'{item}' is HDF5, which may hold pickles, and no artifact of this project, nor a "
            "file of yours that the program names: "
            "to read it may run code that it brings along; say so by as_df(trust=True)"
        )
    try:
        return _reader(module)(item, module, kind, asked, how)
    except (MLRunBaseError, FileNotFoundError, PermissionError):
        raise
    except (ValueError, TypeError, KeyError, SyntaxError, OSError, BadZipFile) as error:
        reason = next(iter(str(error).strip().splitlines()), "") or type(error).__name__
        raise MLRunInvalidArgumentError(
            f"'{item}' cannot be read as {kind}: {reason}. Look at the file and at the arguments, "
            "or name its format by format="
        ) from error


def _reader(module: Any) -> Callable[..., Any]:
    """What reads a table for a library, or for a session of Spark."""
    if hasattr(module, "createDataFrame") and hasattr(module, "read"):
        return _spark
    name = str(getattr(module, "__name__", "pandas")).partition(".")[0]
    return {"polars": _polars, "dask": _dask}.get(name, _pandas)


def _refuse_module(module: Any) -> None:
    if module is not None and not hasattr(module, "__name__") and not hasattr(module, "read"):
        raise MLRunInvalidArgumentError(
            f"df_module is a module such as polars, or a session of Spark, not {module!r:.80}"
        )


def _as(frame: Any, module: Any) -> Any:
    """A DataFrame of pandas as one of another library."""
    reader = _reader(module)
    if reader is _polars:
        return module.from_pandas(frame)
    if reader is _dask:
        import dask.dataframe as module

        return module.from_pandas(frame, npartitions=1)
    return module.createDataFrame(frame) if reader is _spark else frame


def _is_own(item: DataItem) -> bool:
    """Whether the data was logged by the project in use, or by one that is trusted.

    A file that the program has named by its path is its user's own, where it is no artifact's.
    """
    from ..config import load

    if item._is_named and _is_users(item.store.local_path(item.url)):
        return True
    known, document = load(), item.meta or {}
    owner = str((document.get("metadata") or {}).get("project") or "")
    trusted = {name.strip() for name in known.trusted_projects.split(",")}
    is_own = owner == known.project and not (document.get("spec") or {}).get("imported")
    return bool(owner) and (is_own or bool({owner, "*"} & trusted))


def _is_users(path: str | None) -> bool:
    if not path or not os.path.isfile(path):
        return False
    real = Path(path).resolve()
    below = paths.artifacts_folder().resolve()
    return real.stat().st_uid == os.geteuid() and not real.is_relative_to(below)


def _kept(item: DataItem, asked: Asked) -> Any:
    """A DataFrame that this process holds itself."""
    value = getattr(item.store, "value", None)
    found = value(item.url) if value is not None else None
    if found is None or not hasattr(found, "iloc"):
        return None
    frame = _chosen(found, asked.conditions())
    return frame[list(asked.columns)] if asked.columns else frame


def _pandas(item: DataItem, module: Any, kind: str, asked: Asked, how: dict[str, Any]) -> Any:
    if module is None:
        import pandas

        module = pandas
    reader, conditions = getattr(module, FORMATS[kind]), asked.conditions()
    if kind == "jsonl":
        how.setdefault("lines", True)
    columns = list(asked.columns) if asked.columns else None
    if columns and not conditions:
        _ask_columns(kind, columns, how)
    if kind in ("parquet", "pq"):
        if conditions:
            how["filters"] = _comparable(item, conditions)
            if columns:
                how["columns"] = columns
        return _with_line(kind, lambda: reader(*_source(item), **how))
    frame = _with_line(kind, lambda: _read_all(item, reader, how, kind))
    frame = _chosen(frame, conditions)
    if columns and list(frame.columns) != columns:
        frame = frame[columns]
    return frame


def _ask_columns(kind: str, columns: list[str], how: dict[str, Any]) -> None:
    if kind in ("csv", "xlsx"):
        how["usecols"] = columns
    elif kind in ("parquet", "pq", "feather", "orc"):
        how["columns"] = columns


def _source(item: DataItem) -> tuple[Any]:
    """What parquet is read from: a path, or the file itself, of which only parts are fetched."""
    path = item.store.local_path(item.url)
    if path:
        return (item.local(),)
    if item.store.scheme in ("data", "http", "https", "redis", "rediss", "memory", ""):
        return (io.BytesIO(item.read_bytes()),)
    return (item.local(),) if item.is_dir() else (item.open("rb"),)


def _read_all(item: DataItem, reader: Any, how: dict[str, Any], kind: str) -> Any:
    path = item.local()
    if not os.path.isdir(path):
        frame = reader(path, **how)
        return frame[0] if kind == "html" else frame
    import pandas as pd

    files = sorted(
        os.path.join(folder, name)
        for folder, _, names in os.walk(path)
        for name in names
        if name.rpartition(".")[2].lower() == kind
    )
    if not files:
        raise FileNotFoundError(f"the folder {path} holds no file that ends in .{kind}")
    return pd.concat([reader(file, **how) for file in files], ignore_index=True)


def _with_line(kind: str, call: Callable[[], Any]) -> Any:
    try:
        return call()
    except ImportError as error:
        package = getattr(error, "name", None) or {"xlsx": "openpyxl", "h5": "tables"}.get(kind)
        raise MLRunMissingDependencyError(
            f"A table as {kind} needs a package that is not installed: "
            f"pip install {package or 'pyarrow'}"
        ) from error


def _comparable(item: DataItem, conditions: list[tuple[str, str, Any]]) -> list[Any]:
    """The conditions with times in the zone, or without one, as the column has it."""
    from pyarrow import dataset

    path = item.local()
    schema = dataset.dataset(path, format="parquet", partitioning="hive").schema
    found = []
    for column, operator, value in conditions:
        if column not in schema.names:
            raise MLRunInvalidArgumentError(
                f"'{item}' has no column '{column}': it has {', '.join(schema.names[:20])}"
            )
        zone = getattr(schema.field(column).type, "tz", None)
        found.append((column, operator, _zoned(value, zone)))
    return found


def _zoned(value: Any, zone: Any) -> Any:
    if not hasattr(value, "tzinfo"):
        return value
    if zone is None:
        return value.tz_convert("UTC").tz_localize(None) if value.tzinfo else value
    return value.tz_convert(zone) if value.tzinfo else value.tz_localize(zone)


def _chosen(frame: Any, conditions: list[tuple[str, str, Any]]) -> Any:
    import pandas as pd

    for column, operator, value in conditions:
        if column not in frame.columns:
            raise MLRunInvalidArgumentError(
                f"There is no column '{column}': there are "
                f"{', '.join(str(name) for name in list(frame.columns)[:20])}"
            )
        values = frame[column]
        if isinstance(value, pd.Timestamp):
            values = pd.to_datetime(values)
            value = _zoned(value, values.dt.tz)
        if operator in ("in", "not in"):
            mask = values.isin(list(value))
            mask = ~mask if operator == "not in" else mask
        else:
            mask = _OPERATORS[operator](values, value)
        frame = frame[mask]
    return frame


def _polars(item: DataItem, module: Any, kind: str, asked: Asked, how: dict[str, Any]) -> Any:
    readers = {
        "csv": "read_csv", "parquet": "read_parquet", "pq": "read_parquet", "json": "read_json",
        "jsonl": "read_ndjson", "feather": "read_ipc", "xlsx": "read_excel",
    }  # fmt: skip
    if kind not in readers:
        raise _no_reader("Polars", kind, readers)
    path, conditions = item.local(), asked.conditions()
    if os.path.isdir(path):
        path = os.path.join(path, "**", f"*.{kind}")
        how.setdefault("glob", True)
    by_column = kind in ("csv", "parquet", "pq", "feather") and not conditions
    if asked.columns and by_column:
        how["columns"] = list(asked.columns)
    frame = getattr(module, readers[kind])(path, **how)
    for column, operator, value in conditions:
        where = module.col(column)
        if operator in ("in", "not in"):
            mask = where.is_in(list(value))
            mask = ~mask if operator == "not in" else mask
        else:
            mask = _OPERATORS[operator](where, getattr(value, "to_pydatetime", lambda v=value: v)())
        frame = frame.filter(mask)
    return frame.select(list(asked.columns)) if asked.columns and not by_column else frame


def _dask(item: DataItem, module: Any, kind: str, asked: Asked, how: dict[str, Any]) -> Any:
    if not hasattr(module, "read_parquet"):
        import dask.dataframe as module
    readers = {k: FORMATS[k] for k in ("csv", "parquet", "pq", "json", "jsonl", "orc")}
    if kind not in readers:
        raise _no_reader("Dask", kind, readers)
    path, columns = item.local(), list(asked.columns) if asked.columns else None
    if os.path.isdir(path) and kind not in ("parquet", "pq", "orc"):
        path = os.path.join(path, f"*.{kind}")
    if columns and kind in ("parquet", "pq", "orc"):
        conditions = {column for column, _, _ in asked.conditions()}
        how["columns"] = columns + [name for name in conditions if name not in columns]
    if kind == "jsonl":
        how.setdefault("lines", True)
    frame = getattr(module, readers[kind])(path, **how)
    for column, operator, value in asked.conditions():
        if operator in ("in", "not in"):
            mask = frame[column].isin(list(value))
            mask = ~mask if operator == "not in" else mask
        else:
            mask = _OPERATORS[operator](frame[column], value)
        frame = frame[mask]
    return frame[columns] if columns else frame


def _spark(item: DataItem, session: Any, kind: str, asked: Asked, how: dict[str, Any]) -> Any:
    readers = {"csv": "csv", "parquet": "parquet", "pq": "parquet", "json": "json",
               "jsonl": "json", "orc": "orc"}  # fmt: skip
    if kind not in readers:
        raise _no_reader("Spark", kind, readers)
    reader = session.read.format(readers[kind])
    if kind == "csv":
        how = {"header": True, "inferSchema": True, **how}
    if kind == "json":
        how = {"multiLine": True, **how}
    path = item.store.local_path(item.url)
    frame = reader.options(**how).load(path or f"file://{item.local()}")
    for column, operator, value in asked.conditions():
        where = frame[column]
        if operator in ("in", "not in"):
            mask = where.isin(list(value))
            mask = ~mask if operator == "not in" else mask
        else:
            mask = _OPERATORS[operator](where, getattr(value, "to_pydatetime", lambda v=value: v)())
        frame = frame.filter(mask)
    return frame.select(*asked.columns) if asked.columns else frame


def _no_reader(library: str, kind: str, known: Any) -> MLRunInvalidArgumentError:
    return MLRunInvalidArgumentError(
        f"{library} does not read '{kind}' here: it reads {', '.join(sorted(known))}; "
        "without df_module= pandas reads it"
    )
