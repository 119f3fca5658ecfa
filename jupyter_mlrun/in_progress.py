"""Which of the runs in progress in this process a piece of code belongs to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class InProgress(Generic[Value]):
    """What each run in progress has of a thing, found by the code that belongs to the run.

    A thread that the code of a run starts has no part in the run's context variables: while all
    runs in progress work in one thread, other threads than the main one belong to the last of
    them; beside runs of several threads they belong to none.
    """

    def __init__(self, name: str) -> None:
        self._own: ContextVar[tuple[int, Value] | None] = ContextVar(name, default=None)
        self._all: list[tuple[int, Value]] = []

    @contextmanager
    def hold(self, value: Value) -> Iterator[None]:
        """Make it the value of what the block does."""
        entry = (threading.get_ident(), value)
        self._all.append(entry)
        token = self._own.set(entry)
        try:
            yield
        finally:
            self._own.reset(token)
            self._all[:] = [each for each in self._all if each is not entry]

    def own(self) -> Value | None:
        """The value that was held by what called the code that asks."""
        own = self._own.get()
        return own[1] if own and any(each is own for each in self._all) else None

    def get(self) -> Value | None:
        """The value for the code that asks; None where it belongs to no run."""
        own, entries = self.own(), list(self._all)
        if own is not None or not entries or _is_main() or _threads(entries) > 1:
            return own
        return entries[-1][1]

    def is_unclear(self) -> bool:
        """Whether who asks belongs to none of several runs that are in progress side by side."""
        return self.own() is None and not _is_main() and _threads(list(self._all)) > 1


def _is_main() -> bool:
    return threading.current_thread() is threading.main_thread()


def _threads(entries: list[tuple[int, Any]]) -> int:
    return len({thread for thread, _ in entries})
