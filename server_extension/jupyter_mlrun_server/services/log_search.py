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
from jupyter_mlrun_runtimes.logfile import MAX_LINE

PATIENCE = 10
MOST_MATCHES = 10_000
SHOWN = 2000


@dataclass(frozen=True)
class Question:
    """What is searched for, and where."""

    path: str
    text: str
    regex: bool
    case: bool
    limit: int

    def pattern(self) -> re.Pattern[str]:
        """The compiled pattern; one that is none is refused."""
        if not self.text:
            raise MLRunInvalidArgumentError("Nothing to search for: give q")
        text = self.text if self.regex else re.escape(self.text)
        try:
            return re.compile(text, 0 if self.case else re.IGNORECASE)
        except re.error as error:
            message = f"The pattern {self.text!r} is not one: {error}"
            raise MLRunInvalidArgumentError(message) from None


def search(asked: Question) -> dict[str, Any]:
    """Where the text or pattern occurs, line by line, within the server's patience."""
    asked.pattern()
    if not asked.regex:
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
    """Where the text or pattern occurs, line by line."""
    pattern = asked.pattern()
    matches: list[dict[str, Any]] = []
    for number, line in _lines(asked.path):
        for hit in pattern.finditer(line):
            if hit.start() == hit.end():
                continue
            if len(matches) >= min(asked.limit, MOST_MATCHES):
                return {"matches": matches, "truncated": True}
            matches.append(
                {"n": number, "start": hit.start(), "end": hit.end(), "text": line[:SHOWN]}
            )
    return {"matches": matches, "truncated": False}


def _lines(path: str) -> Iterator[tuple[int, str]]:
    if not Path(path).exists():
        return
    with open(path, "rb") as file:
        for number, raw in enumerate(file, 1):
            yield number, raw[:MAX_LINE].decode("utf-8", "replace").rstrip("\n")


if __name__ == "__main__":
    json.dump(find(Question(**json.load(sys.stdin))), sys.stdout)
