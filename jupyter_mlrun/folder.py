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
            last = _working[-1] if _working else None
            if last is not None and last is not self._outer and last.path != path:
                raise MLRunConflictError(
                    f"Another run of this process works in {last.path}, and a process has one "
                    f"working directory: wait for it, or use kind='local', whose runs have a "
                    "process of their own"
                )
            is_shared = last is not None and last.path == path
            self._before: str = last._before if last is not None and is_shared else os.getcwd()
            os.chdir(path)
            _working.append(self)
        self._token = _mine.set(self)

    def leave(self) -> None:
        """Let the process work where it did before, where no other run needs it."""
        _mine.reset(self._token)
        with _lock:
            _working.remove(self)
            before = self._before
            if _working and _working[-1] is not self._outer:
                before = _working[-1].path
            # the folder may be gone by now, which is no part of this run
            with contextlib.suppress(OSError):
                os.chdir(before)


_mine: ContextVar[Folder | None] = ContextVar("jupyter_mlrun_folder", default=None)
