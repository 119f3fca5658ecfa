"""What may be seen of logs that come by HTTP: in pieces, between which a secret can be cut."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from jupyter_mlrun.masking import Masker
from jupyter_mlrun_runtimes.local import write_private_bytes

SUFFIX = ".held"


class LogMasks:
    """Masks of projects over their logs.

    The end of a piece that may be the beginning of a secret lies beside the log until the next
    piece, or the end of the run, tells.
    """

    def __init__(self, masker: Callable[[str], Masker] = lambda project: Masker(())) -> None:
        self.masker = masker
        self.holding: set[tuple[str, str]] = set()

    def shown(self, project: str, log: Path, data: bytes, truncate: bool = False) -> bytes:
        """What of the piece, and of what was held before it, may be written."""
        key, held = (project, log.parent.name), log.with_name(log.name + SUFFIX)
        stream = self.masker(project).stream()
        before = b"" if truncate else _content(held)
        shown = stream.feed(before + data)
        if stream.held:
            write_private_bytes(held, stream.held)
            self.holding.add(key)
        elif before or key in self.holding:
            held.unlink(missing_ok=True)
            self.holding.discard(key)
        return shown

    def rest(self, project: str, log: Path) -> bytes:
        """What was held, now that no more is coming."""
        held = log.with_name(log.name + SUFFIX)
        data = _content(held)
        held.unlink(missing_ok=True)
        self.holding.discard((project, log.parent.name))
        return data


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
