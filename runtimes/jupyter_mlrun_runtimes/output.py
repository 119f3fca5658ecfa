"""What a supervised command says: masked, in its log, and counted where the disk is full."""

from __future__ import annotations

import errno
import os
from typing import Any

from jupyter_mlrun.disk import has_room

from . import logfile

# what holds why bytes of the log are missing, from when the first are
LOST_FILE = "log.lost"
MISSING = "bytes of the log are missing"
_DRAIN = 1 << 16
_TAIL = 500


class Output:
    """The command's output from its pipe to its log."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.pipe = -1
        self.mask: Any = None
        self._log = logfile.LogWriter(os.path.join(folder, "log"))
        self._lost = self._missing = 0
        self._why = ""
        self._is_marked = False

    def hide(self, environment: dict[str, str]) -> None:
        """Mask the secrets that the command was given, and those that it shall not even be given.

        The latter are taken out of the environment.
        """
        if environment.get("JUPYTER_MLRUN_SECRETS") or environment.get("JUPYTER_MLRUN_HIDDEN"):
            from jupyter_mlrun.masking import of_environment

            self.mask = of_environment(environment).stream()
            environment.pop("JUPYTER_MLRUN_HIDDEN", None)

    def pump(self) -> bool:
        """Write what has come; False at the end of the pipe."""
        data = os.read(self.pipe, _DRAIN)
        shown = self.mask.feed(data) if self.mask else data
        if shown:
            self.write(shown)
        return bool(data)

    def drain(self) -> None:
        """Write all that has come, and wait for nothing."""
        os.set_blocking(self.pipe, False)
        try:
            while self.pump():
                pass
        except BlockingIOError:
            pass

    def write(self, data: bytes) -> None:
        """Write bytes; what finds no room is counted, and told where the log goes on."""
        try:
            if not has_room(self.folder, len(data)):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            if self._lost:
                gap = f"\n[{self._lost} bytes of output are missing: {self._why}]\n"
                self._log.append(gap.encode())
                self._lost = 0
            self._log.append(data)
        except OSError as error:
            self._lost += len(data)
            self._missing += len(data)
            self._why = error.strerror or str(error)
            self._mark()

    def _mark(self) -> None:
        """Say while the run still works that its log is not whole."""
        if self._is_marked:
            return
        try:
            with open(os.path.join(self.folder, LOST_FILE), "w") as file:
                file.write(self._why)
            self._is_marked = True
        except OSError:
            # tried again with the next bytes that find no room; the end says it in any case
            pass

    def tail(self) -> bytes:
        """The last of the log, with what the mask held back until now."""
        if self.mask and (rest := self.mask.close()):
            self.write(rest)
        return logfile.read(self._log.path, max(0, self._log.size - _TAIL))

    def close(self) -> str:
        """What is to be said of a log that is not whole; empty where it is."""
        self._log.close()
        return f"{self._missing} {MISSING}: {self._why}" if self._missing else ""
