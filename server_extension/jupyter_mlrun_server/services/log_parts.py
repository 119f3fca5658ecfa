"""Logs besides a run's own: of its ranks, workers and executors."""

from __future__ import annotations

import re
from pathlib import Path

from jupyter_mlrun.errors import MLRunNotFoundError
from jupyter_mlrun_runtimes import logfile

from .logs import LONGEST_ANSWER
from .place import Place

FOLDER, SUFFIX = "parts", ".log"


class Parts:
    """The further logs of a run."""

    def __init__(self, place: Place, project: str, uid: str) -> None:
        self.folder: Path = place.run_folder(project, uid) / FOLDER

    def names(self) -> list[str]:
        """Those that there are."""
        try:
            return sorted(path.stem for path in self.folder.glob(f"*{SUFFIX}"))
        except OSError:
            return []

    def read(self, name: str, offset: int, size: int) -> tuple[bytes, int]:
        """Bytes from an offset on, and the whole size; a name that is not there is refused."""
        path = self.folder / f"{name}{SUFFIX}"
        if not re.fullmatch(r"[A-Za-z0-9][-A-Za-z0-9_.]*", name) or not path.is_file():
            known = ", ".join(self.names()) or "none"
            raise MLRunNotFoundError(f"The run has no log of {name}: there is {known}")
        wanted = min(size, LONGEST_ANSWER) if size > 0 else LONGEST_ANSWER
        return logfile.read(path, offset, wanted), logfile.size(path)
