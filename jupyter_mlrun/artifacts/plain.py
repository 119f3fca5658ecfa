"""Files, folders and texts as artifacts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..datastore.registry import scheme_of
from ..errors import MLRunInvalidArgumentError
from .base import Artifact, Draft

if TYPE_CHECKING:
    from ..context import Context


def log_artifact(
    context: Context,
    key: str,
    body: Any = None,
    local_path: str | os.PathLike[str] | None = None,
    artifact_path: str | None = None,
    tag: str = "",
    viewer: str | None = None,
    target_path: str = "",
    upload: bool | None = None,
    labels: Mapping[str, Any] | None = None,
    format: str | None = None,
    db_key: str | bool | None = None,
    kind: str = "artifact",
    **spec: Any,
) -> Artifact:
    """A file or folder of this machine, or a text or bytes, as an artifact of the run."""
    draft = Draft(context, key, kind)
    draft.label(labels)
    if viewer:
        draft.spec["viewer"] = viewer
    draft.spec.update(spec)
    if body is not None:
        data, suffix = _encode(body)
        suffix = f".{format.lstrip('.')}" if format else suffix
        draft.target(suffix, artifact_path or "", target_path)
        draft.write(data)
    elif local_path is not None:
        _log_path(draft, os.fspath(local_path), artifact_path or "", target_path, upload, format)
    elif target_path:
        draft.target(f".{format}" if format else "", "", target_path)
    else:
        raise MLRunInvalidArgumentError(
            f"The artifact '{key}' has no data: give body=, local_path= or target_path="
        )
    return draft.log(tag, db_key)


def _log_path(
    draft: Draft,
    source: str,
    artifact_path: str,
    target_path: str,
    upload: bool | None,
    format: str | None,
) -> None:
    if scheme_of(source):
        draft.target("", "", source)
        return
    if not os.path.exists(source):
        raise MLRunInvalidArgumentError(
            f"The artifact '{draft.key}' cannot be logged: {os.path.abspath(source)} is not there"
        )
    draft.spec["src_path"] = os.path.abspath(source)
    if os.path.isdir(source):
        draft.document["kind"] = "dir"
        draft.target("", artifact_path, target_path)
        draft.spec["target_path"] = draft.spec["target_path"].rstrip("/") + "/"
        draft.upload(source)
        return
    suffix = f".{format}" if format else os.path.splitext(source)[1]
    draft.target(suffix, artifact_path, target_path)
    if upload is False:
        draft.spec["target_path"] = os.path.abspath(source)
        draft.describe(source)
    else:
        draft.upload(source)


def _encode(body: Any) -> tuple[bytes, str]:
    if isinstance(body, (bytes, bytearray, memoryview)):
        return bytes(body), ""
    if isinstance(body, str):
        return body.encode(), ".txt"
    if isinstance(body, (dict, list)):
        from ..model.document import dumps

        return dumps(body).encode(), ".json"
    raise MLRunInvalidArgumentError(
        f"A body of type {type(body).__name__} cannot be written: give text, bytes, dict or list, "
        "or name the value by -o and it is packed by its type"
    )
