"""Search in a log. A pattern is searched in a process of its own (``python -m …log_search``):
one that takes for ever to match would hold the whole server, since ``re`` lets no other thread run.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun_runtimes.logfile import MAX_LINE, PROBLEM

PATIENCE = 10
MOST_MATCHES = 10_000
SHOWN = 2000
BLOCK = 1 << 20

WARNING = re.compile(rb"\bWARN(?:ING)?\b|\[warning\]|\b\w*Warning\b:")
_PROBLEM_HINTS = (b"Traceback", b"Error:", b"Exception:", b"ERROR", b"CRITICAL", b"FATAL")
# a level: what its lines match, and the words of which a block has one if any line does
LEVELS: dict[str, tuple[tuple[re.Pattern[bytes], ...], tuple[bytes, ...]]] = {
    "problem": ((PROBLEM,), _PROBLEM_HINTS),
    "warning": ((PROBLEM, WARNING), (*_PROBLEM_HINTS, b"WARN", b"[warning]", b"Warning")),
}


@dataclass(frozen=True)
class Question:
    """What is searched for, and where: a text, lines of a level, or both."""

    path: str
    text: str
    regex: bool
    case: bool
    limit: int
    level: str = ""

    def pattern(self) -> re.Pattern[str] | None:
        """The compiled pattern; None where only a level is asked for."""
        if self.level and self.level not in LEVELS:
            raise MLRunInvalidArgumentError(
                f"The log knows no level {self.level!r}: ask for {' or '.join(LEVELS)}"
            )
        if not self.text:
            if self.level:
                return None
            raise MLRunInvalidArgumentError("Nothing to search for: give q or level")
        text = self.text if self.regex else re.escape(self.text)
        try:
            return re.compile(text, 0 if self.case else re.IGNORECASE)
        except re.error as error:
            message = f"The pattern {self.text!r} is not one: {error}"
            raise MLRunInvalidArgumentError(message) from None

    def hints(self) -> tuple[bytes, ...]:
        """Words of which a block with a match has one; none where that is unknown."""
        if self.level:
            return LEVELS[self.level][1]
        if self.regex or not (self.case or self.text.isascii()):
            return ()
        return ((self.text if self.case else self.text.lower()).encode(),)


def search(asked: Question) -> dict[str, Any]:
    """Where the text or pattern occurs, line by line, within the server's patience."""
    asked.pattern()
    if not asked.regex or not asked.text:
        return find(asked)
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", __name__],
            input=json.dumps(asdict(asked)).encode(),
            capture_output=True,
            timeout=PATIENCE,
            check=True,
        )
    except subprocess.TimeoutExpired:
        raise MLRunInvalidArgumentError(
            f"The pattern {asked.text!r} was searched for {PATIENCE} s and ended: use a simpler one"
        ) from None
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def find(asked: Question) -> dict[str, Any]:
    """Where the text or pattern occurs, line by line; a whole line where a level is asked for."""
    pattern = asked.pattern()
    matches: list[dict[str, Any]] = []
    for number, line in _lines(asked):
        spans = [hit.span() for hit in pattern.finditer(line)] if pattern else [(0, len(line))]
        for start, end in spans:
            if start == end and pattern:
                continue
            if len(matches) >= min(asked.limit, MOST_MATCHES):
                return {"matches": matches, "truncated": True}
            matches.append({"n": number, "start": start, "end": end, "text": line[:SHOWN]})
    return {"matches": matches, "truncated": False}


def _lines(asked: Question) -> Iterator[tuple[int, str]]:
    """The lines that may match, with their numbers."""
    wanted = LEVELS[asked.level][0] if asked.level else ()
    hints, folded = asked.hints(), not asked.level and not asked.case
    number = 1
    for block in _blocks(asked.path):
        if hints and not _has_any(block.lower() if folded else block, hints):
            number += block.count(b"\n")
            continue
        for place, raw in enumerate(block.removesuffix(b"\n").split(b"\n"), number):
            raw = raw[:MAX_LINE]
            if not wanted or any(pattern.search(raw) for pattern in wanted):
                yield place, raw.decode("utf-8", "replace")
        number += block.count(b"\n")


def _has_any(block: bytes, hints: tuple[bytes, ...]) -> bool:
    return any(hint in block for hint in hints)


def _blocks(path: str) -> Iterator[bytes]:
    """The log in parts of whole lines; of a line longer than a part only the beginning."""
    if not Path(path).exists():
        return
    with open(path, "rb") as file:
        while block := file.read(BLOCK):
            end = block
            while not end.endswith(b"\n") and (end := file.readline(BLOCK)):
                if len(block) <= 2 * BLOCK:
                    block += end
                elif end.endswith(b"\n"):
                    block += b"\n"
            yield block


if __name__ == "__main__":
    json.dump(find(Question(**json.load(sys.stdin))), sys.stdout)
