"""What a run has to tell while no service answers: kept in its folder until one does.

``outbox.jsonl`` only grows. Each line is one request, with its path below the service's mount, and
is on the disk when ``append`` returns. The service takes the lines in, in order, when it starts
again and before it hears anything new of the run.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from typing import Any

FILE = "outbox.jsonl"


class Outbox:
    """The outbox of one run's folder."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = os.fspath(folder)
        self.path = os.path.join(self.folder, FILE)

    def append(self, method: str, path: str, params: Mapping[str, Any] | None, body: Any) -> None:
        """Keep one request: on the disk when this returns, or not at all where it raises."""
        if isinstance(body, bytes):
            body = {"base64": base64.b64encode(body).decode()}
        entry = {"method": method, "path": path, "params": dict(params or {}), "body": body}
        line = json.dumps(entry, separators=(",", ":")).encode() + b"\n"
        os.makedirs(self.folder, mode=0o700, exist_ok=True)
        file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            start = os.fstat(file).st_size
            try:
                while line:
                    line = line[os.write(file, line) :]
                os.fsync(file)
            except OSError:
                os.ftruncate(file, start)
                raise
        finally:
            os.close(file)
