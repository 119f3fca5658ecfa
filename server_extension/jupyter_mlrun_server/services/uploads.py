"""Files that runs on other machines send: each run writes into its own folder of artifacts."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import stat
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote, urlsplit

from jupyter_mlrun.errors import (
    MLRunAccessDeniedError,
    MLRunBadRequestError,
    MLRunConflictError,
    MLRunNotFoundError,
)
from jupyter_mlrun.names import is_uid
from jupyter_mlrun.paths import is_part

from .place import Place

# how the addresses begin under which MLRun's own client sends files
SENT = "v3io:///"
TURNS = 64
MINUTE = 60.0


@dataclass(frozen=True)
class Upload:
    """A piece of a file: of which run, for which path, and where in the file it begins.

    Without an offset it comes behind what is there.
    """

    project: str
    uid: str
    path: str
    offset: int | None = 0


@dataclass(frozen=True)
class _Piece:
    """What came behind a file, whose answer has reached nobody yet."""

    begin: int
    length: int
    digest: bytes
    at: float


class Uploads:
    """Writes and removes files of runs, one request at a time for each file."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._turns = [threading.Lock() for _ in range(TURNS)]
        self._unanswered: dict[Upload, _Piece] = {}

    def save(self, upload: Upload, data: bytes) -> int:
        """The file's size after the piece was written; refused outside of the run's own folder.

        A piece for the file's end that comes again, since its answer reached nobody, takes its own
        place; one whose answer was told with ``answered`` is another, though it be equal.
        """
        path = target(self.place, upload)
        with self._turn(path), _said(upload.path):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
            with os.fdopen(os.open(path, flags, 0o600), "r+b") as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise MLRunBadRequestError(f"{upload.path} is not a plain file")
                return self._write(file, upload, data)

    def answered(self, upload: Upload) -> None:
        """Know that the sender of a piece has its answer: an equal one is the next."""
        self._unanswered.pop(upload, None)

    def remove(self, upload: Upload) -> None:
        """Remove a file from the run's own folder."""
        path = target(self.place, upload)
        with self._turn(path):
            self._unanswered.pop(replace(upload, offset=None), None)
            try:
                path.unlink()
            except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
                raise MLRunNotFoundError(f"There is no file {upload.path}") from None

    def _turn(self, path: Path) -> threading.Lock:
        return self._turns[hash(path) % TURNS]

    def _write(self, file: BinaryIO, upload: Upload, data: bytes) -> int:
        size, offset = file.seek(0, os.SEEK_END), upload.offset
        known = self._unanswered.pop(replace(upload, offset=None), None)
        if offset is None:
            piece = _Piece(size, len(data), hashlib.sha256(data).digest(), time.monotonic())
            if known is not None and _is_again(known, piece):
                piece = replace(piece, begin=known.begin)
            offset = piece.begin
            self._remember(upload, piece)
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

    def _remember(self, upload: Upload, piece: _Piece) -> None:
        for each, known in list(self._unanswered.items()):
            if piece.at - known.at > MINUTE:
                self._unanswered.pop(each, None)
        self._unanswered[upload] = piece


def _is_again(known: _Piece, piece: _Piece) -> bool:
    """Whether it is the piece with which the file ends."""
    return (
        known.begin + known.length == piece.begin
        and (known.length, known.digest) == (piece.length, piece.digest)
        and piece.at - known.at <= MINUTE
    )


@contextlib.contextmanager
def _said(path: str) -> Iterator[None]:
    """What lies in the way of a file as a sentence."""
    try:
        yield
    except IsADirectoryError:
        raise MLRunBadRequestError(f"{path} is a folder: name a file in it") from None
    except (NotADirectoryError, FileExistsError):
        raise MLRunBadRequestError(
            f"{path} cannot be a file, since a part of its path is one already: choose another path"
        ) from None
    except OSError as error:
        if error.errno not in (errno.ELOOP, errno.ENXIO):
            raise
        raise MLRunBadRequestError(f"{path} is a link or a pipe, not a plain file") from None


def target(place: Place, upload: Upload) -> Path:
    """The path of a file, resolved; it lies in the run's folder of artifacts."""
    if not is_part(upload.project) or not is_uid(upload.uid):
        raise MLRunBadRequestError(
            f"{upload.project:.60}/{upload.uid:.60} names no run: files go into the folder of one"
        )
    if "\0" in upload.path:
        raise MLRunBadRequestError("The path has a NUL in it: give the path of a file")
    root = (place.artifacts / upload.project / upload.uid).resolve()
    path = Path(upload.path)
    path = path if path.is_absolute() else root / path
    try:
        real = path.parent.resolve() / path.name
    except RuntimeError:
        raise MLRunBadRequestError(f"{upload.path} leads through a link to itself") from None
    if not real.is_relative_to(root) or real == root or real.name == "..":
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
