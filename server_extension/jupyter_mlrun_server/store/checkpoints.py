"""SQLite's checkpoints, beside the writers: none of them has to wait for the disk."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

EVERY = 50
# pages after which a writer does it itself, where nobody else does
LATEST = 20_000
LONGEST_END = 30.0


class Checkpoints:
    """Moves what was written from a store's log into its file, after every few writes."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._uri = path.absolute().as_uri() if path else ""
        self._writes = 0
        self._due = threading.Event()
        self._closed = False
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def count(self) -> None:
        """One more write is kept; never fails, since it is."""
        with self._lock:
            self._writes += 1
            if self._path is None or self._closed or self._writes % EVERY:
                return
            if self._thread is None:
                self._thread = self._begun()
        self._due.set()

    def close(self) -> None:
        """End with what has begun; a disk that hangs is not waited for without end."""
        with self._lock:
            self._closed = True
        self._due.set()
        if self._thread is not None:
            self._thread.join(LONGEST_END)

    def _begun(self) -> threading.Thread | None:
        thread = threading.Thread(target=self._work, name="mlrun-checkpoints", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            return None  # no thread is to be had now: one of the next writes asks again
        return thread

    def _work(self) -> None:
        while True:
            self._due.wait()
            # before the look: what is set after it wakes the next wait
            self._due.clear()
            if self._closed:
                return
            self._move()

    def _move(self) -> None:
        try:
            connection = sqlite3.connect(f"{self._uri}?mode=rw", uri=True, timeout=0)
            try:
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
            finally:
                connection.close()
        except sqlite3.Error:
            return  # the store is away or busy: the next one does it, at the latest a writer
