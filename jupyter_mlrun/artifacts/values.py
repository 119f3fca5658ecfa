"""Texts, bytes, plain collections and paths."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .base import Artifact, Draft

if TYPE_CHECKING:
    from ..context import Context
    from ..datastore.item import DataItem

_PACKAGERS = {
    "dict": "DictPackager",
    "list": "ListPackager",
    "tuple": "TuplePackager",
    "set": "SetPackager",
    "frozenset": "FrozensetPackager",
    "bytes": "BytesPackager",
    "bytearray": "BytearrayPackager",
}
_MAKERS: dict[str, Callable[[Any], Any]] = {
    "dict": dict, "list": list, "tuple": tuple, "set": set, "frozenset": frozenset,
}  # fmt: skip


def pack_text(context: Context, key: str, value: str, tag: str = "", **_: Any) -> Artifact:
    """A text as a file."""
    draft = Draft(context, key)
    draft.target(".txt")
    draft.unpacks("StrPackager", "str", file_format="txt")
    draft.write(value.encode("utf-8", "surrogatepass"))
    return draft.log(tag)


def unpack_text(item: DataItem, object_type: str, **_: Any) -> str:
    """The text."""
    text: str = item.get().decode("utf-8", "surrogatepass")
    return text


def pack_bytes(context: Context, key: str, value: bytes, tag: str = "", **_: Any) -> Artifact:
    """Bytes as a file."""
    name = type(value).__name__
    draft = Draft(context, key)
    draft.target(".bin")
    draft.unpacks(_PACKAGERS[name], name, file_format="bin")
    draft.write(bytes(value))
    return draft.log(tag)


def unpack_bytes(item: DataItem, object_type: str, **_: Any) -> bytes | bytearray:
    """The bytes."""
    data: bytes = item.get()
    return bytearray(data) if object_type == "bytearray" else data


def pack_json(context: Context, key: str, value: Any, tag: str = "", **options: Any) -> Artifact:
    """A plain collection as JSON; what JSON would change is pickled instead."""
    name = type(value).__name__
    text = _json_of(value)
    if text is None:
        from .objects import pack_object

        return pack_object(context, key, value, tag, **options)
    draft = Draft(context, key)
    draft.target(".json")
    draft.unpacks(_PACKAGERS[name], name, file_format="json")
    draft.write(text.encode())
    return draft.log(tag)


def _json_of(value: Any) -> str | None:
    """JSON that reads back equal, inner types included; None where there is none."""
    is_set = isinstance(value, (set, frozenset))
    try:
        flat = sorted(value, key=repr) if is_set else value
        flat = list(flat) if isinstance(flat, tuple) else flat
        text = json.dumps(flat, ensure_ascii=True, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return None
    return text if _is_same(flat, json.loads(text)) else None


def _is_same(left: Any, right: Any) -> bool:
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return list(left) == list(right) and all(_is_same(left[k], right[k]) for k in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(_is_same, left, right))
    return bool(left == right)


def unpack_json(item: DataItem, object_type: str, **_: Any) -> Any:
    """The collection, of the type that it had."""
    value = json.loads(item.get())
    return _MAKERS.get(object_type, lambda same: same)(value)


def pack_path(context: Context, key: str, value: Any, tag: str = "", **_: Any) -> Artifact:
    """The file or folder at a path, copied."""
    from ..errors import MLRunInvalidArgumentError

    source = os.path.abspath(value)
    if not os.path.exists(source):
        raise MLRunInvalidArgumentError(
            f"The output '{key}' is the path {source}: nothing is there"
        )
    is_dir = os.path.isdir(source)
    draft = Draft(context, key, "dir" if is_dir else "artifact")
    target = draft.target("" if is_dir else os.path.splitext(source)[1])
    if is_dir:
        draft.spec["target_path"] = target.rstrip("/") + "/"
    draft.spec["src_path"] = source
    draft.unpacks("PathPackager", "pathlib.Path", is_directory=is_dir)
    draft.upload(source)
    return draft.log(tag)


def unpack_path(item: DataItem, object_type: str, **_: Any) -> Any:
    """A path on this machine that holds the data."""
    from pathlib import Path

    return Path(item.local())


def unpack_image(item: DataItem, object_type: str, **_: Any) -> Any:
    """The image, as PIL reads it."""
    from PIL import Image

    return Image.open(item.local())
