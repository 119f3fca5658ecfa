"""Artifacts of the service: found by what a user holds of them, stored again when changed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .. import uris
from ..client import artifacts
from ..client.transport import connect
from ..clock import now
from ..errors import MLRunInvalidArgumentError
from .artifact import Artifact
from .kinds import dict_to_artifact

if TYPE_CHECKING:
    from ..client.transport import Client


def find(
    artifact: Any, client: Client | None = None, kind: str = "", project: str = ""
) -> Artifact:
    """The artifact of an artifact object, a DataItem, a ``store://`` address or a spec file.

    With a kind, anything else is refused.
    """
    found = _find(artifact, client, project)
    if kind and found.kind != kind:
        raise MLRunInvalidArgumentError(
            f"'{found.uri}' is of the kind '{found.kind}', and a {kind} is needed here"
        )
    return found


def get_store_resource(
    uri: str,
    db: Any = None,
    secrets: Mapping[str, str] | None = None,
    project: str | None = None,
    data_store_secrets: Mapping[str, str] | None = None,
) -> Artifact:
    """The artifact of a ``store://`` address, links followed; raises MLRunInvalidArgumentError.

    Secrets are of those who read its data: the artifact itself is read without.
    """
    if not uris.is_store(uri):
        raise MLRunInvalidArgumentError(
            f"Cannot get store resource from invalid URI: {uri!r:.200}: it begins with store://"
        )
    return find(uri, getattr(db, "client", db), "", project or "")


def _find(artifact: Any, client: Client | None, project: str) -> Artifact:
    if isinstance(artifact, Artifact):
        return artifact
    address = str(getattr(artifact, "artifact_url", artifact))
    if uris.is_store(address):
        from ..datastore.resolve import read_artifact

        service = client or connect()
        return dict_to_artifact(read_artifact(service, address, project), service)
    if address.lower().endswith((".yaml", ".yml", ".json")):
        return dict_to_artifact(read_spec(address), client)
    raise MLRunInvalidArgumentError(
        f"'{address}' is no artifact: give an artifact, its DataItem, its store:// address, "
        "or the path of its spec as .yaml or .json"
    )


def read_spec(address: str, project: str = "") -> dict[str, Any]:
    """The document in a YAML or JSON file."""
    import yaml

    from ..datastore.resolve import get_dataitem

    try:
        value = yaml.safe_load(get_dataitem(address, project=project).get())
    except yaml.YAMLError as error:
        problem = str(error).splitlines()[0]
        raise MLRunInvalidArgumentError(f"'{address}' is no artifact spec: {problem}") from None
    if not isinstance(value, dict) or "metadata" not in value:
        raise MLRunInvalidArgumentError(f"'{address}' is no artifact spec: it has no metadata")
    return value


def store_again(artifact: Artifact) -> Artifact:
    """Store a changed artifact where it was; the artifact as it is now."""
    document = artifact.to_dict()
    document["metadata"]["updated"] = now()
    service = artifact._client or connect()
    stored = artifacts.store(service, document, document["metadata"].get("tag") or "")
    artifact._adopt(stored, service)
    return artifact


def folder_of(artifact: Artifact) -> str:
    """The folder below which an artifact's files lie."""
    target = artifact.get_target_path()
    return target.rstrip("/") if target.endswith("/") else os.path.dirname(target)
