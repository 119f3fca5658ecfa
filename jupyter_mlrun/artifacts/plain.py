"""Files, folders, texts and bytes as artifacts; the way of every kind to the store."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..datastore.registry import get_store, scheme_of
from ..errors import MLRunInvalidArgumentError
from .artifact import Artifact, Placed, refuse_large
from .base import Draft

if TYPE_CHECKING:
    from .producer import Producer


def log(
    context: Producer,
    item: Artifact,
    placed: Placed | None = None,
    tag: str = "",
    viewer: str | None = None,
    labels: Mapping[str, Any] | None = None,
    db_key: str | bool | None = None,
) -> Artifact:
    """Write the artifact's data, tell the service of it; the artifact as it was stored."""
    placed = placed or Placed()
    item.before_log()
    draft = Draft.of(context, item)
    draft.label(labels)
    if viewer:
        draft.spec["viewer"] = viewer
    item.write(draft, placed)
    if extras := draft.spec.get("extra_data"):
        from .extras import upload_extra_data

        folder = os.path.dirname(str(draft.spec.get("target_path") or "").rstrip("/"))
        source = os.path.dirname(placed.local_path)
        upload_extra_data(draft.spec, extras, folder, get_store, "", source)
    kind = draft.document["kind"]
    stored = draft.store(tag, db_key)
    if kind != item.kind:
        from .kinds import dict_to_artifact

        return dict_to_artifact(stored, context.client)
    item._adopt(stored, context.client)
    return item


def write(item: Artifact, draft: Draft, placed: Placed) -> None:
    """Write a body, inline or to the target; copy a file or folder; or remember where it lies."""
    format = placed.format or str(item.format or "").lstrip(".")
    target = placed.target_path or item.get_target_path()
    source = placed.local_path or str(item.src_path or "")
    body = item.get_body()
    if item.is_inline():
        refuse_large(draft.key, item.inline)
        draft.spec["inline"] = item.inline
        draft.spec.pop("target_path", None)
        return
    if body is not None:
        data, suffix = encode(body)
        draft.target(_suffix(draft.key, source, format, suffix), placed.artifact_path, target)
        draft.write(data)
    elif source:
        _write_path(draft, source, placed, target, format)
    elif target:
        draft.target(f".{format}" if format else "", "", target)
        _describe_there(draft)
    else:
        raise MLRunInvalidArgumentError(
            f"The artifact '{draft.key}' has no data: give body=, local_path= or target_path="
        )


def _suffix(key: str, source: str, format: str, own: str) -> str:
    """The end of a body's file: that of the path it is told with, its format's, the key's own."""
    if source and (said := suffix_of(source)):
        return said
    if format:
        return f".{format}"
    return "" if suffix_of(key) else own


def _write_path(draft: Draft, source: str, placed: Placed, target: str, format: str) -> None:
    if scheme_of(source) not in ("", "file"):
        if placed.upload:
            raise MLRunInvalidArgumentError(
                f"The artifact '{draft.key}' cannot be uploaded from {source}: "
                "download it first, or leave upload= away and it is read where it is"
            )
        draft.target("", "", source)
        return
    source = source.removeprefix("file://")
    if not os.path.exists(source):
        raise MLRunInvalidArgumentError(
            f"The artifact '{draft.key}' cannot be logged: {os.path.abspath(source)} is not there"
        )
    draft.spec["src_path"] = os.path.abspath(source)
    if os.path.isdir(source):
        draft.document["kind"] = "dir" if draft.document["kind"] == "artifact" else draft.kind
        draft.target("", placed.artifact_path, target)
        draft.spec["target_path"] = draft.spec["target_path"].rstrip("/") + "/"
        draft.upload(source)
        return
    suffix = f".{format}" if format else suffix_of(source)
    draft.target(suffix, placed.artifact_path, target)
    if placed.upload is False:
        draft.spec["target_path"] = target or os.path.abspath(source)
        draft.describe(source)
    else:
        draft.upload(source)


def suffix_of(path: str) -> str:
    """The end of a file's name with its dot: ``.tar.gz`` whole."""
    stem, suffix = os.path.splitext(os.path.basename(path.rstrip("/")))
    packed = suffix in (".gz", ".bz2", ".xz", ".zst") and stem.endswith(".tar")
    return f".tar{suffix}" if packed else suffix


def _describe_there(draft: Draft) -> None:
    """Size and hash of what lies at a chosen target already, where it is on this machine."""
    path = draft.local_target() if scheme_of(draft.spec["target_path"]) in ("", "file") else None
    if path and os.path.isfile(path):
        draft.describe(path)


def encode(body: Any) -> tuple[bytes, str]:
    """A body as bytes, and the suffix of its file."""
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
