"""Making an artifact: where its data goes, its document, and telling the service of it."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from .. import names, paths
from ..clock import now
from ..datastore.registry import get_store, scheme_of
from ..disk import has_room
from ..errors import (
    MLRunBaseError,
    MLRunInvalidArgumentError,
    MLRunInvalidArgumentTypeError,
)
from ..lazy import attributes

if TYPE_CHECKING:
    from .artifact import Artifact
    from .producer import Producer

# what MLRun has in its module of this name, and lies elsewhere here
__getattr__, __dir__ = attributes(
    __name__,
    {
        "Artifact": "artifacts.artifact",
        "DirArtifact": "artifacts.artifact",
        "LinkArtifact": "artifacts.artifact",
        "get_artifact_meta": "artifacts.models",
    },
)

TEXT_PREVIEW = 64 * 1024
_VIEWERS = {
    "csv": "table", "html": "web-app", "htm": "web-app", "png": "image", "jpg": "image",
    "jpeg": "image", "gif": "image", "svg": "image", "txt": "text", "md": "text", "json": "text",
    "yaml": "text", "py": "text",
}  # fmt: skip
_TEXTS = frozenset({"txt", "md", "json", "jsonl", "yaml", "yml", "py", "csv", "log", "xml"})


class Draft:
    """An artifact that is being made: its document, and ways to give it data."""

    def __init__(self, context: Producer, key: str, kind: str = "artifact") -> None:
        self.context = context
        self.key = names.validate_artifact_key(key)
        self._is_chosen = False
        self.document: dict[str, Any] = {
            "kind": kind,
            "metadata": {
                "key": key,
                "project": context.project,
                "iter": context.iteration,
                "tree": context.tag,
            },
            "spec": {
                "db_key": f"{context.name}_{key}" if context.kind == "run" else key,
                "producer": context.producer(),
            },
            "status": {"state": "created"},
        }

    @classmethod
    def of(cls, context: Producer, artifact: Artifact) -> Draft:
        """The draft of an artifact that was made by its constructor, or read and is logged anew."""
        draft = cls(context, artifact.key, artifact.kind)
        given = artifact.to_dict()
        own = {name: value for name, value in given["metadata"].items() if name not in _OURS}
        draft.metadata.update({name: value for name, value in own.items() if value})
        key = given["spec"].pop("db_key", None)
        if key and context.kind != "run":
            draft.spec["db_key"] = key
        maker = given["spec"].pop("producer", None) or {}
        if context.kind != "run" and maker.get("kind") == "run":
            # who made it stays its maker when a project takes it in
            draft.spec["producer"] = maker
            draft.metadata["tree"] = maker.get("tag") or draft.metadata["tree"]
        draft.spec.update({name: value for name, value in given["spec"].items() if _is_set(value)})
        draft.status.update(given["status"])
        return draft

    @property
    def kind(self) -> str:
        """The kind of the artifact."""
        return str(self.document["kind"])

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
        shown = format or self._own_format
        self._is_chosen = bool(target_path)
        if not target_path:
            folder = extend(artifact_path, self.context.out_path)
            target_path = f"{place(self.context, folder)}/{self.key}{suffix}"
        else:
            target_path = fill(self.context, target_path)
            if not scheme_of(target_path):
                target_path = os.path.abspath(target_path)
        self.spec["target_path"] = target_path
        if format:
            self.spec["format"] = format
        if "viewer" not in self.spec and shown in _VIEWERS:
            self.spec["viewer"] = _VIEWERS[shown]
        return target_path

    @property
    def _own_format(self) -> str:
        """What the key itself says, as ``report.html`` does."""
        return PurePosixPath(self.key).suffix.lstrip(".")

    def local_target(self) -> str | None:
        """The target's path on this machine, its folder made; None where it is elsewhere."""
        path = get_store(self.spec["target_path"]).local_path(self.spec["target_path"])
        if path:
            os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def write(self, data: bytes) -> None:
        """Write the target, whole or not at all, and remember size and hash."""
        import hashlib

        digest = hashlib.sha1(data).hexdigest()
        target = self._name_by(digest)
        with self._room(len(data)):
            path = self.local_target()
            if path is None:
                get_store(target).put(target, data)
            else:
                _write_whole(path, data)
        self.spec["size"] = len(data)
        self.metadata["hash"] = digest
        self.preview_text(data)

    def _name_by(self, digest: str) -> str:
        """The target, called by the data's hash where that is set and no target was chosen."""
        target = str(self.spec["target_path"])
        if self.is_hashed:
            folder, _, name = target.rpartition("/")
            is_named = self.kind == "model"
            end = "".join(PurePosixPath(name).suffixes) if is_named else name.removeprefix(self.key)
            target = self.spec["target_path"] = f"{folder}/{digest}{end}"
        return target

    @property
    def is_hashed(self) -> bool:
        """Whether the file is to be called by its hash."""
        return not self._is_chosen and _hashed()

    def write_by(self, save: Callable[[str], Any]) -> None:
        """Write the target, of this machine, by what writes to a path; then its size and hash."""
        path = self.local_target()
        assert path is not None
        draft = _draft_of(path)
        with self._room(None):
            try:
                save(draft)
                os.replace(draft, path)
            finally:
                if os.path.exists(draft):
                    os.remove(draft)
        self.describe(path)

    def upload(self, source: str) -> None:
        """Copy a file or folder to the target, and remember its size and hash."""
        is_file = os.path.isfile(source) and _hashed()
        target = self._name_by(_file_hash(source)) if is_file else self.spec["target_path"]
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
            if error.errno == errno.ENAMETOOLONG:
                raise MLRunInvalidArgumentError(
                    f"The key '{self.key[:40]}…' has {len(self.key)} characters, too many for the "
                    "name of its file: shorten it, or name a file by target_path="
                ) from error
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
        if (self.spec.get("format") or self._own_format) in _TEXTS and len(data) <= TEXT_PREVIEW:
            try:
                self.status["preview_text"] = data.decode()
            except UnicodeDecodeError:
                return

    def label(self, labels: Mapping[str, Any] | None) -> None:
        """Add labels to the artifact."""
        if labels is not None and not isinstance(labels, Mapping):
            raise MLRunInvalidArgumentTypeError(
                f"labels of the artifact '{self.key}' are a dict of texts, not {labels!r:.80}"
            )
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
        """Tell the service and the producer; the artifact as it was stored."""
        from .kinds import dict_to_artifact

        return dict_to_artifact(self.store(tag, db_key), self.context.client)

    def store(self, tag: str = "", db_key: str | bool | None = None) -> dict[str, Any]:
        """Tell the service and the producer; the document as it was stored, with a tag if given."""
        tag = tag or self.metadata.get("tag") or ""
        if tag:
            self.metadata["tag"] = names.validate_tag(tag)
        if isinstance(db_key, str) and db_key:
            self.spec["db_key"] = names.validate_artifact_key(db_key)
        self.metadata["updated"] = now()
        if db_key is False:
            return self.document
        stored = self.context.report_artifact(self.document, tag)
        if not tag:
            # as in MLRun: that it is the latest one is told by those who read it
            stored["metadata"].pop("tag", None)
        return stored


# what only the producer and the service say
_OURS = ("key", "project", "iter", "tree", "uid", "created", "updated")


def _is_set(value: Any) -> bool:
    return not (value is None or value == "")


def _hashed() -> bool:
    # asked of the environment itself: a run waits for what is imported here
    return os.environ.get("MLRUN_ARTIFACTS__GENERATE_TARGET_PATH_FROM_ARTIFACT_HASH") == "true"


def _draft_of(path: str) -> str:
    # the suffix stays: some writers choose their format by it
    folder, name = os.path.split(path)
    return os.path.join(folder, f".{os.getpid()}.part.{name}")


def _write_whole(path: str, data: bytes) -> None:
    if not has_room(os.path.dirname(path), len(data)):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    draft = _draft_of(path)
    try:
        with open(draft, "wb") as file:
            file.write(data)
        os.replace(draft, path)
    finally:
        if os.path.exists(draft):
            os.remove(draft)


def place(context: Producer, folder: str) -> str:
    """The folder of one iteration of a run below an artifact path; templates are filled in.

    Below a path that was named, a project's own artifacts have no folder of their own.
    """
    is_own = "{{run.uid}}" in folder or context.kind != "run"
    folder = fill(context, folder)
    is_own = is_own or folder.rstrip("/").endswith(f"/{context.run_uid}")
    if not folder:
        return str(paths.artifact_folder(context.project, context.run_uid, context.iteration))
    if not scheme_of(folder):
        folder = os.path.abspath(os.path.expanduser(folder))
    folder = folder.rstrip("/")
    own = folder if is_own else f"{folder}/{context.run_uid}"
    return own if context.kind != "run" else f"{own}/{context.iteration}"


def extend(path: str, default: str) -> str:
    """An artifact path; one that begins with ``+/`` goes on below the default one."""
    if path.startswith("+/"):
        return f"{default.rstrip('/')}/{path[2:]}" if default else path[2:]
    return path or default


def fill(context: Producer, path: str) -> str:
    """The path with ``{{run.uid}}``, ``{{project}}`` and the like filled in."""
    uid = context.run_uid if context.kind == "run" else "project"
    return paths.fill_templates(path, context.project, uid)


def _file_hash(path: str) -> str:
    import hashlib

    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha1").hexdigest()
