"""Every scheme that fsspec knows: object stores, Hadoop's and Databricks' files, archives."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from ..errors import (
    MLRunBaseError,
    MLRunInvalidArgumentError,
    MLRunMissingDependencyError,
    MLRunRuntimeError,
)
from .base import DataStore, Stat
from .credentials import Credentials
from .folders import files_below, make_place
from .registry import HINTS
from .secrecy import without_secrets as shown


class FsspecStore(DataStore):
    """Reads and writes through fsspec; a library that is missing is named."""

    def __init__(self, scheme: str, secrets: Mapping[str, str] | None = None) -> None:
        super().__init__(scheme, secrets)
        self._credentials = Credentials(secrets)

    def filesystem(self, url: str) -> tuple[Any, str]:
        """fsspec's file system of an address, and the path in it."""
        import fsspec

        protocol, address = _known(self.scheme, url)
        try:
            options = self._credentials.options(self.scheme, url)
            made = fsspec.filesystem(protocol, **options)
            return made, made._strip_protocol(address)
        except ImportError as error:
            extra = HINTS.get(self.scheme)
            line = f'pip install "jupyter-mlrun[{extra}]"' if extra else str(error)
            raise MLRunMissingDependencyError(
                f"'{shown(url)}' needs a library that is not installed: {line}"
            ) from None
        except ValueError as error:
            if isinstance(error, MLRunBaseError):
                raise
            known = "not known" if "not known" in str(error) else "not to be used as they are"
            raise MLRunInvalidArgumentError(
                f"Addresses of the scheme '{self.scheme}' are {known}: {error}"
            ) from None

    @contextmanager
    def _at(self, url: str, what: str) -> Iterator[tuple[Any, str]]:
        filesystem, path = self.filesystem(url)
        try:
            # what others have written since is there
            filesystem.invalidate_cache()
            yield filesystem, path
        except MLRunBaseError:
            raise
        except Exception as error:
            if isinstance(error, OSError) and type(error).__module__ == "builtins":
                raise
            # each library raises kinds of its own where it meets no server or no right
            text = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise MLRunRuntimeError(
                f"'{shown(url)}' cannot be {what}: {text}. Look at the address, at its credentials "
                "and whether the server answers"
            ) from error

    def open(self, url: str, mode: str = "rb") -> Any:
        """A file object of fsspec, read and written in blocks."""
        with self._at(url, "opened") as (filesystem, path):
            if "r" not in mode:
                _make_parent(filesystem, path)
            return filesystem.open(path, mode)

    def get(self, url: str, size: int | None = None, offset: int = 0) -> bytes:
        """Bytes from an offset on, by range."""
        with self._at(url, "read") as (filesystem, path):
            end = None if size is None else offset + size
            return bytes(filesystem.cat_file(path, start=offset or None, end=end))

    def put(self, url: str, data: bytes, append: bool = False) -> None:
        """Write the whole thing; to append reads what is there first where the store cannot."""
        with self._at(url, "written") as (filesystem, path):
            _make_parent(filesystem, path)
            if append and filesystem.exists(path):
                data = bytes(filesystem.cat_file(path)) + data
            filesystem.pipe_file(path, data)

    def stat(self, url: str) -> Stat:
        """Size, time of change and content type, where the file system tells them."""
        import mimetypes

        with self._at(url, "described") as (filesystem, path):
            found = filesystem.info(path)
        names = ("mtime", "LastModified", "last_modified", "updated", "modificationTime", "created")
        modified = next((found[name] for name in names if found.get(name)), None)
        settings = found.get("content_settings") or {}
        kind = found.get("ContentType") or found.get("contentType") or settings.get("content_type")
        return Stat(found.get("size"), _seconds(modified), kind or mimetypes.guess_type(path)[0])

    def listdir(self, url: str) -> list[str]:
        """Paths of all files below the folder, relative to it."""
        with self._at(url, "listed") as (filesystem, path):
            root = path.rstrip("/") + "/"
            return sorted(name.removeprefix(root) for name in filesystem.find(path))

    def is_dir(self, url: str) -> bool:
        """Whether it is a folder there."""
        with self._at(url, "described") as (filesystem, path):
            return bool(filesystem.isdir(path))

    def download(self, url: str, target: str) -> None:
        """Copy a file or a folder to this machine."""
        with self._at(url, "downloaded") as (filesystem, path):
            is_dir = filesystem.isdir(path)
            if not is_dir:
                filesystem.get_file(path, target)
                return
            root = path.rstrip("/") + "/"
            for name in filesystem.find(path):
                # consoles of S3 mark a folder by an empty object of its name
                if not name.endswith("/"):
                    filesystem.get_file(name, make_place(target, name.removeprefix(root)))

    def upload(self, url: str, source: str) -> None:
        """Copy a file or a folder of this machine to it."""
        with self._at(url, "written") as (filesystem, path):
            if not os.path.isdir(source):
                _make_parent(filesystem, path)
                filesystem.put_file(source, path)
                return
            for local, name in files_below(source):
                target = f"{path.rstrip('/')}/{name}"
                _make_parent(filesystem, target)
                filesystem.put_file(local, target)

    def delete(self, url: str) -> None:
        """Remove a file or a folder there."""
        with self._at(url, "deleted") as (filesystem, path):
            filesystem.rm(path, recursive=filesystem.isdir(path))

    def signed_url(self, url: str, seconds: int = 3600) -> str:
        """An ``https://`` address with which anybody may read it for a while."""
        with self._at(url, "signed") as (filesystem, path):
            try:
                return str(filesystem.sign(path, expiration=seconds))
            except NotImplementedError:
                raise self._cannot("be signed") from None


def _known(scheme: str, url: str) -> tuple[str, str]:
    """fsspec's word for a scheme, and the address as it knows it."""
    parts = urlsplit(url)
    if scheme in ("hdfs", "webhdfs"):
        return "webhdfs", parts.path or "/"
    if scheme in ("wasb", "wasbs"):
        container = parts.netloc.partition("@")[0]
        return "abfs", f"abfs://{container}{parts.path}"
    if scheme == "dbfs":
        # the host is in the credentials: what looks like one is the first folder
        return "dbfs", "dbfs:///" + url[len("dbfs://") :].lstrip("/")
    return scheme, url


def _make_parent(filesystem: Any, path: str) -> None:
    parent = filesystem._parent(path)
    # buckets and containers are there or are no business of ours
    if parent and "/" in parent.strip("/"):
        filesystem.makedirs(parent, exist_ok=True)


def _seconds(value: Any) -> float | None:
    if value is None:
        return None
    if hasattr(value, "timestamp"):
        return float(value.timestamp())
    if isinstance(value, str):
        from datetime import datetime

        return datetime.fromisoformat(value.replace("Z", "+00:00")).timestamp()
    # Hadoop and Databricks count milliseconds
    return float(value) / 1000 if value > 1e11 else float(value)
