"""The ranks of an MPI job: one speaks for all, and the run has ended when all of them have."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

_RANK = ("OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK")
_SIZE = ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE")
_LOOK = 0.02


class RankFailed(Exception):
    """Another rank of the job failed."""


def of_environment() -> tuple[int, int]:
    """This process's rank and how many there are, as ``mpirun`` told it; 0 of 1 without one."""
    rank = next((os.environ[name] for name in _RANK if name in os.environ), "0")
    size = next((os.environ[name] for name in _SIZE if name in os.environ), "1")
    return int(rank), int(size)


class Group:
    """The ranks of one run, which share its folder."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.parts = Path(folder) / "parts"
        self.rank, self.size = 0, 1
        if os.environ.get("MLRUN_RUNTIME_KIND") == "mpijob" and self.parts.is_dir():
            self.rank, self.size = of_environment()

    @property
    def is_first(self) -> bool:
        """Whether this rank speaks for the run."""
        return self.rank == 0

    @property
    def artifacts(self) -> str:
        """Where a rank that does not speak for the run puts what its code logs."""
        return str(self.parts / f"rank-{self.rank}.artifacts")

    def agree(self, error: BaseException | None) -> BaseException | None:
        """What this rank's code raised; in the first rank also what another one did.

        The first rank waits for all, so that a run is not complete before its last rank is.
        """
        if self.size == 1:
            return error
        if not self.is_first:
            self._leave(error)
            return error
        others = [self.parts / f"rank-{rank}.json" for rank in range(1, self.size)]
        while error is None and others:
            for path in [path for path in others if path.exists()]:
                others.remove(path)
                if found := json.loads(path.read_bytes()).get("error"):
                    return RankFailed(f"rank {path.stem.removeprefix('rank-')}: {found}")
            time.sleep(_LOOK)
        return error

    def end(self, code: int) -> None:
        """End this process, where its rank has failed while others may wait for it in MPI.

        Python's own way out would wait for them too, in MPI_Finalize; ``mpirun`` ends the others
        when a rank goes without it.
        """
        if code and self.size > 1:
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
            os._exit(code)

    def _leave(self, error: BaseException | None) -> None:
        is_exit = isinstance(error, SystemExit) and error.code in (None, 0)
        failed = error is not None and not is_exit
        text = f"{type(error).__name__}: {error}" if failed else None
        path = self.parts / f"rank-{self.rank}.json"
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps({"error": text}), encoding="utf-8")
        os.replace(draft, path)
