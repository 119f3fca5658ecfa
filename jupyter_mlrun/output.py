"""Printed output, shown where it was and put into the run's log too."""

from __future__ import annotations

import os
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from .errors import MLRunHTTPError
from .in_progress import InProgress
from .masking import of_environment
from .pulse import Pulse
from .report import Reporter

REFUSED = "log.refused"
APPEND = os.O_WRONLY | os.O_CREAT | os.O_APPEND


class RunLog:
    """Collects what a run prints in this process and sends it on twice a second.

    What the service refuses is kept in a file of ``folder``, where one is given.
    """

    def __init__(self, reporter: Reporter, run: dict[str, Any], folder: str = "") -> None:
        self._reporter, self._run = reporter, run
        self._refused = os.path.join(folder, REFUSED) if folder else ""
        self._problem: MLRunHTTPError | None = None
        self._kept = 0
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
                self._send(data)

    def close(self) -> None:
        """Send the rest; what the service did not take is said here, and ends no run."""
        self._pulse.stop()
        try:
            self.send()
            if rest := self._mask.close():
                self._send(rest)
        except MLRunHTTPError as error:
            warnings.warn(f"The service did not take the rest of the log: {error}", stacklevel=2)
        if self._problem is not None:
            warnings.warn(
                f"The service did not take {self._kept:,} bytes of the log, which are kept in "
                f"{self._refused}: {self._problem}",
                stacklevel=2,
            )

    def _send(self, data: bytes) -> None:
        try:
            self._reporter.log(self._run, data)
        except MLRunHTTPError as error:
            if not self._refused:
                raise
            os.makedirs(os.path.dirname(self._refused), mode=0o700, exist_ok=True)
            with open(os.open(self._refused, APPEND, 0o600), "ab") as file:
                file.write(data)
            self._problem, self._kept = error, self._kept + len(data)


class Heard(NamedTuple):
    """Who hears what a run prints, and whether it is still shown where it would have been."""

    take: Callable[[str], Any]
    is_shown: bool
    outer: Heard | None


_heard: InProgress[Heard] = InProgress("jupyter_mlrun_output")


class Shared:
    """A text stream of the process whose text also goes to the run of the code that writes."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._users = 0

    def write(self, text: str) -> int:
        """Write to the run, to those that it works in, and where it would have gone."""
        heard = _heard.get()
        while heard is not None:
            heard.take(text)
            if not heard.is_shown:
                return len(text)
            heard = heard.outer
        return int(self._stream.write(text) or len(text))

    def write_to_log(self, text: str) -> None:
        """Write to the run alone."""
        heard = _heard.get()
        (heard.take if heard is not None else self._stream.write)(text)

    def writelines(self, lines: Any) -> None:
        """Write several pieces."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


_lock = threading.Lock()


@contextmanager
def listening(take: Callable[[str], Any], is_shown: bool = True) -> Iterator[None]:
    """Hand on what the block prints, and no other run that works beside it in this process."""
    with _lock:
        used = [_shared(name) for name in ("stdout", "stderr")]
    try:
        with _heard.hold(Heard(take, is_shown, _heard.own())):
            yield
    finally:
        with _lock:
            for name, stream in zip(("stdout", "stderr"), used, strict=True):
                stream._users -= 1
                if not stream._users:
                    setattr(sys, name, stream._stream)


def _shared(name: str) -> Shared:
    stream = getattr(sys, name)
    if not isinstance(stream, Shared):
        stream = Shared(stream)
        setattr(sys, name, stream)
    stream._users += 1
    return stream


@contextmanager
def teed(log: RunLog) -> Iterator[None]:
    """Let what the block prints go into the log too."""
    try:
        with listening(log.add):
            yield
    finally:
        log.close()
