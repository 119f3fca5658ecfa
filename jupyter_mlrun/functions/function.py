"""A function as user code holds it: its document, what changes it, and its run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

from jupyter_mlrun import session, uris
from jupyter_mlrun.client import functions
from jupyter_mlrun.model.fields import Fields, Table, plain
from jupyter_mlrun.model.function import decode_source, encode_source, function_hash

from . import fields
from .running import Running, existing_project


class Function(Running):
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
        return str(self.metadata["name"])

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
    def hash(self) -> str:
        """Its version: changes with any change of the function and with nothing else."""
        return function_hash(self.to_dict())

    @property
    def code(self) -> str:
        """Its source."""
        return decode_source(self.to_dict())

    def with_code(self, from_file: str = "", body: str = "") -> Self:
        """Give it code, of a file or as text."""
        source = body or Path(from_file).read_text(encoding="utf-8")
        self.spec.setdefault("build", {})["functionSourceCode"] = encode_source(source)
        return self

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

    def save(self, tag: str = "", versioned: bool = True) -> str:
        """Store it; its address. The same function stored twice is one version."""
        self.metadata["project"] = existing_project(self.project)
        found = functions.store(session.client(), self.to_dict(), tag, versioned)
        self.metadata["hash"] = found
        self.metadata["tag"] = tag or "latest"
        return uris.format_function(uris.FunctionUri(self.name, self.project, hash_key=found))

    def export(self, target: str = "function.yaml") -> Self:
        """Write it as MLRun's YAML, or as JSON by the file's name."""
        import json

        import yaml

        path = Path(target)
        document = self.to_dict()
        is_json = path.suffix == ".json"
        text = json.dumps(document, indent=2) if is_json else yaml.safe_dump(document)
        path.write_text(text, encoding="utf-8")
        return self

    def to_dict(self) -> dict[str, Any]:
        """A copy of the document."""
        document = plain(self._document)
        if not document.get("status"):
            document.pop("status", None)
        return dict(document)

    def __repr__(self) -> str:
        return f"<function {self.project}/{self.name} {self.kind or 'handler'}>"
