"""The journal of a SQLite store: WAL, but on a network file system."""

from __future__ import annotations

import logging
import sqlite3
import time
from pathlib import Path

NETWORK_FILE_SYSTEMS = frozenset(
    [
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "fuse.sshfs",
        "lustre",
        "ceph",
        "fuse.ceph",
        "glusterfs",
        "fuse.glusterfs",
        "afs",
        "beegfs",
        "gpfs",
        "9p",
        "virtiofs",
        "fuse.s3fs",
        "fuse.rclone",
    ]
)

PAUSE = 0.01


def file_system(path: Path, mounts: str = "/proc/mounts") -> str:
    """The type of the file system that holds a path; empty where the system does not say."""
    try:
        lines = Path(mounts).read_text().splitlines()
    except OSError:
        return ""
    target, best, found = str(path.resolve()), "", ""
    for line in lines:
        _, point, kind, *_ = line.split(" ")
        point = point.replace("\\040", " ")
        inside = target == point or target.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, found = point, kind
    return found


def mode_of(path: Path, log: logging.Logger) -> str:
    """The journal mode that a store's file may have where it lies; said aloud if it is slow."""
    kind = file_system(path.parent)
    if kind not in NETWORK_FILE_SYSTEMS:
        return "WAL"
    log.warning(
        "The store %s lies on a network file system (%s): SQLite's WAL mode is off there and "
        "writes are slower. Set MLRunServerApp.db_url to a local path to change that.",
        path, kind,
    )  # fmt: skip
    return "DELETE"


def put(cursor: sqlite3.Cursor, mode: str, patience: float) -> None:
    """Give the store that journal mode, at the latest after ``patience`` seconds.

    Of programs that change the mode at once SQLite refuses all but one, whatever their
    ``busy_timeout``: the change needs a lock that it does not wait for.
    """
    end = time.monotonic() + patience
    while True:
        try:
            cursor.execute(f"PRAGMA journal_mode={mode}").fetchall()
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
        time.sleep(PAUSE)
