"""Artifacts as files to take along: the document alone, or with all its data in one archive."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..datastore.registry import get_store, scheme_of
from ..datastore.resolve import get_dataitem
from ..errors import MLRunInvalidArgumentError
from .artifact import Artifact, Placed
from .extras import leaves_folder
from .kinds import dict_to_artifact
from .stored import folder_of, read_spec

if TYPE_CHECKING:
    from .producer import Producer

BODY, SPEC, FOLDER = "_body", "_spec.yaml", "_folder/"


def export(artifact: Artifact, target_path: str, with_extras: bool = True) -> None:
    """Write the document (.yaml, .json), or it with data and extra data (.zip), to a path or URL.

    The data of a folder is kept file by file below ``_folder/``.
    """
    lower = str(target_path).lower()
    store = get_store(target_path)
    if lower.endswith((".yaml", ".yml")):
        store.put(target_path, artifact.to_yaml().encode())
    elif lower.endswith(".json"):
        store.put(target_path, artifact.to_json().encode())
    elif lower.endswith(".zip"):
        with tempfile.TemporaryDirectory(prefix="mlrun-") as folder:
            path = f"{folder}/artifact.zip"
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                _pack(artifact, archive, with_extras)
            store.upload(target_path, path)
    else:
        raise MLRunInvalidArgumentError(
            f"An artifact cannot be exported to '{target_path}': "
            "name a file that ends in .yaml, .json or .zip"
        )


def _pack(artifact: Artifact, archive: zipfile.ZipFile, with_extras: bool) -> None:
    copy = artifact.copy()
    if artifact.kind == "dir":
        item = artifact.to_dataitem()
        for name in item.listdir():
            archive.writestr(FOLDER + name, item.below(name).read_bytes())
    else:
        archive.writestr(BODY, _body(artifact))
    extras: dict[str, Any] = {}
    for key, address in (artifact.spec.get("extra_data") or {}).items() if with_extras else ():
        if not isinstance(address, str):
            extras[key] = address
            continue
        if not scheme_of(address) and not os.path.isabs(address):
            address = f"{folder_of(artifact)}/{address}"
        archive.writestr(key, get_dataitem(address, db=artifact._client).read_bytes())
        extras[key] = key
    copy.spec["extra_data"] = extras
    archive.writestr(SPEC, copy.to_yaml())


def _body(artifact: Artifact) -> bytes:
    from .plain import encode

    body = artifact.inline if artifact.is_inline() else artifact.get_body()
    if body is not None:
        return encode(body)[0]
    if artifact.kind == "llm-prompt" and not artifact.get_target_path():
        return encode(artifact.spec.get("prompt_template") or [])[0]
    return artifact.to_dataitem().read_bytes()


def import_artifact(
    context: Producer,
    item_path: str,
    new_key: str | None = None,
    artifact_path: str | None = None,
    tag: str | None = None,
) -> Artifact:
    """Log the artifact of a .yaml, .json or .zip file, at a path or URL, in the producer's project.

    A .zip brings its data along, which is written anew; the others refer to where it lies. It is
    marked: who made it is not known, so nothing of it is unpickled unasked.
    """
    from .plain import log

    lower = str(item_path).lower()
    if lower.endswith((".yaml", ".yml", ".json")):
        artifact = dict_to_artifact(read_spec(item_path))
        _only_refer(artifact, item_path)
        artifact.spec["imported"] = True
        return log(context, _renamed(artifact, new_key, tag), Placed(artifact_path=artifact_path))
    if not lower.endswith(".zip"):
        raise MLRunInvalidArgumentError(
            f"'{item_path}' is no exported artifact: name a .yaml, .json or .zip file"
        )
    with _unpacked(item_path) as folder:
        artifact = _renamed(dict_to_artifact(read_spec(f"{folder}/{SPEC}")), new_key, tag)
        _refuse_names(artifact, folder, item_path)
        artifact.spec["imported"] = True
        return log(context, artifact, _data_of(artifact, folder, artifact_path))


def _only_refer(artifact: Artifact, address: str) -> None:
    """Have a document alone name data by address: no file of this machine is read or written."""
    artifact.spec.pop("src_path", None)
    extras = artifact.spec.get("extra_data") or {}
    for key, value in extras.items():
        if isinstance(value, (bytes, bytearray)):
            raise _unsafe(address, f"data of its own for '{key}'")
        if isinstance(value, str) and not scheme_of(value) and not os.path.isabs(value):
            extras[key] = os.path.abspath(f"{folder_of(artifact)}/{value}")


def _refuse_names(artifact: Artifact, folder: str, address: str) -> None:
    """Refuse names in the document that lead out of the archive, or out of the artifact."""
    for key, name in (artifact.spec.get("extra_data") or {}).items():
        if leaves_folder(str(key)):
            raise _unsafe(address, f"the extra data '{key}'")
        if isinstance(name, str) and (
            leaves_folder(name) or not os.path.isfile(f"{folder}/{name}")
        ):
            raise _unsafe(address, f"the extra data '{key}', which is '{name}'")
    for field in ("model_file", "format"):
        name = str(artifact.spec.get(field) or "")
        if name in (".", "..") or "/" in name or "\\" in name:
            raise _unsafe(address, f"the {field} '{name}'")


def _unsafe(address: str, what: str) -> MLRunInvalidArgumentError:
    return MLRunInvalidArgumentError(
        f"'{address}' names {what}, which is not in it: do not use this file"
    )


def _data_of(artifact: Artifact, folder: str, artifact_path: str | None) -> Placed:
    """Give the artifact the data in the folder of its archive."""
    ending = os.path.splitext(str(artifact.target_path or "").rstrip("/"))[1].lstrip(".")
    artifact.spec.pop("target_path", None)
    artifact.spec.pop("src_path", None)
    if os.path.isdir(f"{folder}/{FOLDER}"):
        return Placed(f"{folder}/{FOLDER}".rstrip("/"), artifact_path)
    with open(f"{folder}/{BODY}", "rb") as file:
        artifact._body = file.read()
    if artifact.spec.get("inline") is not None or artifact.spec.get("prompt_template"):
        return Placed(None, artifact_path)
    extras = artifact.spec.get("extra_data") or {}
    for key, name in extras.items():
        if isinstance(name, str) and os.path.isfile(f"{folder}/{name}"):
            with open(f"{folder}/{name}", "rb") as file:
                extras[key] = file.read()
    if artifact.kind == "model":
        # its write() finds files beside the model where they were unpacked
        return Placed(folder, artifact_path)
    format = str(artifact.format or ending)
    return Placed(None, artifact_path, format=format)


def _renamed(artifact: Artifact, new_key: str | None, tag: str | None) -> Artifact:
    if new_key:
        artifact.key = new_key
        artifact.db_key = new_key
    if tag:
        artifact.tag = tag
    return artifact


@contextmanager
def _unpacked(address: str) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="mlrun-") as folder:
        item = get_dataitem(address)
        try:
            with zipfile.ZipFile(item.local()) as archive:
                names = {info.filename: info for info in archive.infolist()}
                _refuse_outside(names, address)
                archive.extractall(folder)
        except zipfile.BadZipFile as error:
            raise MLRunInvalidArgumentError(f"'{address}' is no zip archive: {error}") from None
        finally:
            item.remove_local()
        if SPEC not in names:
            raise MLRunInvalidArgumentError(
                f"'{address}' is no exported artifact: there is no {SPEC} in it"
            )
        yield folder


def _refuse_outside(names: Mapping[str, zipfile.ZipInfo], address: str) -> None:
    for name in names:
        if leaves_folder(name):
            raise MLRunInvalidArgumentError(
                f"'{address}' holds '{name}', which lies outside of the archive's own folder: "
                "do not use this archive"
            )
