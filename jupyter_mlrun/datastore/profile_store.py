"""``ds://PROFILE/path``: the store and credentials that a profile names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .base import DataStore, Stat

if TYPE_CHECKING:
    from ..client.transport import Client


def resolve_profile(
    url: str,
    project: str = "",
    secrets: Mapping[str, str] | None = None,
    client: Client | None = None,
) -> tuple[str, dict[str, str]]:
    """The address that a ``ds://`` address stands for, and the credentials to read it."""
    from .profiles import datastore_profile_read

    profile = datastore_profile_read(url, project, secrets, client)
    path = url[len("ds://") :].partition("/")[2]
    return profile.url(f"/{path}" if path else ""), {**(secrets or {}), **profile.secrets()}


class ProfileStore(DataStore):
    """Reads and writes where profiles point to, by the stores of those places."""

    def _real(self, url: str) -> tuple[DataStore, str]:
        from .registry import get_store

        project = os.environ.get("MLRUN_ACTIVE_PROJECT") or "default"
        target, secrets = resolve_profile(url, project, self.secrets)
        return get_store(target, secrets), target

    def get(self, url: str, size: int | None = None, offset: int = 0) -> bytes:
        """Bytes from an offset on."""
        store, target = self._real(url)
        return store.get(target, size, offset)

    def put(self, url: str, data: bytes, append: bool = False) -> None:
        """Write the whole thing."""
        store, target = self._real(url)
        store.put(target, data, append)

    def open(self, url: str, mode: str = "rb") -> Any:
        """A file object."""
        store, target = self._real(url)
        return store.open(target, mode)

    def download(self, url: str, target: str) -> None:
        """Copy it to this machine."""
        store, source = self._real(url)
        store.download(source, target)

    def upload(self, url: str, source: str) -> None:
        """Copy a file or folder of this machine to it."""
        store, target = self._real(url)
        store.upload(target, source)

    def stat(self, url: str) -> Stat:
        """Size, time of change and content type."""
        store, target = self._real(url)
        return store.stat(target)

    def listdir(self, url: str) -> list[str]:
        """The names in a folder."""
        store, target = self._real(url)
        return store.listdir(target)

    def is_dir(self, url: str) -> bool:
        """Whether it is a folder."""
        store, target = self._real(url)
        return store.is_dir(target)

    def delete(self, url: str) -> None:
        """Remove it."""
        store, target = self._real(url)
        store.delete(target)

    def signed_url(self, url: str, seconds: int = 3600) -> str:
        """An ``https://`` address with which anybody may read it for a while."""
        store, target = self._real(url)
        return store.signed_url(target, seconds)
