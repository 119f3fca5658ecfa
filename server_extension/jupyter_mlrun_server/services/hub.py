"""Catalogs of hubs, read through the service's one door and kept for a while."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from jupyter_mlrun.errors import (
    MLRunBadRequestError,
    MLRunInvalidArgumentError,
    MLRunNotFoundError,
    MLRunServiceUnavailableError,
)

from .keyring import Keyring
from .outgoing import Door, Reply

DEFAULT_NAME, DEFAULT_CHANNEL = "default", "master"
DEFAULT_URL = "https://mlrun.github.io/marketplace"
TYPES = ("functions", "modules", "steps")
KEPT_SECONDS = 600.0
# nobody makes this service call a hub on and on: after so many a minute the kept catalog answers
MOST_REFRESHES, MINUTE = 6, 60.0
MOST_KEPT = 100
LARGEST_ASSET = 20_000_000
TOKEN = "HTTPS_AUTH_TOKEN"
SEALED = "sealed_credentials"

Source = dict[str, Any]
Item = dict[str, Any]


@dataclass(frozen=True)
class Wanted:
    """Which items of a catalog."""

    kind: str = "functions"
    tag: str = ""
    version: str = ""
    refresh: bool = False


class Hub:
    """Reads catalogs, items and their files. Its methods block: call them in threads."""

    def __init__(self, door: Door, keyring: Keyring) -> None:
        self.door = door
        self.keyring = keyring
        self.default_url = DEFAULT_URL
        self._kept: dict[tuple[str, str], tuple[float, list[Item]]] = {}
        self._refreshed: dict[tuple[str, str], list[float]] = {}
        self._turns: dict[tuple[str, str], tuple[threading.Lock, int]] = {}
        self._lock = threading.Lock()

    def default_source(self) -> Source | None:
        """The source that every service has; None where an administrator wants none."""
        if not self.default_url:
            return None
        return {
            "kind": "HubSource",
            "metadata": {"name": DEFAULT_NAME, "description": "MLRun hub", "labels": {},
                         "created": None, "updated": None},
            "spec": {"path": self.default_url, "channel": DEFAULT_CHANNEL, "credentials": {}},
            "status": {"state": "created"},
        }  # fmt: skip

    def keep_credentials(self, source: Source) -> Source:
        """The source as it is stored: its credentials sealed, its address one that can be read."""
        name, spec = source["metadata"]["name"], dict(source["spec"])
        address = urlsplit(spec["path"])
        if address.scheme not in ("http", "https") or not address.netloc or address.username:
            raise MLRunInvalidArgumentError(
                f"A hub's path is an http or https address without a password, not "
                f"{spec['path']!r:.100}: give a token in spec.credentials.{TOKEN}"
            )
        token = str((spec.get("credentials") or {}).get(TOKEN) or "")
        spec[SEALED] = self.keyring.seal(token, _place(name)) if token else ""
        spec["credentials"] = {}
        return {**source, "kind": "HubSource", "spec": spec}

    def catalog(self, source: Source, wanted: Wanted) -> list[Item]:
        """The items of a source that are wanted, by name."""
        found = self._items(source, wanted)
        return [
            item for item in found
            if (not wanted.tag or item["metadata"]["tag"] == wanted.tag)
            and (not wanted.version or item["metadata"]["version"] == wanted.version)
        ]  # fmt: skip

    def item(self, source: Source, name: str, wanted: Wanted) -> Item:
        """The one item of a name; without tag and version the latest."""
        if not wanted.version and not wanted.tag:
            wanted = Wanted(wanted.kind, "latest", "", wanted.refresh)
        named = [
            item for item in self.catalog(source, wanted)
            if item["metadata"]["name"] == name.replace("_", "-").lower()
        ]  # fmt: skip
        where = f"item={name}, version={wanted.version or None}, tag={wanted.tag or None}"
        if not named:
            hub = source["metadata"]["name"]
            raise MLRunNotFoundError(f"Item not found in hub source {hub}. {where}")
        if len(named) > 1:
            raise MLRunBadRequestError(f"Query resulted in more than 1 catalog items. {where}")
        return named[0]

    def asset(self, source: Source, name: str, asset: str, wanted: Wanted) -> tuple[str, Reply]:
        """The path and the answer of a file of an item."""
        item = self.item(source, name, wanted)
        path = (item["spec"].get("assets") or {}).get(asset)
        if not isinstance(path, str):
            raise MLRunNotFoundError(f"Asset={asset} not found. item={name}")
        if ".." in path.split("/") or "://" in path or path.startswith("/"):
            raise MLRunBadRequestError(f"Asset {asset} of item {name} lies outside of its hub")
        address = item["spec"]["item_uri"] + quote(path)
        return path, self._get(source, address, largest=LARGEST_ASSET)

    def _items(self, source: Source, wanted: Wanted) -> list[Item]:
        spec = source["spec"]
        kind = str(spec.get("object_type") or wanted.kind)
        base = f"{spec['path'].rstrip('/')}/{kind}/{quote(spec['channel'], safe='')}"
        key = (source["metadata"]["name"], base)
        came = time.monotonic()
        with self._turn(key):
            at, items = self._kept.get(key, (0.0, []))
            fresh = at and (at >= came or not (wanted.refresh and self._may_refresh(key)))
            if fresh and time.monotonic() - at < KEPT_SECONDS:
                return items
            catalog = self._get(source, f"{base}/catalog.json").json()
            found = list(build_items(catalog, base, kind))
            with self._lock:
                if len(self._kept) >= MOST_KEPT:
                    self._kept.clear()
                    self._refreshed.clear()
                self._kept[key] = (time.monotonic(), found)
            return found

    def _may_refresh(self, key: tuple[str, str]) -> bool:
        now = time.monotonic()
        with self._lock:
            recent = [each for each in self._refreshed.get(key, ()) if each > now - MINUTE]
            allowed = len(recent) < MOST_REFRESHES
            self._refreshed[key] = [*recent, now] if allowed else recent
            return allowed

    @contextlib.contextmanager
    def _turn(self, key: tuple[str, str]) -> Iterator[None]:
        """One request at a time for a catalog: those that wait take what the first has brought."""
        with self._lock:
            lock, number = self._turns.get(key, (threading.Lock(), 0))
            self._turns[key] = (lock, number + 1)
        try:
            with lock:
                yield
        finally:
            with self._lock:
                lock, number = self._turns[key]
                self._turns[key] = (lock, number - 1)
                if number == 1:
                    del self._turns[key]

    def _get(self, source: Source, url: str, **limits: Any) -> Reply:
        name, sealed = source["metadata"]["name"], source["spec"].get(SEALED)
        token = self.keyring.unseal(sealed, _place(name)) if sealed else ""
        headers = {"Authorization": f"token {token}"} if token else {}
        reply = self.door.get(url, headers, **limits)
        if reply.status == 404:
            raise MLRunNotFoundError(f"Hub source {name} has no {url}")
        if not reply.ok:
            raise MLRunServiceUnavailableError(f"Hub source {name} answered {reply.status}: {url}")
        return reply


def build_items(catalog: Any, base: str, kind: str) -> list[Item]:
    """The items of a catalog file: names, below them versions."""
    if not isinstance(catalog, Mapping):
        raise MLRunServiceUnavailableError(f"{base}/catalog.json is no catalog of a hub")
    return [
        _item(str(name), str(tag), details, base, kind)
        for name, versions in sorted(catalog.items()) if isinstance(versions, Mapping)
        for tag, details in versions.items() if isinstance(details, Mapping)
    ]  # fmt: skip


def _item(name: str, tag: str, details: Mapping[str, Any], base: str, kind: str) -> Item:
    metadata = {key: value for key, value in details.items() if key not in ("spec", "assets")}
    named = name.replace("_", "-").lower()
    version = str(metadata.get("version") or tag)
    metadata |= {"name": named, "version": version, "tag": tag, "source": kind}
    metadata["description"] = str(metadata.get("description") or "")
    spec, assets = details.get("spec"), details.get("assets")
    return {
        "kind": "HubItem",
        "metadata": metadata,
        "spec": {
            **(spec if isinstance(spec, Mapping) else {}),
            "item_uri": f"{base}/{named.replace('-', '_')}/{tag}/",
            "assets": dict(assets) if isinstance(assets, Mapping) else {},
        },
        "status": {},
    }


def _place(name: str) -> str:
    return f"hub-source/{name}"
