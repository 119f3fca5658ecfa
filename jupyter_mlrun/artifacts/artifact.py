"""An artifact as people hold it: made and then logged, or read from the service."""

from __future__ import annotations

import copy
import inspect
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

from jupyter_mlrun.model import artifact_fields as fields

from ..errors import MLRunInvalidArgumentError, MLRunInvalidArgumentTypeError
from ..model.fields import Fields
from ..names import near

if TYPE_CHECKING:
    from ..client.transport import Client
    from ..datastore.item import DataItem
    from .base import Draft

INLINE_LIMIT = 16 * 1024 * 1024


class Of:
    """A key of one part of the document as an attribute of the artifact."""

    def __init__(self, part: str) -> None:
        self._part = part

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, artifact: Any, owner: Any = None) -> Any:
        return self if artifact is None else getattr(getattr(artifact, self._part), self._name)

    def __set__(self, artifact: Any, value: Any) -> None:
        getattr(artifact, self._part)[self._name] = value


class Artifact:
    """A file or value with its address, where it lies and who made it.

    Made by its constructor it is logged by ``context.log_artifact`` or ``project.log_artifact``;
    ``to_dataitem`` reads the data of a stored one. Parts are dicts whose keys are attributes too.
    """

    kind: ClassVar[str] = "artifact"
    SPEC: ClassVar[Mapping[str, Any]] = fields.SPEC
    STATUS: ClassVar[Mapping[str, Any]] = fields.STATUS

    key, project, tag, labels = Of("metadata"), Of("metadata"), Of("metadata"), Of("metadata")
    iter, tree, uid, hash = Of("metadata"), Of("metadata"), Of("metadata"), Of("metadata")
    src_path, target_path, format = Of("spec"), Of("spec"), Of("spec")
    size, db_key, producer = Of("spec"), Of("spec"), Of("spec")
    viewer, extra_data, sources = Of("spec"), Of("spec"), Of("spec")

    def __init__(
        self,
        key: str | None = None,
        body: Any = None,
        viewer: str | None = None,
        is_inline: bool = False,
        format: str | None = None,
        size: int | None = None,
        target_path: str | None = None,
        project: str | None = None,
        src_path: str | os.PathLike[str] | None = None,
        metadata: Mapping[str, Any] | None = None,
        spec: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> None:
        self.refuse_unknown(key, more)
        self.metadata = Fields(copy.deepcopy(dict(metadata or {})), fields.METADATA)
        self.spec = Fields(dict(spec or {}), self.SPEC)
        self.status = Fields({"state": "created"}, self.STATUS)
        self._rest: dict[str, Any] = {}
        self._body, self._is_inline = body, is_inline
        self._client: Client | None = None
        given = {
            "viewer": viewer, "format": format, "size": size, "target_path": target_path,
            "src_path": None if src_path is None else os.fspath(src_path),
        }  # fmt: skip
        self.spec.update({name: value for name, value in (given | more).items() if value})
        for name, value in (("key", key), ("project", project)):
            if value:
                self.metadata[name] = value

    @classmethod
    def refuse_unknown(cls, key: str | None, given: Mapping[str, Any]) -> None:
        """Refuse arguments that are no fields of the kind: they would be kept and do nothing."""
        for name in given.keys() - cls.SPEC.keys():
            made = f"'{name}' was given for '{key}'"
            if name in inspect.signature(cls).parameters:
                raise MLRunInvalidArgumentTypeError(
                    f"{made}: make {cls.__name__}({key!r}, {name}=…), and log that"
                )
            raise MLRunInvalidArgumentTypeError(
                f"{made}, and {cls.__name__} has no such field."
                f"{near(name, {*cls.SPEC, 'labels', 'tag'})}"
            )

    @classmethod
    def from_dict(cls, struct: Mapping[str, Any], client: Client | None = None) -> Self:
        """The artifact of a document as MLRun writes it; unknown keys are kept."""
        made = cls.__new__(cls)
        made._body, made._is_inline = None, False
        made._adopt(struct, client)
        return made

    def _adopt(self, document: Mapping[str, Any], client: Client | None) -> None:
        parts = copy.deepcopy(dict(document))
        self.metadata = Fields(parts.pop("metadata", None) or {}, fields.METADATA)
        self.spec = Fields(parts.pop("spec", None) or {}, self.SPEC)
        self.status = Fields(parts.pop("status", None) or {}, self.STATUS)
        parts.pop("kind", None)
        self._rest, self._client = parts, client

    def to_dict(self) -> dict[str, Any]:
        """The document as a new dict in MLRun's shape."""
        parts = {part: getattr(self, part).to_dict() for part in ("metadata", "spec", "status")}
        return {"kind": self.kind, **parts, **copy.deepcopy(self._rest)}

    def to_json(self, exclude: Sequence[str] | None = None) -> str:
        """The document as JSON, without some keys."""
        import json

        return json.dumps(self._strict(exclude))

    def to_yaml(self, exclude: Sequence[str] | None = None) -> str:
        """The document as YAML, without some keys."""
        import yaml

        text: str = yaml.safe_dump(self._strict(exclude), sort_keys=False)
        return text

    def to_str(self) -> str:
        """The document as the text of a dict."""
        return str(self.to_dict())

    def _strict(self, exclude: Sequence[str] | None) -> Any:
        from ..model.document import strict

        document = self.to_dict()
        return strict({key: document[key] for key in document if key not in (exclude or ())})

    def copy(self) -> Self:
        """A copy with a document of its own; the body is shared."""
        made = type(self).from_dict(self.to_dict(), self._client)
        made._body, made._is_inline = self._body, self._is_inline
        return made

    @property
    def is_dir(self) -> bool:
        """Whether its target is a folder."""
        return False

    @property
    def inline(self) -> Any:
        """The data that lies in the document itself; None where it lies elsewhere."""
        return self._body if self._is_inline else self.spec.get("inline")

    @inline.setter
    def inline(self, body: Any) -> None:
        self._body, self._is_inline = body, body is not None

    def is_inline(self) -> bool:
        """Whether its data lies in the document."""
        return self.inline is not None

    def _with_body(self, body: Any) -> Self:
        self._body = body
        return self

    def get_body(self) -> Any:
        """The data that was given with it; None for one whose data is a file."""
        return self._body

    @property
    def uri(self) -> str:
        """Its ``store://`` address with tree and uid, and its tag if it has one."""
        from ..model.artifact import artifact_uri

        return artifact_uri(self.to_dict())

    def get_store_url(
        self, with_tag: bool = True, project: str | None = None, with_tree: bool = True
    ) -> str:
        """Its ``store://`` address with its uid, and its tag and tree where they are wanted."""
        from .. import uris

        return uris.format_store(
            uris.StoreUri(
                kind=uris.noun_of(self.kind),
                project=project or self.project or "",
                key=self.db_key or self.key or "",
                iter=self.iter or 0,
                tag=(self.tag or "") if with_tag else "",
                tree=(self.tree or "") if with_tree else "",
                uid=self.uid or "",
            )
        )

    def get_target_path(self) -> str:
        """Where its data lies."""
        return str(self.target_path or "")

    def to_dataitem(self) -> DataItem:
        """Its data; raises MLRunNotFoundError where it has none."""
        from ..datastore.resolve import item_of

        return item_of(self.to_dict(), self.uri, str(self.key), self._client)

    def export(self, target_path: str, with_extras: bool = True) -> None:
        """Write the document (.yaml, .json), or the document with all its data (.zip)."""
        from .export import export

        export(self, target_path, with_extras)

    def before_log(self) -> None:
        """Make ready what is logged: extra data that are artifacts become their addresses."""
        extras = self.spec.get("extra_data") or {}
        for name, item in extras.items():
            if isinstance(item, Artifact) and item.target_path:
                extras[name] = item.target_path

    def write(self, draft: Draft, placed: Placed) -> None:
        """Put the data where the draft's target is; kinds with data of their own say how."""
        from .plain import write

        write(self, draft, placed)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.uri!r})"

    def _repr_html_(self) -> str:
        from .shown import artifact_html

        return artifact_html(self.to_dict(), self.uri)


class Placed:
    """Where an artifact is asked to be put: what ``log_artifact`` was given besides it."""

    def __init__(
        self,
        local_path: Any = None,
        artifact_path: str | None = None,
        target_path: str | None = None,
        upload: bool | None = None,
        format: str | None = None,
    ) -> None:
        self.local_path = os.fspath(local_path) if local_path else ""
        self.artifact_path, self.target_path = artifact_path or "", target_path or ""
        self.upload, self.format = upload, (format or "").lstrip(".").lower()


class DirArtifact(Artifact):
    """A folder with the files in it."""

    kind = "dir"

    @property
    def is_dir(self) -> bool:
        """True."""
        return True


class LinkArtifact(Artifact):
    """The name under which another iteration's artifact is found."""

    kind = "link"
    SPEC = fields.LINK

    def __init__(
        self,
        key: str | None = None,
        target_path: str = "",
        link_iteration: int | None = None,
        link_key: str | None = None,
        link_tree: str | None = None,
        project: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        spec: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(
            key, target_path=target_path, project=project, metadata=metadata, spec=spec,
            link_iteration=link_iteration, link_key=link_key, link_tree=link_tree,
        )  # fmt: skip

    def write(self, draft: Draft, placed: Placed) -> None:
        """Nothing: the data is the other artifact's."""


def refuse_large(key: str, body: Any) -> None:
    """Refuse data that is too large to lie in a document."""
    size = len(body) if isinstance(body, (str, bytes)) else 0
    if size > INLINE_LIMIT:
        raise MLRunInvalidArgumentError(
            f"The artifact '{key}' has {size / 1e6:.3g} MB, and at most "
            f"{INLINE_LIMIT / 1e6:.3g} MB go into the document: log it without is_inline"
        )
