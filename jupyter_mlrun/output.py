"""Printed output, shown where it was and put into the run's log too."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .masking import of_environment
from .pulse import Pulse
from .report import Reporter


class RunLog:
    """Collects what a run prints in this process and sends it on twice a second."""

    def __init__(self, reporter: Reporter, run: dict[str, Any]) -> None:
        self._reporter, self._run = reporter, run
        self._pieces: list[str] = []
        self._mask = of_environment().stream()
        self._lock, self._sending = threading.Lock(), threading.Lock()
        self._pulse = Pulse(self.send, 0.5)

    def add(self, text: str) -> None:
        """Take a piece of output."""
        with self._lock:
            self._pieces.append(text)
        self._pulse.touch()

    def send(self) -> None:
        """Send what has been collected."""
        with self._sending:
            with self._lock:
                text, self._pieces = "".join(self._pieces), []
            if data := self._mask.feed(text.encode("utf-8", "backslashreplace")):
                self._reporter.log(self._run, data)

    def close(self) -> None:
        """Send the rest."""
        self._pulse.stop()
        self.send()
        if rest := self._mask.close():
            self._reporter.log(self._run, rest)


class Tee:
    """A text stream that also writes into a run's log."""

    def __init__(self, stream: Any, log: RunLog) -> None:
        self._stream, self._log = stream, log

    def write(self, text: str) -> int:
        """Write to both."""
        self._log.add(text)
        return int(self._stream.write(text) or len(text))

    def write_to_log(self, text: str) -> None:
        """Write into the run's log alone."""
        self._log.add(text)

    def writelines(self, lines: Any) -> None:
        """Write several pieces to both."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def teed(log: RunLog) -> Iterator[None]:
    """Let stdout and stderr write into the log too."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = Tee(before[0], log), Tee(before[1], log)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
        log.close()
