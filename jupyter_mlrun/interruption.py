"""What ends a run from outside, as exceptions that the user's ``except Exception`` lets through."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn


class Aborted(BaseException):
    """The process was asked to end; the service knows why."""


class Expired(BaseException):
    """The run's time is over."""


Act = Callable[[], object]
# the thread that each works in, and how it is told
_told: list[tuple[int, Callable[[BaseException], None]]] = []
# of the time limits that are kept at the moment
_deadlines: list[float] = []


@contextmanager
def at_end(act: Act, hand_over: Callable[[Act], object]) -> Iterator[list[BaseException]]:
    """Do this too when the run is ended in the block; what ended it is then in the list.

    Where another thread ends the run, the act is handed over to the block's own.
    """
    ended: list[BaseException] = []
    own = threading.get_ident()

    def tell(error: BaseException) -> None:
        ended.append(error)
        if threading.get_ident() == own:
            act()
            return
        # a loop that is closed by now has nothing left to end
        with suppress(RuntimeError):
            hand_over(act)

    entry = (own, tell)
    _told.append(entry)
    try:
        yield ended
    finally:
        _told.remove(entry)


def _end(error: BaseException, everywhere: bool = False) -> NoReturn:
    for thread, tell in list(_told):
        if everywhere or thread == threading.get_ident():
            tell(error)
    raise error


def listen() -> None:
    """Turn the request to end this process into ``Aborted``, so that ``finally`` blocks run."""

    def abort(*_: object) -> None:
        _end(Aborted(), everywhere=True)

    # a forked worker must end as any other process: a handler in Python can come too late for
    # one that is about to wait for a semaphore, and then it would wait for ever
    os.register_at_fork(after_in_child=_end_by_default)

    signal.signal(signal.SIGTERM, abort)


def _end_by_default() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextmanager
def time_limit(seconds: float | None, deadline: float | None) -> Iterator[None]:
    """Raise ``Expired`` in the block at the deadline; only a main thread can be interrupted.

    A limit around the block, and any other timer of the process, goes on after it.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if seconds is None or deadline is None or not is_main:
        yield
        return
    if any(outer <= deadline for outer in _deadlines):
        # one around it ends it before, or at the same time
        yield
        return

    def expire(*_: object) -> None:
        _deadlines.remove(deadline)
        _end(Expired(f"the time limit of {seconds:g} s was reached"))

    began, left, every = time.monotonic(), 0.0, 0.0
    before = signal.signal(signal.SIGALRM, expire)
    _deadlines.append(deadline)
    try:
        left, every = signal.setitimer(signal.ITIMER_REAL, max(0.001, deadline - began))
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        if deadline in _deadlines:
            _deadlines.remove(deadline)
        # a handler that was not set by Python cannot be set by it
        if before is not None:
            signal.signal(signal.SIGALRM, before)
        if left:
            rest = max(0.001, left - (time.monotonic() - began))
            signal.setitimer(signal.ITIMER_REAL, rest, every)
