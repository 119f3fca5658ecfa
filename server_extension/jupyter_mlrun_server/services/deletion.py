"""Deletion with what lies on disk: projects with their folders, artifacts with their data.

Folders are moved aside within the transaction that deletes their project, and emptied after it.
A server that is killed between finds them in the trash when it begins again: they go back to a
project that is still there, and go away with one that is not.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_mlrun.errors import (
    MLRunBadRequestError,
    MLRunHTTPError,
    MLRunNotFoundError,
)
from jupyter_mlrun_runtimes import process

from ..store import artifacts, projects
from ..store.artifacts import ArtifactKey
from ..store.database import Database
from .files import Files
from .place import Place

ORIGIN = "origin.json"
MOST_DATA = 200


class Deletion:
    """Removes projects and artifacts from the store and from this data directory."""

    def __init__(self, database: Database, place: Place, files: Files, log: logging.Logger) -> None:
        self.database = database
        self.place = place
        self.files = files
        self.log = log
        self.trash = place.root / "trash"
        self.forget: Callable[[str, int], None] = lambda project, born: None

    def project(self, name: str, strategy: str) -> None:
        """Remove a project as the strategy allows; one that is not there is fine."""
        moved: Path | None = None
        try:
            with self.database.write() as connection:
                created = projects.created(connection, name)
                if not projects.delete(connection, name, strategy):
                    return
                moved = self._take(name, created)
                self._move(moved, name)
        except BaseException:
            if moved is not None:
                self._give_back(moved)
                shutil.rmtree(moved, ignore_errors=True)
            raise
        if moved is not None:
            self._empty(moved, name, created)

    def sweep(self) -> None:
        """Finish what a killed server has begun."""
        for folder in self.trash.iterdir() if self.trash.is_dir() else ():
            try:
                origin = json.loads((folder / ORIGIN).read_text())
            except (OSError, ValueError):
                origin = {}
            if process.is_alive(origin.get("process")):
                continue
            with self.database.read() as connection:
                created = projects.created(connection, str(origin.get("project") or ""))
            born = origin.get("created")
            if created is not None and created == born:
                self._give_back(folder)
                born = None
            self._empty(folder, str(origin.get("project") or ""), born)

    def artifact(self, key: ArtifactKey, strategy: str) -> None:
        """Remove artifacts of a key, and with ``data-…`` the files that they name."""
        with self.database.read() as connection:
            found = artifacts.chosen(connection, key)
            project = json.loads(projects.read(connection, key.project)) if found else {}
        if strategy != "metadata-only":
            if len(found) > MOST_DATA:
                raise MLRunBadRequestError(
                    f"{len(found)} versions of {key.key} fit: data of at most {MOST_DATA} is "
                    "deleted at once, name a tag or an object-uid"
                )
            self._remove_data(project, [document for _, document in found], strategy)
        with self.database.write() as connection:
            artifacts.remove(connection, key.project, key.key, [identity for identity, _ in found])

    def _remove_data(
        self, project: dict[str, Any], documents: list[dict[str, Any]], strategy: str
    ) -> None:
        targets = {str((each.get("spec") or {}).get("target_path") or "") for each in documents}
        for target in sorted(targets - {""}):
            try:
                self._remove_target(project, target)
            except (MLRunHTTPError, OSError) as error:
                if strategy == "data-force":
                    raise MLRunBadRequestError(
                        f"The data {target} could not be deleted, so its artifact stays: {error}"
                    ) from None
                self.log.info("The data %s of a deleted artifact stays: %s", target, error)

    def _remove_target(self, project: dict[str, Any], target: str) -> None:
        try:
            found = self.files.find(project, target)
        except MLRunNotFoundError:
            return
        if not found.is_folder:
            found.path.unlink(missing_ok=True)
            return
        root = (self.place.artifacts / str(project["metadata"]["name"])).resolve()
        if root not in found.path.parents:
            raise MLRunBadRequestError(
                f"{target} is a folder outside of {root}: delete it where you work"
            )
        shutil.rmtree(found.path)

    def _empty(self, folder: Path, project: str, born: int | None) -> None:
        """Remove what is left of a project; its folder stays as a note where that cannot be now."""
        try:
            if born is not None:
                self.forget(project, born)
        except MLRunHTTPError as error:
            self.log.warning(
                "Secrets of the deleted project %s are still there, and are tried again daily: %s",
                project, error,
            )  # fmt: skip
            for part in self._homes(project):
                shutil.rmtree(folder / part, ignore_errors=True)
            (folder / ORIGIN).write_text(json.dumps({"project": project, "created": born}))
            return
        shutil.rmtree(folder, ignore_errors=True)

    def _take(self, project: str, created: int | None) -> Path:
        """A folder of the trash that knows whose folders it will hold."""
        folder = self.trash / uuid.uuid4().hex
        folder.mkdir(mode=0o700, parents=True)
        origin = {"project": project, "created": created, "process": process.identity()}
        (folder / ORIGIN).write_text(json.dumps(origin))
        return folder

    def _move(self, folder: Path, project: str) -> None:
        for part, home in self._homes(project).items():
            if home.is_dir():
                os.replace(home, folder / part)

    def _give_back(self, folder: Path) -> None:
        origin = json.loads((folder / ORIGIN).read_text())
        for part, home in self._homes(origin["project"]).items():
            if (folder / part).is_dir() and not home.exists():
                home.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                os.replace(folder / part, home)

    def _homes(self, project: str) -> dict[str, Path]:
        return {
            "runs": self.place.project_folder(project),
            "artifacts": self.place.artifacts / self.place.project_folder(project).name,
        }
