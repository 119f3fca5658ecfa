"""Every scheme that fsspec knows: object stores, in-memory files, archives."""

from __future__ import annotations

from typing import Any

from ..errors import MLRunInvalidArgumentError
from .base import DataStore, Stat
from .registry import HINTS


class FsspecStore(DataStore):
    """Reads and writes through fsspec; a library that is missing is named."""

    def _filesystem(self, url: str) -> tuple[Any, str]:
        import fsspec

        try:
            filesystem, path = fsspec.core.url_to_fs(url)
        except ValueError as error:
            raise MLRunInvalidArgumentError(
                f"Addresses of the scheme '{self.scheme}' are not known: {error}"
            ) from None
        except ImportError as error:
            package = HINTS.get(self.scheme, "the library that fsspec names")
            raise MLRunInvalidArgumentError(
                f"'{url}' needs {package}: pip install {package} ({error})"
            ) from None
        return filesystem, path

    def open(self, url: str, mode: str = "rb") -> Any:
        """A file object of fsspec."""
        filesystem, path = self._filesystem(url)
        if "r" not in mode:
            filesystem.makedirs(filesystem._parent(path), exist_ok=True)
        return filesystem.open(path, mode)

    def stat(self, url: str) -> Stat:
        """Size and time of change, where the file system tells them."""
        import mimetypes

        filesystem, path = self._filesystem(url)
        found = filesystem.info(path)
        modified = found.get("mtime") or found.get("LastModified") or found.get("created")
        stamp = modified.timestamp() if hasattr(modified, "timestamp") else modified
        return Stat(found.get("size"), stamp, mimetypes.guess_type(path)[0])

    def listdir(self, url: str) -> list[str]:
        """Paths of all files below the folder, relative to it."""
        filesystem, path = self._filesystem(url)
        root = path.rstrip("/") + "/"
        return sorted(name.removeprefix(root) for name in filesystem.find(path))

    def is_dir(self, url: str) -> bool:
        """Whether it is a folder there."""
        filesystem, path = self._filesystem(url)
        return bool(filesystem.isdir(path))

    def download(self, url: str, target: str) -> None:
        """Copy a file or a folder to this machine."""
        filesystem, path = self._filesystem(url)
        filesystem.get(path, target, recursive=filesystem.isdir(path))

    def upload(self, url: str, source: str) -> None:
        """Copy a file or a folder of this machine to it."""
        import os

        filesystem, path = self._filesystem(url)
        filesystem.makedirs(filesystem._parent(path), exist_ok=True)
        filesystem.put(source, path, recursive=os.path.isdir(source))

    def delete(self, url: str) -> None:
        """Remove a file or a folder there."""
        filesystem, path = self._filesystem(url)
        filesystem.rm(path, recursive=filesystem.isdir(path))
