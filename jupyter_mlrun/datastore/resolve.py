"""From an address to the data that lies there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from .. import uris
from ..client import artifacts
from ..client.transport import Client, connect
from ..errors import MLRunInvalidArgumentError, MLRunNotFoundError
from .item import DataItem
from .registry import get_store

# a result of another run, handed over as an input
RESULT_TYPE = "application/vnd.jupyter-mlrun.result+json"


def get_dataitem(
    url: str,
    secrets: Mapping[str, str] | None = None,
    db: Any = None,
    *,
    project: str = "",
    key: str = "",
    is_named: bool = False,
) -> DataItem:
    """The data at an address: a path, a URL, ``data:`` or ``store://``.

    A ``store://`` address without a project is one of the project given, else of the default one.
    ``db`` is a connection to a service, or what ``get_run_db`` gives.
    ``is_named``: the program that asks has written the address itself.
    """
    if not isinstance(url, (str, os.PathLike)):
        raise MLRunInvalidArgumentError(f"An address is text, not {type(url).__name__}")
    url = os.fspath(url)
    client: Client | None = getattr(db, "client", db)
    if url[:5].lower() == "ds://":
        return _of_profile(url, key, project, secrets, client)
    if not uris.is_store(url):
        store = get_store(url, secrets)
        item = DataItem(key or url, store, url=url)
        item._is_named = is_named
        return item
    service = client or connect()
    return item_of(read_artifact(service, url, project), url, key or url, service, secrets)


def _of_profile(
    url: str, key: str, project: str, secrets: Mapping[str, str] | None, client: Client | None
) -> DataItem:
    from .profile_store import resolve_profile

    target, known = resolve_profile(url, project, secrets, client)
    return DataItem(key or url, get_store(target, known), url=target, artifact_url=url)


def item_of(
    document: Mapping[str, Any],
    address: str,
    key: str = "",
    client: Client | None = None,
    secrets: Mapping[str, str] | None = None,
) -> DataItem:
    """The data of an artifact document: its target, or what lies in the document itself."""
    spec = document.get("spec") or {}
    inline = spec.get("inline", spec.get("prompt_template"))
    if inline is not None and not spec.get("target_path"):
        target = inline_url(inline)
    else:
        target = target_of(document)
    if target[:5].lower() == "ds://":
        from .profile_store import resolve_profile

        owner = str((document.get("metadata") or {}).get("project") or "")
        target, secrets = resolve_profile(target, owner, secrets, client)
    store = get_store(target, secrets)
    return DataItem(key, store, url=target, meta=document, artifact_url=address)


def inline_url(body: Any) -> str:
    """A data URL of what lies in a document."""
    import base64
    import json

    if isinstance(body, bytes):
        return "data:application/octet-stream;base64," + base64.b64encode(body).decode()
    is_text = isinstance(body, str)
    data = (body if is_text else json.dumps(body)).encode()
    kind = "text/plain" if is_text else "application/json"
    return f"data:{kind};base64," + base64.b64encode(data).decode()


def read_artifact(client: Client, uri: str, project: str = "") -> dict[str, Any]:
    """The artifact document of a ``store://`` address, links followed."""
    parts = uris.parse_store(uri)
    owner = parts.project or project or os.environ.get("MLRUN_ACTIVE_PROJECT", "default")
    document = artifacts.read(
        client,
        owner,
        parts.key,
        tag=parts.tag or None,
        iter=parts.iter,
        tree=parts.tree or None,
        uid=parts.uid or None,
    )
    if document.get("kind") != "link":
        return document
    spec = document.get("spec") or {}
    return artifacts.read(
        client,
        owner,
        spec.get("link_key") or parts.key,
        iter=spec.get("link_iteration"),
        tree=spec.get("link_tree"),
    )


def target_of(document: Mapping[str, Any]) -> str:
    """Where an artifact's data lies; the file of a model, not its folder."""
    spec = document.get("spec") or {}
    target = str(spec.get("target_path") or "")
    if not target:
        key = (document.get("metadata") or {}).get("key")
        raise MLRunNotFoundError(f"The artifact '{key}' has no data: its target_path is empty")
    file = spec.get("model_target_file") or spec.get("model_file")
    if document.get("kind") == "model" and file:
        return target.rstrip("/") + "/" + str(file)
    return target
