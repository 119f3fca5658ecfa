"""Files that runs on other machines send: each run writes into its own folder of artifacts."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from jupyter_mlrun.errors import MLRunAccessDeniedError, MLRunConflictError

from .place import Place

PART = ".part"


@dataclass(frozen=True)
class Upload:
    """A piece of a file: of which run, for which path, and where in the file it begins."""

    project: str
    uid: str
    path: str
    offset: int


def save(place: Place, upload: Upload, data: bytes) -> int:
    """The file's size after the piece was written; refused outside of the run's own folder."""
    path = target(place, upload)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | (0 if upload.offset else os.O_TRUNC)
    descriptor = os.open(path, flags, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        size = file.seek(0, os.SEEK_END)
        if size < upload.offset:
            raise MLRunConflictError(
                f"{upload.path} has {size} bytes, and the piece begins at {upload.offset}: send "
                "the pieces in order"
            )
        # a piece that comes again, since its answer was lost, takes its own place
        file.truncate(upload.offset)
        file.seek(upload.offset)
        file.write(data)
        return upload.offset + len(data)


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
