"""The artifacts of a project: named in its document, logged by it, imported."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from typing import Any

from jupyter_mlrun import session
from jupyter_mlrun.artifacts.artifact import Artifact
from jupyter_mlrun.artifacts.stored import read_spec
from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.owner import user_name
from jupyter_mlrun.recording import ArtifactRecording, Labels, ProjectProducer

from .spec import ProjectSpec


class ProjectArtifacts:
    """The part of a project that knows its artifacts."""

    name: Any
    spec: ProjectSpec
    get_item_absolute_path: Any

    @property
    def artifact_path(self) -> str | None:
        """Below which path artifacts go; empty for the service's own place."""
        return self.spec.get("artifact_path")

    @artifact_path.setter
    def artifact_path(self, path: str | None) -> None:
        self.spec["artifact_path"] = path

    def as_producer(self) -> ProjectProducer:
        """What the project logs artifacts with: each time a tree of its own."""
        repository = self.spec.repo
        return ProjectProducer(
            session.client(), str(self.name), str(self.artifact_path or ""), user_name(),
            repository.commit if repository is not None else "",
        )  # fmt: skip

    def log_artifact(
        self,
        item: Any,
        body: Any = None,
        tag: str = "",
        local_path: Any = "",
        artifact_path: str | None = None,
        format: str | None = None,
        upload: bool | None = None,
        labels: Labels | None = None,
        target_path: str | None = None,
        **kwargs: Any,
    ) -> Artifact:
        """An artifact object; or by key a value (``body``) or a file or folder (``local_path``).

        As ``context.log_artifact``, whose arguments stand in another order, as in MLRun.
        """
        return self.as_producer().log_artifact(
            item, body, local_path or None, artifact_path, tag, target_path=target_path or "",
            upload=upload, labels=labels, format=format, **kwargs,
        )  # fmt: skip

    def set_artifact(
        self,
        key: str,
        artifact: Any = None,
        target_path: str | None = None,
        tag: str | None = None,
    ) -> None:
        """Name an artifact in the project's document; it is stored when the project is loaded.

        ``artifact`` is an artifact, or the path of a .yaml, .json or .zip file of one.
        """
        if isinstance(artifact, (str, os.PathLike)):
            path, _ = self.get_item_absolute_path(os.fspath(artifact), check_path_in_context=True)
            entry: dict[str, Any] = {"import_from": path, "key": key}
            if tag:
                entry["tag"] = tag
        else:
            entry = self._entry(key, artifact, target_path, tag)
        self.spec.put("artifacts", key, entry)

    def _entry(
        self, key: str, artifact: Any, target_path: str | None, tag: str | None
    ) -> dict[str, Any]:
        base = getattr(artifact, "base_dict", None) or getattr(artifact, "to_dict", None)
        entry: dict[str, Any] = base() if base is not None else dict(artifact or {})
        entry.setdefault("kind", "artifact")
        metadata, spec = entry.setdefault("metadata", {}), entry.setdefault("spec", {})
        metadata["key"] = key
        if target_path:
            spec["target_path"] = target_path
        if spec.get("target_path") and "://" not in spec["target_path"]:
            raise MLRunInvalidArgumentError(
                "target_path url must point to a shared/object storage path"
            )
        if tag:
            metadata["tag"] = tag
        return entry

    def remove_artifact(self, key: str) -> None:
        """Take an artifact out of the project's document; what is stored of it stays."""
        self.spec.drop("artifacts", key)

    def register_artifacts(self) -> None:
        """Store the artifacts that the project's document names."""
        for entry in self.spec.get("artifacts") or ():
            if entry.get("import_from"):
                path = str(entry["import_from"])
                if "://" not in path and not os.path.isabs(path):
                    path = os.path.abspath(os.path.join(self.spec.get_code_path(), path))
                self.import_artifact(path, entry["key"], tag=entry.get("tag"))
            else:
                self._store(entry, {}, entry["metadata"].get("tag") or "")

    def import_artifact(
        self,
        item_path: str,
        new_key: str | None = None,
        artifact_path: str | None = None,
        tag: str | None = None,
    ) -> Any:
        """Store the artifact of a .yaml or .json file, or of a .zip file with its data."""
        path, _ = self.get_item_absolute_path(item_path)
        if path.endswith(".zip"):
            return self.as_producer().import_artifact(path, new_key, artifact_path, tag)
        if not path.endswith((".yaml", ".yml", ".json")):
            raise MLRunInvalidArgumentError("unsupported file suffix, use .yaml, .json, or .zip")
        document = read_spec(path, str(self.name))
        if isinstance(document.get("spec") or {}, dict):
            # who made it is not known: nothing of it is unpickled unasked
            document["spec"] = {**(document.get("spec") or {}), "imported": True}
        return self._store(document, {"new_key": new_key}, tag or "")

    def get_vector_store_collection(
        self, vector_store: Any, collection_name: str | None = None
    ) -> Any:
        """A vector store of LangChain whose documents are artifacts of this project.

        The artifacts remember in which collections they are; the name is the store's own, or
        ``collection_name``.
        """
        from jupyter_mlrun.artifacts.vector_stores import VectorStoreCollection

        return VectorStoreCollection(self, vector_store, collection_name)

    def _store(self, document: Any, options: dict[str, Any], tag: str) -> Any:
        if not isinstance(document, dict) or not isinstance(document.get("metadata"), dict):
            raise MLRunInvalidArgumentError(
                f"An artifact is a document with metadata, not {document!r:.80}"
            )
        producer = self.as_producer()
        metadata, spec = document["metadata"], document.setdefault("spec", {})
        key = options.get("new_key") or metadata.get("key")
        made_by = spec.get("producer") or {}
        retained = made_by.get("kind") == "run"
        tree = made_by.get("tag") if retained else producer.uid
        metadata |= {"key": key, "project": self.name, "tree": tree or producer.uid}
        for name in ("updated", "uid", "hash", "created"):
            metadata.pop(name, None)
        spec |= {"db_key": key, "producer": made_by if retained else producer.producer()}
        stored_tag = tag or metadata.pop("tag", "") or ""
        stored = producer.report_artifact(document, stored_tag)
        found = stored["metadata"]
        return producer.get_artifact(
            key, stored_tag or None, tree=found.get("tree"), uid=found.get("uid")
        )


def _by_producer(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def call(self: ProjectArtifacts, *args: Any, **kwargs: Any) -> Any:
        return method(self.as_producer(), *args, **kwargs)

    return call


# log_artifact, log_dataset, log_model and all else by which a run logs, a project logs too
for _name in dir(ArtifactRecording):
    if not _name.startswith("_") and not hasattr(ProjectArtifacts, _name):
        _method = getattr(ArtifactRecording, _name)
        if callable(_method):
            setattr(ProjectArtifacts, _name, _by_producer(_method))
