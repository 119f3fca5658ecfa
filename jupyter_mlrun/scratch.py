"""Folders for copies of data: they go with the process that made them."""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
import threading
from pathlib import Path

_PREFIX = "mlrun-"
_LOCK = ".lock"
_making = threading.Lock()
_root: Path | None = None
_owner = 0
_held = -1


def folder() -> str:
    """A new folder, which goes when this process ends; what a killed one left goes as well."""
    return tempfile.mkdtemp(dir=_own_root())


def _own_root() -> Path:
    """The folder of this process, locked as long as it lives; a fork's is another one."""
    global _root, _owner, _held
    with _making:
        if _root is None or _owner != os.getpid() or not _root.is_dir():
            _sweep()
            # made under another name: until it is locked it would look left behind
            made = Path(tempfile.mkdtemp(prefix=f".{_PREFIX}"))
            _held = os.open(made / _LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            fcntl.flock(_held, fcntl.LOCK_EX)
            _root = made.rename(made.with_name(made.name.removeprefix(".")))
            _owner = os.getpid()
            atexit.register(_remove, _root, _owner)
        return _root


def _remove(root: Path, owner: int) -> None:
    if owner == os.getpid():
        shutil.rmtree(root, ignore_errors=True)


def _sweep() -> None:
    """Remove this user's folders that no process holds locked any more."""
    for each in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/{_LOCK}"):
        try:
            if each.parent.is_symlink() or each.lstat().st_uid != os.geteuid():
                continue
            held = os.open(each, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(each.parent, ignore_errors=True)
        except BlockingIOError:
            continue
        finally:
            os.close(held)
