"""Several clients in one process: each session has its own service, token and project in use."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

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


def get_active_client() -> Client | None:
    """The client in whose session this code works; None outside of sessions."""
    found = session.scope()
    return found.owner if found is not None else None
