"""What a run has to tell while no service answers: kept in its folder, told in order later.

``outbox.jsonl`` only grows; each line is one request and is on the disk when ``append`` returns.
``outbox.done`` says how many of its bytes were told. Whoever tells them, the run or a restarted
server, holds the file's lock, so no request overtakes another.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

FILE, DONE = "outbox.jsonl", "outbox.done"


class Outbox:
    """The outbox of one run's folder."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = os.fspath(folder)
        self.path = os.path.join(self.folder, FILE)
        self._done = os.path.join(self.folder, DONE)

    def is_empty(self) -> bool:
        """Whether everything that was put in has been told."""
        try:
            return os.stat(self.path).st_size <= self._told()
        except FileNotFoundError:
            return True

    def append(
        self, method: str, path: str, params: Mapping[str, Any] | None, body: Any, **more: Any
    ) -> None:
        """Keep one request; it is on the disk when this returns. Bytes are kept as base64."""
        entry: dict[str, Any] = {"method": method, "path": path, "params": dict(params or {})}
        if isinstance(body, bytes):
            entry["data"] = base64.b64encode(body).decode()
        else:
            entry["body"] = body
        line = json.dumps(entry | more, separators=(",", ":")).encode() + b"\n"
        os.makedirs(self.folder, mode=0o700, exist_ok=True)
        with self._locked() as file:
            start = os.fstat(file).st_size
            try:
                while line:
                    line = line[os.write(file, line) :]
                os.fsync(file)
            except OSError:
                os.ftruncate(file, start)
                raise

    def replay(self, send: Callable[[dict[str, Any]], None]) -> int:
        """Tell what is left, oldest first; how many were told.

        Stops where ``send`` raises: that request and those after it stay. An entry has ``method``,
        ``path``, ``params`` and ``body``, which is bytes where bytes were put in.
        """
        if self.is_empty():
            return 0
        count = 0
        with self._locked():
            for entry, end in self._entries(self._told()):
                send(entry)
                count += 1
                self._tell(end)
        return count

    def _entries(self, offset: int) -> Iterator[tuple[dict[str, Any], int]]:
        with open(self.path, "rb") as file:
            file.seek(offset)
            for line in file:
                offset += len(line)
                if not line.endswith(b"\n"):
                    return
                entry = json.loads(line)
                if "data" in entry:
                    entry["body"] = base64.b64decode(entry.pop("data"))
                yield entry, offset

    def _told(self) -> int:
        try:
            with open(self._done) as file:
                return int(file.read() or 0)
        except FileNotFoundError:
            return 0

    def _tell(self, offset: int) -> None:
        draft = f"{self._done}.{os.getpid()}"
        with open(draft, "w") as file:
            file.write(str(offset))
        os.replace(draft, self._done)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file
        finally:
            os.close(file)
