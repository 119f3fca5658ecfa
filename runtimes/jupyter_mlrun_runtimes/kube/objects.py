"""Objects of one cluster: made, read, replaced, removed, listed and watched; each of them ours."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

from jupyter_mlrun.errors import MLRunConflictError, MLRunNotFoundError

from .connection import Address, Connection
from .mirror import Body, Gone, Resource
from .settings import Settings

PLURALS = {
    "ConfigMap": "configmaps", "DaskAutoscaler": "daskautoscalers", "DaskCluster": "daskclusters",
    "DaskWorkerGroup": "daskworkergroups", "Event": "events", "Job": "jobs", "MPIJob": "mpijobs",
    "PersistentVolumeClaim": "persistentvolumeclaims", "Pod": "pods", "Secret": "secrets",
    "Service": "services", "ServiceAccount": "serviceaccounts",
    "SparkApplication": "sparkapplications",
}  # fmt: skip
PAGE = 500
WATCH = 45
MERGE = "application/merge-patch+json"


class Objects:
    """What the service has on a cluster. Its methods block; the first of them connects."""

    def __init__(self, address: Address, settings: Settings) -> None:
        self.address = address
        self.settings = settings
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._served: dict[str, tuple[float, bool]] = {}

    @property
    def connection(self) -> Connection:
        """The connection, opened when it is first needed."""
        with self._lock:
            if self._connection is None:
                self._connection = Connection(self.address)
            return self._connection

    def clock(self) -> float:
        """The time there."""
        return self.connection.clock()

    def create(self, body: Body) -> Body:
        """The object as made; one of its name that is ours and there already is given instead."""
        try:
            return self.connection.request("POST", self._path_for(body), body=body)
        except MLRunConflictError:
            found = self.connection.request("GET", self._path_of(body))
            if _owner_marks(found) != _owner_marks(body):
                raise
            return found

    def replace(self, body: Body) -> Body:
        """The object as made, in the place of one of its name that is ours."""
        try:
            return self.connection.request("POST", self._path_for(body), body=body)
        except MLRunConflictError:
            found = self.connection.request("GET", self._path_of(body))
            if _owner_marks(found) != _owner_marks(body):
                raise
            return self.connection.request("PUT", self._path_of(body), body=body)

    def give(self, body: Body, owner: Body) -> None:
        """Let an object go when its owner goes."""
        reference = {
            "apiVersion": owner["apiVersion"], "kind": owner["kind"],
            "name": owner["metadata"]["name"], "uid": owner["metadata"]["uid"],
        }  # fmt: skip
        patch = {"metadata": {"ownerReferences": [reference]}}
        self.connection.request("PATCH", self._path_of(body), body=patch, content_type=MERGE)

    def patch(self, resource: Resource, namespace: str, name: str, patch: Body) -> Body:
        """The object after a merge patch."""
        where = path(resource, namespace, name)
        return self.connection.request("PATCH", where, body=patch, content_type=MERGE)

    def read(self, resource: Resource, namespace: str, name: str) -> Body | None:
        """The object, None where it is not there."""
        try:
            return self.connection.request("GET", path(resource, namespace, name))
        except MLRunNotFoundError:
            return None

    def delete(
        self, resource: Resource, namespace: str, name: str, grace: float | None = None
    ) -> None:
        """Remove an object and all that it owns; one that is not there is fine."""
        body: Body = {"propagationPolicy": "Background"}
        if grace is not None:
            body["gracePeriodSeconds"] = max(0, int(grace))
        try:
            self.connection.request("DELETE", path(resource, namespace, name), body=body)
        except MLRunNotFoundError:
            return

    def select(self, resource: Resource, labels: Mapping[str, str]) -> list[Body]:
        """Our objects with these labels, asked of the cluster now."""
        return self._list(resource, _selector(self._ours() | dict(labels)))[0]

    def serves(self, resource: Resource) -> bool:
        """Whether the cluster knows a kind of object: an operator may not be installed."""
        key = f"{resource[0]}/{resource[1]}"
        at, known = self._served.get(key, (0.0, False))
        if time.monotonic() - at < (300.0 if known else 10.0) and at:
            return known
        try:
            found = self.connection.request("GET", _group(resource[0]))
            kinds = {each.get("kind") for each in found.get("resources") or []}
        except MLRunNotFoundError:
            kinds = set()
        self._served[key] = (time.monotonic(), resource[1] in kinds)
        return resource[1] in kinds

    def list_labelled(self, resource: Resource) -> tuple[list[Body], str]:
        """For mirrors: our objects, and the version of the list."""
        return self._list(resource, _selector(self._ours()))

    def watch_labelled(self, resource: Resource, version: str) -> Iterator[tuple[str, Body]]:
        """For mirrors: changes since a version."""
        query = {
            "watch": "true", "labelSelector": _selector(self._ours()), "resourceVersion": version,
            "allowWatchBookmarks": "true", "timeoutSeconds": WATCH,
        }  # fmt: skip
        where = path(resource, self.settings.namespace)
        for line in self.connection.lines(where, query, timeout=WATCH + 5):
            event = json.loads(line)
            if event["type"] == "ERROR":
                raise Gone(str(event["object"].get("message")))
            yield event["type"], event["object"]

    def _list(self, resource: Resource, selector: str) -> tuple[list[Body], str]:
        where = path(resource, self.settings.namespace)
        query: dict[str, Any] = {"labelSelector": selector, "limit": PAGE}
        items: list[Body] = []
        while True:
            found = self.connection.request("GET", where, query)
            for each in found.get("items") or []:
                items.append({"apiVersion": resource[0], "kind": resource[1], **each})
            metadata = found.get("metadata") or {}
            if not metadata.get("continue"):
                return items, str(metadata.get("resourceVersion") or "")
            query["continue"] = metadata["continue"]

    def _ours(self) -> dict[str, str]:
        return {"mlrun/service": self.settings.service}

    def _path_for(self, body: Body) -> str:
        return path((body["apiVersion"], body["kind"]), body["metadata"]["namespace"])

    def _path_of(self, body: Body) -> str:
        return f"{self._path_for(body)}/{body['metadata']['name']}"


def path(resource: Resource, namespace: str, name: str = "") -> str:
    """The path of a kind of object, or of one."""
    found = f"{_group(resource[0])}/namespaces/{namespace}/{PLURALS[resource[1]]}"
    return f"{found}/{name}" if name else found


def _group(api_version: str) -> str:
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"


def _selector(labels: Mapping[str, str]) -> str:
    return ",".join(f"{name}={value}" for name, value in sorted(labels.items()))


def _owner_marks(body: Body) -> tuple[Any, Any]:
    labels = body["metadata"].get("labels") or {}
    return labels.get("mlrun/service"), labels.get("mlrun/uid")
