"""What a place for secrets is, and the one that every service has: its own store, encrypted."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from jupyter_mlrun import names
from jupyter_mlrun.errors import MLRunInvalidArgumentError

from ..store import project_secrets
from ..store.database import Database
from .keyring import Keyring

GROUP = "jupyter_mlrun.secret_providers"
VAULT = "jupyter_mlrun_server.services.vault:VaultSecrets"


class SecretProvider(ABC):
    """Keeps the secrets of projects. All methods block; the service calls them in threads.

    A provider of another distribution is a class under the entry point group
    ``jupyter_mlrun.secret_providers``; it is made with ``MLRunServerApp.secret_options`` as its
    keyword arguments.
    """

    born: Callable[[str], int | None] = staticmethod(lambda project: None)
    """When the project of a name was made, None where there is none: a project that is made anew
    under an old name begins without secrets, so a place of its own is kept by both."""

    @abstractmethod
    def names(self, project: str) -> list[str]:
        """The names of a project's secrets, internal ones too; none for an unknown project."""

    @abstractmethod
    def read(self, project: str) -> dict[str, str]:
        """The values by name: for runs and for masking, never for an answer."""

    @abstractmethod
    def save(self, project: str, values: Mapping[str, str]) -> None:
        """Add secrets or replace their values, all of them or none."""

    @abstractmethod
    def delete(self, project: str, names: Iterable[str]) -> None:
        """Remove these; those that are not there are fine."""

    @abstractmethod
    def forget(self, project: str, born: int) -> None:
        """Remove all that is kept for a project that was deleted and had been made at ``born``.

        One of the same name may be there already: it keeps what it has. Said twice, it is fine.
        """


class DatabaseSecrets(SecretProvider):
    """Secrets in the service's own database, each sealed for its project and name."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self.database = database
        self.keyring = keyring

    def names(self, project: str) -> list[str]:
        """In the order in which they were first stored."""
        with self.database.read() as connection:
            return project_secrets.names(connection, project)

    def read(self, project: str) -> dict[str, str]:
        """The values, opened."""
        with self.database.read() as connection:
            found = project_secrets.read(connection, project)
        return {
            name: self.keyring.unseal(text, place(project, name)) for name, text in found.items()
        }

    def save(self, project: str, values: Mapping[str, str]) -> None:
        """Seal and store them."""
        sealed = {
            name: self.keyring.seal(text, place(project, name)) for name, text in values.items()
        }
        with self.database.write() as connection:
            project_secrets.save(connection, project, sealed)

    def delete(self, project: str, names: Iterable[str]) -> None:
        """Remove them."""
        with self.database.write() as connection:
            project_secrets.delete(connection, project, names)

    def forget(self, project: str, born: int) -> None:
        """Nothing: they went with the project, and one of the same name may be there already."""

    def rotate(self) -> int:
        """How many secrets were sealed anew with the newest key."""
        with self.database.write() as connection:
            found = [
                each for each in project_secrets.all_sealed(connection)
                if each[3].split(":", 2)[1] != self.keyring.newest
            ]  # fmt: skip
            for identity, project, name, sealed in found:
                text = self.keyring.unseal(sealed, place(project, name))
                anew = self.keyring.seal(text, place(project, name))
                project_secrets.seal_anew(connection, identity, anew)
        return len(found)


def place(project: str, name: str) -> str:
    """What a sealed text is bound to."""
    return f"{project}/{name}"


def load(name: str, options: Mapping[str, Any], own: SecretProvider) -> SecretProvider:
    """The provider of a name: ``database``, ``vault``, or one that another distribution brings."""
    if name in ("", "database"):
        return own
    found: dict[str, Any] = {entry.name: entry for entry in entry_points(group=GROUP)}
    found.setdefault("vault", EntryPoint("vault", VAULT, GROUP))
    if name not in found:
        known = ["database", *found]
        raise MLRunInvalidArgumentError(
            f"MLRunServerApp.secret_provider = {name!r}: there is {', '.join(known)}."
            f"{names.near(name, known)}"
        )
    try:
        provider = found[name].load()(**options)
    except TypeError as error:
        raise MLRunInvalidArgumentError(f"MLRunServerApp.secret_options: {error}") from None
    if not isinstance(provider, SecretProvider):
        raise MLRunInvalidArgumentError(f"The secret provider {name} is no SecretProvider")
    return provider
