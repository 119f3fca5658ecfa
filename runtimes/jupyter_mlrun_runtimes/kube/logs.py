"""Lines of a pod's log, each once: where reading goes on after a break, and what is missing."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

GAP = b"--- lines are missing here: they left the node before they could be read ---\n"
CUT = b"--- the end is missing here: the pod was gone before it could be read ---\n"


@dataclass
class Position:
    """How far a container's log was read: the time of the last line, and how many had that time.

    ``size`` is the length of the file that it goes to, at that moment.
    """

    at: str = ""
    same: int = 0
    size: int = 0
    ended: bool = False

    @classmethod
    def load(cls, file: Path) -> Position:
        """The position that was saved, else the beginning."""
        try:
            value = json.loads(file.read_bytes())
            return cls(str(value["at"]), int(value["same"]), int(value["size"]), value["ended"])
        except (OSError, ValueError, KeyError, TypeError):
            return cls()

    def text(self) -> str:
        """As it is saved."""
        return json.dumps(vars(self))

    @property
    def since(self) -> str:
        """From when to ask: whole seconds, since Kubernetes knows no others."""
        zone = re.search(r"(Z|[+-]\d\d:\d\d)$", self.at)
        return f"{self.at[:19]}{zone[0] if zone else 'Z'}" if self.at else ""


class Reader:
    """Takes lines with their times, and gives each text once, whatever is read again."""

    def __init__(self, position: Position) -> None:
        self.position = position
        self._repeats = False
        self._met = 0

    def begin(self) -> None:
        """The connection was made anew: lines come again from a second before the last one."""
        self._repeats = bool(self.position.at)
        self._met = 0

    def take(self, lines: list[bytes]) -> bytes:
        """The text of the lines that are new, with a mark where some are missing."""
        found: list[bytes] = []
        position = self.position
        for line in lines:
            stamp, space, text = line.partition(b" ")
            at = stamp.decode("ascii", "replace") if space and _is_time(stamp) else ""
            if not at:
                # the end of a line that was too long for one piece
                found.append(line)
                continue
            if self._repeats and not self._is_new(at, found):
                continue
            if at == position.at:
                position.same += 1
            else:
                position.at, position.same = at, 1
            found.append(text)
        return b"".join(found)

    def _is_new(self, at: str, found: list[bytes]) -> bool:
        position = self.position
        if _order(at) < _order(position.at):
            return False
        if at == position.at:
            self._met += 1
            if self._met <= position.same:
                return False
        elif self._met < position.same:
            found.append(GAP)
        self._repeats = False
        return True


def _is_time(stamp: bytes) -> bool:
    return len(stamp) >= 20 and stamp[4:5] == b"-" and stamp[10:11] == b"T"


def _order(at: str) -> tuple[str, str]:
    """Times as they sort: fractions of a second come without their trailing zeros."""
    digits = re.match(r"\.(\d+)", at[19:])
    return at[:19], (digits[1] if digits else "").ljust(9, "0")
