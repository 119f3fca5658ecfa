"""SQLite's checkpoints, beside the writers: none of them has to wait for the disk."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

EVERY = 50
# pages after which a writer does it itself, where nobody else does
LATEST = 20_000


class Checkpoints:
    """Moves what was written from a store's log into its file, after every few writes."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._writes = 0
        self._due = threading.Event()
        self._closed = False
        self._thread: threading.Thread | None = None

    def count(self) -> None:
        """One more write is kept; called by one writer at a time."""
        self._writes += 1
        if self._path is None or self._writes % EVERY:
            return
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._work, name="mlrun-checkpoints", daemon=True
            )
            self._thread.start()
        self._due.set()

    def close(self) -> None:
        """End with what has begun."""
        self._closed = True
        self._due.set()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        while self._due.wait() and not self._closed:
            self._due.clear()
            self._move()

    def _move(self) -> None:
        try:
            connection = sqlite3.connect(f"file:{self._path}?mode=rw", uri=True, timeout=0)
            try:
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
            finally:
                connection.close()
        except sqlite3.Error:
            return  # the store is away or busy: the next one does it, at the latest a writer
