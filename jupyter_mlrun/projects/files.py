"""A project as files: ``project.yaml``, an archive of its folder, and its set-up script."""

from __future__ import annotations

import importlib.util
import os
import tempfile
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from jupyter_mlrun import session
from jupyter_mlrun.client import projects
from jupyter_mlrun.errors import (
    MLRunBaseError,
    MLRunDataAccessDeniedError,
    MLRunInvalidArgumentError,
)
from jupyter_mlrun.model.document import dump_json, dump_yaml

from .spec import ProjectSpec

FILE = "project.yaml"
SETUP = "project_setup.py"
# what belongs to this machine and not to the project
LEFT_OUT = (".git", "__pycache__", ".ipynb_checkpoints", ".venv")


class ProjectFiles:
    """The part of a project that writes and reads it."""

    name: Any
    context: Any
    spec: ProjectSpec
    to_dict: Any
    _replace: Any
    sync_functions: Any

    def to_yaml(self, **_: Any) -> str:
        """Its document as YAML."""
        return dump_yaml(self.to_dict())

    def to_json(self, **_: Any) -> str:
        """Its document as JSON."""
        return dump_json(self.to_dict())

    def to_str(self) -> str:
        """Its document as a text."""
        return str(self.to_dict())

    def save(self, filepath: str | os.PathLike[str] | None = None, store: bool = True) -> Self:
        """Write its ``project.yaml`` and store it; without ``store`` it must be new."""
        self.export(filepath)
        self._replace(self.save_to_db(store))
        return self

    def save_to_db(self, store: bool = True) -> dict[str, Any]:
        """Store it; the document as stored. Without ``store`` it must be new."""
        client = session.client()
        if store:
            stored = projects.store(client, str(self.name), self.to_dict())
        else:
            stored = projects.create_document(client, self.to_dict())
        session.see_project(str(self.name), stored)
        return stored

    def export(
        self, filepath: str | os.PathLike[str] | None = None, include_files: str | None = None
    ) -> None:
        """Write its ``project.yaml``, or a .zip of its folder with that in it.

        ``include_files`` is a pattern of the files that go into the archive, ``**`` for all. An
        archive may go to an address.
        """
        target = os.fspath(filepath or "")
        archive = target.endswith(".zip")
        if "://" in target and not archive:
            raise MLRunInvalidArgumentError("URLs are only applicable to archives")
        folder = os.path.join(self.context or ".", self.spec.get("subpath") or "")
        path = Path(folder, FILE) if archive or not target else Path(target)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.to_yaml(), encoding="utf-8")
            if archive:
                self._archive(target, path.parent, include_files or "**")
        except OSError as error:
            if isinstance(error, MLRunBaseError):
                raise
            raise MLRunDataAccessDeniedError(
                f"The project cannot be written to '{target or path}' ({error.strerror}): name "
                "another path"
            ) from error

    def _archive(self, target: str, folder: Path, pattern: str) -> None:
        with tempfile.TemporaryDirectory() as temporary:
            draft = Path(temporary, "project.zip")
            own = Path(target).resolve() if "://" not in target else None
            with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.write(folder / FILE, FILE)
                for file in sorted(_files(folder, pattern)):
                    name = file.relative_to(folder).as_posix()
                    if name != FILE and file.resolve() != own:
                        archive.write(file, name)
            if own is not None:
                own.parent.mkdir(parents=True, exist_ok=True)
            session.get_dataitem(target).upload(str(draft))

    def reload(self, sync: bool = False, context: str | None = None) -> Self:
        """Read its folder again; ``sync`` makes its functions too."""
        from .load import read_folder

        where = context or self.context
        fresh = read_folder(where, str(self.name), self.spec.get("subpath"), False)
        kept = {key: self.spec.get(key) for key in ("source", "origin_url")}
        self._replace(fresh.to_dict())
        self.spec.update({key: value for key, value in kept.items() if value})
        self.spec.context = where
        if sync:
            self.sync_functions()
        return self

    def setup(self, save: bool = True) -> Any:
        """The project as its ``project_setup.py`` makes it; itself where there is none."""
        path = Path(self.context or ".", self.spec.get("subpath") or "", SETUP)
        if not path.is_file():
            return self
        spec = importlib.util.spec_from_file_location("project_setup", path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        handler = getattr(module, "setup", None)
        if handler is None:
            warnings.warn(
                f"skipping setup, setup() handler was not found in {path}", UserWarning,
                stacklevel=2,
            )  # fmt: skip
            return self
        project = handler(self)
        if not isinstance(project, ProjectFiles):
            raise MLRunInvalidArgumentError(
                "MLRun project_setup:setup() must return a project object, and "
                f"{path} returned {type(project).__name__}"
            )
        if save:
            project.save()
        return project


def _files(folder: Path, pattern: str) -> list[Path]:
    chosen = folder.rglob("*") if pattern in ("**", "**/*") else folder.glob(pattern)
    return [
        path
        for path in chosen
        if path.is_file() and not {*path.relative_to(folder).parts} & {*LEFT_OUT}
    ]


def check_name(document: Mapping[str, Any], name: str, allow_cross_project: bool | None) -> str:
    """The name of a project that is read; another one than was asked for is refused."""
    found = str((document.get("metadata") or {}).get("name") or "")
    if name and found and found != name and not allow_cross_project:
        raise MLRunInvalidArgumentError(
            f"Project name mismatch, {found} != {name}, project is loaded from {found} project "
            "yaml. To prevent/allow this, you can take one of the following actions:\n"
            "1. Set the `allow_cross_project=True` when loading the project.\n"
            f"2. Delete the existing project yaml, or ensure its name is equal to {name}.\n"
            "3. Use different project context dir."
        )
    return name or found
