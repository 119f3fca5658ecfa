"""Secrets of projects as Secrets of the cluster: pods read them there, by reference."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any

from jupyter_mlrun.errors import MLRunConflictError
from jupyter_mlrun_runtimes.kube.cluster import Cluster
from jupyter_mlrun_runtimes.kube.manifests import label_value

from .secret_provider import SecretProvider

SECRET = ("v1", "Secret")
NAME = "mlrun-project-secrets-{}"
# in the order of their coming, and when their project was made
ORDER, BORN = "mlrun/secret-names", "mlrun/project-created"

SERVICE = "mlrun/service"
TRIES = 5


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
        data = {name: base64.b64encode(text.encode()).decode() for name, text in values.items()}
        for left in reversed(range(TRIES)):
            stored = self._stored(project)
            try:
                self._write(project, stored, data)
                return
            except MLRunConflictError:
                # somebody else wrote between reading and writing
                if not left:
                    raise

    def _write(self, project: str, stored: dict[str, Any] | None, data: Mapping[str, str]) -> None:
        known = [] if stored is None else self.names(project)
        order = [*known, *(name for name in data if name not in known)]
        notes = {ORDER: json.dumps(order), BORN: str(self.born(project) or "")}
        body = self._body(project, notes)
        if stored is None:
            made = self.cluster.create(body | {"data": dict(data)})
            if made.get("data") != data:
                raise MLRunConflictError(f"Secrets of project {project} were written meanwhile")
            return
        # those of an earlier project of this name give way
        gone = dict.fromkeys({*(stored.get("data") or {})} - {*order})
        version = {"resourceVersion": stored["metadata"].get("resourceVersion")}
        marks = {"labels": body["metadata"]["labels"], "annotations": notes, **version}
        self._patch(project, {"data": {**gone, **data}, "metadata": marks})

    def delete(self, project: str, names: Iterable[str]) -> None:
        """Remove these."""
        self._stored(project)
        known = self.names(project)
        gone: dict[str, Any] = {name: None for name in names if name in known}
        if gone:
            self._patch(project, {"data": gone})

    def forget(self, project: str, born: int) -> None:
        """Remove all of a project that is no longer there, not what a newer one has."""
        found = self.cluster.read(SECRET, self.cluster.settings.namespace, NAME.format(project))
        is_ours = found is not None and self._is_ours(found)
        if found is not None and is_ours and _notes(found).get(BORN) in (str(born), "", None):
            self.cluster.delete(SECRET, self.cluster.settings.namespace, NAME.format(project))

    def _found(self, project: str) -> dict[str, Any] | None:
        """The project's Secret, not one that was left by an earlier project of its name."""
        found = self.cluster.read(SECRET, self.cluster.settings.namespace, NAME.format(project))
        born = self.born(project)
        if found is None or not self._is_ours(found):
            return None
        if born is None:
            return found
        return found if _notes(found).get(BORN) in (str(born), "", None) else None

    def _stored(self, project: str) -> dict[str, Any] | None:
        """The Secret as it is; refused where another service keeps its own under this name."""
        namespace, name = self.cluster.settings.namespace, NAME.format(project)
        found = self.cluster.read(SECRET, namespace, name)
        if found is not None and not self._is_ours(found):
            raise MLRunConflictError(
                f"The Secret {name} in namespace {namespace} belongs to the service "
                f"'{found['metadata']['labels'][SERVICE]}': use another namespace "
                "(MLRunCluster.namespace), or that name for this service (MLRunCluster.service)"
            )
        return found

    def _is_ours(self, found: Mapping[str, Any]) -> bool:
        # those of earlier versions name no service
        named = (found["metadata"].get("labels") or {}).get(SERVICE)
        return named in (None, "", label_value(self.cluster.settings.service))

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
                # no run's: it belongs to the project of this service
                "labels": {
                    "mlrun/project": project,
                    SERVICE: label_value(self.cluster.settings.service),
                },
                "annotations": dict(notes),
            },
        }


def _notes(body: Mapping[str, Any]) -> Mapping[str, Any]:
    return body["metadata"].get("annotations") or {}
