"""``redis://`` and ``rediss://``: values of a Redis server by key, as MLRun's store names them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from ..errors import MLRunInvalidArgumentError, MLRunMissingDependencyError, MLRunRuntimeError
from .base import DataStore, Stat
from .credentials import Credentials
from .folders import files_below, make_place

PIECE = 1 << 20


class RedisStore(DataStore):
    """Reads and writes keys: ``redis://HOST:PORT/a/b`` is the key ``{/a/b}``.

    Credentials come from REDIS_USER and REDIS_PASSWORD, never from the address.
    """

    def __init__(self, scheme: str, secrets: Mapping[str, str] | None = None) -> None:
        super().__init__(scheme, secrets)
        self._credentials = Credentials(secrets)
        self._clients: dict[str, Any] = {}

    def _client(self, url: str) -> Any:
        address = self._address(url)
        if address not in self._clients:
            try:
                import redis
            except ImportError:
                raise MLRunMissingDependencyError(
                    f"'{url}' needs the client of Redis, which is not installed: "
                    'pip install "jupyter-mlrun[redis]"'
                ) from None
            try:
                made: Any = redis.Redis.from_url(address)
                if made.info("cluster").get("cluster_enabled"):
                    made = redis.RedisCluster.from_url(address)
            except redis.RedisError as error:
                host = urlsplit(address).hostname
                raise MLRunRuntimeError(
                    f"The Redis server {host} does not answer as it should: {error}. Look at the "
                    "address, and at REDIS_USER and REDIS_PASSWORD"
                ) from error
            self._clients[address] = made
        return self._clients[address]

    def _address(self, url: str) -> str:
        parts = urlsplit(url)
        host = parts.hostname
        if parts.username or parts.password:
            raise MLRunInvalidArgumentError(
                f"The address of the Redis server {host} holds credentials: give them as "
                "REDIS_USER and REDIS_PASSWORD, or by a DatastoreProfileRedis"
            )
        if not host:
            known = urlsplit(self._credentials.find("MLRUN_REDIS__URL", "REDIS_URL") or "")
            if not known.hostname:
                raise MLRunInvalidArgumentError(
                    f"'{url}' names no server: write redis://HOST:PORT/key, or set MLRUN_REDIS__URL"
                )
            parts, host = known, known.hostname
        user = quote(self._credentials.find("REDIS_USER") or "", safe="")
        password = quote(self._credentials.find("REDIS_PASSWORD") or "", safe="")
        login = f"{user}:{password}@" if user or password else ""
        return f"{parts.scheme}://{login}{host}:{parts.port or 6379}"

    def get(self, url: str, size: int | None = None, offset: int = 0) -> bytes:
        """Bytes of a key from an offset on."""
        key, client = key_of(url), self._client(url)
        end = -1 if size is None else offset + size - 1
        data = bytes(client.getrange(key, offset, end)) if size != 0 else b""
        if not data and not client.exists(key):
            raise FileNotFoundError(f"{url} is not there")
        return data

    def put(self, url: str, data: bytes, append: bool = False) -> None:
        """Set a key, or add to it."""
        client = self._client(url)
        (client.append if append else client.set)(key_of(url), data)

    def open(self, url: str, mode: str = "rb") -> Any:
        """The value as a file, to be read."""
        import io

        if "r" not in mode:
            raise self._cannot("be opened to be written: use put()")
        data = self.get(url)
        return io.BytesIO(data) if "b" in mode else io.StringIO(data.decode())

    def upload(self, url: str, source: str) -> None:
        """Set a key to what a file holds, or one for each file of a folder."""
        if os.path.isdir(source):
            for path, name in files_below(source):
                self.upload(f"{url.rstrip('/')}/{name}", path)
            return
        key, client = key_of(url), self._client(url)
        with open(source, "rb") as file:
            client.set(key, file.read(PIECE))
            while data := file.read(PIECE):
                client.append(key, data)

    def download(self, url: str, target: str) -> None:
        """Write a key's value to a file, or those of all keys below it to a folder."""
        if self.is_dir(url):
            for name in self.listdir(url):
                self.download(f"{url.rstrip('/')}/{name}", make_place(target, name))
            return
        size = self.stat(url).size or 0
        with open(target, "wb") as file:
            for offset in range(0, size, PIECE):
                file.write(self.get(url, PIECE, offset))

    def stat(self, url: str) -> Stat:
        """The length of the value."""
        key, client = key_of(url), self._client(url)
        if not client.exists(key):
            raise FileNotFoundError(f"{url} is not there")
        return Stat(int(client.strlen(key)), None, None)

    def listdir(self, url: str) -> list[str]:
        """The names of all keys below it."""
        root = urlsplit(url).path.rstrip("/") + "/"
        found = self._client(url).scan_iter("{" + _literal(root) + "*")
        return sorted(key.decode()[1:-1].removeprefix(root) for key in found)

    def is_dir(self, url: str) -> bool:
        """Whether there are keys below it."""
        return not self._client(url).exists(key_of(url)) and bool(self.listdir(url))

    def delete(self, url: str) -> None:
        """Remove the key, and those below it."""
        client, path = self._client(url), urlsplit(url).path.rstrip("/")
        below = ["{" + f"{path}/{name}" + "}" for name in self.listdir(url)]
        if not sum(client.delete(key) for key in [key_of(url), *below]):
            raise FileNotFoundError(f"{url} is not there")


def key_of(url: str) -> str:
    """The key of an address: MLRun puts its path in braces."""
    path = urlsplit(url).path
    if not path.strip("/"):
        raise MLRunInvalidArgumentError(f"'{url}' names no key: write redis://HOST:PORT/key")
    return "{" + path + "}"


def _literal(text: str) -> str:
    """The text with what a pattern of Redis would read taken as it is."""
    import re

    return re.sub(r"([*?\[\]\\^])", r"\\\1", text)
