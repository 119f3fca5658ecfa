"""From what a user writes as an input to the data it means."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from .. import uris
from ..client import artifacts, runs
from ..client.transport import Client, connect
from ..errors import MLRunInvalidArgumentError, MLRunNotFoundError
from .item import DataItem
from .registry import get_store, scheme_of

# a result of another run, handed over as an input
RESULT_TYPE = "application/vnd.jupyter-mlrun.result+json"
_KEY = re.compile(r"[A-Za-z0-9][-A-Za-z0-9_.]*(:[A-Za-z0-9][-A-Za-z0-9_.]*)?")


def get_dataitem(
    url: str,
    secrets: Mapping[str, str] | None = None,
    db: Client | None = None,
    *,
    project: str = "",
    key: str = "",
) -> DataItem:
    """The data at an address: a path, a URL, ``data:`` or ``store://``.

    A ``store://`` address without a project is one of the project given, else of the default one.
    """
    if not isinstance(url, (str, os.PathLike)):
        raise MLRunInvalidArgumentError(f"An address is text, not {type(url).__name__}")
    url = os.fspath(url)
    if not uris.is_store(url):
        store = get_store(url)
        return DataItem(key or url, store, url=url)
    document = read_artifact(db or connect(), url, project)
    target = target_of(document)
    return DataItem(key or url, get_store(target), url=target, meta=document, artifact_url=url)


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
    if document.get("kind") == "model" and spec.get("model_file"):
        return target.rstrip("/") + "/" + str(spec["model_file"])
    return target


def resolve_input(client: Client, project: str, text: str, folder: str = "") -> str:
    """The exact address of an input, so that the run records what it read.

    ``KEY[:TAG]`` is an artifact of the project, ``FUNCTION.KEY`` that output of the function's
    last completed run; a path is one of this machine, relative to ``folder``. Addresses stay as
    they are. A path that is there wins over a key of the same name.
    """
    if scheme_of(text):
        return text
    path = os.path.join(folder, os.path.expanduser(text))
    if os.path.exists(path):
        return os.path.abspath(path)
    if _KEY.fullmatch(text):
        found = _output_of_function(client, project, text) or _by_key(client, project, text)
        if found:
            return found
    raise MLRunNotFoundError(
        f"The input '{text}' is neither a file in {os.path.abspath(folder or '.')}, nor an "
        f"artifact KEY[:TAG] of project '{project}', nor a FUNCTION.KEY with a completed run"
    )


def _by_key(client: Client, project: str, text: str) -> str:
    key, _, tag = text.partition(":")
    found = artifacts.list(client, project, name=key, tag=tag or "latest")
    found = found or [
        item
        for item in artifacts.list(client, project, name=f"~{key}", tag=tag or "latest")
        if (item.get("metadata") or {}).get("key") == key
    ]
    if not found:
        return ""
    from ..model.artifact import artifact_uri

    newest = max(found, key=lambda item: str((item.get("metadata") or {}).get("updated") or ""))
    return artifact_uri(newest)


def _output_of_function(client: Client, project: str, text: str) -> str:
    name, dot, key = text.partition(".")
    if not dot or ":" in text:
        return ""
    page = runs.rows(client, project, function=name, states="completed", limit=1)
    if not page["rows"]:
        return ""
    status = runs.read(client, project, page["rows"][0]["uid"]).get("status") or {}
    if uri := (status.get("artifact_uris") or {}).get(key):
        return str(uri)
    results = status.get("results") or {}
    if key in results:
        return f"data:{RESULT_TYPE},{quote(json.dumps(results[key]))}"
    known = ", ".join([*(status.get("artifact_uris") or {}), *results]) or "nothing"
    raise MLRunNotFoundError(
        f"The last completed run of '{name}' has no output '{key}'; it left {known}"
    )
