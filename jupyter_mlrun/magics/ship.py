"""A captured cell as a function document, and its values and files at the service."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from jupyter_mlrun.capture.cell import Capture
from jupyter_mlrun.capture.data import format_size
from jupyter_mlrun.capture.resolve import Item
from jupyter_mlrun.client import artifacts, files
from jupyter_mlrun.client.transport import Client
from jupyter_mlrun.datastore.registry import get_store
from jupyter_mlrun.errors import CaptureError, MLRunBaseError, MLRunNotFoundError
from jupyter_mlrun.model.function import encode_source
from jupyter_mlrun.names import normalize_name, validate_function

MOST_INLINE = 10_000_000
OBJECT_TYPES = {".parquet": "pandas.DataFrame", ".npy": "numpy.ndarray"}


def build_function(
    capture: Capture, kind: str, shipped: Mapping[str, bytes] | None = None
) -> dict[str, Any]:
    """The function document of a capture: the same cell and values give the same document."""
    name = validate_function(normalize_name(capture.name))
    every = {**capture.environment.files, **(shipped or {})}
    return {
        "kind": kind,
        "metadata": {"name": name, "project": capture.project, "tag": ""},
        "spec": {
            "command": "",
            "args": [],
            "image": "",
            "build": {
                "functionSourceCode": encode_source(capture.text),
                "commands": [],
                "requirements": [],
                "origin_filename": "",
            },
            "default_handler": capture.handler,
            "entry_points": capture.entry_points,
            "files": [_file(path, every[path]) for path in sorted(every)],
            "captured": [
                _captured(address, item) for address, item in sorted(capture.artifacts.items())
            ],
            "disable_auto_mount": False,
            "env": [],
        },
        "verbose": False,
    }


def _file(path: str, body: bytes) -> dict[str, Any]:
    return {
        "path": path,
        "hash": hashlib.sha1(body).hexdigest(),
        "content": base64.b64encode(body).decode(),
    }


def _captured(address: str, item: Item) -> dict[str, Any]:
    assert item.data is not None
    digest = hashlib.sha1(item.data.body).hexdigest()
    return {"name": item.name, "kind": item.kind, "uri": address, "hash": digest,
            "bytes": len(item.data.body)}  # fmt: skip


def read_files(paths: Iterable[str], folder: str) -> dict[str, bytes]:
    """The files of ``--file`` by their path beside the code; a folder gives all below it."""
    found: dict[str, bytes] = {}
    for text in paths:
        path = Path(os.path.expanduser(text))
        path = path if path.is_absolute() else Path(folder) / path
        if not path.exists():
            raise CaptureError(f"--file {text}: there is no file or folder {path}")
        root = path.parent
        below = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
        inside = [each for each in below if "__pycache__" not in each.parts]
        if not inside:
            raise CaptureError(
                f"--file {text}: the folder {path} holds no files, and folders alone do not ship"
            )
        found |= {each.relative_to(root).as_posix(): each.read_bytes() for each in inside}
    size = sum(map(len, found.values()))
    if size > MOST_INLINE:
        raise CaptureError(
            f"--file: {format_size(size)} are too much to ship with the code (at most "
            f"{format_size(MOST_INLINE)}). Hand large data over by its path: -i data=PATH"
        )
    return found


def store_values(client: Client, capture: Capture) -> None:
    """Keep the captured values at the service, those that are not there yet."""
    missing = [item for item in capture.artifacts.values() if not _is_stored(client, capture, item)]
    if not missing:
        return
    template = str(files.client_spec(client)["artifact_path"])
    folder = template.replace("{{run.project}}", capture.project)
    folder = folder.replace("{{project}}", capture.project).replace("{{run.uid}}", "captured")
    for item in missing:
        _store(client, capture.project, item, folder)


def _is_stored(client: Client, capture: Capture, item: Item) -> bool:
    assert item.data is not None
    try:
        found = artifacts.read(client, capture.project, item.data.key)
    except MLRunNotFoundError:
        return False
    target = str(found["spec"].get("target_path") or "")
    return "://" in target or os.path.exists(target)


def _store(client: Client, project: str, item: Item, folder: str) -> None:
    packed = item.data
    assert packed is not None
    target = f"{folder}/{packed.key}{packed.suffix}"
    try:
        _write(target, packed.body)
    except OSError as error:
        raise MLRunBaseError(
            f"The value of {item.name} could not be kept at {target}: {error.strerror or error}. "
            "Nothing was run"
        ) from error
    digest = hashlib.sha1(packed.body).hexdigest()
    document = {
        "kind": "dataset" if packed.kind == "dataset" else "",
        "metadata": {"key": packed.key, "project": project, "iter": 0, "tree": digest[:32],
                     "hash": digest},
        "spec": {"target_path": target, "format": packed.suffix[1:], "size": len(packed.body),
                 "db_key": packed.key,
                 "producer": {"kind": "project", "name": project, "uri": project,
                              "tag": digest[:32]}},
        "status": {"state": "created"},
    }  # fmt: skip
    artifacts.store(client, document)


def _write(target: str, body: bytes) -> None:
    """The bytes at the target, whole or not at all."""
    if "://" in target:
        get_store(target).put(target, body)
        return
    path = Path(target)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        draft.write_bytes(body)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
