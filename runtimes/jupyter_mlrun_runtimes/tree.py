"""The tree of a process: found, measured, ended."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable

import psutil


def members(root: int, adopter: int | None = None, mark: str = "") -> list[psutil.Process]:
    """The living processes that came of ``root``, itself included, and those of its session.

    Where another process adopts orphans, its descendants count too, but not itself. So do those
    that have the variable ``mark``, which ``root`` was given and its children take along wherever
    they go.
    """
    found: dict[int, psutil.Process] = {}
    for top in (root, adopter):
        if top is not None:
            found.update({member.pid: member for member in _descendants(top)})
    for pid in psutil.pids():
        if pid not in found and (_session(pid) == root or (mark and _has_variable(pid, mark))):
            found.update({member.pid: member for member in _descendants(pid)})
    found.pop(adopter or 0, None)
    return [member for member in found.values() if _lives(member)]


def names(processes: Iterable[psutil.Process]) -> str:
    """The processes for people: name and pid of each."""
    found = []
    for member in processes:
        try:
            found.append(f"{member.name()} ({member.pid})")
        except psutil.Error:
            continue
    return ", ".join(found)


def memory(processes: Iterable[psutil.Process], exact: bool = False) -> int:
    """Bytes in use; ``exact`` counts pages that processes share only once, at a price."""
    total = 0
    for member in processes:
        try:
            total += _exact(member) if exact else member.memory_info().rss
        except psutil.Error:
            continue
    return total


def end_tree(
    root: int,
    grace: float,
    adopter: int | None = None,
    meanwhile: Callable[[], None] = lambda: None,
    mark: str = "",
) -> None:
    """Ask every process of the tree to end, and kill what is left after the grace.

    ``meanwhile`` is called again and again while this waits.
    """
    left = members(root, adopter, mark)
    _each(left, "terminate")
    deadline = time.monotonic() + grace
    while left and time.monotonic() < deadline:
        meanwhile()
        time.sleep(0.02)
        left = members(root, adopter, mark)
    for _ in range(200):
        if not left:
            return
        # a stopped process cannot fork while the others are being killed
        _each(left, "suspend")
        _each(left, "kill")
        meanwhile()
        time.sleep(0.02)
        left = members(root, adopter, mark)


def _descendants(top: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(top)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _exact(member: psutil.Process) -> int:
    full = member.memory_full_info()
    return getattr(full, "pss", None) or full.uss


def _each(processes: Iterable[psutil.Process], action: str) -> None:
    for member in processes:
        try:
            getattr(member, action)()
        except psutil.Error:
            continue


def _lives(member: psutil.Process) -> bool:
    try:
        return member.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except (ProcessLookupError, PermissionError):
        return None


def _has_variable(pid: int, name: str) -> bool:
    try:
        return name in psutil.Process(pid).environ()
    except (psutil.Error, OSError):
        # another user's, or gone by now
        return False
