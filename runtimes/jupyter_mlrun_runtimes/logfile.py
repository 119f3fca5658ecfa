"""A run's log: raw bytes, with a sparse index of lines and the place of the first error.

``log`` holds the bytes as they came. ``log.idx`` has a line of JSON now and then: byte ``o`` is
where line ``n`` begins, written at ``t``, after ``p`` problem lines. ``log.err`` has the offset and
the number of the first problem line. Lines count from 1. No answer reads much more of the log than
lies between two entries: where the index ends early (``logindex``), it tells what is known so far.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO

from . import log_entries
from .log_entries import INDEX, NEW

PROBLEM = re.compile(
    rb"^[^\n]*?(?:Traceback \(most recent call last\)|\b[A-Za-z_.]*(?:Error|Exception)\b:"
    rb"|\b(?:ERROR|CRITICAL|FATAL)\b)",
    re.MULTILINE,
)
# found much faster than the pattern, which needs one of them; one letter is faster still
_HINTS = {
    b"E": (b"Error:", b"Exception:", b"ERROR"),
    b"T": (b"Traceback",),
    b"C": (b"CRITICAL",),
    b"F": (b"FATAL",),
}
_HINT = re.compile(b"|".join(hint for hints in _HINTS.values() for hint in hints))
_STRIDE_BYTES, _STRIDE_LINES, _STRIDE_SECONDS = 1 << 16, 200, 1.0
_CHUNK = 1 << 16
MAX_LINE = 1 << 16
_BEGIN: dict[str, Any] = {"o": 0, "n": 1, "t": None, "p": 0}
# what one answer reads at most beyond the entry it begins at
REST = 1 << 20


class LogWriter:
    """Appends to a log and keeps its index; a writer made later goes on where the last one was."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        truncate: bool = False,
        index: str = INDEX,
        clock: Callable[[], float | None] = time.time,
    ) -> None:
        self.path, self._index_path, self._clock = os.fspath(path), os.fspath(path) + index, clock
        if truncate:
            _begin_anew(self.path)
        self._open()

    def _open(self) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        log = os.open(self.path, flags, 0o600)
        try:
            index = os.open(self._index_path, flags, 0o600)
        except OSError:
            os.close(log)
            raise
        self._log, self._index = log, index
        self._entries: list[str] = []
        self.size = os.fstat(log).st_size
        self._last: dict[str, Any] = {"o": -1, "n": 0, "t": 0.0, "p": 0}
        self._line, self._line_start, self._partial, self._problems = 1, 0, b"", 0
        if self.size:
            self._resume()

    def append(self, data: bytes) -> None:
        """Write the bytes; raises OSError, with nothing half indexed, where the disk is full."""
        self.extend([data])

    def extend(self, pieces: Iterable[bytes]) -> None:
        """Write the bytes of each piece, as one after the other."""
        if self._is_replaced():
            before = self._log, self._index
            self._open()
            for file in before:
                os.close(file)
        try:
            for piece in pieces:
                self._write(bytes(piece))
        finally:
            self._write_entries()

    def _write(self, data: bytes) -> None:
        written = 0
        try:
            while written < len(data):
                written += os.write(self._log, data[written:])
        finally:
            self._account(data[:written])

    def close(self) -> None:
        """Give the files back."""
        os.close(self._log)
        os.close(self._index)

    def __enter__(self) -> LogWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _is_replaced(self) -> bool:
        """Whether another writer has begun the log anew, as a file of its own."""
        try:
            now, mine = os.stat(self.path), os.fstat(self._log)
        except FileNotFoundError:
            return False
        return (now.st_ino, now.st_dev) != (mine.st_ino, mine.st_dev)

    def _resume(self) -> None:
        with log_entries.opened(self._index_path) as file:
            log_entries.mend(self._index, file)
            self._last = log_entries.bisect(file, "o", self.size) or self._last
        self._line = max(1, self._last["n"])
        self._line_start = self.size = max(0, self._last["o"])
        self._problems = self._last["p"]
        for chunk in _chunks(self.path, self.size):
            self._account(chunk)
            self._write_entries()

    def _account(self, data: bytes) -> None:
        for begin in range(0, len(data), _CHUNK):
            self._account_chunk(data[begin : begin + _CHUNK])

    def _account_chunk(self, data: bytes) -> None:
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
                data = data[head:]
                self._note_problems(data, start + head)
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
        # what a line says is known at its end
        end = text.rfind(b"\n") + 1
        found = list(problems(text, end))
        self._problems += len(found)
        if found and not os.path.exists(self.path + ".err"):
            begin = found[0]
            offset = self._line_start if begin == 0 else start - len(self._partial) + begin
            line = self._line + text.count(b"\n", 0, begin)
            with open(self.path + ".err", "w") as file:
                file.write(f"{offset} {line}\n")

    def _note_line(self, offset: int, line: int, problems: int) -> None:
        now, last = self._clock(), self._last
        if (
            last["o"] < 0
            or offset - last["o"] >= _STRIDE_BYTES
            or line - last["n"] >= _STRIDE_LINES
            or (now is not None and now - (last["t"] or 0) >= _STRIDE_SECONDS)
        ):
            if offset <= last["o"]:
                return
            stamp = None if now is None else round(now, 3)
            self._last = {"o": offset, "n": line, "t": stamp, "p": problems}
            self._entries.append(log_entries.text_of(self._last))

    def _write_entries(self) -> None:
        if self._entries:
            entries, self._entries = "".join(self._entries), []
            log_entries.write(self._index, entries)


def write(path: str | os.PathLike[str], pieces: Iterable[bytes], truncate: bool = False) -> None:
    """Append the pieces without the index, which the next ``LogWriter`` brings up to date."""
    if truncate:
        _begin_anew(os.fspath(path))
    with open(path, "ab", opener=lambda name, flags: os.open(name, flags, 0o600)) as log:
        log.writelines(pieces)


def problems(text: bytes, end: int | None = None) -> Iterator[int]:
    """Where the problem lines of a text begin, up to ``end``."""
    end = len(text) if end is None else end
    if not any(
        letter in text and any(hint in text for hint in hints) for letter, hints in _HINTS.items()
    ):
        return
    place = 0
    while hint := _HINT.search(text, place, end):
        begin = text.rfind(b"\n", 0, hint.start()) + 1
        after = text.find(b"\n", hint.end(), end)
        place = end if after < 0 else after
        if PROBLEM.match(text, begin, place):
            yield begin


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
        return _unfinished_error(path)
    return {"offset": int(offset), "line": int(line)}


def _unfinished_error(path: str | os.PathLike[str]) -> dict[str, int] | None:
    """The problem of a last line without end, which no writer has noted yet."""
    entry = last_entry(path) or _BEGIN
    rest = read(path, entry["o"], REST)
    begin = next(problems(rest), None)
    if begin is None:
        return None
    return {"offset": entry["o"] + begin, "line": entry["n"] + rest.count(b"\n", 0, begin)}


def summary(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Lines, bytes and problem lines of the whole log, and its first problem.

    ``indexed`` is how many bytes the counts stand for: all of them, but while the index is built.
    """
    whole = size(path)
    entry = last_entry(path) or _BEGIN
    rest = read(path, entry["o"], REST)
    reach = entry["o"] + len(rest)
    if reach < whole:
        rest = rest[: rest.rfind(b"\n") + 1]
    count = entry["n"] - 1 + rest.count(b"\n") + (bool(rest) and not rest.endswith(b"\n"))
    return {
        "total": count,
        "size": max(whole, reach),
        "indexed": reach,
        "problems": entry["p"] + sum(1 for _ in problems(rest)),
        "first_error": first_error(path),
    }


def lines(path: str | os.PathLike[str], first: int = 1, count: int = 200) -> list[dict[str, Any]]:
    """``count`` lines from line ``first`` on: number, offset, time written, text.

    Bytes that are no UTF-8 become the replacement character; a line longer than 64 kB is cut, with
    a word on how much is missing. A line far beyond the index is not there yet.
    """
    first = max(1, first)
    with log_entries.opened_index(path) as index:
        entry = log_entries.bisect(index, "n", first) or _BEGIN
        coming = log_entries.entries(index, entry["o"] + 1)
        ahead = next(coming, None)
        stamp = entry["t"]
        found: list[dict[str, Any]] = []
        for number, offset, raw, length in _raw_lines(path, entry["o"], entry["n"]):
            while ahead is not None and ahead["o"] <= offset:
                stamp, ahead = ahead["t"], next(coming, None)
            if number >= first + count or (number < first and offset - entry["o"] > REST):
                break
            if number >= first:
                text = _text(raw, length)
                found.append({"n": number, "o": offset, "t": stamp, "text": text})
    return found


def next_problem(path: str | os.PathLike[str], line: int, by: int = 1) -> int | None:
    """The first problem line after a line; the last one before it where ``by`` is below 0."""
    with log_entries.opened_index(path) as index:
        wanted = _rank(path, index, line) + 1 if by > 0 else _rank(path, index, line - 1)
        if wanted < 1:
            return None
        entry = log_entries.bisect(index, "p", wanted - 1) or _BEGIN
        for rank, number in enumerate(_problem_lines(path, entry), entry["p"] + 1):
            if rank == wanted:
                return number
    return None


def _rank(path: str | os.PathLike[str], index: BinaryIO, line: int) -> int:
    """How many problem lines there are up to a line."""
    entry = log_entries.bisect(index, "n", line + 1) or _BEGIN
    return int(entry["p"]) + sum(1 for _ in _problem_lines(path, entry, line))


def _problem_lines(
    path: str | os.PathLike[str], entry: dict[str, Any], last: int = 1 << 62
) -> Iterator[int]:
    for number, offset, raw, _ in _raw_lines(path, entry["o"], entry["n"]):
        if number > last or offset - entry["o"] > REST:
            return
        if PROBLEM.search(raw):
            yield number


def locate(path: str | os.PathLike[str], offset: int) -> tuple[int, int]:
    """Number and offset of the line in which a byte lies."""
    with log_entries.opened_index(path) as index:
        entry = log_entries.bisect(index, "o", offset) or _BEGIN
    place = (entry["n"], entry["o"])
    for number, start, _, length in _raw_lines(path, *reversed(place)):
        place = (number, start)
        if offset < start + length:
            break
    return place


def last_entry(path: str | os.PathLike[str]) -> dict[str, Any] | None:
    """Where the index ends; None where there is none."""
    with log_entries.opened_index(path) as index:
        return log_entries.last(index)


def _text(raw: bytes, length: int) -> str:
    text = raw.removesuffix(b"\n")
    if length > MAX_LINE + 1:
        return text[:MAX_LINE].decode("utf-8", "replace") + f" … [{length - MAX_LINE} bytes more]"
    return text.decode("utf-8", "replace")


def _raw_lines(
    path: str | os.PathLike[str], offset: int, number: int
) -> Iterator[tuple[int, int, bytes, int]]:
    """Number, offset, beginning and length of each line."""
    with log_entries.opened(path) as file:
        file.seek(offset)
        while raw := file.readline(MAX_LINE + 1):
            end, length = raw, len(raw)
            while not end.endswith(b"\n") and (end := file.readline(_CHUNK)):
                length += len(end)
            yield number, offset, raw, length
            number, offset = number + 1, offset + length


def _chunks(path: str, offset: int) -> Iterator[bytes]:
    with open(path, "rb") as file:
        file.seek(offset)
        while chunk := file.read(_CHUNK):
            yield chunk


def _begin_anew(path: str) -> None:
    """A new file: to empty one takes the disk's time, and tears it from under its readers."""
    for suffix in (INDEX, INDEX + NEW, ".err", ""):
        _remove(path + suffix)


def _remove(path: str) -> None:
    try:
        os.remove(path)
    except FileNotFoundError:
        pass
