"""Whether all servers of a store keep their files in one folder: logs are not in the store."""

from __future__ import annotations

import logging
import os
from uuid import uuid4

from sqlalchemy.engine import Connection

from jupyter_mlrun.errors import MLRunConflictError, MLRunNotFoundError
from jupyter_mlrun_runtimes.local import write_private

from ..store import data_folders, log_holders, times
from ..store.data_folders import DataFolder
from ..store.database import Database
from .place import Place
from .threads import Threads
from .watch import watch

FILE = "folder.id"
LOOK = 15.0
SIGN = 600.0
ALIVE = 1800.0
# after a signature, until which nobody else takes the logs that are held; then it is asked again
HOLDS = 1200.0
# logs that are known to be written here
MOST_HELD = 10_000


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
        self._tidied = 0
        self._held: set[tuple[str, str]] = set()

    async def run(self) -> None:
        """Look now and then, until cancelled."""
        if self.database.path is None:
            await watch(self._look, self.log, "Folders of files")

    def look(self) -> None:
        """Say which folder is used here, and read which others are."""
        mine = self._mine = self._mine or self.mine()
        if _since(self._tidied) > SIGN:
            now = times.now()
            with self.database.write() as connection:
                data_folders.sign(connection, mine)
                data_folders.forget(connection, ALIVE)
                log_holders.forget(connection)
            self._held.clear()
            self._signed = self._tidied = now
        with self.database.read() as connection:
            found = data_folders.others(connection, mine, ALIVE)
        if found and found != self.others:
            self.log.warning(
                "Other servers of this store keep their files elsewhere: %s. A log that is written "
                "through one of them is not seen through the others: give all of them one folder "
                "($JUPYTER_MLRUN_HOME on a disk that they share)", _listed(found),
            )  # fmt: skip
        self.others = found

    def hold_log(self, project: str, uid: str) -> None:
        """Nothing, where the log of a run lies here, or does from now on; else refused.

        No log is written in two folders, of which each would show a part.
        """
        if self.database.path is not None:
            return
        if _since(self._signed) > HOLDS:
            # others may take this server for one that is gone
            self._held.clear()
        if (project, uid) in self._held:
            return
        holder = self._taken(project, uid)
        if holder is not None:
            raise MLRunConflictError(
                f"The log of run {uid} is written in the folder of another server of this store "
                f"({_listed([holder])}): send it there, or have all of them given one folder "
                "($JUPYTER_MLRUN_HOME)"
            )
        if len(self._held) >= MOST_HELD:
            self._held.clear()
        self._held.add((project, uid))

    def _taken(self, project: str, uid: str) -> DataFolder | None:
        """Who holds the log of a run, where it is not this server from now on."""
        mine = self._mine = self._mine or self.mine()
        with self.database.read() as connection:
            holder = _holder(connection, project, uid, mine)
        if holder is not None and holder != mine:
            return holder
        # writers of all servers come one after the other: nobody takes it between the two
        with self.database.write() as connection:
            holder = _holder(connection, project, uid, mine)
            if holder is not None and holder != mine:
                return holder
            if holder is None:
                log_holders.take(connection, project, uid, mine.id)
            # who holds a log must not be taken for one that is gone
            now = times.now()
            data_folders.sign(connection, mine)
        self._signed = now
        return None

    def require_log(self, project: str, uid: str, has_ended: bool = True) -> None:
        """Refuse to call a log empty that lies in another server's folder, or may lie there.

        One of a run that goes on may not have begun.
        """
        if not has_ended and not self._is_anothers(project, uid):
            return
        if self.others and not self.place.log_file(project, uid).exists():
            raise MLRunNotFoundError(
                f"No log of run {uid} lies in the folder of this server ({self.place.host}): other "
                f"servers of this store keep their files elsewhere ({_listed(self.others)}). Ask "
                "there, or have all of them given one folder ($JUPYTER_MLRUN_HOME)"
            )

    def _is_anothers(self, project: str, uid: str) -> bool:
        with self.database.read() as connection:
            known = log_holders.read(connection, project, uid)
        return known in {each.id for each in self.others}

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


def _since(moment: int) -> float:
    """Seconds since a moment of this machine; much, where its clock was set back meanwhile."""
    return abs(times.now() - moment) / 1e6


def _holder(connection: Connection, project: str, uid: str, mine: DataFolder) -> DataFolder | None:
    """Who holds the log of a run, and is still there."""
    known = log_holders.read(connection, project, uid)
    there = [mine, *data_folders.others(connection, mine, ALIVE)]
    return next((each for each in there if each.id == known), None)


def _listed(folders: list[DataFolder]) -> str:
    return ", ".join(f"{each.host}:{each.path}" for each in folders)
