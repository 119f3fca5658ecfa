"""Files of this machine: plain paths and ``file://``."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from .base import DataStore, Stat


class LocalStore(DataStore):
    """Reads and writes files of this machine."""

    def open(self, url: str, mode: str = "rb") -> Any:
        """The file; folders are made when it is written."""
        path = self.local_path(url)
        if "r" not in mode:
            os.makedirs(os.path.dirname(path), exist_ok=True)
        return open(path, mode)

    def download(self, url: str, target: str) -> None:
        """Copy the file, or the folder with all it holds."""
        path = self.local_path(url)
        if os.path.isdir(path):
            shutil.copytree(path, target, dirs_exist_ok=True)
        else:
            shutil.copyfile(path, target)

    def upload(self, url: str, source: str) -> None:
        """Copy a file or a folder to it, whole or not at all."""
        path = self.local_path(url).rstrip("/")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if os.path.isdir(source):
            shutil.copytree(source, path, dirs_exist_ok=True)
            return
        draft = f"{path}.{os.getpid()}.part"
        try:
            shutil.copyfile(source, draft)
            os.replace(draft, path)
        finally:
            if os.path.exists(draft):
                os.remove(draft)

    def stat(self, url: str) -> Stat:
        """Size, time of change and the type that the name says."""
        import mimetypes

        path = self.local_path(url)
        found = os.stat(path)
        return Stat(found.st_size, found.st_mtime, mimetypes.guess_type(path)[0])

    def listdir(self, url: str) -> list[str]:
        """Paths of all files below the folder, relative to it."""
        root = Path(self.local_path(url))
        if not root.is_dir():
            raise NotADirectoryError(f"{root} is not a folder")
        return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())

    def is_dir(self, url: str) -> bool:
        """Whether the path is a folder."""
        return os.path.isdir(self.local_path(url))

    def delete(self, url: str) -> None:
        """Remove the file or the folder."""
        path = self.local_path(url)
        if os.path.isdir(path):
            shutil.rmtree(path)
        else:
            os.remove(path)

    def local_path(self, url: str) -> str:
        """The absolute path."""
        path = unquote(url[len("file://") :]) if url.lower().startswith("file://") else url
        return os.path.abspath(os.path.expanduser(path))
