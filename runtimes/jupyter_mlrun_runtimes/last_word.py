"""The file that says how a supervised command ended: whole or not there, on a full disk too."""

from __future__ import annotations

import json
import os
import signal
import time

_ROOM = 2048
_LONGEST = 1000


class LastWord:
    """``exit.json``; its room is taken at the beginning, so that nothing can take it away."""

    def __init__(self, folder: str) -> None:
        self._draft = os.path.join(folder, ".exit.json")
        self._file = os.path.join(folder, "exit.json")
        with open(self._draft, "w") as file:
            file.write(" " * _ROOM)

    def say(
        self, state: str, reason: str, code: int | None = None, number: int | None = None
    ) -> None:
        """Write the end; ``number`` is the signal that killed the command."""
        end = {
            "code": code,
            "signal": number,
            "state": state,
            "reason": reason[:_LONGEST],
            "at": round(time.time(), 3),
        }
        with open(self._draft, "r+") as file:
            file.write(json.dumps(end).ljust(_ROOM))
        os.replace(self._draft, self._file)


def verdict(code: int, number: int | None, tail: bytes) -> tuple[str, str]:
    """State and reason of a command that ended by itself."""
    if number:
        name = signal.Signals(number).name if number in set(signal.Signals) else str(number)
        return "error", f"the process was killed by signal {name}"
    if code == 0:
        return "completed", ""
    if b"No module named jupyter_mlrun" in tail:
        return "error", (
            "the interpreter of the run has no jupyter-mlrun: "
            "pip install jupyter-mlrun into the kernel's environment"
        )
    return "error", f"the process ended with exit code {code}"
