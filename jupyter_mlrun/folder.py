"""The working directory of this process, lent to one run after the other.

A process has one, whichever thread asks. So runs side by side in it may share a folder and not have
two, and a run that works within another one has its own until it ends.
"""

from __future__ import annotations

import contextlib
import os
import threading
from contextvars import ContextVar

from .errors import MLRunConflictError

_lock = threading.Lock()
_working: list[Folder] = []


class Folder:
    """A folder in which a run works; ``leave`` gives the process back."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._outer = _mine.get()
        with _lock:
            others = [each for each in _working if not self._is_within(each)]
            if elsewhere := [each.path for each in others if each.path != path]:
                raise MLRunConflictError(
                    f"Another run of this process works in {elsewhere[-1]}, and a process has one "
                    "working directory: wait for it, or use kind='local', whose runs have a "
                    "process of their own"
                )
            self._is_shared = bool(others)
            self._before: str = others[0]._before if others else os.getcwd()
            os.chdir(path)
            _working.append(self)
        self._token = _mine.set(self)

    def leave(self) -> None:
        """Let the process work where it did before, where no other run needs it."""
        _mine.reset(self._token)
        with _lock:
            _working.remove(self)
            before, last = self._before, _working[-1] if _working else None
            if last is not None and (last is not self._outer or self._is_shared):
                before = last.path
            # the folder may be gone by now, which is no part of this run
            with contextlib.suppress(OSError):
                os.chdir(before)

    def _is_within(self, other: Folder) -> bool:
        """Whether the run here is at work within that other one, which waits meanwhile."""
        outer = self._outer
        while outer is not None and outer is not other:
            outer = outer._outer
        return outer is other


_mine: ContextVar[Folder | None] = ContextVar("jupyter_mlrun_folder", default=None)
