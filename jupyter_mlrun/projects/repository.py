"""The git repository of a project's folder, over the git that is installed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jupyter_mlrun.errors import MLRunConflictError, MLRunInvalidArgumentError
from jupyter_mlrun.sources import run_git


class Repository:
    """A folder that git knows."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def git(self, *arguments: str, secrets: Any = None) -> str:
        """What git answers in this folder."""
        return run_git(self.folder, *arguments, secrets=secrets)

    @property
    def branch(self) -> str:
        """The branch that is checked out; empty where none is."""
        return self.git("branch", "--show-current")

    @property
    def commit(self) -> str:
        """The commit that is checked out; empty before the first."""
        return self.git("rev-parse", "--verify", "--quiet", "HEAD") if self._has_commit() else ""

    def _has_commit(self) -> bool:
        return bool(self.git("rev-list", "-n", "1", "--all"))

    @property
    def remotes(self) -> list[str]:
        """The names of its remotes."""
        return self.git("remote").splitlines()

    def url(self, remote: str = "") -> str:
        """A remote's address as MLRun writes it, with the branch; empty where there is none."""
        name = remote or next(iter(self.remotes), "")
        if not name:
            return ""
        return as_source(self.git("remote", "get-url", name), self.branch)

    def set_remote(self, url: str, name: str, overwrite: bool) -> None:
        """Add a remote, or replace it."""
        address = url.partition("#")[0]
        if address.startswith("git:///"):
            address = address.replace("git://", "file://", 1)
        elif address.startswith("git://"):
            address = address.replace("git://", "https://", 1)
        if name in self.remotes:
            if not overwrite:
                raise MLRunConflictError(
                    f"Remote '{name}' already exists in the project, each remote in the project "
                    "must have a unique name. Use 'set_remote' with 'override=True' inorder to "
                    "update the remote, or choose a different name."
                )
            self.git("remote", "remove", name)
        self.git("remote", "add", name, address)

    def commit_all(self, message: str | None, add: list[str], update: bool) -> None:
        """Commit these files, and with ``update`` all that are known and changed."""
        if add:
            self.git("add", "--", *add)
        if update:
            self.git("add", "--update")
        if not self.git("diff", "--cached", "--name-only"):
            return
        if not message:
            raise MLRunInvalidArgumentError("please specify the commit message: message='…'")
        self.git("commit", "--quiet", "-m", message)


def as_source(address: str, branch: str = "") -> str:
    """A remote's address as MLRun writes it: ``git://HOST/ORG/REPO.git#refs/heads/BRANCH``."""
    for scheme in ("https://", "http://", "file://", "ssh://"):
        if address.startswith(scheme):
            rest = address.removeprefix(scheme)
            host, mark, path = rest.partition("/")
            # an address may carry a password
            address = f"git://{host.rpartition('@')[2]}{mark}{path}"
            break
    else:
        if "@" in address and ":" in address and "://" not in address:
            host, _, path = address.partition("@")[2].partition(":")
            address = f"git://{host}/{path}"
        elif "://" not in address:
            address = f"git://{Path(address).absolute()}"
    return f"{address}#refs/heads/{branch}" if branch else address


def find_repository(folder: str | Path, init: bool = False) -> Repository | None:
    """The repository whose top is the folder; made there with ``init``."""
    path = Path(folder)
    if (path / ".git").exists():
        return Repository(path)
    if not init:
        return None
    path.mkdir(parents=True, exist_ok=True)
    run_git(path, "init", "--quiet")
    return Repository(path)
