"""Files that runs on other machines send: each run writes into its own folder of artifacts."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from jupyter_mlrun.errors import MLRunAccessDeniedError, MLRunConflictError, MLRunNotFoundError

from .place import Place

# how the addresses begin under which MLRun's own client sends files
SENT = "v3io:///"


@dataclass(frozen=True)
class Upload:
    """A piece of a file: of which run, for which path, and where in the file it begins.

    Without an offset it comes behind what is there.
    """

    project: str
    uid: str
    path: str
    offset: int | None = 0


def save(place: Place, upload: Upload, data: bytes) -> int:
    """The file's size after the piece was written; refused outside of the run's own folder."""
    path = target(place, upload)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | (os.O_TRUNC if upload.offset == 0 else 0)
    descriptor = os.open(path, flags, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        size = file.seek(0, os.SEEK_END)
        offset = size if upload.offset is None else upload.offset
        if size < offset:
            raise MLRunConflictError(
                f"{upload.path} has {size} bytes, and the piece begins at {offset}: send "
                "the pieces in order"
            )
        # a piece that comes again, since its answer was lost, takes its own place
        file.truncate(offset)
        file.seek(offset)
        file.write(data)
        return offset + len(data)


def remove(place: Place, upload: Upload) -> None:
    """Remove a file from the run's own folder."""
    try:
        target(place, upload).unlink()
    except (FileNotFoundError, IsADirectoryError):
        raise MLRunNotFoundError(f"There is no file {upload.path}") from None


def target(place: Place, upload: Upload) -> Path:
    """The path of a file, resolved; it lies in the run's folder of artifacts."""
    root = (place.artifacts / upload.project / upload.uid).resolve()
    path = Path(upload.path)
    path = path if path.is_absolute() else root / path
    real = path.parent.resolve() / path.name
    if not real.is_relative_to(root) or real == root:
        raise MLRunAccessDeniedError(
            f"{upload.path} is not in the folder of run {upload.uid}, the only one that it may "
            "write through the service: log artifacts below context.artifact_path"
        )
    return real


def address_in_pod(url: str, project: str, uid: str) -> str:
    """Where the pod of a run finds the project's artifacts, given where it finds the service."""
    path = f"{urlsplit(url).path.rstrip('/')}/api/v1/lab/runs/{quote(project, safe='')}/{uid}/files"
    return f"v3io://{path}"


def at_home(place: Place, project: str, uid: str, document: Any) -> Any:
    """The document with the addresses to which its run has sent files as paths of this machine."""
    names = re.escape(quote(project, safe="")), re.escape(uid)
    sent = re.compile(rf"{SENT}(?:[^?#]*/)?lab/runs/{names[0]}/{names[1]}/files(/.+)", re.DOTALL)
    folder = place.artifacts / project

    def path(text: str) -> str:
        found = sent.fullmatch(text)
        if found is None:
            return text
        # the whole folder is where the run was told to write
        return str(folder) if found[1] == f"/{uid}" else f"{folder}{found[1]}"

    return _with_texts(document, path)


def away(place: Place, project: str, address: str, document: Any) -> Any:
    """The document with paths of the project's artifacts as a pod of it finds them."""
    folder = f"{place.artifacts / project}/"
    return _with_texts(
        document,
        lambda text: f"{address}/{text[len(folder) :]}" if text.startswith(folder) else text,
    )


def _with_texts(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {key: _with_texts(each, change) for key, each in value.items()}
    if isinstance(value, list):
        return [_with_texts(each, change) for each in value]
    return change(value) if isinstance(value, str) else value
