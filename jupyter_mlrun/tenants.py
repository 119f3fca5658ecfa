"""Several clients in one process: each session has its own service, token and project in use."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Self

from . import session
from .client.address import Address
from .client.transport import Client as Connection
from .client.transport import connect
from .errors import MLRunInvalidArgumentError


@dataclass(frozen=True)
class Credentials:
    """Who a client is: a token, or with ``use_env`` whoever the environment says."""

    token: str | None = field(default=None, repr=False)
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    use_env: bool = False
    extra_headers: Mapping[str, str] | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not self.token and not self.use_env:
            raise MLRunInvalidArgumentError(
                "Credentials need a token, or use_env=True: the service knows people by tokens"
            )
        if self.password or self.extra_headers:
            raise MLRunInvalidArgumentError(
                "Credentials of this release are tokens: give token= instead of a password or "
                "headers"
            )


class Client:
    """A user of the service beside others in this process, as in a server that works for many."""

    def __init__(self, credentials: Credentials, url: str | None = None) -> None:
        self.credentials = credentials
        self._url = url
        self._connection: Connection | None = None

    @property
    def connection(self) -> Connection:
        """Its connection, made when it is first needed."""
        if self._connection is None:
            if self.credentials.use_env:
                self._connection = connect(self._url)
            else:
                url = self._url or os.environ.get("MLRUN_DBPATH") or session.client().url
                self._connection = Connection(
                    Address(url.rstrip("/"), self.credentials.token or ""), follows=False
                )
        return self._connection

    @contextmanager
    def session(self, project: str = "") -> Iterator[Client]:
        """Within it, all calls of this thread or task are this client's; others are not touched."""
        with session.scoped(self.connection, project, self):
            yield self


class RuntimeConfigurationContext:
    """MLRun's settings for the calls within it: the name of a token of an Iguazio system.

    This service is none: a warning says that the name has no effect.
    """

    def __init__(self, auth_token_name: str | None = None) -> None:
        self.auth_token_name = auth_token_name

    def __enter__(self) -> Self:
        if self.auth_token_name:
            warnings.warn(
                f"auth_token_name='{self.auth_token_name}' names a token of an Iguazio system, "
                "which this service is not: runs go on without it",
                UserWarning,
                stacklevel=2,
            )
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is to be given back."""

    def __repr__(self) -> str:
        return f"RuntimeConfigurationContext(auth_token_name={self.auth_token_name!r})"


def get_active_client() -> Client | None:
    """The client in whose session this code works; None outside of sessions."""
    found = session.scope()
    return found.owner if found is not None else None
