"""Deleting the data of artifacts that clients reach and the service does not."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..datastore.registry import scheme_of
from ..datastore.secrecy import without_secrets
from ..enumerations import ArtifactsDeletionStrategies
from ..errors import MLRunBadRequestError, MLRunBaseError, MLRunDataNotFoundError
from .extras import leaves_folder
from .model import SPEC_FILE

if TYPE_CHECKING:
    from ..client.transport import Client
    from ..datastore.item import DataItem

WITH_DATA = (ArtifactsDeletionStrategies.data_optional, ArtifactsDeletionStrategies.data_force)
ItemAt = Callable[[str], "DataItem"]


def delete_data(
    artifact: Mapping[str, Any],
    strategy: str,
    folder: str,
    client: Client,
    secrets: Mapping[str, str] | None = None,
) -> str:
    """Delete data that clients reach and the service does not; what the service is left to do.

    That is data elsewhere, which takes credentials, and files below ``folder``, the artifact path
    that the project has chosen. What else lies in a folder that the artifact names stays.
    """
    from ..datastore.resolve import get_dataitem

    target = str((artifact.get("spec") or {}).get("target_path") or "")
    if strategy not in WITH_DATA or not target or not _is_of_clients(target, folder):
        return strategy
    project = str(artifact["metadata"].get("project") or "")

    def item_at(url: str) -> DataItem:
        return get_dataitem(url, secrets, client, project=project)

    try:
        _delete(item_at, artifact, target)
    except (MLRunBaseError, OSError) as error:
        if strategy == ArtifactsDeletionStrategies.data_force:
            raise MLRunBadRequestError(
                f"The data {without_secrets(target)} could not be deleted, so its artifact stays: "
                f"{error}"
            ) from error
    return str(ArtifactsDeletionStrategies.metadata_only)


def _delete(item_at: ItemAt, artifact: Mapping[str, Any], target: str) -> None:
    if artifact.get("kind") == "model" and target.endswith("/"):
        for name in _files_of(artifact, target):
            _remove(item_at(target + name))
        if scheme_of(target) in ("", "file"):
            _remove_empty(target.removeprefix("file://"))
    elif not item_at(target).is_dir():
        _remove(item_at(target))
    elif _is_a_copy(artifact, target):
        item_at(target).delete()
    else:
        raise MLRunBadRequestError(
            "it is a folder that was there before its artifact: delete it where you work"
        )


def _files_of(artifact: Mapping[str, Any], target: str) -> Iterator[str]:
    """The names of a model's own files below its folder, as its document has them."""
    spec = artifact["spec"]
    if not spec.get("model_file"):
        raise MLRunBadRequestError(
            "the model is a folder whose files its artifact does not name: delete it where you work"
        )
    extra = [str(value).removeprefix(target) for value in (spec.get("extra_data") or {}).values()]
    for name in {spec["model_file"], spec.get("model_target_file"), SPEC_FILE, *extra} - {None}:
        if name and not leaves_folder(name) and not scheme_of(name):
            yield name


def _is_a_copy(artifact: Mapping[str, Any], target: str) -> bool:
    """Whether the folder was made by logging another one: it has the name of its artifact."""
    source = str(artifact["spec"].get("src_path") or "")
    path = target.rstrip("/")
    is_named = posixpath.basename(path) == artifact["metadata"].get("key")
    is_root = "/" not in path.partition("://")[2] and "://" in path
    return bool(source) and source.rstrip("/") != path and is_named and not is_root


def _remove(item: DataItem) -> None:
    try:
        item.delete()
    except (MLRunDataNotFoundError, FileNotFoundError):
        # what is gone is gone
        pass


def _remove_empty(folder: str) -> None:
    if os.path.isdir(folder) and not os.listdir(folder):
        os.rmdir(folder)


def _is_of_clients(target: str, folder: str) -> bool:
    scheme = scheme_of(target)
    if scheme not in ("", "file"):
        # that of another artifact is its own
        return scheme != "store"
    path = os.path.realpath(target.removeprefix("file://"))
    return os.path.isabs(folder) and path.startswith(os.path.realpath(folder).rstrip("/") + "/")
