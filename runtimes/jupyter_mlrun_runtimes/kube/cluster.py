"""One cluster: its objects, their logs and events, and what was heard by watching."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from jupyter_mlrun.errors import MLRunHTTPError

from .connection import Address
from .mirror import Body, Mirror, Resource
from .objects import Objects, path
from .settings import Settings

POD: Resource = ("v1", "Pod")
EVENTS_REMEMBERED = 5.0
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
            events = sorted(found.get("items") or [], key=_event_order)
        except MLRunHTTPError:
            events = known
        if len(self._events) > 1000:
            self._events.clear()
        self._events[key] = (time.monotonic(), events)
        return events

    def mirror(self, resource: Resource) -> Mirror:
        """What is known of our objects of a kind; the first question begins to watch them."""
        with self._mirrors_lock:
            if resource not in self._mirrors:
                made = Mirror(self, resource, lambda: self.on_change())
                self._mirrors[resource] = made.start()
            return self._mirrors[resource]

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


def _event_order(event: Body) -> str:
    from .reasons import event_time

    return event_time(event)
