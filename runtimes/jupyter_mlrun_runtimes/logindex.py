"""The index of a log that has none, or one that ends long before the log does.

A writer keeps its own index. A log that came otherwise (restored, copied, its index lost) is read
once, beside whoever asks for it: the index grows in ``log.idx.new``, from which the lines so far
are answered, and becomes ``log.idx`` when it is whole. Several servers do that once together.
"""

from __future__ import annotations

import os
import shutil
import time

from . import log_entries, logfile

_NEW = log_entries.INDEX + log_entries.NEW
_STALE = 60.0


def is_behind(path: str | os.PathLike[str]) -> bool:
    """Whether more of the log lies after the index's last entry than one answer should read."""
    last = logfile.last_entry(path)
    return logfile.size(path) - (last["o"] if last else 0) > logfile.REST


def build(path: str | os.PathLike[str]) -> bool:
    """Read on from the index's last entry to the log's end; False where another does that now."""
    path = os.fspath(path)
    if not _claim(path + _NEW):
        return False
    try:
        if os.path.exists(path + log_entries.INDEX):
            shutil.copyfile(path + log_entries.INDEX, path + _NEW)
        with logfile.LogWriter(path, index=_NEW, clock=lambda: None):
            pass
        os.replace(path + _NEW, path + log_entries.INDEX)
    except BaseException:
        _remove(path + _NEW)
        raise
    return True


def _claim(new: str) -> bool:
    for _ in range(2):
        try:
            os.close(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            return True
        except FileExistsError:
            try:
                if time.time() - os.stat(new).st_mtime < _STALE:
                    return False
            except FileNotFoundError:
                continue
            # whoever built it has died
            _remove(new)
    return False


def _remove(path: str) -> None:
    try:
        os.remove(path)
    except FileNotFoundError:
        pass
