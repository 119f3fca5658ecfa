"""One cluster: its objects, their logs and events, and what was heard by watching."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from jupyter_mlrun.errors import MLRunHTTPError

from . import reasons
from .connection import Address
from .mirror import Body, Mirror, Resource
from .objects import Objects, path
from .settings import Settings

POD: Resource = ("v1", "Pod")
EVENTS_REMEMBERED = 5.0
MOST_WARNINGS = 1000
Warnings = dict[str, list[Body]]
# seconds without a line after which the connection of a log is made anew
QUIET = 40


class Cluster(Objects):
    """The cluster of a service. Its methods block; nothing connects before the first of them."""

    def __init__(self, address: Address, settings: Settings) -> None:
        super().__init__(address, settings)
        self.on_change: Callable[[], None] = lambda: None
        self._mirrors: dict[Resource, Mirror] = {}
        self._mirrors_lock = threading.Lock()
        self._events: dict[str, tuple[float, list[Body]]] = {}
        self._warnings: tuple[float, Warnings | None] = (0.0, {})

    def log(self, pod: Body, container: str, follow: bool = False, **query: Any) -> Iterator[bytes]:
        """What a container has printed, in pieces."""
        metadata = pod["metadata"]
        where = f"{path(POD, metadata['namespace'], metadata['name'])}/log"
        asked = {"container": container, "follow": "true" if follow else "", **query}
        yield from self.connection.chunks(where, asked, timeout=3600 if follow else 60)

    def log_lines(
        self, namespace: str, name: str, container: str, since: str = "", follow: bool = True
    ) -> Iterator[list[bytes]]:
        """A container's lines as they come, each after its time; those together that came so."""
        query = {
            "container": container, "follow": "true" if follow else "", "timestamps": "true",
            "sinceTime": since,
        }  # fmt: skip
        where = f"{path(POD, namespace, name)}/log"
        yield from self.connection.groups(where, query, timeout=QUIET)

    def events_of(self, body: Body) -> list[Body]:
        """What the cluster tells of an object, oldest first; at most some seconds old."""
        metadata = body["metadata"]
        key = str(metadata["uid"])
        at, known = self._events.get(key, (0.0, []))
        if at and time.monotonic() - at < EVENTS_REMEMBERED:
            return known
        fields = f"involvedObject.uid={key}"
        where = path(("v1", "Event"), metadata["namespace"])
        try:
            found = self.connection.request("GET", where, {"fieldSelector": fields})
            events = sorted(found.get("items") or [], key=reasons.event_time)
        except MLRunHTTPError:
            events = known
        if len(self._events) > 1000:
            self._events.clear()
        self._events[key] = (time.monotonic(), events)
        return events

    def warning_of(self, body: Body, since: float = 0.0) -> str:
        """The newest warning of an object after a moment; empty where there is none.

        All objects of the namespace are asked for at once, so that many cost no more than one.
        """
        key, now = str(body["metadata"]["uid"]), time.monotonic()
        at, known = self._warnings
        if not at or now - at >= EVENTS_REMEMBERED:
            known = self._all_warnings(known)
            self._warnings = (now, known)
        told = self.events_of(body) if known is None else known.get(key, [])
        return reasons.of_events(told, since)

    def _all_warnings(self, known: Warnings | None) -> Warnings | None:
        """The namespace's warnings by the object's uid; None where these are too many."""
        where = path(("v1", "Event"), self.settings.namespace)
        query = {"fieldSelector": "type=Warning", "limit": MOST_WARNINGS}
        try:
            found = self.connection.request("GET", where, query)
        except MLRunHTTPError:
            return known
        if (found.get("metadata") or {}).get("continue"):
            return None
        by_object: Warnings = defaultdict(list)
        for event in found.get("items") or []:
            by_object[str((event.get("involvedObject") or {}).get("uid"))].append(event)
        return by_object

    def mirror(self, resource: Resource) -> Mirror:
        """What is known of our objects of a kind; the first question begins to watch them."""
        with self._mirrors_lock:
            if resource not in self._mirrors:
                made = Mirror(self, resource, lambda: self.on_change())
                self._mirrors[resource] = made.start()
            return self._mirrors[resource]

    def watches(self, resource: Resource) -> bool:
        """Whether anybody has asked for objects of a kind yet."""
        with self._mirrors_lock:
            return resource in self._mirrors

    def is_synced(self, root: Resource) -> bool:
        """Whether the mirrors of a root and of pods have been filled once."""
        return all(self.mirror(each).synced_at for each in (root, POD))

    def know(self, body: Body) -> None:
        """Let the mirror have an object that was just made."""
        resource = (body["apiVersion"], body["kind"])
        self.mirror(resource).put(body)

    def forget(self, run: str) -> None:
        """Let go of what is gone of a settled run."""
        with self._mirrors_lock:
            mirrors = list(self._mirrors.values())
        for each in mirrors:
            each.forget(run)

    def troubles(self) -> list[str]:
        """Why watching does not work now."""
        with self._mirrors_lock:
            return [each.trouble for each in self._mirrors.values() if each.trouble]

    def close(self) -> None:
        """Watch no more."""
        with self._mirrors_lock:
            for each in self._mirrors.values():
                each.stop()
