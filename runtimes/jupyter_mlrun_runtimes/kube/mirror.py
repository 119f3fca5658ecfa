"""What the cluster says, kept by watching: one watch for each kind of object, never one for a run.

A watch begins with a list. Where the cluster no longer knows the version it ended at (410 Gone),
or its connection is in doubt, it lists again, and what is missing then was deleted.
"""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

Body = dict[str, Any]
Resource = tuple[str, str]
"""``apiVersion`` and ``kind``."""

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 10.0
TOMBSTONES = 5_000


class Gone(Exception):
    """The version at which a watch wants to go on is forgotten: list again."""


class Source(Protocol):
    """What a mirror needs of a cluster."""

    def list_labelled(self, resource: Resource) -> tuple[list[Body], str]:
        """Our objects of a kind, and the version of the list."""

    def watch_labelled(self, resource: Resource, version: str) -> Iterator[tuple[str, Body]]:
        """Changes since the version, as they come; ends now and then; raises Gone."""


class Mirror:
    """Our objects of one kind on the cluster, as last heard, found by their run's uid."""

    def __init__(self, source: Source, resource: Resource, on_change: Callable[[], None]) -> None:
        self.resource = resource
        self.synced_at = 0.0
        self.trouble = ""
        self.lists = 0
        self._source = source
        self._on_change = on_change
        self._lock = threading.Lock()
        self._alive: dict[str, Body] = {}
        self._gone: dict[str, Body] = {}
        self._by_run: dict[str, set[str]] = defaultdict(set)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"watch-{resource[1]}", daemon=True)

    def start(self) -> Mirror:
        """Begin to watch."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """End at the next opportunity."""
        self._stop.set()

    def of_run(self, run: str) -> list[tuple[Body, bool]]:
        """The objects of a run, oldest first, each with whether it is gone from the cluster."""
        with self._lock:
            keys = self._by_run.get(run, set())
            found = [
                (self._alive[key], False) if key in self._alive else (self._gone[key], True)
                for key in keys
                if key in self._alive or key in self._gone
            ]
        return sorted(found, key=lambda each: _created(each[0]))

    def all(self) -> list[Body]:
        """All that are there."""
        with self._lock:
            return list(self._alive.values())

    def put(self, body: Body) -> None:
        """Know an object at once that was just made."""
        self._set(body)

    def forget(self, run: str) -> None:
        """Let go of what is gone of a run that is settled."""
        with self._lock:
            for key in list(self._by_run.get(run, ())):
                if self._gone.pop(key, None) is not None and key not in self._alive:
                    self._by_run[run].discard(key)
            if not self._by_run.get(run):
                self._by_run.pop(run, None)

    def _run(self) -> None:
        pause = FIRST_PAUSE
        while not self._stop.is_set():
            try:
                version = self._list()
                pause = FIRST_PAUSE
                while not self._stop.is_set():
                    version = self._watch(version)
            except Gone:
                continue
            except Exception as error:  # whatever broke the watch, it begins anew
                self.trouble = str(error) or type(error).__name__
                self._stop.wait(pause * random.uniform(0.7, 1.3))
                pause = min(LONGEST_PAUSE, pause * 2)

    def _list(self) -> str:
        bodies, version = self._source.list_labelled(self.resource)
        known = {_key(body) for body in bodies}
        with self._lock:
            lost = [key for key in self._alive if key not in known]
        for body in bodies:
            self._set(body)
        for key in lost:
            self._remove(key, None)
        self.lists += 1
        self.synced_at, self.trouble = time.monotonic(), ""
        self._on_change()
        return version

    def _watch(self, version: str) -> str:
        for kind, body in self._source.watch_labelled(self.resource, version):
            version = str(body["metadata"].get("resourceVersion") or version)
            if kind == "DELETED":
                self._remove(_key(body), body)
            elif kind in ("ADDED", "MODIFIED"):
                self._set(body)
            self.synced_at = time.monotonic()
            if kind != "BOOKMARK":
                self._on_change()
            if self._stop.is_set():
                break
        return version

    def _set(self, body: Body) -> None:
        key, run = _key(body), run_of(body)
        with self._lock:
            known = self._alive.get(key) or self._gone.get(key)
            if known is not None and _version(known) > _version(body):
                return
            self._gone.pop(key, None)
            self._alive[key] = body
            if run:
                self._by_run[run].add(key)

    def _remove(self, key: str, body: Body | None) -> None:
        with self._lock:
            known = self._alive.pop(key, None)
            last = body or known
            if last is None:
                return
            self._gone[key] = last
            while len(self._gone) > TOMBSTONES:
                old = next(iter(self._gone))
                self._by_run.get(run_of(self._gone.pop(old)), set()).discard(old)


def run_of(body: Mapping[str, Any]) -> str:
    """The run an object belongs to, as its labels say."""
    return str((body["metadata"].get("labels") or {}).get("mlrun/uid") or "")


def _key(body: Mapping[str, Any]) -> str:
    return str(body["metadata"].get("uid") or body["metadata"].get("name"))


def _created(body: Mapping[str, Any]) -> tuple[str, str]:
    return str(body["metadata"].get("creationTimestamp") or ""), str(body["metadata"].get("name"))


def _version(body: Mapping[str, Any]) -> int:
    text = str(body["metadata"].get("resourceVersion") or "")
    return int(text) if text.isdigit() else 0
