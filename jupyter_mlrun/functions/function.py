"""A function as user code holds it: its document, what changes it, and its run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Self

from jupyter_mlrun import names, session, uris
from jupyter_mlrun.client import functions
from jupyter_mlrun.errors import MLRunInvalidArgumentError, MLRunNotFoundError
from jupyter_mlrun.model.document import dump_json, dump_yaml
from jupyter_mlrun.model.fields import Fields, Table, plain
from jupyter_mlrun.model.function import function_hash

from . import fields
from .building import Building
from .code import Coded
from .running import Running, existing_project

DB = "db://"


class Function(Coded, Building, Running):
    """A function document with what can be done with it; a kind's class adds what it knows."""

    METADATA: Table = fields.METADATA
    SPEC: Table = fields.SPEC
    STATUS: Table = fields.STATUS

    def __init__(
        self, document: Mapping[str, Any], handler: Callable[..., Any] | None = None
    ) -> None:
        self._document = dict(plain(document))
        for part, table in zip(("metadata", "spec", "status"), self._tables(), strict=True):
            if part in self._document or part != "status":
                self._document[part] = Fields(self._document.get(part), table)
        self._callable = handler
        # what a project has given it; never part of the document
        self.enriched = self.enriched_image = False

    def _tables(self) -> tuple[Table, Table, Table]:
        return self.METADATA, self.SPEC, self.STATUS

    @property
    def kind(self) -> str:
        """Where it runs."""
        return str(self._document.get("kind") or "")

    @kind.setter
    def kind(self, kind: str) -> None:
        self._document["kind"] = kind

    @property
    def metadata(self) -> Fields:
        """Who it is."""
        return self._part("metadata", self.METADATA)

    @metadata.setter
    def metadata(self, value: Mapping[str, Any]) -> None:
        self._document["metadata"] = Fields(plain(value), self.METADATA)

    @property
    def spec(self) -> Fields:
        """Its code and how it wants to run."""
        return self._part("spec", self.SPEC)

    @spec.setter
    def spec(self, value: Mapping[str, Any]) -> None:
        self._document["spec"] = Fields(plain(value), self.SPEC)

    @property
    def status(self) -> Fields:
        """Whether it is ready."""
        return self._part("status", self.STATUS)

    @status.setter
    def status(self, value: Mapping[str, Any]) -> None:
        self._document["status"] = Fields(plain(value), self.STATUS)

    def _part(self, name: str, table: Table) -> Fields:
        found: Fields = self._document.setdefault(name, Fields({}, table))
        return found

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.metadata.get("name") or "")

    @property
    def project(self) -> str:
        """Its project's name."""
        return str(self.metadata.get("project") or session.active_project())

    @property
    def uri(self) -> str:
        """Its address, with its version."""
        parts = uris.FunctionUri(self.name, self.project, hash_key=self.hash)
        return uris.format_function(parts)

    @property
    def verbose(self) -> bool:
        """Whether its runs log more."""
        return bool(self._document.get("verbose"))

    @verbose.setter
    def verbose(self, verbose: bool) -> None:
        self._document["verbose"] = verbose

    @property
    def hash(self) -> str:
        """Its version: changes with any change of the function and with nothing else."""
        return function_hash(self.to_dict())

    def set_env(self, name: str, value: str) -> Self:
        """Set a variable of its environment."""
        return self._set_env({"name": name, "value": str(value)})

    def set_env_from_secret(
        self, name: str, secret: str | None = None, secret_key: str | None = None
    ) -> Self:
        """Set a variable of its environment to a secret of its project, which its runs alone get.

        ``secret_key`` is the secret's name where it is not the variable's.
        """
        reference = {"key": secret_key or name, **({"name": secret} if secret else {})}
        return self._set_env({"name": name, "valueFrom": {"secretKeyRef": reference}})

    def _set_env(self, entry: dict[str, Any]) -> Self:
        others = [each for each in self.spec.get("env") or [] if each.get("name") != entry["name"]]
        self.spec["env"] = [*others, entry]
        return self

    def set_label(self, key: str, value: Any) -> Self:
        """Give it a label."""
        names.validate_label(key, value)
        self.metadata.labels[key] = str(value)
        return self

    def set_categories(self, categories: list[str]) -> Self:
        """Say which categories it belongs to."""
        self.metadata["categories"] = list(categories)
        return self

    def with_annotations(self, annotations: Mapping[str, str]) -> Self:
        """Add annotations."""
        self.metadata.annotations.update(annotations)
        return self

    def apply(self, modify: Callable[[Self], Any]) -> Self:
        """Have it changed by a modifier, such as ``mount_pvc()``; itself."""
        found = modify(self)
        return self if found is None else found

    def copy(self) -> Self:
        """A copy that can be changed without changing this one."""
        return type(self)(self.to_dict(), self._callable)

    def save(self, tag: str = "", versioned: bool = False, refresh: bool = False) -> str:
        """Store it; its address. ``versioned``: its version can be read for ever, by its hash.

        ``refresh`` takes state and image from the service first. The same function stored twice
        is one version.
        """
        self.metadata["project"] = existing_project(self.project)
        if refresh:
            self._refresh()
        tag = tag or self.metadata.get("tag") or ""
        found = functions.store(session.client(), self.to_dict(), tag, versioned)
        self.metadata["hash"] = found
        parts = uris.FunctionUri(self.name, self.project, tag, found if versioned else "")
        return DB + uris.format_function(parts)

    def _refresh(self) -> None:
        try:
            stored = functions.read(
                session.client(), self.project, self.name, self.metadata.get("tag") or ""
            )
        except MLRunNotFoundError:
            return
        if status := stored.get("status"):
            self.status = status
            if status.get("state") == "ready" and self.kind:
                self.spec["image"] = (stored.get("spec") or {}).get("image") or self.spec.image

    def enrich_runtime_spec(self, project_node_selector: Mapping[str, str]) -> None:
        """Take what a project says of all of its functions; kinds on machines of their own do."""

    def is_deployed(self) -> bool:
        """Whether it can run as it is."""
        return True

    def export(
        self, target: str = "", format: str = ".yaml", secrets: Any = None, strip: bool = True
    ) -> Self:
        """Write it as MLRun's YAML, or as JSON by ``format`` or the file's name.

        ``target`` is a path or an address; ``function.yaml`` where there is none. ``strip`` leaves
        out what belongs to this place alone: project, labels, volumes, resources, state.
        """
        if self.kind == "handler":
            raise MLRunInvalidArgumentError(
                "cannot export local handler function, use code_to_function() to serialize your "
                "function"
            )
        target = target or "function.yaml"
        document = self.to_dict(strip=strip)
        is_json = format == ".json" or target.endswith(".json")
        text = dump_json(document) if is_json else dump_yaml(document)
        if "://" not in target:
            Path(target).expanduser().parent.mkdir(parents=True, exist_ok=True)
        session.get_dataitem(target, secrets).put(text)
        return self

    def to_yaml(self, **_: Any) -> str:
        """Its document as YAML."""
        return dump_yaml(self.to_dict())

    def to_json(self, **_: Any) -> str:
        """Its document as JSON."""
        return dump_json(self.to_dict())

    @classmethod
    def from_dict(cls, struct: Mapping[str, Any] | None = None, **_: Any) -> Self:
        """A function of a document."""
        return cls(struct or {"metadata": {}, "spec": {}})

    def to_str(self) -> str:
        """Its document as a text."""
        return str(self.to_dict())

    def to_dict(
        self,
        fields: Iterable[str] | None = None,
        exclude: Iterable[str] | None = None,
        strip: bool = False,
    ) -> dict[str, Any]:
        """A copy of the document, or of some of its parts.

        ``fields`` are the parts to take, ``exclude`` those to leave out, such as ``status``;
        ``strip`` leaves out what belongs to this place alone.
        """
        document = self._stripped(strip)
        wanted = set(document if fields is None else fields) - set(exclude or ())
        return {part: value for part, value in document.items() if part in wanted}

    def _stripped(self, strip: bool) -> dict[str, Any]:
        document: dict[str, Any] = plain(self._document)
        if strip or not document.get("status"):
            document.pop("status", None)
        if strip:
            _drop(document["metadata"], fields.STRIPPED_METADATA)
            _drop(document["spec"], fields.STRIPPED_SPEC)
        return document

    def __getattr__(self, name: str) -> Any:
        from jupyter_mlrun.addresses import LATER, refusal

        if f"function.{name}" in LATER:
            raise AttributeError(refusal(f"function.{name}"), name=name)
        if hasattr(type(self), name):
            # a property of that name has failed: what it raised is the cause, and comes again
            return object.__getattribute__(self, name)
        known = [each for each in dir(type(self)) if not each.startswith("_")]
        raise AttributeError(
            f"A function has no attribute '{name}'.{names.near(name, known)}", name=name, obj=None
        )

    def __repr__(self) -> str:
        return f"<function {self.project}/{self.name} {self.kind or 'handler'}>"

    def _repr_html_(self) -> str:
        from jupyter_mlrun.display.function import format_function

        return format_function(self.to_dict())


def _drop(part: dict[str, Any], keys: Iterable[str]) -> None:
    for key in keys:
        part.pop(key, None)
