"""One piece of data by its address, as user code holds it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from .base import DataStore, Stat

_TABLES = {
    "csv": "read_csv",
    "parquet": "read_parquet",
    "pq": "read_parquet",
    "json": "read_json",
    "jsonl": "read_json",
    "feather": "read_feather",
    "orc": "read_orc",
    "xlsx": "read_excel",
}


class DataItem:
    """Data somewhere: read, written, downloaded; for an artifact, its document is ``meta``."""

    def __init__(
        self,
        key: str,
        store: DataStore,
        subpath: str = "",
        url: str = "",
        meta: Mapping[str, Any] | None = None,
        artifact_url: str | None = None,
    ) -> None:
        self._key, self._store = key, store
        self._url = url or subpath
        self._meta, self._artifact_url = meta, artifact_url
        self._local = ""

    @property
    def key(self) -> str:
        """The name under which it was asked for."""
        return self._key

    @property
    def suffix(self) -> str:
        """The end of its file name, with the dot."""
        return os.path.splitext(self._url.split("?")[0])[1]

    @property
    def store(self) -> DataStore:
        """The store that reads it."""
        return self._store

    @property
    def kind(self) -> str:
        """The scheme of its address."""
        return self._store.scheme or "file"

    @property
    def meta(self) -> Mapping[str, Any] | None:
        """The artifact's document, where the address was one of an artifact."""
        return self._meta

    @property
    def artifact_url(self) -> str:
        """The ``store://`` address where there is one, else the plain one."""
        return self._artifact_url or self._url

    @property
    def url(self) -> str:
        """The address of the data itself."""
        return self._url

    def get(self, size: int | None = None, offset: int = 0, encoding: str | None = None) -> Any:
        """Its bytes, or text where an encoding is given."""
        data = self._store.get(self._url, size, offset)
        return data.decode(encoding) if encoding else data

    def put(self, data: bytes | str, append: bool = False) -> None:
        """Write it whole."""
        self._store.put(self._url, data.encode() if isinstance(data, str) else data, append)

    def delete(self) -> None:
        """Remove the data."""
        self._store.delete(self._url)

    def download(self, target_path: str | os.PathLike[str]) -> None:
        """Copy it to a path of this machine."""
        target = os.path.abspath(target_path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        self._store.download(self._url, target)

    def upload(self, src_path: str | os.PathLike[str]) -> None:
        """Copy a file or folder of this machine to it."""
        self._store.upload(self._url, os.fspath(src_path))

    def stat(self) -> Stat:
        """Size, time of change, content type."""
        return self._store.stat(self._url)

    def open(self, mode: str = "rb") -> Any:
        """A file object."""
        return self._store.open(self._url, mode)

    def listdir(self) -> list[str]:
        """Paths of the files below it, where it is a folder."""
        return self._store.listdir(self._url)

    ls = listdir

    def is_dir(self) -> bool:
        """Whether it is a folder."""
        return self._store.is_dir(self._url)

    def below(self, name: str) -> DataItem:
        """One of the files below it, by its name as ``listdir`` gives it."""
        return DataItem(name, self._store, url=f"{self._url.rstrip('/')}/{name}")

    def local(self) -> str:
        """A path on this machine: its own, else a copy made once."""
        if path := self._store.local_path(self._url):
            if not os.path.exists(path):
                raise FileNotFoundError(f"{path} is not there")
            return path
        if not self._local:
            import tempfile

            folder = tempfile.mkdtemp(prefix="mlrun-")
            name = os.path.basename(self._url.split("?")[0].rstrip("/"))
            is_inline = self._store.scheme == "data"
            self._local = os.path.join(folder, "data" if is_inline else name or "data")
            self._store.download(self._url, self._local)
        return self._local

    def remove_local(self) -> None:
        """Remove the copy that ``local`` made."""
        if self._local:
            import shutil

            shutil.rmtree(os.path.dirname(self._local), ignore_errors=True)
            self._local = ""

    def as_df(
        self,
        columns: list[str] | None = None,
        df_module: Any = None,
        format: str = "",
        **kwargs: Any,
    ) -> Any:
        """A DataFrame of pandas, or of the module given, by the format or the file's suffix."""
        kind = (format or self._format()).lower()
        if kind not in _TABLES:
            from ..errors import MLRunInvalidArgumentError

            raise MLRunInvalidArgumentError(
                f"'{self.artifact_url}' has the format '{kind or 'unknown'}', which is no table: "
                f"name one of {', '.join(sorted(_TABLES))} by format="
            )
        if df_module is None:
            import pandas

            df_module = pandas
        reader = getattr(df_module, _TABLES[kind])
        if columns and kind in ("csv", "xlsx"):
            kwargs["usecols"] = columns
        elif columns and kind in ("parquet", "pq", "feather", "orc"):
            kwargs["columns"] = columns
        if kind == "jsonl":
            kwargs.setdefault("lines", True)
        frame = reader(self.local(), **kwargs)
        return frame[columns] if columns and kind in ("json", "jsonl") else frame

    def _format(self) -> str:
        stored = ((self._meta or {}).get("spec") or {}).get("format") or ""
        if stored in _TABLES:
            return str(stored)
        if self._store.scheme == "data":
            kind = self.stat().content_type or ""
            return kind.rpartition("/")[2].replace("x-ndjson", "jsonl")
        return self.suffix.lstrip(".")

    def show(self, format: str | None = None) -> None:
        """Display it in a notebook; print it elsewhere."""
        kind = (format or self.suffix.lstrip(".")).lower()
        if kind in _TABLES and kind != "json":
            _display(self.as_df(format=kind))
        elif kind in ("png", "jpg", "jpeg", "gif", "svg", "html"):
            _display(_shown(kind, self.get()))
        else:
            print(self.get(1 << 16).decode("utf-8", "replace"))

    def get_artifact_type(self) -> str | None:
        """The artifact's kind, where it is one."""
        return (self._meta or {}).get("kind")

    def __repr__(self) -> str:
        return f"DataItem({self.artifact_url!r})"

    def __str__(self) -> str:
        return self.artifact_url


def _display(value: Any) -> None:
    from IPython import display

    show: Any = display.display
    show(value)


def _shown(kind: str, data: bytes) -> Any:
    from IPython import display

    makers: dict[str, Any] = {"html": display.HTML, "svg": display.SVG}
    return makers.get(kind, display.Image)(data.decode() if kind in makers else data)
