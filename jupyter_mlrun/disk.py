"""Room on a disk, of which some is kept: the store must be able to write how a run ended."""

from __future__ import annotations

import os

MOST_KEPT, SHARE_KEPT = 32_000_000, 0.1


def has_room(folder: str | os.PathLike[str], size: int) -> bool:
    """Whether so many bytes fit on the folder's disk and leave what is kept free."""
    disk = os.statvfs(folder)
    kept = min(MOST_KEPT, SHARE_KEPT * disk.f_blocks * disk.f_frsize)
    return bool(disk.f_bavail * disk.f_frsize - size >= kept)
