"""Secrets of projects as Secrets of the cluster: pods read them there, by reference."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any

from jupyter_mlrun_runtimes.kube.cluster import Cluster

from .secret_provider import SecretProvider

SECRET = ("v1", "Secret")
NAME = "mlrun-project-secrets-{}"
# in the order of their coming, and when their project was made
ORDER, BORN = "mlrun/secret-names", "mlrun/project-created"


class ClusterSecrets(SecretProvider):
    """One Secret for each project, in the namespace of its runs, under MLRun's own name."""

    on_cluster = True

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster

    def names(self, project: str) -> list[str]:
        """The names of a project's secrets, in the order in which they were stored."""
        found = self._found(project)
        if found is None:
            return []
        known = found.get("data") or {}
        ordered = json.loads(_notes(found).get(ORDER) or "[]")
        return [*(name for name in ordered if name in known), *sorted({*known} - {*ordered})]

    def read(self, project: str) -> dict[str, str]:
        """All secrets of a project."""
        data = (self._found(project) or {}).get("data") or {}
        return {name: base64.b64decode(value).decode() for name, value in data.items()}

    def save(self, project: str, values: Mapping[str, str]) -> None:
        """Add secrets, or replace their values, all at once."""
        known = self.names(project)
        data = {name: base64.b64encode(text.encode()).decode() for name, text in values.items()}
        order = [*known, *(name for name in data if name not in known)]
        notes = {ORDER: json.dumps(order), BORN: str(self.born(project) or "")}
        if self._found(project) is None:
            # one of an earlier project of this name gives way
            self.cluster.replace(self._body(project, notes) | {"data": data})
            return
        self._patch(project, {"data": data, "metadata": {"annotations": notes}})

    def delete(self, project: str, names: Iterable[str]) -> None:
        """Remove these."""
        known = self.names(project)
        gone: dict[str, Any] = {name: None for name in names if name in known}
        if gone:
            self._patch(project, {"data": gone})

    def forget(self, project: str, born: int) -> None:
        """Remove all of a project that is no longer there, not what a newer one has."""
        found = self.cluster.read(SECRET, self.cluster.settings.namespace, NAME.format(project))
        if found is not None and _notes(found).get(BORN) in (str(born), "", None):
            self.cluster.delete(SECRET, self.cluster.settings.namespace, NAME.format(project))

    def _found(self, project: str) -> dict[str, Any] | None:
        """The project's Secret, not one that was left by an earlier project of its name."""
        found = self.cluster.read(SECRET, self.cluster.settings.namespace, NAME.format(project))
        born = self.born(project)
        if found is None or born is None:
            return found
        return found if _notes(found).get(BORN) in (str(born), "", None) else None

    def _patch(self, project: str, patch: dict[str, Any]) -> None:
        namespace = self.cluster.settings.namespace
        self.cluster.patch(SECRET, namespace, NAME.format(project), patch)

    def _body(self, project: str, notes: Mapping[str, str]) -> dict[str, Any]:
        return {
            "apiVersion": "v1",
            "kind": "Secret",
            "type": "Opaque",
            "metadata": {
                "name": NAME.format(project),
                "namespace": self.cluster.settings.namespace,
                # no run's: it belongs to the project, whichever service serves it
                "labels": {"mlrun/project": project},
                "annotations": dict(notes),
            },
        }


def _notes(body: Mapping[str, Any]) -> Mapping[str, Any]:
    return body["metadata"].get("annotations") or {}
