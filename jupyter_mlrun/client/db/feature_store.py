"""Feature sets and vectors, stored and listed, under the names of MLRun's ``get_run_db()``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import MLRunInvalidArgumentError
from ..answers import Answer, answered
from ..arguments import document, labels_of, partitions, plain, query
from ..connected import Connected
from ..transport import part


class _Stored(Connected):
    """What feature sets and feature vectors have in common."""

    def _create(self, noun: str, value: Any, project: str, versioned: bool) -> Answer:
        body = document(value, noun)
        path = self._of(project or _metadata(body).get("project"), _folder(noun))
        return Answer(self.client.json("POST", path, {"versioned": versioned}, body))

    def _get(self, noun: str, name: str, project: str, tag: str | None, uid: str | None) -> Answer:
        return Answer(self.client.json("GET", self._path(noun, name, project, tag, uid)))

    def _store(
        self, noun: str, value: Any, name: str | None, place: tuple[str, str | None, str | None],
        versioned: bool,
    ) -> Answer:  # fmt: skip
        body, (project, tag, uid) = document(value, noun), place
        metadata = _metadata(body)
        named = name or str(metadata.get("name") or "")
        path = self._path(noun, named, project or metadata.get("project") or "", tag, uid)
        return Answer(self.client.json("PUT", path, {"versioned": versioned}, body))

    def _patch(
        self, noun: str, name: str, update: Any, place: tuple[str, str | None, str | None],
        mode: str,
    ) -> None:  # fmt: skip
        headers = {"x-mlrun-patch-mode": str(plain(mode))}
        body = document(update, f"{noun}_update")
        self.client.request("PATCH", self._path(noun, name, *place), None, body, headers)

    def _delete(self, noun: str, name: str, project: str, tag: str | None, uid: str | None) -> None:
        path = self._of(project, f"{_folder(noun)}/{part(name)}")
        if tag or uid:
            path = self._path(noun, name, project, tag, uid)
        self.client.request("DELETE", path)

    def _path(self, noun: str, name: str, project: str, tag: str | None, uid: str | None) -> str:
        if tag and uid:
            raise MLRunInvalidArgumentError("both uid and tag were provided: give one of them")
        reference = part(uid or tag or "latest")
        return self._of(project, f"{_folder(noun)}/{part(name)}/references/{reference}")


class FeatureSets(_Stored):
    """Feature sets, and the features and entities that they define."""

    def create_feature_set(
        self, feature_set: Any, project: str = "", versioned: bool = True
    ) -> Answer:
        """Store a new feature set."""
        return self._create("feature_set", feature_set, project, versioned)

    def get_feature_set(
        self, name: str, project: str = "", tag: str | None = None, uid: str | None = None
    ) -> Answer:
        """A feature set by tag (``latest``) or uid; raises MLRunNotFoundError."""
        return self._get("feature_set", name, project, tag, uid)

    def list_features_v2(
        self,
        project: str | None = None,
        name: str | None = None,
        tag: str | None = None,
        entities: list[str] | None = None,
        labels: Any = None,
    ) -> Any:
        """Features of the project's sets, and the sets that they are of."""
        asked = query(name=name, tag=tag, entity=entities, label=labels_of(labels))
        path = self._of(project, "features")
        return answered(self.client.json("GET", path, asked, version="v2"))

    def list_entities_v2(
        self,
        project: str | None = None,
        name: str | None = None,
        tag: str | None = None,
        labels: Any = None,
    ) -> Any:
        """Entities of the project's sets, and the sets that they are of."""
        asked = query(name=name, tag=tag, label=labels_of(labels))
        path = self._of(project, "entities")
        return answered(self.client.json("GET", path, asked, version="v2"))

    def list_feature_sets(
        self,
        project: str | None = None,
        name: str | None = None,
        tag: str | None = None,
        state: str | None = None,
        entities: list[str] | None = None,
        features: list[str] | None = None,
        labels: Any = None,
        partition_by: str | None = None,
        rows_per_partition: int = 1,
        partition_sort_by: str | None = None,
        partition_order: str = "desc",
        format_: str = "full",
    ) -> list[Answer]:
        """Feature sets of the project, one for each version and tag."""
        asked = query(
            name=name, tag=tag, state=state, entity=entities, feature=features,
            label=labels_of(labels), format=format_,
        )  # fmt: skip
        asked |= partitions(partition_by, rows_per_partition, partition_sort_by, partition_order)
        found = self.client.json("GET", self._of(project, "feature-sets"), asked)
        return [Answer(each) for each in found["feature_sets"]]

    def store_feature_set(
        self,
        feature_set: Any,
        name: str | None = None,
        project: str = "",
        tag: str | None = None,
        uid: str | None = None,
        versioned: bool = True,
    ) -> Answer:
        """Make or replace a feature set."""
        return self._store("feature_set", feature_set, name, (project, tag, uid), versioned)

    def patch_feature_set(
        self,
        name: str,
        feature_set_update: Mapping[str, Any],
        project: str = "",
        tag: str | None = None,
        uid: str | None = None,
        patch_mode: str = "replace",
    ) -> None:
        """Change the parts of a feature set that are given."""
        self._patch("feature_set", name, feature_set_update, (project, tag, uid), patch_mode)

    def delete_feature_set(
        self, name: str, project: str = "", tag: str | None = None, uid: str | None = None
    ) -> None:
        """Delete a feature set, or one version of it."""
        self._delete("feature_set", name, project, tag, uid)


class FeatureVectors(_Stored):
    """Feature vectors."""

    def create_feature_vector(
        self, feature_vector: Any, project: str = "", versioned: bool = True
    ) -> Answer:
        """Store a new feature vector."""
        return self._create("feature_vector", feature_vector, project, versioned)

    def get_feature_vector(
        self, name: str, project: str = "", tag: str | None = None, uid: str | None = None
    ) -> Answer:
        """A feature vector by tag (``latest``) or uid; raises MLRunNotFoundError."""
        return self._get("feature_vector", name, project, tag, uid)

    def list_feature_vectors(
        self,
        project: str | None = None,
        name: str | None = None,
        tag: str | None = None,
        state: str | None = None,
        labels: Any = None,
        partition_by: str | None = None,
        rows_per_partition: int = 1,
        partition_sort_by: str | None = None,
        partition_order: str = "desc",
    ) -> list[Answer]:
        """Feature vectors of the project, one for each version and tag."""
        asked = query(name=name, tag=tag, state=state, label=labels_of(labels)) | partitions(
            partition_by, rows_per_partition, partition_sort_by, partition_order
        )
        found = self.client.json("GET", self._of(project, "feature-vectors"), asked)
        return [Answer(each) for each in found["feature_vectors"]]

    def store_feature_vector(
        self,
        feature_vector: Any,
        name: str | None = None,
        project: str = "",
        tag: str | None = None,
        uid: str | None = None,
        versioned: bool = True,
    ) -> Answer:
        """Make or replace a feature vector."""
        return self._store("feature_vector", feature_vector, name, (project, tag, uid), versioned)

    def patch_feature_vector(
        self,
        name: str,
        feature_vector_update: Mapping[str, Any],
        project: str = "",
        tag: str | None = None,
        uid: str | None = None,
        patch_mode: str = "replace",
    ) -> None:
        """Change the parts of a feature vector that are given."""
        self._patch("feature_vector", name, feature_vector_update, (project, tag, uid), patch_mode)

    def delete_feature_vector(
        self, name: str, project: str = "", tag: str | None = None, uid: str | None = None
    ) -> None:
        """Delete a feature vector, or one version of it."""
        self._delete("feature_vector", name, project, tag, uid)


def _folder(noun: str) -> str:
    return f"{noun.replace('_', '-')}s"


def _metadata(body: Mapping[str, Any]) -> Mapping[str, Any]:
    return document(body.get("metadata") or {}, "metadata")
