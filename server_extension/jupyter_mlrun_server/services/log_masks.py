"""What may be seen of logs that come by HTTP: in pieces, between which a secret can be cut."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
        """runs of whose own logs something is held"""
        self.followed: set[tuple[str, str]] = set()
        """runs whose logs are read from pods: their reader tells where they end"""
        self.of_runs: dict[tuple[str, str], tuple[str, ...]] = {}
        """secrets that runs brought along themselves"""
        self._joined: dict[tuple[str, str], tuple[Masker, Masker]] = {}

    def shown(
        self, project: str, log: Path, pieces: Sequence[bytes], truncate: bool = False
    ) -> list[bytes]:
        """What of the pieces, and of what was held before them, may be written."""
        key, held = (project, log.parent.name), log.with_name(log.name + SUFFIX)
        stream = self._masker(project, log).stream()
        before = b"" if truncate else _content(held)
        shown = [stream.feed(piece) for piece in ([before, *pieces] if before else pieces)]
        if stream.held:
            write_private_bytes(held, stream.held)
            self.holding.add(key)
        elif before or key in self.holding:
            held.unlink(missing_ok=True)
            self.holding.discard(key)
        return shown

    def is_to_end(self, project: str, uid: str) -> bool:
        """Whether something is held of the log of a run that has ended, and nobody reads it on."""
        run = (project, uid)
        return run in self.holding and run not in self.followed

    def forget(self, project: str, uid: str) -> None:
        """Let go of the secrets of a run that is settled."""
        self.of_runs.pop((project, uid), None)
        self._joined.pop((project, uid), None)

    def _masker(self, project: str, log: Path) -> Masker:
        """The project's mask; with the run's own secrets, where it has some."""
        found = self.masker(project)
        folder = log.parent.parent if log.parent.name == "parts" else log.parent
        key = (project, folder.name)
        own = self.of_runs.get(key)
        if not own:
            return found
        known = self._joined.get(key)
        if known is None or known[0] is not found:
            known = self._joined[key] = (found, Masker([*found.texts, *own]))
        return known[1]

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
