"""Processes that are found again: a pid, when it began, and in which boot of the machine."""

from __future__ import annotations

import os
from typing import Any

_BOOT_ID = "/proc/sys/kernel/random/boot_id"


def boot_id() -> str:
    """What changes each time this machine starts."""
    try:
        with open(_BOOT_ID) as file:
            return file.read().strip()
    except OSError:
        import psutil

        return str(int(psutil.boot_time()))


def identity(pid: int | None = None) -> dict[str, Any]:
    """What tells this process from any other that may get its pid later."""
    pid = os.getpid() if pid is None else pid
    return {"pid": pid, "start_time": start_time(pid), "boot_id": boot_id()}


def start_time(pid: int) -> float | None:
    """When the process began, in the machine's own measure; None where it is gone or a zombie."""
    if os.path.isdir("/proc/self"):
        return _from_proc(pid)
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.Error:
        return None


def _from_proc(pid: int) -> float | None:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            stat = file.read()
    except OSError:
        return None
    # the command, in parentheses, may hold anything
    fields = stat[stat.rfind(b")") + 2 :].split()
    return None if fields[0] in (b"Z", b"X") else int(fields[19])


def is_alive(who: dict[str, Any] | None) -> bool:
    """Whether the very process that the identity names still runs on this machine."""
    if not who or not who.get("pid"):
        return False
    if who.get("boot_id") not in (None, boot_id()):
        return False
    began = start_time(int(who["pid"]))
    return began is not None and began == who.get("start_time")
