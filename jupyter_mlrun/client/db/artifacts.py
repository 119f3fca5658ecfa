"""Artifacts and their tags under the method names of MLRun's ``get_run_db()``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .. import artifacts, tags
from ..arguments import document, labels_of, partitions, plain, query, refuse
from ..connected import Connected
from ..pages import paged

Documents = list[dict[str, Any]]


class Artifacts(Connected):
    """Artifacts: stored, read, listed, deleted."""

    def store_artifact(
        self,
        key: str,
        artifact: Any,
        iter: int | None = None,
        tag: str | None = None,
        project: str = "",
        tree: str | None = None,
    ) -> dict[str, Any]:
        """Store an artifact under a key; the stored document, with its uid."""
        path = artifacts.path(self._project(project), key)
        asked = {"iter": iter or None, "tag": tag or None, "tree": tree or None}
        stored = self.client.json("PUT", path, asked, document(artifact, "artifact"), version="v2")
        return dict(stored)

    def read_artifact(
        self,
        key: str,
        tag: str | None = None,
        iter: int | None = None,
        project: str = "",
        tree: str | None = None,
        uid: str | None = None,
        format_: str = "full",
    ) -> dict[str, Any]:
        """An artifact's document; raises MLRunNotFoundError."""
        wanted = str(plain(format_))
        return artifacts.read(
            self.client, self._project(project), key, tag, iter, tree, uid, wanted
        )

    def list_artifacts(
        self,
        name: str | None = None,
        project: str | None = None,
        tag: str | None = None,
        labels: Any = None,
        since: datetime | None = None,
        until: datetime | None = None,
        iter: int | None = None,
        best_iteration: bool = False,
        kind: str | None = None,
        category: str | None = None,
        tree: str | None = None,
        producer_uri: str | None = None,
        parent: str | None = None,
        format_: str | None = "full",
        partition_by: str | None = None,
        rows_per_partition: int = 1,
        partition_sort_by: str | None = "updated",
        partition_order: str = "desc",
    ) -> Documents:
        """Documents of artifacts, one for each artifact and tag."""
        asked = query(
            name=name, tag=tag, label=labels_of(labels), since=since, until=until,
            best_iteration=best_iteration, kind=kind, category=category, tree=tree,
            parent=parent, format=format_,
        ) | {"iter": iter, "producer_uri": producer_uri}  # fmt: skip
        asked |= partitions(partition_by, rows_per_partition, partition_sort_by, partition_order)
        found: Documents = artifacts.list(self.client, self._project(project), **asked)
        return found

    def paginated_list_artifacts(
        self,
        *args: Any,
        page: int | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        **kwargs: Any,
    ) -> tuple[Any, str | None]:
        """A page of ``list_artifacts``, and the token of the next page; None after the last."""
        return paged(self, "list_artifacts", args, kwargs, page, page_size, page_token)

    def del_artifacts(
        self,
        name: str | None = None,
        project: str | None = None,
        tag: str | None = None,
        labels: Any = None,
        days_ago: int = 0,
        tree: str | None = None,
    ) -> None:
        """Delete the records of the artifacts that all of these describe."""
        asked = query(name=name, tag=tag, label=labels_of(labels), tree=tree)
        asked |= {"days_ago": days_ago or None}
        artifacts.delete_many(self.client, self._project(project), **asked)

    def del_artifact(
        self,
        key: str,
        tag: str | None = None,
        project: str = "",
        tree: str | None = None,
        uid: str | None = None,
        deletion_strategy: str = "metadata-only",
        secrets: Mapping[str, str] | None = None,
        iter: int | None = None,
    ) -> None:
        """Delete an artifact's record: all of the key, or one by tag, tree or uid."""
        refuse("secrets", secrets, "data that takes them is deleted by project.delete_artifact")
        which = query(tag=tag, tree=tree, object_uid=uid) | {"iter": iter}
        strategy = str(plain(deletion_strategy))
        artifacts.delete(self.client, self._project(project), key, strategy, **which)


class Tags(Connected):
    """Tags of artifacts: listed, given, taken."""

    def list_artifact_tags(
        self, project: str | None = None, category: str | None = None
    ) -> list[str]:
        """The tags that artifacts of the project have, or those of a category of them."""
        path = self._of(project, "artifact-tags")
        return list(self.client.json("GET", path, query(category=category))["tags"])

    def tag_objects(self, project: str, tag_name: str, objects: Any, replace: bool = False) -> None:
        """Give a tag to what ``{"kind": "artifact", "identifiers": [{"key": …}]}`` names."""
        body = document(objects, "objects")
        path = tags.path(self._project(project), tag_name)
        self.client.request("POST" if replace else "PUT", path, body=body, idempotent=True)

    def delete_objects_tag(self, project: str, tag_name: str, tag_objects: Any) -> None:
        """Take a tag from what ``{"kind": "artifact", "identifiers": [{"key": …}]}`` names."""
        body = document(tag_objects, "tag_objects")
        self.client.request("DELETE", tags.path(self._project(project), tag_name), body=body)

    def tag_artifacts(
        self, artifacts: Any, project: str, tag_name: str, replace: bool = False
    ) -> None:
        """Give artifacts a tag; with ``replace`` it is the only one that they keep."""
        tags.save(self.client, project, tag_name, _identified(artifacts), replace)

    def delete_artifacts_tags(self, artifacts: Any, project: str, tag_name: str) -> None:
        """Take a tag from artifacts."""
        tags.delete(self.client, project, tag_name, _identified(artifacts))


def _identified(artifacts: Any) -> list[dict[str, Any]]:
    several = artifacts if isinstance(artifacts, (list, tuple)) else [artifacts]
    return [tags.identify(document(each, "artifacts")) for each in several]
