"""How a run tells the service what becomes of it; while none answers, its outbox listens."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from .client import artifacts, runs
from .client.address import is_ours
from .client.transport import Client, Response, part
from .errors import MLRunHTTPError, MLRunServiceUnreachableError
from .masking import of_environment
from .model.texts import recorded, recorded_values
from .outbox import Outbox

_PATIENCE = 2.0


class Reporter:
    """Tells of one run. Requests keep their order: the service reads the outbox first.

    Secrets that were handed to this process leave it in no document.
    """

    def __init__(self, client: Client, outbox: Outbox | None = None) -> None:
        self._masker = of_environment()
        self.client = client
        self.outbox = outbox if is_ours(client.address.token) else None
        self._away_until = 0.0

    def store(self, run: Mapping[str, Any]) -> None:
        """Store the whole document."""
        metadata = run["metadata"]
        path = runs.path(metadata["project"], metadata["uid"])
        spec = run["spec"]
        # the handler of a run in this process takes any object
        told, objects = recorded_values(spec)
        if told:
            spec = {**spec, **told}
            if objects:
                # who runs it again has to give them anew
                spec["origin"] = {**(spec.get("origin") or {}), "objects": objects}
            run = {**run, "spec": spec}
        self._send("POST", "v1", path, {"iter": metadata.get("iteration") or 0}, run)

    def update(self, run: Mapping[str, Any], updates: Mapping[str, Any]) -> None:
        """Set dotted paths of the stored run."""
        metadata = run["metadata"]
        path = runs.path(metadata["project"], metadata["uid"])
        iteration = metadata.get("iteration") or 0
        told = dict(updates)
        if "spec.parameters" in told:
            told["spec.parameters"], objects = recorded(told["spec.parameters"])
            if objects:
                told["spec.origin.objects"] = objects
        self._send("PATCH", "v1", path, {"iter": iteration}, told)

    def artifact(self, document: Mapping[str, Any], tag: str = "") -> dict[str, Any]:
        """Store an artifact; the stored document, or the given one while no service answers."""
        metadata, spec = document["metadata"], document["spec"]
        path = artifacts.path(metadata["project"], spec.get("db_key") or metadata["key"])
        params = {"tree": metadata["tree"], "iter": metadata.get("iter") or 0}
        if tag:
            params["tag"] = tag
        answer = self._send("PUT", "v2", path, params, document)
        return dict((answer.json() if answer else None) or document)

    def log(self, run: Mapping[str, Any], data: bytes) -> None:
        """Put bytes at the end of the run's log."""
        metadata = run["metadata"]
        path = f"projects/{part(metadata['project'])}/logs/{part(metadata['uid'])}"
        self._send("POST", "v1", path, {"append": "yes"}, data)

    def _send(
        self, method: str, version: str, path: str, params: dict[str, Any], body: Any
    ) -> Response | None:
        if not isinstance(body, bytes):
            body = self._masker.document(body)
        if self.outbox is None:
            return self.client.request(
                method, path, params, body, version=version, idempotent=not isinstance(body, bytes)
            )
        if time.monotonic() >= self._away_until:
            try:
                return self.client.request(
                    method, path, params, body, version=version, idempotent=False, tries=1
                )
            except MLRunServiceUnreachableError:
                self._away_until = time.monotonic() + _PATIENCE
            except MLRunHTTPError as error:
                # a service that fails now takes it in later; what it refuses is refused
                if error.status_code < 500:
                    raise
        self.outbox.append(method, f"api/{version}/{path}", params, body)
        return None


class Quiet(Reporter):
    """Tells nothing: of a process that works for a run and does not speak for it."""

    def _send(
        self, method: str, version: str, path: str, params: dict[str, Any], body: Any
    ) -> Response | None:
        return None
