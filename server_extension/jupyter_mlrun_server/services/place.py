"""Where this server is: its host, the boot of that host, its user and its folders."""

from __future__ import annotations

import getpass
import hashlib
import os
import pwd
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jupyter_mlrun import paths
from jupyter_mlrun_runtimes import process


def user_name() -> str:
    """The one user of an embedded service: JupyterHub's name, else the system's."""
    if name := os.environ.get("JUPYTERHUB_USER"):
        return name
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def user_number(name: str, owner: str, known: Mapping[str, int]) -> int | None:
    """The number of a user: as the settings have it, else as this machine knows it."""
    if name in known:
        return known[name]
    if name == owner:
        return os.getuid()
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        return None


@dataclass(frozen=True)
class Place:
    """This server's host and folders."""

    root: Path
    files_root: Path
    host: str = field(default_factory=socket.gethostname)
    boot_id: str = field(default_factory=process.boot_id)
    owner: str = field(default_factory=user_name)
    artifact_path: str = ""

    @property
    def mark(self) -> str:
        """What the servers of this folder on this host have in common, and no others."""
        return f"{self.host}:{hashlib.sha256(str(self.root).encode()).hexdigest()[:12]}"

    def run_folder(self, project: str, uid: str) -> Path:
        """The folder of one run."""
        return paths.run_folder(project, uid, self.root)

    def project_folder(self, project: str) -> Path:
        """The folder of all runs of a project."""
        return self.run_folder(project, "all").parent

    def log_file(self, project: str, uid: str) -> Path:
        """The log of one run."""
        return self.run_folder(project, uid) / "log"

    @property
    def clients_path(self) -> str:
        """Where clients are told to put artifacts, with placeholders for project and run."""
        return self.artifact_path or str(self.artifacts / "{{run.project}}" / "{{run.uid}}")

    def path_of_runs(self, project: str) -> str:
        """Where runs of a project put artifacts that say nothing of it themselves."""
        given = self.artifact_path.replace("{{run.project}}", project)
        return given or str(self.artifacts / project)

    def shared_folder(self, project: str) -> Path | None:
        """The folder of a project's artifacts, where clients put them on a disk of this machine."""
        before, found, _ = self.artifact_path.partition("{{run.project}}")
        if not found or not os.path.isabs(before):
            return None
        return Path(before + project)

    @property
    def artifacts(self) -> Path:
        """The folder below which artifacts lie."""
        return paths.artifacts_folder(self.root)

    def make(self) -> None:
        """Make the data folder, readable by this user only."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.chmod(self.root, 0o700)
