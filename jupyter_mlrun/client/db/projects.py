"""Projects, their secrets and profiles under the method names of MLRun's ``get_run_db()``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...errors import MLRunInvalidArgumentError
from .. import projects, secrets
from ..answers import Answer
from ..arguments import choice, document, labels_of, plain, query, refuse
from ..connected import Connected
from ..transport import part


class Projects(Connected):
    """Projects: made, listed, changed, deleted."""

    def create_project(self, project: Any) -> Any:
        """Make a project of a document or a name; raises MLRunConflictError where it is there."""
        if isinstance(project, str):
            return projects.create(self.client, project)
        return self.client.json("POST", "projects", body=document(project, "project"))

    def get_project(self, name: str) -> Any:
        """A project; raises MLRunNotFoundError with the nearest name."""
        if not name:
            raise MLRunInvalidArgumentError("Name must be provided: of the project to get")
        return projects.get(self.client, name)

    def list_projects(
        self,
        owner: str | None = None,
        format_: str = "name_only",
        labels: Any = None,
        state: str | None = None,
    ) -> Any:
        """Projects: their names, or themselves in another format of MLRun's."""
        asked = query(owner=owner, format=format_, label=labels_of(labels), state=state)
        return self.client.json("GET", "projects", asked)["projects"]

    def store_project(self, name: str, project: Any) -> Any:
        """Make or replace a project."""
        return self.client.json("PUT", f"projects/{part(name)}", body=document(project, "project"))

    def patch_project(
        self, name: str, project: Mapping[str, Any], patch_mode: str = "replace"
    ) -> Any:
        """Change the parts of a project that are given; ``additive`` keeps what lists hold."""
        headers = {"x-mlrun-patch-mode": str(plain(patch_mode))}
        body = document(project, "project")
        return self.client.json("PATCH", f"projects/{part(name)}", None, body, headers)

    def delete_project(self, name: str, deletion_strategy: str = "restricted") -> None:
        """Delete a project: ``restricted`` an empty one only, ``cascade`` with all it holds."""
        headers = {"x-mlrun-deletion-strategy": str(plain(deletion_strategy))}
        path = f"projects/{part(name)}"
        self._ended(self.client.request("DELETE", path, headers=headers, timeout=300))

    def get_project_summary(self, project: str | None = None) -> Answer:
        """How many of each noun a project holds, and how its runs of a day went."""
        path = f"project-summaries/{part(self._project(project))}"
        return Answer(self.client.json("GET", path))

    def load_project(
        self,
        name: str,
        url: str,
        secrets: Mapping[str, str] | None = None,
        save_secrets: bool = True,
    ) -> Any:
        """Have the service load a project from its source."""
        body = {"provider": _PROVIDERS[0], "secrets": dict(secrets)} if secrets else None
        path = f"projects/{part(name)}/load"
        return self.client.json("POST", path, {"url": url}, body)

    def get_datastore_profile(self, name: str, project: str) -> Any:
        """The public part of a profile of the project."""
        path = self._of(project, f"datastore-profiles/{part(name)}")
        return Answer(self.client.json("GET", path))

    def list_datastore_profiles(self, project: str) -> Any:
        """The public parts of the project's profiles."""
        found = self.client.json("GET", self._of(project, "datastore-profiles"))
        return [Answer(each) for each in found]

    def store_datastore_profile(self, profile: Any, project: str) -> None:
        """Make or replace a profile; its private part becomes a secret of the project."""
        body = document(profile, "profile")
        self.client.request("PUT", self._of(project, "datastore-profiles"), body=body)

    def delete_datastore_profile(self, name: str, project: str) -> None:
        """Remove a profile with its secret."""
        self.client.request("DELETE", self._of(project, f"datastore-profiles/{part(name)}"))


class Names(list[str]):
    """Names of secrets; MLRun's client has them in ``secret_keys``."""

    @property
    def secret_keys(self) -> list[str]:
        """Themselves."""
        return self


class ProjectSecrets(Connected):
    """Secrets of projects: stored and named, and read by runs alone."""

    def create_project_secrets(
        self,
        project: str,
        provider: str = "kubernetes",
        secrets: Mapping[str, str] | None = None,
    ) -> None:
        """Store secrets, which runs of the project get by name."""
        choice("provider", provider, _PROVIDERS)
        _secrets.store(self.client, project, secrets or {})

    def list_project_secrets(
        self,
        project: str,
        token: str | None = None,
        provider: str = "kubernetes",
        secrets: list[str] | None = None,
    ) -> Answer:
        """Refused by the service: values of secrets go to runs alone."""
        asked = query(provider=provider, secret=secrets)
        headers = {"x-vault-token": token} if token else None
        path = self._of(project, "secrets")
        return Answer(self.client.json("GET", path, asked, None, headers))

    def list_project_secret_keys(
        self, project: str, provider: str = "kubernetes", token: str | None = None
    ) -> Names:
        """The names of the project's secrets."""
        choice("provider", provider, _PROVIDERS)
        refuse("token", token, "names of secrets are read with the connection's own")
        return Names(_secrets.names(self.client, project))

    def delete_project_secrets(
        self,
        project: str,
        provider: str = "kubernetes",
        secrets: Iterable[str] | None = None,
    ) -> None:
        """Remove these secrets, or all."""
        choice("provider", provider, _PROVIDERS)
        _secrets.delete(self.client, project, secrets or ())


# arguments of MLRun's methods have the names of the module
_secrets = secrets
# MLRun's name of a project's own secrets, wherever the service keeps them
_PROVIDERS = ("kubernetes",)
