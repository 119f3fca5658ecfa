"""Where a project's code comes from, and the way back there."""

from __future__ import annotations

import warnings
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError, MLRunPreconditionFailedError
from jupyter_mlrun.functions.building import check_source
from jupyter_mlrun.secretstore import SecretsStore
from jupyter_mlrun.sources import GIT, fetch

from .repository import Repository, as_source, find_repository
from .spec import ProjectSpec


class ProjectSource:
    """The part of a project that knows its source."""

    spec: ProjectSpec
    context: Any
    save: Any
    sync_functions: Any
    _secrets: SecretsStore

    @property
    def source(self) -> str:
        """Where its code comes from: a git address, an archive, or ``./``."""
        if not self.spec.get("source") and self.spec.repo is not None:
            self.spec["source"] = self.spec.repo.url()
        return str(self.spec.get("source") or "")

    @source.setter
    def source(self, source: str) -> None:
        self.spec["source"] = check_source(source or "")

    def set_source(
        self, source: str = "", pull_at_runtime: bool = False, workdir: str | None = None
    ) -> None:
        """Say where its code comes from, and make its functions anew.

        ``pull_at_runtime`` has runs fetch it; otherwise it is built into images.
        """
        _check_pull(source, pull_at_runtime)
        changed = source != self.spec.get("source")
        self.spec["load_source_on_run"] = pull_at_runtime
        self.spec["source"] = source or self.spec.get("source") or ""
        if changed:
            # a new source has other folders
            self.spec["workdir"] = workdir
        if source.startswith(GIT) and "#" not in source:
            warnings.warn(
                "Please add git branch or refs to the source e.g.: "
                "'git://<url>/org/repo.git#<branch-name or refs/heads/..>'",
                UserWarning,
                stacklevel=2,
            )
        self.sync_functions()

    def create_remote(self, url: str, name: str = "origin", branch: str | None = None) -> None:
        """Add a remote to its repository, which is made where there is none."""
        self.set_remote(url, name=name, branch=branch, overwrite=False)

    def set_remote(
        self, url: str, name: str = "origin", branch: str | None = None, overwrite: bool = True
    ) -> None:
        """Add a remote to its repository, or replace the one of that name."""
        repository = self._repository(init=True)
        repository.set_remote(url, name, overwrite)
        address = as_source(url.partition("#")[0], branch or repository.branch)
        self.spec["source"] = self.spec.get("source") or address
        self.spec["origin_url"] = self.spec.get("origin_url") or address

    def remove_remote(self, name: str) -> None:
        """Remove a remote of its repository; one that is not there is fine."""
        repository = self._repository()
        if name in repository.remotes:
            repository.git("remote", "remove", name)
        else:
            warnings.warn(f"The remote '{name}' does not exist", UserWarning, stacklevel=2)

    def push(
        self,
        branch: str,
        message: str | None = None,
        update: bool = True,
        remote: str | None = None,
        add: list[str] | None = None,
        author_name: str | None = None,
        author_email: str | None = None,
        secrets: Any = None,
    ) -> None:
        """Save the project, commit it with these files and all changes, and push the branch."""
        if not branch:
            raise MLRunInvalidArgumentError("please specify the remote branch: branch='…'")
        repository = self._repository()
        self.save()
        for key, value in (("user.name", author_name), ("user.email", author_email)):
            if value:
                repository.git("config", key, value)
        if not repository.git("config", "--default", "", "--get", "user.email"):
            raise MLRunPreconditionFailedError(
                "Git does not know who commits: give author_name and author_email, or run "
                "git config --global user.email '<my@email.com>' and user.name"
            )
        repository.commit_all(message, [*(add or []), "project.yaml"], update)
        where = remote or "origin"
        repository.git("push", "--quiet", where, f"HEAD:refs/heads/{branch}",
                       secrets=secrets or self._secrets)  # fmt: skip

    def pull(
        self, branch: str | None = None, remote: str | None = None, secrets: Any = None
    ) -> None:
        """Bring its folder up to date with where it came from: a branch, or the archive."""
        url = str(self.spec.get("origin_url") or "")
        if url.startswith(GIT) or not url:
            repository = self._repository()
            wanted = branch or repository.branch
            repository.git("pull", "--quiet", "--ff-only", remote or "origin", wanted,
                           secrets=secrets or self._secrets)  # fmt: skip
        else:
            fetch(url, self.context, secrets or self._secrets)

    def _repository(self, init: bool = False) -> Repository:
        if self.spec.repo is None:
            self.spec.repo = find_repository(self.context or ".", init)
        if self.spec.repo is None:
            raise MLRunInvalidArgumentError(
                f"git repo is not set/defined: {self.context or '.'} is no repository. Load the "
                "project from git, or make one with init_git=True"
            )
        return self.spec.repo  # type: ignore[no-any-return]


def _check_pull(source: str, pull_at_runtime: bool) -> None:
    check_source(source)
    relative = source and "://" not in source and not source.startswith("/")
    if relative and not pull_at_runtime and source not in (".", "./"):
        raise MLRunInvalidArgumentError(
            f"Source '{source}' must be a valid URL or absolute path when 'pull_at_runtime' is "
            "False set 'source' to a remote URL to clone/copy the source to the base image, or set "
            "'pull_at_runtime' to True to pull the source at runtime."
        )
