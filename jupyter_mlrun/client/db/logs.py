"""Logs of runs under the method names of MLRun's ``get_run_db()``."""

from __future__ import annotations

import codecs
import sys
import time
from typing import Any

from ...errors import MLRunInvalidArgumentError
from .. import logs
from ..arguments import refuse
from ..connected import Connected
from ..transport import part

# as in MLRun: how long a watched log is left alone, and after three times without a byte
_PAUSE, _LONG_PAUSE, _PATIENCE = 3.0, 10.0, 3
_FOLLOWED = ("pending", "running", "created", "aborting")


class Logs(Connected):
    """Logs of runs: written, read and followed."""

    def store_log(
        self, uid: str, project: str = "", body: bytes | str | None = None, append: bool = False
    ) -> None:
        """Make these bytes a run's log, or with ``append`` its next piece."""
        if not body:
            return
        data = body.encode() if isinstance(body, str) else bytes(body)
        path = self._of(project, f"logs/{part(uid)}")
        self.client.request("POST", path, {"append": "yes" if append else "no"}, data)

    def get_log(
        self,
        uid: str,
        project: str = "",
        offset: int = 0,
        size: int | None = None,
        attempt: int | None = None,
    ) -> tuple[str, Any]:
        """The state of a run, and at most 1 MiB of its log from an offset on.

        With the size -1 all of it is printed: the state, and the offset at which it ends.
        """
        refuse("attempt", attempt, "a run has one log here, of all its attempts")
        if offset < 0:
            raise MLRunInvalidArgumentError(f"Offset cannot be negative: it is {offset}")
        if size == -1:
            return self.watch_log(uid, project, False, offset)
        chunk = logs.read(self.client, self._project(project), uid, offset, size)
        return chunk.state, chunk.data

    def get_log_size(self, uid: str, project: str = "") -> int:
        """The length of a run's log in bytes."""
        return logs.size(self.client, self._project(project), uid)

    def watch_log(
        self,
        uid: str,
        project: str = "",
        watch: bool = True,
        offset: int = 0,
        attempt: int | None = None,
    ) -> tuple[str, int]:
        """Print a run's log from an offset on, following it to the run's end with ``watch``.

        The state, and the offset at which the log ends.
        """
        # a character may lie on the border of two pieces
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        silent = 0
        while True:
            state, data = self.get_log(uid, project, offset, None, attempt)
            offset += len(data)
            sys.stdout.write(decoder.decode(data))
            sys.stdout.flush()
            if data:
                silent = 0
                continue
            if not watch or state not in _FOLLOWED:
                return state, offset
            silent += 1
            time.sleep(_PAUSE if silent <= _PATIENCE else _LONG_PAUSE)
