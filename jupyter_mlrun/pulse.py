"""Doing something again and again in the background, from the first time there is something."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

PERIOD = 0.4


class Pulse:
    """Calls an action soon after ``touch``, and then at most every ``PERIOD`` seconds."""

    def __init__(self, action: Callable[[], None], period: float = PERIOD) -> None:
        self._action, self._period = action, period
        self._thread: threading.Thread | None = None
        self._work, self._ended = threading.Event(), threading.Event()
        self._starting = threading.Lock()

    def touch(self) -> None:
        """Say that there is something to do."""
        self._work.set()
        if self._thread is None:
            with self._starting:
                if self._thread is None and not self._ended.is_set():
                    self._thread = threading.Thread(target=self._beat, name="mlrun", daemon=True)
                    self._thread.start()

    def stop(self) -> None:
        """Do nothing more; what is being done is waited for."""
        self._ended.set()
        self._work.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout=60)

    def _beat(self) -> None:
        pause = self._period
        while not self._ended.wait(pause):
            self._work.wait()
            if self._ended.is_set():
                return
            self._work.clear()
            began = time.monotonic()
            self._action()
            # what is slow must not keep the process busy
            pause = max(self._period, 10 * (time.monotonic() - began))
