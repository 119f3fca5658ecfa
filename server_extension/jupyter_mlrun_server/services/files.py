"""Files that the service may show: below a project's artifact paths and the Jupyter root."""

from __future__ import annotations

import mimetypes
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit

from jupyter_core.paths import jupyter_runtime_dir

from jupyter_mlrun.errors import (
    MLRunAccessDeniedError,
    MLRunBadRequestError,
    MLRunNotFoundError,
)

from .place import Place

CHUNK = 1 << 18
NOT_PLAIN = "application/octet-stream"


@dataclass(frozen=True)
class Found:
    """A file or folder that may be shown."""

    path: Path
    size: int
    modified: float
    is_folder: bool

    @property
    def content_type(self) -> str:
        """The type that the name tells."""
        return mimetypes.guess_type(self.path.name)[0] or NOT_PLAIN

    def open(self) -> BinaryIO:
        """The file's bytes; only of a plain file, which no link has replaced meanwhile."""
        descriptor = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        file = os.fdopen(descriptor, "rb")
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            file.close()
            raise MLRunBadRequestError(f"{self.path} is not a plain file")
        return file

    def entries(self) -> list[dict[str, Any]]:
        """What a folder holds, by name."""
        with os.scandir(self.path) as found:
            return sorted(
                (
                    {"name": each.name, "folder": each.is_dir(),
                     "size": 0 if each.is_dir() else each.stat().st_size}
                    for each in found if each.is_file() or each.is_dir()
                ),
                key=lambda entry: str(entry["name"]),
            )  # fmt: skip


class Files:
    """Which paths of this machine may be shown for a project."""

    only_own = False
    """Whether what projects declare, and the Jupyter root, are left out: a service of many users"""

    def __init__(self, place: Place) -> None:
        self.place = place

    def find(self, project: Mapping[str, Any], text: str, artifacts_only: bool = False) -> Found:
        """The file that a path or ``file://`` address names, after resolving every link.

        With ``artifacts_only`` the Jupyter root is left out.
        """
        path = _plain(text, self.place.files_root)
        try:
            real = path.resolve(strict=True)
            status = real.stat()
        except (OSError, RuntimeError, ValueError):
            real, status = path.resolve(strict=False), None
        self._check(real, project, text, artifacts_only or self.only_own)
        if status is None:
            raise MLRunNotFoundError(f"There is no file {text}")
        folder = stat.S_ISDIR(status.st_mode)
        if not folder and not stat.S_ISREG(status.st_mode):
            raise MLRunBadRequestError(f"{text} is neither a file nor a folder")
        return Found(real, status.st_size, status.st_mtime, folder)

    def _check(
        self, real: Path, project: Mapping[str, Any], text: str, artifacts_only: bool
    ) -> None:
        name = str(project["metadata"]["name"])
        roots = [self.place.artifacts / name]
        if shared := self.place.shared_folder(name):
            roots.append(shared)
        declared = (project.get("spec") or {}).get("artifact_path")
        if isinstance(declared, str) and os.path.isabs(declared) and not self.only_own:
            roots.append(Path(declared))
        if any(real.is_relative_to(root.resolve()) for root in roots):
            return
        files_root = self.place.files_root.resolve()
        closed = [self.place.root.resolve(), Path(jupyter_runtime_dir()).resolve()]
        open_here = real.is_relative_to(files_root) and not any(map(real.is_relative_to, closed))
        if open_here and not artifacts_only and not _is_hidden(real.relative_to(files_root)):
            return
        raise MLRunAccessDeniedError(
            f"{text} is not below the artifact paths of project {name}"
            f"{'' if artifacts_only else ' or the Jupyter root'}, the only places that are served"
        )


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def pieces(file: BinaryIO, begin: int, end: int) -> Iterator[bytes]:
    """The bytes from ``begin`` up to ``end``, in pieces; shorter where the file shrank."""
    file.seek(begin)
    while begin < end and (piece := file.read(min(CHUNK, end - begin))):
        begin += len(piece)
        yield piece


def _plain(text: str, base: Path) -> Path:
    """The path as one of this machine; relative ones begin at the Jupyter root."""
    if not text or "\0" in text:
        raise MLRunBadRequestError("Which file? Give its path")
    if "://" in text:
        address = urlsplit(text)
        if address.scheme != "file":
            raise MLRunBadRequestError(
                f"{text}: files of {address.scheme}:// are reached by clients, not by the service: "
                "insert it in a cell to read it there; project.delete_artifact deletes it"
            )
        text = unquote(address.path)
    return base / os.path.expanduser(text)
