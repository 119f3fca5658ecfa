"""What is known of builds: a folder each, below the one of its function's tag."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_mlrun.paths import builds_folder, is_part
from jupyter_mlrun_runtimes.build.contract import WORKING
from jupyter_mlrun_runtimes.local import write_private

BUILD_FILE, HANDLE_FILE, LOG_FILE = "build.json", "handle.json", "log"
_TOLD = ("id", "place", "builder", "image", "destination", "started", "ended", "reason")


@dataclass
class Build:
    """One build as its folder has it."""

    folder: Path
    record: dict[str, Any]
    handle: dict[str, Any]

    @property
    def key(self) -> tuple[str, str, str]:
        """Whose image it is."""
        return self.record["project"], self.record["function"], self.record["tag"]

    @property
    def is_working(self) -> bool:
        """Whether it has not ended."""
        return self.record["state"] in WORKING

    @property
    def log(self) -> Path:
        """What it prints."""
        return self.folder / LOG_FILE

    def shown(self) -> dict[str, Any]:
        """What its function's status tells of it."""
        return {key: self.record[key] for key in _TOLD}

    def save(self) -> None:
        """Write down how it goes."""
        write_private(self.folder / BUILD_FILE, json.dumps(self.record))

    def keep(self, handle: dict[str, Any]) -> None:
        """Write down by what it is found again."""
        self.handle = handle
        write_private(self.folder / HANDLE_FILE, json.dumps(handle))

    def refresh(self) -> None:
        """Know what another has written down since."""
        self.record = _read(self.folder / BUILD_FILE) or self.record
        self.handle = self.handle or _read(self.folder / HANDLE_FILE)


class BuildFolders:
    """The builds whose folders lie in a data directory."""

    def __init__(self, root: Path) -> None:
        self.root = builds_folder(root)

    def all(self) -> Iterator[Build]:
        """Every one."""
        return self._found("*/*/*")

    def of(self, project: str, name: str, tag: str) -> list[Build]:
        """Those of a function's tag."""
        if not all(is_part(part) for part in (project, name, tag)):
            return []
        return list(self._found(f"{project}/{name}/{tag}"))

    def below(self, project: str, name: str = "", tag: str = "") -> list[Build]:
        """Those of a project, of one of its functions, or of one tag of that."""
        if not _is_below(project, name, tag):
            return []
        return list(self._found(f"{project}/{name or '*'}/{tag or '*'}"))

    def newest(self, project: str, name: str, tag: str) -> Build | None:
        """The last one of a function's tag; None where there is none."""
        found = sorted(self.of(project, name, tag), key=lambda each: each.record["started"])
        return found[-1] if found else None

    def remove(self, project: str, name: str = "", tag: str = "") -> None:
        """Remove what those below have left."""
        if _is_below(project, name, tag):
            shutil.rmtree(self.root / project / name / tag, ignore_errors=True)

    def _found(self, pattern: str) -> Iterator[Build]:
        for path in self.root.glob(f"{pattern}/*/{BUILD_FILE}"):
            if record := _read(path):
                yield Build(path.parent, record, _read(path.parent / HANDLE_FILE))


def _is_below(project: str, name: str, tag: str) -> bool:
    return is_part(project) and all(part == "" or is_part(part) for part in (name, tag))


def _read(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
