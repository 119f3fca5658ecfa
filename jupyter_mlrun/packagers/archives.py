"""Folders as archives, extracted so that nothing lands outside of the chosen folder."""

from __future__ import annotations

import os
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

from ..errors import MLRunPackageError

DEFAULT_ARCHIVE_FORMAT = "zip"
_TAR_MODES = {"tar": "", "tar.gz": "gz", "tar.bz2": "bz2", "tar.xz": "xz"}


class ArchiveSupportedFormat:
    """The formats of archives, by MLRun's names."""

    ZIP, TAR, TAR_GZ, TAR_BZ2, TAR_XZ = "zip", "tar", "tar.gz", "tar.bz2", "tar.xz"

    @classmethod
    def get_all_formats(cls) -> list[str]:
        """All of them."""
        return ["zip", *_TAR_MODES]

    @classmethod
    def match_format(cls, path: str) -> str | None:
        """The format that a file's name says; None for another one."""
        found = [name for name in cls.get_all_formats() if path.lower().endswith(f".{name}")]
        return max(found, key=len) if found else None


def create(folder: str, target: str, format: str = DEFAULT_ARCHIVE_FORMAT) -> str:
    """The path of an archive, in the folder ``target``, of all that a folder holds."""
    _check(format)
    source = Path(folder)
    path = Path(target) / f"{source.resolve().stem}.{format}"
    entries = sorted(source.rglob("*"))
    if format == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for entry in entries:
                archive.write(entry, entry.relative_to(source))
    else:
        mode = _TAR_MODES[format]
        with tarfile.open(str(path), f"w:{mode}") as tar:  # type: ignore[call-overload]
            for entry in entries:
                tar.add(entry, entry.relative_to(source), recursive=False)
    return str(path)


def extract(path: str, target: str, format: str = "") -> str:
    """The folder, new below ``target``, into which an archive was extracted.

    An archive that would write outside of it, or make links out of it, is refused.
    """
    import tempfile

    format = format or ArchiveSupportedFormat.match_format(path) or ""
    _check(format)
    os.makedirs(target, exist_ok=True)
    folder = tempfile.mkdtemp(prefix=f"{os.path.basename(path).partition('.')[0]}-", dir=target)
    try:
        if format == "zip":
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    _refuse_outside(name, path)
                archive.extractall(folder)
        else:
            mode = f"r:{_TAR_MODES[format]}"
            with tarfile.open(path, mode) as tar:  # type: ignore[call-overload]
                tar.extractall(folder, filter="data")
    except tarfile.FilterError as error:
        raise MLRunPackageError(
            f"The archive {path} was not extracted: {error}. Do not use this archive"
        ) from None
    except (zipfile.BadZipFile, tarfile.TarError, EOFError) as error:
        raise MLRunPackageError(f"{path} is no archive of the format {format}: {error}") from None
    return folder


def _check(format: str) -> None:
    known = ArchiveSupportedFormat.get_all_formats()
    if format not in known:
        raise MLRunPackageError(
            f"'{format}' is no format of archives: choose {', '.join(known)} by archive_format="
        )


def _refuse_outside(name: str, path: str) -> None:
    parts = PurePosixPath(name.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts or ":" in name.split("/")[0]:
        raise MLRunPackageError(
            f"The archive {path} was not extracted: '{name}' lies outside of its own folder. "
            "Do not use this archive"
        )
