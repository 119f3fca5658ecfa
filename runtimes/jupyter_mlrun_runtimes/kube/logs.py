"""Lines of a pod's log, each once: where reading goes on after a break, and what is missing."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

GAP = b"--- lines are missing here: they left the node before they could be read ---\n"
DOUBT = b"--- lines may be missing here: more was printed at once than the node keeps ---\n"
# a node begins a new file after some 10 MB, looks for that every 10 s, and skips those put away
ROTATES, PAUSE, BEHIND = 8 << 20, 5.0, 2.0
UNSURE = b"--- the end may be missing here: its pod was gone before it was seen to end ---\n"
GIVEN_UP = b"--- the end is missing here: it could not be read for long, and was given up ---\n"
BROKEN = b"--- the end is missing here: it could not be read or written ---\n"
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
        return _whole(self.at) if self.at else ""


class Reader:
    """Takes lines with their times, and gives each text once, whatever is read again."""

    def __init__(self, position: Position, clock: Callable[[], float] = time.time) -> None:
        self.position = position
        self.clock = clock
        self._repeats = False
        self._met = 0
        self._mark = GAP
        self._read = 0
        self._heard = 0.0

    def begin(self, at_end: bool = False) -> None:
        """The connection was made anew: lines come again from a second before the last one.

        ``at_end``: the container prints no more, and this is the last of its files.
        """
        self._repeats = bool(self.position.at)
        self._met = self._read = 0
        self._mark = DOUBT if at_end else GAP

    def take(self, lines: list[bytes]) -> bytes:
        """The text of the lines that are new, with a mark where some are missing."""
        found: list[bytes] = []
        position, now = self.position, self.clock()
        for line in lines:
            self._read += len(line)
            stamp, space, text = line.partition(b" ")
            at = stamp.decode("ascii", "replace") if space and _is_time(stamp) else ""
            if not at:
                # the end of a line that was too long for one piece
                found.append(line)
                continue
            if self._repeats and not self._is_new(at, found):
                continue
            if at[:19] != position.at[:19] and self._was_skipped(at):
                found.append(DOUBT)
                self._read = 0
            self._heard = now
            if at == position.at:
                position.same += 1
            else:
                position.at, position.same = at, 1
            found.append(text)
        return b"".join(found)

    @property
    def has_lost_its_place(self) -> bool:
        """Whether the last line that was known has not come again."""
        return self._repeats and self._met < self.position.same

    def _was_skipped(self, at: str) -> bool:
        """Whether the node may have left files out: it printed on while this reader was behind."""
        if self._read < ROTATES or not self.position.at:
            return False
        last = _seconds(self.position.at)
        return self._heard - last > BEHIND and _seconds(at) - last > PAUSE

    def _is_new(self, at: str, found: list[bytes]) -> bool:
        position = self.position
        if _order(at) < _order(position.at):
            return False
        if at == position.at:
            self._met += 1
            if self._met <= position.same:
                return False
        elif self._met < position.same:
            found.append(self._mark)
        self._repeats = False
        return True


def _is_time(stamp: bytes) -> bool:
    return len(stamp) >= 20 and stamp[4:5] == b"-" and stamp[10:11] == b"T"


def _seconds(at: str) -> float:
    """Whole seconds since 1970 of a line's time."""
    return datetime.fromisoformat(_whole(at)).timestamp()


def _whole(at: str) -> str:
    zone = re.search(r"(Z|[+-]\d\d:\d\d)$", at)
    return f"{at[:19]}{zone[0] if zone else 'Z'}"


def _order(at: str) -> tuple[str, str]:
    """Times as they sort: fractions of a second come without their trailing zeros."""
    digits = re.match(r"\.(\d+)", at[19:])
    return at[:19], (digits[1] if digits else "").ljust(9, "0")
