"""Whether all servers of a store keep their files in one folder: logs are not in the store."""

from __future__ import annotations

import logging
import os
from uuid import uuid4

from jupyter_mlrun.errors import MLRunNotFoundError
from jupyter_mlrun_runtimes.local import write_private

from ..store import data_folders, times
from ..store.data_folders import DataFolder
from ..store.database import Database
from .place import Place
from .threads import Threads
from .watch import watch

FILE = "folder.id"
LOOK = 15.0
SIGN = 600.0
ALIVE = 1800.0


class DataFolders:
    """Says in the store which folder this server uses, and knows of those of other servers.

    A SQLite store lies in its folder, and knows of no other.
    """

    def __init__(
        self, database: Database, threads: Threads, place: Place, log: logging.Logger
    ) -> None:
        self.database = database
        self.threads = threads
        self.place = place
        self.log = log
        self.others: list[DataFolder] = []
        self._mine: DataFolder | None = None
        self._signed = 0

    async def run(self) -> None:
        """Look now and then, until cancelled."""
        if self.database.path is None:
            await watch(self._look, self.log, "Folders of files")

    def look(self) -> None:
        """Say which folder is used here, and read which others are."""
        mine = self._mine = self._mine or self.mine()
        now = times.now()
        since = now - int(ALIVE * 1e6)
        if now - self._signed > SIGN * 1e6:
            with self.database.write() as connection:
                data_folders.sign(connection, mine, now)
                data_folders.forget(connection, since)
            self._signed = now
        with self.database.read() as connection:
            found = data_folders.others(connection, mine, since)
        if found and found != self.others:
            self.log.warning(
                "Other servers of this store keep their files elsewhere: %s. A log that is written "
                "through one of them is not seen through the others: give all of them one folder "
                "($JUPYTER_MLRUN_HOME on a disk that they share)", _listed(found),
            )  # fmt: skip
        self.others = found

    def require_log(self, project: str, uid: str) -> None:
        """Refuse to call a log empty that may lie in another server's folder."""
        if self.others and not self.place.log_file(project, uid).exists():
            raise MLRunNotFoundError(
                f"No log of run {uid} lies in the folder of this server ({self.place.host}): other "
                f"servers of this store keep their files elsewhere ({_listed(self.others)}). Ask "
                "there, or have all of them given one folder ($JUPYTER_MLRUN_HOME)"
            )

    def mine(self) -> DataFolder:
        """The folder of this server; its identity is made where it has none."""
        file = self.place.root / FILE
        if not file.exists():
            draft = file.with_name(f"{FILE}.{uuid4().hex}")
            write_private(draft, uuid4().hex)
            try:
                os.link(draft, file)  # of two servers that begin at once, one names it
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return DataFolder(file.read_text().strip()[:32], self.place.host, str(self.place.root))

    async def _look(self) -> float:
        await self.threads.call(self.look)
        return LOOK


def _listed(folders: list[DataFolder]) -> str:
    return ", ".join(f"{each.host}:{each.path}" for each in folders)
