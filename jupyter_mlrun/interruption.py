"""What ends a run from outside, as exceptions that the user's ``except Exception`` lets through."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn


class Aborted(BaseException):
    """The process was asked to end; the service knows why."""


class Expired(BaseException):
    """The run's time is over."""


_told: list[Callable[[BaseException], None]] = []


@contextmanager
def at_end(act: Callable[[], object]) -> Iterator[list[BaseException]]:
    """Do this too when the run is ended in the block; what ended it is then in the list."""
    ended: list[BaseException] = []

    def tell(error: BaseException) -> None:
        ended.append(error)
        act()

    _told.append(tell)
    try:
        yield ended
    finally:
        _told.remove(tell)


def _end(error: BaseException) -> NoReturn:
    for tell in list(_told):
        tell(error)
    raise error


def listen() -> None:
    """Turn the request to end this process into ``Aborted``, so that ``finally`` blocks run."""

    def abort(*_: object) -> None:
        _end(Aborted())

    # a forked worker must end as any other process: a handler in Python can come too late for
    # one that is about to wait for a semaphore, and then it would wait for ever
    os.register_at_fork(after_in_child=_end_by_default)

    signal.signal(signal.SIGTERM, abort)


def _end_by_default() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextmanager
def time_limit(seconds: float | None, deadline: float | None) -> Iterator[None]:
    """Raise ``Expired`` in the block at the deadline; only a main thread can be interrupted."""
    is_main = threading.current_thread() is threading.main_thread()
    if seconds is None or deadline is None or not is_main:
        yield
        return

    def expire(*_: object) -> None:
        _end(Expired(f"the time limit of {seconds:g} s was reached"))

    before = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, max(0.001, deadline - time.monotonic()))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
