"""Making an artifact: where its data goes, its document, and telling the service of it."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .. import names, paths
from ..clock import now
from ..datastore.registry import get_store, scheme_of
from ..disk import has_room
from ..errors import MLRunBaseError

if TYPE_CHECKING:
    from ..context import Context

TEXT_PREVIEW = 64 * 1024
_VIEWERS = {
    "csv": "table", "html": "web-app", "htm": "web-app", "png": "image", "jpg": "image",
    "jpeg": "image", "gif": "image", "svg": "image", "txt": "text", "md": "text", "json": "text",
    "yaml": "text", "py": "text",
}  # fmt: skip
_TEXTS = frozenset({"txt", "md", "json", "jsonl", "yaml", "yml", "py", "csv", "log", "xml"})


class Draft:
    """An artifact that is being made: its document, and ways to give it data."""

    def __init__(self, context: Context, key: str, kind: str = "artifact") -> None:
        self.context = context
        self.key = names.validate_artifact_key(key)
        self.document: dict[str, Any] = {
            "kind": kind,
            "metadata": {
                "key": key,
                "project": context.project,
                "iter": context.iteration,
                "tree": context.uid,
            },
            "spec": {
                "db_key": f"{context.name}_{key}",
                "producer": context.producer(),
            },
            "status": {"state": "created"},
        }

    @property
    def metadata(self) -> dict[str, Any]:
        """The document's metadata, to be added to."""
        part: dict[str, Any] = self.document["metadata"]
        return part

    @property
    def spec(self) -> dict[str, Any]:
        """The document's spec, to be added to."""
        part: dict[str, Any] = self.document["spec"]
        return part

    @property
    def status(self) -> dict[str, Any]:
        """The document's status, to be added to."""
        part: dict[str, Any] = self.document["status"]
        return part

    def target(self, suffix: str = "", artifact_path: str = "", target_path: str = "") -> str:
        """Choose and remember where the data goes: no other run writes there."""
        format = suffix.lstrip(".")
        if not target_path:
            folder = artifact_path or self.context.out_path
            target_path = f"{place(self.context, folder)}/{self.key}{suffix}"
        elif not scheme_of(target_path):
            target_path = os.path.abspath(target_path)
        self.spec["target_path"] = target_path
        if format:
            self.spec["format"] = format
        if "viewer" not in self.spec and format in _VIEWERS:
            self.spec["viewer"] = _VIEWERS[format]
        return target_path

    def local_target(self) -> str | None:
        """The target's path on this machine, its folder made; None where it is elsewhere."""
        path = get_store(self.spec["target_path"]).local_path(self.spec["target_path"])
        if path:
            os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def write(self, data: bytes) -> None:
        """Write the target, whole or not at all, and remember size and hash."""
        import hashlib

        target = self.spec["target_path"]
        with self._room(len(data)):
            path = self.local_target()
            if path is None:
                get_store(target).put(target, data)
            else:
                _write_whole(path, data)
        self.spec["size"] = len(data)
        self.metadata["hash"] = hashlib.sha1(data).hexdigest()
        self.preview_text(data)

    def upload(self, source: str) -> None:
        """Copy a file or folder to the target, and remember its size and hash."""
        target = self.spec["target_path"]
        local = get_store(target).local_path(target)
        if local is None or os.path.realpath(local) != os.path.realpath(source):
            with self._room(None):
                get_store(target).upload(target, source)
        self.describe(source)

    @contextmanager
    def _room(self, size: int | None) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            folder = os.path.dirname(self.spec["target_path"].rstrip("/"))
            amount = f" ({size / 1e6:.3g} MB)" if size else ""
            raise MLRunBaseError(
                f"The output '{self.key}'{amount} does not fit on the disk of {folder}: "
                "free some space, or delete runs that are not needed, and run again"
            ) from error

    def describe(self, source: str) -> None:
        """Remember size and hash of the data at a path of this machine."""
        if os.path.isdir(source):
            self.spec["size"] = sum(
                os.path.getsize(os.path.join(folder, name))
                for folder, _, files in os.walk(source)
                for name in files
                if os.path.exists(os.path.join(folder, name))
            )
            return
        self.spec["size"] = os.path.getsize(source)
        self.metadata["hash"] = _file_hash(source)
        if self.spec["size"] <= TEXT_PREVIEW:
            with open(source, "rb") as file:
                self.preview_text(file.read())

    def preview_text(self, data: bytes) -> None:
        """Keep a short text in the document, so that nobody reads the file to show it."""
        if self.spec.get("format") in _TEXTS and len(data) <= TEXT_PREVIEW:
            try:
                self.status["preview_text"] = data.decode()
            except UnicodeDecodeError:
                return

    def label(self, labels: Mapping[str, Any] | None) -> None:
        """Add labels to the artifact."""
        for key, value in (labels or {}).items():
            names.validate_label(key, value)
        if labels:
            self.metadata["labels"] = {str(k): str(v) for k, v in labels.items()}

    def unpacks(self, packager: str, object_type: str, **instructions: Any) -> None:
        """Record how the value comes back from the data."""
        self.spec["unpackaging_instructions"] = {
            "packager_name": packager,
            "object_type": object_type,
            "artifact_type": self.document["kind"],
            "instructions": instructions,
        }

    def log(self, tag: str = "", db_key: str | bool | None = None) -> Artifact:
        """Tell the service and the run; the artifact as it was stored."""
        if tag:
            names.validate_tag(tag)
            self.metadata["tag"] = tag
        if isinstance(db_key, str) and db_key:
            self.spec["db_key"] = names.validate_artifact_key(db_key)
        self.metadata["updated"] = now()
        stored = self.document
        if db_key is not False:
            stored = self.context.report_artifact(self.document, tag)
        return Artifact(stored, self.context)


class Artifact:
    """A stored artifact: its document by parts, its address, its data."""

    def __init__(self, document: Mapping[str, Any], context: Context) -> None:
        self._document, self._context = dict(document), context

    @property
    def kind(self) -> str:
        """artifact, dataset, model, plot and so on."""
        return str(self._document.get("kind") or "artifact")

    @property
    def key(self) -> str:
        """The name that the run gave it."""
        return str(self.metadata["key"])

    @property
    def metadata(self) -> dict[str, Any]:
        """Who it is."""
        part: dict[str, Any] = self._document["metadata"]
        return part

    @property
    def spec(self) -> dict[str, Any]:
        """Where it lies and what it is."""
        part: dict[str, Any] = self._document["spec"]
        return part

    @property
    def status(self) -> dict[str, Any]:
        """Its state and preview."""
        part: dict[str, Any] = self._document.setdefault("status", {})
        return part

    @property
    def target_path(self) -> str:
        """Where its data lies."""
        return str(self.spec.get("target_path") or "")

    @property
    def uri(self) -> str:
        """Its ``store://`` address."""
        from ..model.artifact import artifact_uri

        return artifact_uri(self._document)

    def to_dataitem(self) -> Any:
        """Its data."""
        from ..datastore.item import DataItem
        from ..datastore.resolve import target_of

        target = target_of(self._document)
        store = get_store(target)
        return DataItem(self.key, store, url=target, meta=self._document, artifact_url=self.uri)

    def to_dict(self) -> dict[str, Any]:
        """The document."""
        import copy

        return copy.deepcopy(self._document)

    def __repr__(self) -> str:
        return f"Artifact({self.uri!r})"


def _write_whole(path: str, data: bytes) -> None:
    if not has_room(os.path.dirname(path), len(data)):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    draft = f"{path}.{os.getpid()}.part"
    try:
        with open(draft, "wb") as file:
            file.write(data)
        os.replace(draft, path)
    finally:
        if os.path.exists(draft):
            os.remove(draft)


def place(context: Context, folder: str) -> str:
    """The folder of one iteration of a run below an artifact path; templates are filled in."""
    is_own = "{{run.uid}}" in folder
    for name, value in (
        ("{{run.uid}}", context.uid),
        ("{{project}}", context.project),
        ("{{run.project}}", context.project),
    ):
        folder = folder.replace(name, value)
    if not folder:
        return str(paths.artifact_folder(context.project, context.uid, context.iteration))
    if not scheme_of(folder):
        folder = os.path.abspath(os.path.expanduser(folder))
    folder = folder.rstrip("/")
    own = folder if is_own else f"{folder}/{context.uid}"
    return f"{own}/{context.iteration}"


def _file_hash(path: str) -> str:
    import hashlib

    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha1").hexdigest()
