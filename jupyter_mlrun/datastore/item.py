"""One piece of data by its address, as user code holds it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar, cast

from ..errors import (
    MLRunBaseError,
    MLRunDataAccessDeniedError,
    MLRunDataNotFoundError,
    MLRunInvalidArgumentError,
    MLRunInvalidArgumentTypeError,
)
from ..model import artifact_fields
from ..model.fields import Fields
from ..names import near
from .base import DataStore, Stat
from .secrecy import without_secrets

_IMAGES = ("png", "jpg", "jpeg", "gif", "svg")
_TEXT = 1 << 16

Method = TypeVar("Method", bound=Callable[..., Any])


def _told(method: Method) -> Method:
    """The method, whose errors of files say which data is meant, by MLRun's classes."""

    @wraps(method)
    def call(self: DataItem, *args: Any, **kwargs: Any) -> Any:
        try:
            return method(self, *args, **kwargs)
        except MLRunBaseError:
            raise
        except FileNotFoundError as error:
            ours = error.errno is None and re.search("is not there|holds no", str(error))
            said = str(error) if ours else f"'{self}' is not there"
            raise MLRunDataNotFoundError(f"{said}.{_beside(self)} Look at the address") from error
        except PermissionError as error:
            why = f" ({error})" if error.errno is None and str(error) else ""
            raise MLRunDataAccessDeniedError(
                f"'{self}' may not be read or written by this user{why}: look at its permissions"
            ) from error
        except (IsADirectoryError, NotADirectoryError) as error:
            is_file = isinstance(error, NotADirectoryError)
            raise MLRunInvalidArgumentError(
                f"'{self}' is {'no folder' if is_file else 'a folder'}: "
                f"{'name one' if is_file else 'name a file in it, as listdir() gives them'}"
            ) from error

    return cast(Method, call)


def _beside(item: DataItem) -> str:
    """The nearest name of what lies in the same folder of this machine."""
    folder, name = os.path.split(item.store.local_path(item.url) or "")
    if not name or not os.path.isdir(folder):
        return ""
    (stem, end), known = os.path.splitext(name), os.listdir(folder)
    # names of one ending are alike already
    return near(stem, [each.removesuffix(end) for each in known if each.endswith(end)])


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
        # whether the program itself wrote the address: what is there is its own affair
        self._is_named = False

    @property
    def key(self) -> str:
        """The name under which it was asked for."""
        return self._key

    @property
    def suffix(self) -> str:
        """The end of its file name, with the dot."""
        return os.path.splitext(self._url.split("?")[0])[1]

    @property
    def format(self) -> str:
        """The format: of the artifact, of the content's type, or of the file's name."""
        stored = ((self._meta or {}).get("spec") or {}).get("format") or ""
        if stored:
            return str(stored).lower()
        if self._store.scheme == "data":
            kind = self.stat().content_type or ""
            return kind.rpartition("/")[2].replace("x-ndjson", "jsonl")
        return self.suffix.lstrip(".").lower()

    @property
    def store(self) -> DataStore:
        """The store that reads it."""
        return self._store

    @property
    def kind(self) -> str:
        """The scheme of its address."""
        return self._store.scheme or "file"

    @property
    def meta(self) -> Any:
        """The artifact's document, where the address is one of an artifact; by key or attribute."""
        return None if self._meta is None else Fields(self._meta, artifact_fields.ANY)

    @property
    def artifact_url(self) -> str:
        """The ``store://`` address where there is one, else the plain one."""
        return self._artifact_url or self._url

    @property
    def url(self) -> str:
        """The address of the data itself."""
        return self._url

    @_told
    def get(self, size: int | None = None, offset: int = 0, encoding: str | None = None) -> Any:
        """Its bytes, or text where an encoding is given; at ``memory://`` what was put there."""
        for name, value in (("size", size), ("offset", offset)):
            if value is not None and not isinstance(value, int):
                raise MLRunInvalidArgumentTypeError(
                    f"{name} is a number of bytes, not {value!r:.80}"
                )
            if value is not None and value < 0:
                raise MLRunInvalidArgumentError(f"{name} is a number from 0 on, not {value}")
        data = self._store.get(self._url, size, offset)
        return _decoded(self, data, encoding) if encoding and isinstance(data, bytes) else data

    def read_bytes(self, size: int | None = None, offset: int = 0) -> bytes:
        """Its bytes; of an object at ``memory://`` those of its text, JSON or CSV."""
        if self.kind != "memory":
            return bytes(self.get(size, offset))
        with self.open() as file:
            file.seek(offset)
            return bytes(file.read(size))

    @_told
    def put(self, data: Any, append: bool = False) -> None:
        """Write it whole, bytes or text; at ``memory://`` an object of any type stays itself."""
        is_kept = self.kind == "memory" or isinstance(data, (bytes, bytearray, memoryview, str))
        if not is_kept:
            raise MLRunInvalidArgumentTypeError(
                f"put() writes bytes or text, not {type(data).__name__}: turn it into bytes first, "
                "or keep the object itself at memory://NAME"
            )
        is_text = isinstance(data, str) and self.kind != "memory"
        self._store.put(self._url, data.encode() if is_text else data, append)

    @_told
    def delete(self) -> None:
        """Remove the data."""
        self._store.delete(self._url)

    @_told
    def download(self, target_path: str | os.PathLike[str]) -> None:
        """Copy it to a path of this machine."""
        target = os.path.abspath(target_path)
        if os.path.isdir(target) and not self.is_dir():
            raise MLRunInvalidArgumentError(
                f"'{target}' is a folder: name the file in it that the copy is to be"
            )
        folder = os.path.dirname(target)
        try:
            os.makedirs(folder, exist_ok=True)
        except OSError as error:
            raise MLRunDataAccessDeniedError(
                f"The folder '{folder}' cannot be made ({error.strerror}): choose another path"
            ) from error
        self._store.download(self._url, target)

    @_told
    def upload(self, src_path: str | os.PathLike[str]) -> None:
        """Copy a file or folder of this machine to it."""
        source = os.fspath(src_path)
        if not os.path.exists(source):
            raise MLRunDataNotFoundError(f"'{source}' is not there, to be copied: look at its path")
        self._store.upload(self._url, source)

    @_told
    def stat(self) -> Stat:
        """Size, time of change, content type."""
        return self._store.stat(self._url)

    @_told
    def open(self, mode: str = "rb") -> Any:
        """A file object."""
        return self._store.open(self._url, mode)

    @_told
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

    @_told
    def local(self) -> str:
        """A path on this machine: its own, else a copy that goes with this process."""
        if path := self._store.local_path(self._url):
            if not os.path.exists(path):
                raise FileNotFoundError(f"{path} is not there")
            return path
        if not self._local:
            from .. import scratch

            folder = scratch.folder()
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

    @_told
    def as_df(
        self,
        columns: list[str] | None = None,
        df_module: Any = None,
        format: str = "",
        time_column: str | None = None,
        start_time: Any = None,
        end_time: Any = None,
        additional_filters: list[tuple[Any, ...]] | None = None,
        **kwargs: Any,
    ) -> Any:
        """A DataFrame of pandas, or of Polars, Dask or a Spark session given as ``df_module``.

        By the format, else by the file's suffix. ``start_time`` (exclusive) and ``end_time`` choose
        rows by ``time_column``; ``additional_filters`` are ``(column, operator, value)``. HDF5 that
        the project has not logged itself needs ``trust=True``: it may hold pickles.
        """
        from .frames import Asked, read

        asked = Asked(columns, time_column, start_time, end_time, additional_filters)
        return read(self, df_module, format, asked, kwargs)

    def sign(self, seconds: int = 3600) -> str:
        """An ``https://`` address with which anybody may read it for a while."""
        return self._store.signed_url(self._url, seconds)

    def show(self, format: str | None = None) -> None:
        """Display it in a notebook; print it elsewhere."""
        from .frames import FORMATS

        kind = (format or self.suffix.lstrip(".")).lower()
        if kind in FORMATS and kind not in ("json", "html"):
            _display(self.as_df(format=kind))
        elif kind in (*_IMAGES, "html", "htm"):
            _display(_shown(kind, self.read_bytes()))
        elif kind == "json" and (value := _parsed(self.read_bytes())) is not None:
            _display(value)
        else:
            print(self.read_bytes(_TEXT).decode("utf-8", "replace"))

    def get_artifact_type(self) -> str | None:
        """The artifact's kind, where it is one."""
        return (self._meta or {}).get("kind")

    def __repr__(self) -> str:
        return f"DataItem({without_secrets(self.artifact_url)!r})"

    def __str__(self) -> str:
        return without_secrets(self.artifact_url)

    def _repr_html_(self) -> str:
        from .shown import item_html

        return item_html(self)


def _display(value: Any) -> None:
    from IPython import display

    show: Any = display.display
    show(value)


def _parsed(data: bytes) -> Any:
    """What JSON says; None of a broken file, whose text is shown."""
    import json

    try:
        return json.loads(data)
    except ValueError:
        return None


def _decoded(item: DataItem, data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except (LookupError, UnicodeDecodeError) as error:
        raise MLRunInvalidArgumentError(
            f"'{item}' is no text of the encoding '{encoding}' ({error}): name another by "
            "encoding=, or read the bytes without"
        ) from error


def _shown(kind: str, data: bytes) -> Any:
    from IPython import display

    makers: dict[str, Any] = {
        "html": display.HTML, "htm": display.HTML, "svg": display.SVG,
    }  # fmt: skip
    make: Any = makers.get(kind, display.Image)
    return make(data.decode("utf-8", "replace") if kind in makers else data)
