"""A run's log: raw bytes, with a sparse index of lines and the place of the first error.

``log`` holds the bytes as they came. ``log.idx`` has a line of JSON now and then: byte ``o`` is
where line ``n`` begins, written at ``t``, after ``p`` problem lines. ``log.err`` has the offset and
the number of the first problem line. Lines count from 1.
"""

from __future__ import annotations

import io
import json
import os
import re
import time
from collections.abc import Iterator
from typing import Any, BinaryIO

PROBLEM = re.compile(
    rb"^[^\n]*?(?:Traceback \(most recent call last\)|\b[A-Za-z_.]*(?:Error|Exception)\b:"
    rb"|\b(?:ERROR|CRITICAL|FATAL)\b)",
    re.MULTILINE,
)
_HINT = re.compile(rb"Traceback|Error|Exception|ERROR|CRITICAL|FATAL")
_STRIDE_BYTES, _STRIDE_LINES, _STRIDE_SECONDS = 1 << 16, 200, 1.0
_CHUNK = 1 << 16
MAX_LINE = 1 << 16


class LogWriter:
    """Appends to a log and keeps its index; a writer made later goes on where the last one was."""

    def __init__(self, path: str | os.PathLike[str], truncate: bool = False) -> None:
        self.path = os.fspath(path)
        if truncate:
            for suffix in (".idx", ".err"):
                _remove(self.path + suffix)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | (os.O_TRUNC if truncate else 0)
        self._log = os.open(self.path, flags, 0o600)
        self._index = os.open(self.path + ".idx", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.size = os.fstat(self._log).st_size
        self._last: dict[str, Any] = {"o": -1, "n": 0, "t": 0.0, "p": 0}
        self._line, self._line_start, self._partial, self._problems = 1, 0, b"", 0
        if self.size:
            self._resume()

    def append(self, data: bytes) -> None:
        """Write the bytes; raises OSError, with nothing half indexed, where the disk is full."""
        data = bytes(data)
        written = 0
        while written < len(data):
            try:
                written += os.write(self._log, data[written:])
            except OSError:
                self._account(data[:written])
                raise
        self._account(data)

    def close(self) -> None:
        """Give the files back."""
        os.close(self._log)
        os.close(self._index)

    def __enter__(self) -> LogWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _resume(self) -> None:
        self._last = _entry_before(self.path, self.size) or self._last
        self._line = max(1, self._last["n"])
        self._line_start = self.size = max(0, self._last["o"])
        self._problems = self._last["p"]
        for chunk in _chunks(self.path, self.size):
            self._account(chunk)

    def _account(self, data: bytes) -> None:
        if not data:
            return
        start, problems = self.size, self._problems
        if start == self._line_start:
            self._note_line(start, self._line, problems)
            self._note_problems(data, start)
        else:
            head = data.find(b"\n") + 1 or len(data)
            self._note_problems(data[:head], start)
            if head < len(data):
                self._note_line(start + head, self._line + 1, self._problems)
                self._advance(data[:head])
                self._note_problems(data[head:], start + head)
                data = data[head:]
        self._advance(data)

    def _advance(self, data: bytes) -> None:
        start = self.size
        self._line += data.count(b"\n")
        self.size = start + len(data)
        last_break = data.rfind(b"\n")
        if last_break >= 0:
            self._line_start, self._partial = start + last_break + 1, b""
        self._partial = (self._partial + data[last_break + 1 :])[:4096]

    def _note_problems(self, data: bytes, start: int) -> None:
        text = self._partial + data
        if _HINT.search(text) is None:
            return
        known = PROBLEM.search(self._partial) is not None
        found = list(PROBLEM.finditer(text))
        self._problems += len(found) - known
        if found and not os.path.exists(self.path + ".err"):
            begin = found[0].start()
            offset = self._line_start if begin == 0 else start - len(self._partial) + begin
            line = self._line + text.count(b"\n", 0, begin)
            with open(self.path + ".err", "w") as file:
                file.write(f"{offset} {line}\n")

    def _note_line(self, offset: int, line: int, problems: int) -> None:
        now, last = time.time(), self._last
        if (
            last["o"] < 0
            or offset - last["o"] >= _STRIDE_BYTES
            or line - last["n"] >= _STRIDE_LINES
            or (now - last["t"] >= _STRIDE_SECONDS and offset > last["o"])
        ):
            self._last = {"o": offset, "n": line, "t": round(now, 3), "p": problems}
            os.write(self._index, json.dumps(self._last).encode() + b"\n")


def size(path: str | os.PathLike[str]) -> int:
    """The log's length in bytes; 0 where there is none yet."""
    try:
        return os.stat(path).st_size
    except FileNotFoundError:
        return 0


def read(path: str | os.PathLike[str], offset: int = 0, size: int | None = None) -> bytes:
    """The bytes from an offset on, at most ``size``; empty where there are none."""
    try:
        with open(path, "rb") as file:
            file.seek(max(0, offset))
            return file.read(-1 if size is None or size < 0 else size)
    except FileNotFoundError:
        return b""


def first_error(path: str | os.PathLike[str]) -> dict[str, int] | None:
    """Offset and line of the first problem line; None where the log has none."""
    try:
        with open(os.fspath(path) + ".err") as file:
            offset, line = file.read().split()
    except (FileNotFoundError, ValueError):
        return None
    return {"offset": int(offset), "line": int(line)}


def summary(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Lines, bytes and problem lines of the whole log, and its first problem."""
    entry = _entry_before(path, 1 << 62) or {"o": 0, "n": 1, "p": 0}
    rest = read(path, entry["o"])
    count = entry["n"] - 1 + rest.count(b"\n") + (bool(rest) and not rest.endswith(b"\n"))
    problems = entry["p"] + len(PROBLEM.findall(rest))
    return {
        "total": count,
        "size": entry["o"] + len(rest),
        "problems": problems,
        "first_error": first_error(path),
    }


def lines(path: str | os.PathLike[str], first: int = 1, count: int = 200) -> list[dict[str, Any]]:
    """``count`` lines from line ``first`` on: number, offset, time written, text.

    Bytes that are no UTF-8 become the replacement character; a line longer than 64 kB is cut, with
    a word on how much is missing.
    """
    first = max(1, first)
    entry = _entry_before_line(path, first) or {"o": 0, "n": 1, "t": None, "p": 0}
    found: list[dict[str, Any]] = []
    coming = _entries(path, entry["o"] + 1)
    ahead = next(coming, None)
    stamp = entry["t"]
    for number, offset, raw in _raw_lines(path, entry["o"], entry["n"]):
        while ahead is not None and ahead["o"] <= offset:
            stamp, ahead = ahead["t"], next(coming, None)
        if number >= first + count:
            break
        if number >= first:
            found.append({"n": number, "o": offset, "t": stamp, "text": _text(raw)})
    return found


def locate(path: str | os.PathLike[str], offset: int) -> tuple[int, int]:
    """Number and offset of the line in which a byte lies."""
    entry = _entry_before(path, offset) or {"o": 0, "n": 1}
    place = (entry["n"], entry["o"])
    for number, start, raw in _raw_lines(path, *reversed(place)):
        place = (number, start)
        if offset < start + len(raw):
            break
    return place


def _text(raw: bytes) -> str:
    raw = raw.removesuffix(b"\n")
    if len(raw) > MAX_LINE:
        more = len(raw) - MAX_LINE
        return raw[:MAX_LINE].decode("utf-8", "replace") + f" … [{more} bytes more]"
    return raw.decode("utf-8", "replace")


def _raw_lines(
    path: str | os.PathLike[str], offset: int, number: int
) -> Iterator[tuple[int, int, bytes]]:
    with _opened(path) as file:
        file.seek(offset)
        for raw in file:
            yield number, offset, raw
            number, offset = number + 1, offset + len(raw)


def _chunks(path: str, offset: int) -> Iterator[bytes]:
    with open(path, "rb") as file:
        file.seek(offset)
        while chunk := file.read(_CHUNK):
            yield chunk


def _entry_before(path: str | os.PathLike[str], offset: int) -> dict[str, Any] | None:
    return _bisect(path, "o", offset)


def _entry_before_line(path: str | os.PathLike[str], line: int) -> dict[str, Any] | None:
    return _bisect(path, "n", line)


def _bisect(path: str | os.PathLike[str], key: str, limit: int) -> dict[str, Any] | None:
    """The last index entry whose ``key`` is at most ``limit``, found by halving the file."""
    with _opened(os.fspath(path) + ".idx") as file:
        low, high = 0, _length(file)
        best = None
        while low < high:
            middle = (low + high) // 2
            entry, begin, end = _entry_at(file, middle, low)
            if entry is not None and entry[key] <= limit:
                best, low = entry, end
            else:
                high = begin
        return best


def _entry_at(file: Any, position: int, low: int) -> tuple[dict[str, Any] | None, int, int]:
    back = max(low, position - 512)
    file.seek(back)
    block = file.read(position - back)
    begin = back + block.rfind(b"\n") + 1 if b"\n" in block else back
    file.seek(begin)
    raw = file.readline()
    entry = json.loads(raw) if raw.endswith(b"\n") else None
    return entry, begin, begin + len(raw)


def _entries(path: str | os.PathLike[str], offset: int) -> Iterator[dict[str, Any]]:
    """The index entries whose byte is at or after ``offset``."""
    with _opened(os.fspath(path) + ".idx") as file:
        file.seek(_index_position(file, offset))
        for raw in file:
            if not raw.endswith(b"\n"):
                return
            entry = json.loads(raw)
            if entry["o"] >= offset:
                yield entry


def _index_position(file: Any, offset: int) -> int:
    low, high = 0, _length(file)
    while low < high:
        entry, begin, end = _entry_at(file, (low + high) // 2, low)
        if entry is not None and entry["o"] < offset:
            low = end
        else:
            high = begin
    return low


def _opened(path: str | os.PathLike[str]) -> BinaryIO:
    """The file; an empty one where it is not there yet."""
    try:
        return open(path, "rb")
    except FileNotFoundError:
        return io.BytesIO()


def _length(file: BinaryIO) -> int:
    return file.seek(0, os.SEEK_END)


def _remove(path: str) -> None:
    try:
        os.remove(path)
    except FileNotFoundError:
        pass
