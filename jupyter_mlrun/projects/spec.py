"""The parts of a project document, by the names that MLRun gives them."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator, Mapping
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.functions.fields import BUILD
from jupyter_mlrun.functions.function import Function
from jupyter_mlrun.model.fields import Fields, Table
from jupyter_mlrun.names import validate_label, validate_project

METADATA: Table = {"name": None, "created": None, "labels": dict, "annotations": dict}
MONITORING: Table = {"enabled": None, "otlp_enabled": None, "stream_type": None, "tsdb_type": None}
SPEC: Table = {
    "description": None, "goals": None, "params": dict, "functions": list, "workflows": list,
    "artifacts": list, "artifact_path": None, "conda": str, "source": str, "origin_url": None,
    "subpath": None, "workdir": None, "load_source_on_run": None, "default_image": None,
    "default_requirements": None, "build": BUILD, "desired_state": None, "owner": None,
    "disable_auto_mount": None, "custom_packagers": list, "default_function_node_selector": None,
    "notifications": list, "model_monitoring": MONITORING,
}  # fmt: skip
STATUS: Table = {"state": None}
# what holds of this process alone, and is written nowhere
_HERE = ("context", "repo", "branch", "tag", "mountdir")


class ProjectMetadata(Fields):
    """Who the project is."""

    def __init__(self, value: Mapping[str, Any] | None = None, **given: Any) -> None:
        value = {**(value or {}), **given}
        if value.get("name"):
            validate_project(value["name"])
        super().__init__(value, METADATA)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "name" and value:
            validate_project(value)
        super().__setattr__(name, value)

    @staticmethod
    def validate_project_name(name: str, raise_on_failure: bool = True) -> bool:
        """Whether the name can name a project."""
        try:
            validate_project(name)
        except MLRunInvalidArgumentError:
            if raise_on_failure:
                raise
            return False
        return True

    @staticmethod
    def validate_project_labels(
        labels: Mapping[str, Any] | None, raise_on_failure: bool = True
    ) -> bool:
        """Whether these can be a project's labels."""
        try:
            if labels and not isinstance(labels, Mapping):
                raise MLRunInvalidArgumentError("Labels must be a dictionary of key-value pairs")
            for key, value in (labels or {}).items():
                validate_label(key, value)
        except MLRunInvalidArgumentError:
            if raise_on_failure:
                raise
            return False
        return True


class ProjectSpec(Fields):
    """What the project holds by itself; ``context`` is its folder on this machine."""

    context: str
    repo: Any
    branch: Any
    tag: str
    mountdir: Any

    def __init__(self, value: Mapping[str, Any] | None = None, **given: Any) -> None:
        parts = {"desired_state": "online", **(value or {}), **given}
        for name, default in zip(_HERE, ("", None, None, "", None), strict=True):
            object.__setattr__(self, name, parts.pop(name, default))
        super().__init__(parts, SPEC)
        for name in ("functions", "workflows", "artifacts"):
            _check_list(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _HERE:
            object.__setattr__(self, name, value)
            return
        super().__setattr__(name, value)
        if name in ("functions", "workflows", "artifacts"):
            _check_list(self, name)

    def get_code_path(self) -> str:
        """The folder in which the project's relative paths begin."""
        return os.path.join(self.context, self.get("workdir") or self.get("subpath") or "")

    def find(self, part: str, name: str) -> Any:
        """The entry of a list by its name; None where there is none."""
        return next((each for each in self.get(part) or () if name_of(each) == name), None)

    def put(self, part: str, name: str, entry: Any) -> None:
        """Add an entry, or replace the one of that name."""
        entries = list(self.get(part) or ())
        places = [place for place, each in enumerate(entries) if name_of(each) == name]
        if places:
            entries[places[0]] = entry
        else:
            entries.append(entry)
        self[part] = entries

    def drop(self, part: str, name: str) -> None:
        """Remove an entry; one that is not there is fine."""
        self[part] = [each for each in self.get(part) or () if name_of(each) != name]

    def add_custom_packager(self, packager: str, is_mandatory: bool) -> None:
        """Have runs of the project use a packager, ``module.Class``."""
        known = [each[0] for each in self.get("custom_packagers") or ()]
        if packager not in known:
            self.custom_packagers.append([packager, is_mandatory])

    def remove_custom_packager(self, packager: str) -> None:
        """Have them use it no more."""
        rest = [each for each in self.get("custom_packagers") or () if each[0] != packager]
        if len(rest) == len(self.get("custom_packagers") or ()):
            raise MLRunInvalidArgumentError(
                f"The packager module path '{packager}' is not registered in the project, hence it "
                "cannot be removed."
            )
        self["custom_packagers"] = rest


class ProjectStatus(Fields):
    """Whether the project is online."""

    def __init__(self, value: Mapping[str, Any] | None = None, **given: Any) -> None:
        super().__init__({**(value or {}), **given}, STATUS)


class FunctionEntry(Mapping[str, Any]):
    """A function object in a project, which reads as its entry in ``project.yaml``."""

    def __init__(self, function: Function, source: str = "") -> None:
        self.function = function
        self._repository = source.partition("#")[0]

    def to_dict(self) -> dict[str, Any]:
        """The entry, with the project's own source as ``./``."""
        document = self.function.to_dict(strip=True)
        build = document["spec"].get("build") or {}
        source = build.get("source") or ""
        if self._repository and source.startswith(self._repository):
            build["source"] = "./"
        return {"name": self.function.name, "spec": document}

    def __getitem__(self, key: str) -> Any:
        return self.to_dict()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(("name", "spec"))

    def __len__(self) -> int:
        return 2


def name_of(entry: Any) -> str:
    """The name of an entry of a project's lists."""
    if isinstance(entry, FunctionEntry):
        return entry.function.name
    if not isinstance(entry, Mapping):
        return str(getattr(getattr(entry, "metadata", None), "name", "") or "")
    metadata = entry.get("metadata") or {}
    return str(entry.get("name") or entry.get("key") or metadata.get("key") or "")


def _check_list(spec: Fields, name: str) -> None:
    given = spec.get(name)
    if given is None:
        return
    if not isinstance(given, (list, tuple)):
        raise MLRunInvalidArgumentError(f"{name} must be a list, not {type(given).__name__}")
    entries = [FunctionEntry(each) if isinstance(each, Function) else each for each in given]
    entries = [each.to_dict() if hasattr(each, "to_dict") and not isinstance(each, FunctionEntry)
               else each for each in entries]  # fmt: skip
    for each in entries:
        if not isinstance(each, Mapping) or not name_of(each):
            noun = name.removesuffix("s")
            raise MLRunInvalidArgumentError(f"{noun} name must be specified in dict: {each!r:.80}")
    kept = [each if isinstance(each, FunctionEntry) else copy.deepcopy(dict(each))
            for each in entries]  # fmt: skip
    # MLRun writes a function twice that was set with a tag in its name
    spec[name] = list({name_of(each): each for each in kept}.values())
