"""What a user writes as an input, as the exact address that the run records and reads."""

from __future__ import annotations

import json
import os
from typing import Any
from urllib.parse import quote

from .. import uris
from ..client import artifacts, runs
from ..client.transport import Client
from ..errors import MLRunBadRequestError, MLRunNotFoundError
from ..model.artifact import artifact_uri
from ..names import near, normalize_name
from . import inline
from .registry import get_store, scheme_of
from .resolve import RESULT_TYPE, read_artifact


def resolve_input(client: Client, project: str, address: str, folder: str = "") -> str:
    """The address of a path, a URL, ``store://…``, ``KEY[:TAG]`` or ``FUNCTION.KEY``.

    ``KEY[:TAG]`` is an artifact of the project, ``FUNCTION.KEY`` that output of the function's last
    completed run; a path is relative to ``folder``, and wins where it is there. What names nothing
    raises MLRunNotFoundError with the nearest name.
    """
    if uris.is_store(address):
        return _store_address(read_artifact(client, address, project), project, address)
    if scheme := scheme_of(address):
        get_store(address)
        if scheme == "data":
            inline.parse(address)
        return address
    path = os.path.abspath(os.path.join(folder, os.path.expanduser(address)))
    if os.path.exists(path):
        return path
    if address.startswith(("/", ".", "~")) or os.sep in address:
        raise MLRunNotFoundError(f"there is no file {path}")
    return (
        _artifact(client, project, address)
        or _output(client, project, address)
        or _refuse(client, project, address, path)
    )


def resolve_below(
    client: Client, project: str, address: Any, folder: str | os.PathLike[str]
) -> Any:
    """The same of what a task names, whose relative inputs lie in ``folder``, if they are there.

    ``folder`` may be a URL: below it they are taken to be there, and artifacts are named by
    ``store://``. What is no path and no URL is a value, and stays.
    """
    if not isinstance(address, (str, os.PathLike)):
        return address
    folder = os.path.expanduser(os.fspath(folder))
    text = os.fspath(address)
    is_relative = not (scheme_of(text) or os.path.isabs(os.path.expanduser(text)))
    path = os.path.join(folder, text)
    is_there = is_relative and folder and (scheme_of(folder) or os.path.exists(path))
    return resolve_input(client, project, path if is_there else text)


def _store_address(artifact: dict[str, Any], project: str, address: str) -> str:
    """The address; of another project's artifact, which the run may not ask for, its file."""
    owner = artifact["metadata"].get("project") or project
    if owner == project:
        return address
    target = str(artifact["spec"].get("target_path") or "")
    if not target:
        raise MLRunBadRequestError(
            f"{address} is of project {owner} and has no file of its own, and a run of {project} "
            "reads its own project: store it there first"
        )
    return target


def last_completed(client: Client, project: str, function: str) -> dict[str, Any] | None:
    """The newest completed run of a function, whole."""
    name = normalize_name(function)
    found = runs.rows(client, project, function=name, states="completed", limit=1)["rows"]
    return runs.read(client, project, found[0]["uid"]) if found else None


def _artifact(client: Client, project: str, address: str) -> str:
    key, _, tag = address.partition(":")
    found = artifacts.list(client, project, name=f"~{key}", tag=tag or "latest")
    exact = [each for each in found if key in _keys(each)]
    if not exact:
        return ""
    newest = max(exact, key=lambda each: str(each["metadata"].get("updated") or ""))
    return artifact_uri(newest, with_tag=False)


def _keys(artifact: dict[str, Any]) -> tuple[Any, Any]:
    return artifact["metadata"].get("key"), artifact["spec"].get("db_key")


def _output(client: Client, project: str, address: str) -> str:
    function, dot, key = address.partition(".")
    last = last_completed(client, project, function) if dot else None
    if last is None:
        return ""
    kept = last["status"].get("artifact_uris") or {}
    if key in kept:
        return str(kept[key])
    results = last["status"].get("results") or {}
    if key in results:
        return f"data:{RESULT_TYPE},{quote(json.dumps(results[key]))}"
    known = [*kept, *results]
    raise MLRunNotFoundError(
        f"the last completed run of {function} ({last['metadata']['uid'][:7]}) kept no {key}; "
        f"it kept {', '.join(known) or 'nothing'}.{near(key, known)}"
    )


def _refuse(client: Client, project: str, address: str, path: str) -> str:
    known = {str(each["metadata"]["key"]) for each in artifacts.list(client, project, tag="latest")}
    raise MLRunNotFoundError(
        f"there is no file {path}, no artifact of that key in project {project}, and no completed "
        f"run of a function of that name.{near(address.partition(':')[0], known)}"
    )
