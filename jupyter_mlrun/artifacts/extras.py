"""Extra data of an artifact: bytes and files are put beside it, addresses are remembered."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any

from ..datastore.registry import scheme_of
from ..errors import MLRunInvalidArgumentError
from .artifact import Artifact


def upload_extra_data(
    spec: dict[str, Any],
    extra_data: Mapping[str, Any] | None,
    folder: str,
    get_store: Callable[[str], Any],
    prefix: str = "",
    source: str = "",
) -> None:
    """Put extra data into a spec: bytes and relative files are written into the folder.

    ``source`` is the folder of relative files. ``...`` stands for an output that is linked later.
    """
    found = dict(spec.get("extra_data") or {})
    for key, item in (extra_data or {}).items():
        found[prefix + str(key)] = _address(item, prefix + str(key), folder, get_store, source)
    if found:
        spec["extra_data"] = found


def _address(item: Any, key: str, folder: str, get_store: Callable[[str], Any], source: str) -> Any:
    if isinstance(item, Artifact):
        return item.target_path or item.uri
    if isinstance(item, (bytes, bytearray)):
        if leaves_folder(key):
            raise MLRunInvalidArgumentError(
                f"The extra data '{key}' would be written outside of the artifact's own folder: "
                "give it a plain name"
            )
        target = f"{folder.rstrip('/')}/{key}"
        get_store(target).put(target, bytes(item))
        return target
    if item is ... or isinstance(item, (int, float, bool)) or item is None:
        return item
    if hasattr(item, "artifact_url"):
        return item.artifact_url
    text = os.fspath(item) if isinstance(item, os.PathLike) else str(item)
    if scheme_of(text) or os.path.isabs(text):
        return text
    path = os.path.join(source, text)
    if not os.path.isfile(path):
        raise MLRunInvalidArgumentError(
            f"The extra data '{key}' is the file {os.path.abspath(path)}, and nothing is there: "
            "give bytes, the path of a file, or an address"
        )
    target = f"{folder.rstrip('/')}/{os.path.basename(text)}"
    get_store(target).upload(target, path)
    return target


def leaves_folder(name: str) -> bool:
    """Whether a file of this name below a folder would lie outside of it."""
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or not path.parts
