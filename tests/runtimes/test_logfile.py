"""The log's index: exact line numbers, times, problems, for any bytes and any pieces."""

from __future__ import annotations

import errno
import io
import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_mlrun_runtimes import logfile, logindex
from jupyter_mlrun_runtimes.logfile import LogWriter

PIECES = st.lists(
    st.one_of(
        st.binary(max_size=40),
        st.sampled_from(
            [b"\n", b"one\ntwo\n", b"ValueError: no\n", b"Traceback (most recent", b"x"]
        ),
    ),
    max_size=30,
)


def written(path: Path, pieces: list[bytes]) -> bytes:
    with LogWriter(path) as log:
        for piece in pieces:
            log.append(piece)
    return b"".join(pieces)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(pieces=PIECES, reopened=st.integers(0, 30))
def test_any_pieces_read_back_by_bytes_and_lines(
    tmp_path: Path, pieces: list[bytes], reopened: int
) -> None:
    path = tmp_path / "log"
    for part in tmp_path.glob("log*"):
        part.unlink()
    whole = written(path, pieces[:reopened]) + written(path, pieces[reopened:])
    assert logfile.read(path) == whole
    assert logfile.size(path) == len(whole)
    expected = whole.split(b"\n")
    expected = expected[:-1] if not expected[-1] else expected
    found = logfile.lines(path, 1, 10_000)
    assert [line["text"] for line in found] == [e.decode("utf-8", "replace") for e in expected]
    assert [line["n"] for line in found] == list(range(1, len(expected) + 1))
    told = logfile.summary(path)
    assert (told["total"], told["size"]) == (len(expected), len(whole))
    problems = [line for line in expected if logfile.PROBLEM.search(line)]
    assert told["problems"] == len(problems)
    assert (logfile.first_error(path) is None) == (not problems)
    if problems:
        place = logfile.first_error(path)
        assert place is not None
        assert logfile.PROBLEM.search(expected[place["line"] - 1])
        assert logfile.locate(path, place["offset"]) == (place["line"], place["offset"])
    numbers = [n for n, line in enumerate(expected, 1) if logfile.PROBLEM.search(line)]
    for line in range(len(expected) + 2):
        after, before = [n for n in numbers if n > line], [n for n in numbers if n < line]
        assert logfile.next_problem(path, line) == (after[0] if after else None)
        assert logfile.next_problem(path, line, -1) == (before[-1] if before else None)


def test_lines_of_a_large_log_are_found_by_the_index(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with LogWriter(path) as log:
        for start in range(0, 100_000, 500):
            log.append(b"".join(b"line %d\n" % n for n in range(start + 1, start + 501)))
    assert len((tmp_path / "log.idx").read_bytes().splitlines()) > 10
    for first in (1, 2, 499, 500, 501, 50_000, 99_999, 100_000):
        (line, *_) = logfile.lines(path, first, 3)
        assert (line["n"], line["text"]) == (first, f"line {first}")
        assert line["t"] is not None
    assert logfile.lines(path, 100_001, 5) == []
    assert logfile.summary(path)["total"] == 100_000


class Counted(io.FileIO):
    """A file that counts what is read of it."""

    taken = 0

    def readinto(self, buffer: Any) -> int | None:
        count = super().readinto(buffer)
        Counted.taken += count or 0
        return count

    def read(self, size: int | None = -1) -> Any:
        data = super().read(size)
        Counted.taken += len(data or b"")
        return data

    def readall(self) -> Any:
        data = super().readall()
        Counted.taken += len(data)
        return data


def test_a_log_without_index_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "log"
    lines = [b"line %07d of a log that came without an index\n" % n for n in range(1, 400_001)]
    lines[299_999] = b"ValueError: the odd one\n"
    path.write_bytes(b"".join(lines))

    def counted(place: Any, mode: str = "r") -> Any:
        return io.BufferedReader(Counted(place)) if mode == "rb" else open(place, mode)

    monkeypatch.setattr(logfile, "open", counted, raising=False)

    def cost(ask: Callable[[], Any]) -> tuple[Any, int]:
        Counted.taken = 0
        return ask(), Counted.taken

    # without it, an answer reads a bounded part and tells how much it stands for
    assert logindex.is_behind(path)
    told, taken = cost(lambda: logfile.summary(path))
    assert taken <= 2 * logfile.REST
    assert (told["size"], told["indexed"]) == (path.stat().st_size, logfile.REST)
    assert told["total"] == logfile.REST // len(lines[0])
    for first in (1, 200_000, 400_000):
        found, taken = cost(lambda first=first: logfile.lines(path, first, 5))  # type: ignore[misc]
        assert taken <= 2 * logfile.REST
        assert len(found) == (5 if first == 1 else 0)

    built, taken = cost(lambda: logindex.build(path))
    assert built
    assert taken <= 2 * path.stat().st_size
    assert not logindex.is_behind(path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["log", "log.err", "log.idx"]
    for first in (1, 200_000, 299_998, 399_996):
        found, taken = cost(lambda first=first: logfile.lines(path, first, 5))  # type: ignore[misc]
        assert taken <= logfile.REST // 4
        assert [line["text"].encode() + b"\n" for line in found] == lines[first - 1 : first + 4]
        assert found[0]["t"] is None
    told, taken = cost(lambda: logfile.summary(path))
    assert taken <= logfile.REST // 4
    assert (told["total"], told["problems"], told["first_error"]["line"]) == (400_000, 1, 300_000)
    assert told["indexed"] == told["size"]
    found, taken = cost(lambda: logfile.next_problem(path, 7))
    assert (found, taken <= logfile.REST // 2) == (300_000, True)


def test_a_writer_goes_on_where_an_index_was_built(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"old\n" * 10_000)
    assert logindex.build(path)
    with LogWriter(path) as log:
        log.append(b"".join(b"new %d\n" % n for n in range(100_000)))
    assert not logindex.is_behind(path)
    assert [line["text"] for line in logfile.lines(path, 10_001, 2)] == ["new 0", "new 1"]
    assert logfile.summary(path)["total"] == 110_000


def test_an_index_is_built_by_one_alone(tmp_path: Path) -> None:
    path, new = tmp_path / "log", tmp_path / "log.idx.new"
    path.write_bytes(b"line\n" * 1000)
    new.write_bytes(b"")
    assert not logindex.build(path)
    os.utime(new, (1, 1))
    assert logindex.build(path)
    assert logfile.summary(path)["total"] == 1000


def test_a_missing_log_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "log"
    assert logfile.read(path) == b""
    assert logfile.lines(path) == []
    nothing = {"total": 0, "size": 0, "indexed": 0, "problems": 0, "first_error": None}
    assert logfile.summary(path) == nothing
    assert logfile.next_problem(path, 0) is None


def test_ranges(tmp_path: Path) -> None:
    path = tmp_path / "log"
    written(path, [b"0123456789"])
    assert logfile.read(path, 3, 4) == b"3456"
    assert logfile.read(path, 8) == b"89"
    assert logfile.read(path, 99, 5) == b""
    assert logfile.read(path, 0, 0) == b""


def test_truncate_starts_anew(tmp_path: Path) -> None:
    path = tmp_path / "log"
    written(path, [b"Error: old\n" * 300])
    with LogWriter(path, truncate=True) as log:
        log.append(b"new\n")
    assert logfile.read(path) == b"new\n"
    assert logfile.first_error(path) is None
    assert logfile.summary(path)["total"] == 1


def test_a_writer_goes_on_in_a_log_that_another_has_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with LogWriter(path) as log, open(path, "rb") as reader:
        log.append(b"Error: old\n" * 300)
        with LogWriter(path, truncate=True) as other:
            other.append(b"new\n")
        log.append(b"KeyError: later\n")
        assert reader.read() == b"Error: old\n" * 300
        assert logfile.read(path) == b"new\nKeyError: later\n"
        assert logfile.first_error(path) == {"offset": 4, "line": 2}
        assert logfile.summary(path)["problems"] == 1
        os.rename(tmp_path / "log", tmp_path / "moved")
        log.append(b"end\n")
    assert (tmp_path / "moved").read_bytes().endswith(b"later\nend\n")


def test_a_writer_that_cannot_go_on_keeps_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a log was begun anew and its index cannot be opened: nothing is left open or lost."""
    path, opened, real = tmp_path / "log", [], os.open
    writer = LogWriter(path)
    writer.append(b"old\n")
    LogWriter(path, truncate=True).close()

    def open_log_alone(file: str, *how: int) -> int:
        if str(file).endswith(".idx"):
            raise OSError(errno.EMFILE, "Too many open files")
        opened.append(real(file, *how))
        return opened[-1]

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", open_log_alone)
        with pytest.raises(OSError, match="Too many"):
            writer.append(b"new\n")
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(opened[0])
    writer.append(b"new\n")
    writer.close()
    assert path.read_bytes() == b"new\n"
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(writer._log)


BROKEN = [b'{"o": 65', b'{"o": 65\n', b'{"o": 1, "n": 2}\n', b"\0" * 5000, b"\0" * 5000 + b"\n"]


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("place", ["begin", "middle", "end"])
def test_a_piece_of_a_line_in_the_index_is_passed_over(
    tmp_path: Path, broken: bytes, place: str
) -> None:
    """As a full disk or a machine that died leaves one; what is written later has its entries."""
    path, index = tmp_path / "log", tmp_path / "log.idx"
    text = [b"line %d\n" % n if n % 1000 else b"KeyError: %d\n" % n for n in range(1, 8001)]
    with LogWriter(path, clock=lambda: 5.0) as log:
        for n in range(0, 4000, 250):
            log.append(b"".join(text[n : n + 250]))
    entries = index.read_bytes().splitlines(keepends=True)
    cut = {"begin": 0, "middle": len(entries) // 2, "end": len(entries)}[place]
    index.write_bytes(b"".join([*entries[:cut], broken, *entries[cut:]]))
    with LogWriter(path, clock=lambda: 9.0) as log:
        for n in range(4000, 8000, 250):
            log.append(b"".join(text[n : n + 250]))
    assert path.read_bytes() == b"".join(text)
    found = logfile.summary(path)
    assert (found["total"], found["problems"]) == (8000, 8)
    for number in (1, 1999, 2000, 2001, 4000, 4001, 7999, 8000):
        (line,) = logfile.lines(path, number, 1)
        assert line["text"] == text[number - 1].decode().strip()
        offset = len(b"".join(text[: number - 1]))
        assert line["o"] == offset and logfile.locate(path, offset) == (number, offset)
    assert [logfile.next_problem(path, n) for n in (0, 3999, 4000)] == [1000, 4000, 5000]
    last = logfile.last_entry(path)
    assert last is not None and last["t"] == 9.0 and last["n"] > 7500
    assert {line["t"] for line in logfile.lines(path, 7000, 5)} == {9.0}


def test_an_index_that_finds_no_room_has_no_half_of_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, index, real = tmp_path / "log", tmp_path / "log.idx", os.write
    with LogWriter(path) as log:
        log.append(b"first\n")
        before = index.read_bytes()
        room = [10]

        def write(file: int, data: bytes) -> int:
            if file != log._index:
                return real(file, data)
            if not room:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return real(file, data[: room.pop()])

        with monkeypatch.context() as patched:
            patched.setattr(os, "write", write)
            with pytest.raises(OSError, match="No space"):
                log.append(b"x" * 100_000 + b"\n" + b"second\n" * 300)
            assert index.read_bytes() == before
            # what is written in pieces is whole all the same
            room += [1000, 7, 7]
            log.append(b"third\n" * 300)
    numbers = [json.loads(line)["n"] for line in index.read_bytes().splitlines()]
    assert numbers[0] == 1 and numbers[-1] > 300 and numbers == sorted(numbers)


def test_a_line_without_end_is_cut_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "log"
    written(path, [b"x" * 200_000, b"y" * 10, b"\nnext\n"])
    first, second = logfile.lines(path)
    assert len(first["text"]) < 70_000
    assert first["text"].endswith("bytes more]")
    assert second == {"n": 2, "o": 200_011, "t": second["t"], "text": "next"}


@pytest.mark.parametrize(
    ("text", "is_problem"),
    [
        (b"Traceback (most recent call last):", True),
        (b"ValueError: bad", True),
        (b"pkg.MyException: bad", True),
        (b"2026-01-01 ERROR no disk", True),
        (b"0 errors, error rate 0.1", False),
        (b"mean squared error 0.3", False),
        (b"no exception to this", False),
    ],
)
def test_what_counts_as_a_problem(text: bytes, is_problem: bool) -> None:
    assert bool(logfile.PROBLEM.search(text)) == is_problem


def test_problem_lines_are_those_of_the_pattern_found_faster() -> None:
    parts = [
        b"Traceback (most recent call last)", b"Traceback", b"a.bError:", b"Error", b"ERROR", b" ",
        b"ERRORS", b"FATAL", b"_FATAL", b"Exception: y", b"\n", b"\n", b"CRITICAL\n", b"epoch",
    ]  # fmt: skip
    chosen = random.Random(4711)
    for _ in range(500):
        text = b"".join(chosen.choice(parts) for _ in range(12))
        end = text.rfind(b"\n") + 1
        for last in (len(text), end):
            wanted = [found.start() for found in logfile.PROBLEM.finditer(text[:last])]
            assert list(logfile.problems(text, last)) == wanted, text
