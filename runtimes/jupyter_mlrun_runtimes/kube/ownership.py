"""What a run's root needs goes with it: it is given to the root, now or at a later look.

All is read from the run's handle, so that whoever looks after the run next goes on with it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from jupyter_mlrun.errors import MLRunHTTPError, MLRunServiceUnavailableError

from ..contract import Handle
from .manifests import Body
from .mirror import Resource
from .objects import Objects

# seconds until the cluster is asked again for what it did not take
AGAIN = 3.0
OWNED = "owned"


class Ownership:
    """Gives objects to the roots of one kind."""

    def __init__(self, cluster: Objects, root: Resource) -> None:
        self.cluster = cluster
        self.root = root
        self._done: set[str] = set()
        self._not_before: dict[str, float] = {}

    def is_given(self, handle: Handle) -> bool:
        """Whether nothing is left that belongs to nobody."""
        return bool(handle.get(OWNED)) or handle["name"] in self._done

    def give(self, handle: Handle) -> bool:
        """Whether all was given; False where the cluster is away, raises where it refuses."""
        name = handle["name"]
        owner: Body = {
            "apiVersion": self.root[0],
            "kind": handle["root"],
            "metadata": {"name": name, "uid": handle["submitted"]},
        }
        try:
            for body in _needed(handle):
                self.cluster.give(body, owner)
        except MLRunServiceUnavailableError:
            self._not_before[name] = time.monotonic() + AGAIN
            return False
        return True

    def give_again(self, handle: Handle) -> None:
        """What could not be given to a root that works is tried again now and then."""
        if "submitted" not in handle or self.is_given(handle):
            return
        name = handle["name"]
        if time.monotonic() < self._not_before.get(name, 0.0):
            return
        try:
            is_done = self.give(handle)
        except MLRunHTTPError:
            # such as a Secret that went meanwhile: the run itself is well
            is_done = True
        if is_done:
            self._done.add(name)
            self._not_before.pop(name, None)

    def remove(self, handle: Handle) -> None:
        """Delete what belongs to nobody yet, whose root goes."""
        if not self.is_given(handle):
            for body in _needed(handle):
                metadata = body["metadata"]
                what = (body["apiVersion"], body["kind"])
                self.cluster.delete(what, metadata["namespace"], metadata["name"])
        self._done.discard(handle["name"])
        self._not_before.pop(handle["name"], None)


def _needed(handle: Handle) -> Iterator[Body]:
    for version, kind, name in handle.get("before") or []:
        metadata = {"name": name, "namespace": handle["namespace"]}
        yield {"apiVersion": version, "kind": kind, "metadata": metadata}
