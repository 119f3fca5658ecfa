"""The entries of a log's index: found by halving the file, and written whole or not at all.

A machine that dies, or a disk that is full, can leave a piece of a line. Such a line is no entry:
who reads passes over it, since the entries around it say all that it said.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from typing import Any, BinaryIO

INDEX, NEW = ".idx", ".new"
_ENTRY = '{"o": %d, "n": %d, "t": %s, "p": %d}\n'
_KEYS = {"o", "n", "t", "p"}
_NEAR = 512


def text_of(entry: dict[str, Any]) -> str:
    """The line of an entry."""
    return _ENTRY % (entry["o"], entry["n"], json.dumps(entry["t"]), entry["p"])


def write(index: int, lines: str) -> None:
    """Write lines at the end of the open file; raises OSError, with none of them written."""
    begin, data = os.fstat(index).st_size, lines.encode()
    try:
        while data:
            data = data[os.write(index, data) :]
    except OSError:
        os.ftruncate(index, begin)
        raise


def mend(index: int, file: BinaryIO) -> None:
    """Take away what follows the last whole line, so that the next one begins a line."""
    end = whole = length(file)
    while whole > 0:
        begin = max(0, whole - _NEAR)
        file.seek(begin)
        if found := file.read(whole - begin).rfind(b"\n") + 1:
            whole = begin + found
            break
        whole = begin
    if whole < end:
        os.ftruncate(index, whole)


def opened(path: str | os.PathLike[str]) -> BinaryIO:
    """The file; an empty one where it is not there yet."""
    try:
        return open(path, "rb")
    except FileNotFoundError:
        return io.BytesIO()


def opened_index(path: str | os.PathLike[str]) -> BinaryIO:
    """The index of a log, or the one that is being built where it knows more."""
    place = os.fspath(path) + INDEX
    return opened(place + NEW if _size(place + NEW) > _size(place) else place)


def last(file: BinaryIO) -> dict[str, Any] | None:
    """The entry with which the index ends; None where there is none."""
    file.seek(max(0, length(file) - _NEAR))
    for line in reversed(file.read().split(b"\n")[:-1]):
        if entry := _read(line):
            return entry
    return bisect(file, "o", 1 << 62)


def bisect(file: BinaryIO, key: str, limit: int) -> dict[str, Any] | None:
    """The last entry whose ``key`` is at most ``limit``, found by halving the file."""
    low, high = 0, length(file)
    best = None
    while low < high:
        entry, begin, end = _entry_at(file, (low + high) // 2, low)
        if entry is not None and entry[key] <= limit:
            best, low = entry, end
        else:
            high = begin
    return best


def entries(file: BinaryIO, offset: int) -> Iterator[dict[str, Any]]:
    """The entries whose byte is at or after ``offset``."""
    file.seek(_position(file, offset))
    for raw in file:
        if raw.endswith(b"\n") and (entry := _read(raw)) and entry["o"] >= offset:
            yield entry


def length(file: BinaryIO) -> int:
    """How many bytes the file has."""
    return file.seek(0, os.SEEK_END)


def _entry_at(file: BinaryIO, position: int, low: int) -> tuple[dict[str, Any] | None, int, int]:
    """The entry around a position, else the next one; where that line begins, and where it ends."""
    back = max(low, position - _NEAR)
    file.seek(back)
    block = file.read(position - back)
    begin = end = back + block.rfind(b"\n") + 1
    file.seek(begin)
    for raw in file:
        end += len(raw)
        if raw.endswith(b"\n") and (entry := _read(raw)):
            return entry, begin, end
    return None, begin, end


def _position(file: BinaryIO, offset: int) -> int:
    low, high = 0, length(file)
    while low < high:
        entry, begin, end = _entry_at(file, (low + high) // 2, low)
        if entry is not None and entry["o"] < offset:
            low = end
        else:
            high = begin
    return low


def _read(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) and entry.keys() >= _KEYS else None


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except FileNotFoundError:
        return 0
