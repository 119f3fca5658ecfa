"""Inputs of a magic line as addresses that a run can read anywhere."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from jupyter_mlrun import uris
from jupyter_mlrun.client import artifacts, runs
from jupyter_mlrun.client.transport import Client
from jupyter_mlrun.datastore.registry import get_store
from jupyter_mlrun.errors import MLRunInvalidArgumentError, MLRunNotFoundError
from jupyter_mlrun.magics.secrets import refuse_secret
from jupyter_mlrun.magics.values import check_name, split_pair
from jupyter_mlrun.names import near, normalize_function


def parse_inputs(texts: Iterable[str]) -> dict[str, str]:
    """The names and addresses of ``-i``, as they were written."""
    found: dict[str, str] = {}
    for text in texts:
        name, address = split_pair("-i", text, "ADDRESS")
        check_name("-i", name, found)
        if not address.strip():
            raise MLRunInvalidArgumentError(f"-i {name}: give a path, an address or a key")
        refuse_secret("-i", "", address)
        found[name] = address.strip()
    return found


def resolve_input(client: Client, project: str, name: str, address: str, folder: str) -> str:
    """A path, URL, ``store://`` address, ``KEY[:TAG]`` or ``FUNCTION.KEY`` as a full address."""
    if uris.is_store(address):
        return _check_store(client, project, name, address)
    if "://" in address or address.startswith("data:"):
        get_store(address)
        return address
    path = os.path.join(folder, os.path.expanduser(address))
    if os.path.exists(path):
        return os.path.abspath(path)
    if address.startswith(("/", ".", "~")) or os.sep in address:
        raise MLRunInvalidArgumentError(
            f"-i {name}={address}: there is no file {os.path.abspath(path)}"
        )
    return (
        _artifact(client, project, address)
        or _output(client, project, name, address)
        or _refuse(client, project, name, address, folder)
    )


def _check_store(client: Client, project: str, name: str, address: str) -> str:
    uri = uris.parse_store(address)
    try:
        artifacts.read(client, uri.project or project, uri.key, uri.tag or None, uri.iter,
                       uri.tree or None, uri.uid or None)  # fmt: skip
    except MLRunNotFoundError as error:
        raise MLRunNotFoundError(f"-i {name}={address}: {error}") from None
    return address


def _artifact(client: Client, project: str, address: str) -> str:
    key, _, tag = address.partition(":")
    found = artifacts.list(client, project, name=f"~{key}", tag=tag or "latest")
    exact = [each for each in found if key in (each["metadata"]["key"], _db_key(each))]
    if not exact:
        return ""
    newest = max(exact, key=lambda each: str(each["metadata"].get("updated") or ""))
    return _address(newest, project)


def _db_key(artifact: dict[str, Any]) -> str:
    return str(artifact["spec"].get("db_key") or artifact["metadata"]["key"])


def _address(artifact: dict[str, Any], project: str) -> str:
    """The address of just this version, so that a rerun reads the same."""
    metadata = artifact["metadata"]
    plural = uris.KIND_PREFIX.get(str(artifact.get("kind") or ""), "artifacts")
    uri = uris.StoreUri(plural, _db_key(artifact), project, metadata.get("iter") or 0,
                        tree=str(metadata.get("tree") or ""))  # fmt: skip
    return uris.format_store(uri)


def _output(client: Client, project: str, name: str, address: str) -> str:
    function, dot, key = address.partition(".")
    if not dot:
        return ""
    last = last_completed(client, project, function)
    if last is None:
        return ""
    outputs = last["status"].get("artifact_uris") or {}
    if key in outputs:
        return str(outputs[key])
    where = f"-i {name}={address}: the last completed run of {function} ({_uid(last)})"
    if key in (last["status"].get("results") or {}):
        raise MLRunInvalidArgumentError(
            f"{where} has {key} as a result, not as an artifact. Keep it as one: -o {key}:artifact"
        )
    kept = ", ".join(outputs) or "no artifacts"
    raise MLRunNotFoundError(f"{where} kept no {key}; it kept {kept}.{near(key, outputs)}")


def _uid(run: dict[str, Any]) -> str:
    return str(run["metadata"]["uid"])[:7]


def last_completed(client: Client, project: str, function: str) -> dict[str, Any] | None:
    """The newest completed run of a function, whole."""
    name = normalize_function(function)
    found = runs.rows(client, project, function=name, states="completed", limit=1)["rows"]
    return runs.read(client, project, found[0]["uid"]) if found else None


def _refuse(client: Client, project: str, name: str, address: str, folder: str) -> str:
    known = {str(each["metadata"]["key"]) for each in artifacts.list(client, project, tag="latest")}
    raise MLRunNotFoundError(
        f"-i {name}={address}: there is no file {os.path.join(folder, address)}, no artifact of "
        f"that key in project {project}, and no completed run of a function of that name."
        f"{near(address.partition(':')[0], known)}"
    )
