"""The secrets of a project: of this program, and those that its runs get by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from jupyter_mlrun import session
from jupyter_mlrun.client import secrets as service_secrets
from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.secretstore import SecretsStore, get_secret_or_env, read_env_file

PROVIDERS = (None, "kubernetes")


class ProjectSecrets:
    """The part of a project that knows secrets."""

    name: Any
    _secrets: SecretsStore

    def with_secrets(self, kind: str, source: Any, prefix: str = "") -> Self:
        """Read secrets for this program alone: of a ``file``, ``inline`` of a dict, of ``env``."""
        self._secrets.add_source(kind, source, prefix)
        return self

    def get_secret(self, key: str, default: str | None = None) -> str | None:
        """A secret of this program by name, else a variable of the environment."""
        return get_secret_or_env(key, self._secrets, default)

    get_secret_or_env = get_secret

    def set_secrets(
        self,
        secrets: Mapping[str, str] | None = None,
        file_path: str | None = None,
        provider: Any = None,
    ) -> None:
        """Store secrets, which runs of the project get by name: of a dict or an env file.

        Addresses and credentials of a service (``MLRUN_DBPATH``, ``V3IO_…``) are left out.
        """
        if bool(secrets) == bool(file_path):
            raise MLRunInvalidArgumentError("must specify secrets OR file_path")
        wanted = getattr(provider, "value", provider)
        if wanted not in PROVIDERS:
            raise MLRunInvalidArgumentError(
                f"Secrets of a project have one provider here, 'kubernetes', not {wanted!r}: where "
                "they are kept is the service's setting"
            )
        given = dict(secrets) if secrets else read_env_file(str(file_path))
        kept = {
            key: str(value)
            for key, value in given.items()
            if key != "MLRUN_DBPATH" and not key.startswith("V3IO_")
        }
        if kept:
            service_secrets.store(session.client(), str(self.name), kept)

    def list_secret_keys(self) -> list[str]:
        """The names of the stored secrets; nobody is told their values."""
        return service_secrets.names(session.client(), str(self.name))

    def delete_secrets(self, *names: str) -> None:
        """Remove these stored secrets; all of them where none is named."""
        service_secrets.delete(session.client(), str(self.name), names)
