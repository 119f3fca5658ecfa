"""The stores of data by address, as ``mlrun.store_manager`` gives them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from .. import uris
from ..client.transport import Client
from ..errors import MLRunInvalidArgumentError
from .base import DataStore
from .item import DataItem
from .registry import get_store
from .resolve import get_dataitem


class StoreManager:
    """Finds the data of an address, and the store that reads it, with secrets of its own."""

    def __init__(self, secrets: Mapping[str, str] | None = None, db: Any = None) -> None:
        self._secrets = dict(secrets or {})
        self._db = db

    def set(self, secrets: Mapping[str, str] | None = None, db: Any = None) -> Self:
        """Give it further secrets, and a service where it has none."""
        self._db = self._db or db
        self._secrets |= secrets or {}
        return self

    def secret(self, key: str) -> str | None:
        """One of its secrets."""
        return self._secrets.get(key)

    def object(
        self,
        url: str,
        key: str = "",
        project: str = "",
        *,
        secrets: Mapping[str, str] | None = None,
    ) -> DataItem:
        """The data at an address: a path, a URL or ``store://``."""
        known = self._secrets | dict(secrets or {})
        return get_dataitem(
            url, known or None, self._client, project=project, key=key, is_named=True
        )

    def get_or_create_store(
        self, url: str, secrets: Mapping[str, str] | None = None, project_name: str = ""
    ) -> tuple[DataStore, str, str]:
        """The store that reads an address, what it is asked for, and the address of the data.

        A store of this package is asked by the whole address.
        """
        if uris.is_store(url):
            raise MLRunInvalidArgumentError(
                f"'{url}' is the address of an artifact, not of a store: object(url) gives its data"
            )
        item = self.object(url, project=project_name, secrets=secrets)
        return item.store, item.url, item.url

    def __repr__(self) -> str:
        held = f" with secrets {', '.join(sorted(self._secrets))}" if self._secrets else ""
        return f"<stores of data by address{held}>"

    @property
    def _client(self) -> Client | None:
        found: Client | None = getattr(self._db, "client", self._db)
        return found


store_manager = StoreManager()


def schema_to_store(schema: str) -> type[DataStore]:
    """The class of the store that reads a scheme."""
    return type(get_store(f"{schema}://" if schema else ""))
