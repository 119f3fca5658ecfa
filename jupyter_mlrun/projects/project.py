"""A project as user code holds it: MLRun's MlrunProject."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from jupyter_mlrun.functions.function import Function
from jupyter_mlrun.model.fields import Fields, plain
from jupyter_mlrun.secretstore import SecretsStore

from .alerts import ProjectAlerts
from .artifacts import ProjectArtifacts
from .files import ProjectFiles
from .functions import ProjectFunctions
from .lists import ProjectLists
from .notifiers import Notifiers
from .operations import ProjectOperations
from .secrets import ProjectSecrets
from .settings import ProjectSettings
from .source import ProjectSource
from .spec import ProjectMetadata, ProjectSpec, ProjectStatus
from .workflows import ProjectWorkflows


class MlrunProject(
    ProjectFunctions,
    ProjectOperations,
    ProjectArtifacts,
    ProjectLists,
    ProjectAlerts,
    ProjectSecrets,
    ProjectSource,
    ProjectSettings,
    ProjectWorkflows,
    ProjectFiles,
):
    """A room of functions, runs, artifacts and secrets, and the folder with its code."""

    kind: ClassVar[str] = "project"

    def __init__(
        self,
        metadata: Mapping[str, Any] | None = None,
        spec: Mapping[str, Any] | None = None,
        status: Mapping[str, Any] | None = None,
    ) -> None:
        self._extra: dict[str, Any] = {}
        self._functions: dict[str, Function] = {}
        self._secrets = SecretsStore()
        self.notifiers = Notifiers()
        self.metadata, self.spec, self.status = metadata, spec, status

    @classmethod
    def from_dict(cls, struct: Mapping[str, Any] | None = None, **_: Any) -> Self:
        """A project of a document; keys that are not known are kept."""
        document = struct or {}
        project = cls(document.get("metadata"), document.get("spec"), document.get("status"))
        project._extra = {k: plain(v) for k, v in document.items() if k not in _PARTS}
        return project

    @property
    def metadata(self) -> ProjectMetadata:
        """Who it is."""
        return self._metadata

    @metadata.setter
    def metadata(self, value: Mapping[str, Any] | None) -> None:
        self._metadata = ProjectMetadata(plain(value or {}))

    @property
    def spec(self) -> ProjectSpec:
        """What it holds by itself."""
        return self._spec

    @spec.setter
    def spec(self, value: Mapping[str, Any] | None) -> None:
        self._spec = value if isinstance(value, ProjectSpec) else ProjectSpec(value)

    @property
    def status(self) -> ProjectStatus:
        """Whether it is online."""
        return self._status

    @status.setter
    def status(self, value: Mapping[str, Any] | None) -> None:
        self._status = ProjectStatus(plain(value or {}))

    @property
    def name(self) -> str | None:
        """Its name."""
        found: str | None = self.metadata.get("name")
        return found

    @name.setter
    def name(self, name: str) -> None:
        self.metadata.name = name

    def to_dict(self, **_: Any) -> dict[str, Any]:
        """A copy of its document."""
        return {
            "kind": self.kind,
            "metadata": self.metadata.to_dict(),
            "spec": _known(self.spec),
            "status": self.status.to_dict(),
            **plain(self._extra),
        }

    def _replace(self, document: Mapping[str, Any]) -> None:
        """Take another document; what holds of this process alone stays."""
        kept = self.spec
        objects = {each.function.name: each for each in kept.get("functions") or ()
                   if hasattr(each, "function")}  # fmt: skip
        fresh = type(self).from_dict(document)
        self.metadata, self.status = fresh.metadata, fresh.status
        self.spec, self._extra = fresh.spec, fresh._extra
        for name in ("context", "repo", "branch", "tag", "mountdir"):
            setattr(self.spec, name, getattr(kept, name))
        for name, entry in objects.items():
            self.spec.put("functions", name, entry)

    def __repr__(self) -> str:
        return f"<project {self.name}>"

    def _repr_html_(self) -> str:
        rows = {
            "project": self.name, "description": self.description, "source": self.source,
            "context": self.context, "state": self.status.get("state"),
            "functions": ", ".join(self.get_function_names()),
            "artifacts": ", ".join(str(each.get("key") or each.get("metadata", {}).get("key"))
                                   for each in self.spec.get("artifacts") or ()),
            "parameters": ", ".join(f"{k}={v}" for k, v in (self.spec.get("params") or {}).items()),
        }  # fmt: skip
        cells = "".join(
            f'<tr><th style="text-align:left">{key}</th>'
            f'<td style="text-align:left">{html.escape(str(value))}</td></tr>'
            for key, value in rows.items()
            if value
        )
        return f"<table>{cells}</table>"


_PARTS = ("kind", "metadata", "spec", "status")


def _known(spec: Fields) -> dict[str, Any]:
    return {key: value for key, value in spec.to_dict().items() if value is not None}
