"""Who sends a request to a service that stands alone: a user's token, or JupyterHub's word."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest

from jupyter_mlrun.errors import MLRunAccessDeniedError, MLRunServiceUnavailableError

from ..store import times, user_tokens
from ..store.database import Database
from ..store.tokens import is_ours
from .access import Identity
from .threads import Threads

REMEMBERED = 60.0
OURS_REMEMBERED = 2.0
REFUSED_REMEMBERED = 5.0
LONGEST = 1000
HUB_SECONDS = 10.0


class Identities:
    """Identities by token; JupyterHub's are remembered for a minute, our own for two seconds."""

    def __init__(
        self,
        database: Database,
        threads: Threads,
        administrators: Iterable[str] = (),
        hub: Hub | None = None,
    ) -> None:
        self.database = database
        self.threads = threads
        self.administrators = frozenset(administrators)
        self.hub = hub
        self._known: dict[bytes, tuple[float, Identity | None]] = {}

    async def of(self, token: str) -> Identity | None:
        """Who holds the token; None where nobody known does."""
        if not token or len(token) > LONGEST:
            return None
        key = hashlib.sha256(token.encode()).digest()
        until, known = self._known.get(key, (0.0, None))
        if time.monotonic() < until:
            return known
        if is_ours(token):
            found = await self.threads.call(self._own, token)
            seconds = OURS_REMEMBERED
        elif self.hub is not None:
            found, seconds = await self.hub.user(token), REMEMBERED
        else:
            found, seconds = None, REFUSED_REMEMBERED
        if found is None:
            seconds = min(seconds, REFUSED_REMEMBERED)
        elif found.name in self.administrators:
            found = Identity(found.name, found.groups, admin=True)
        if len(self._known) > LONGEST:
            self._known.clear()
        self._known[key] = (time.monotonic() + seconds, found)
        return found

    async def named(self, name: str) -> Identity | None:
        """Who somebody is now, asked without a token; None where nobody knows the name any more.

        Groups are those of the user's own tokens that open today, and those that the Hub says.
        """
        admin = name in self.administrators
        groups = await self.threads.call(self._groups, name)
        said = await self.hub.named(name) if self.hub is not None else None
        if groups is None and said is None and not admin:
            return None
        found = said or Identity(name)
        return Identity(name, found.groups | (groups or frozenset()), admin or found.admin)

    def _groups(self, name: str) -> frozenset[str] | None:
        """The groups of a user's living tokens; None where the user has no token at all."""
        with self.database.read() as connection:
            held = user_tokens.select(connection, name)
        living = [each["groups"] for each in held if not each["expired"]]
        return frozenset[str]().union(*living) if held else None

    def _own(self, token: str) -> Identity | None:
        with self.database.read() as connection:
            found = user_tokens.find(connection, token)
        return None if found is None else Identity(found["owner"], frozenset(found["groups"]))


class Hub:
    """JupyterHub, asked by its REST API whose token it is and whether it opens this service."""

    def __init__(self, url: str, scopes: Iterable[str] = (), token: str = "") -> None:
        self.url = url.rstrip("/")
        self.token = token
        self.scopes = frozenset(scopes)

    async def user(self, token: str) -> Identity | None:
        """The holder of a token; None where the Hub knows none, or one that may not come here."""
        status, found = await self._ask("user", token)
        if status in (401, 403, 404):
            return None
        user = self._told(status, found)
        if self.scopes and not self.scopes & set(user.get("scopes") or ()):
            return None
        return self._identity(user)

    async def named(self, name: str) -> Identity | None:
        """A user by name, asked with the service's own token; None where the Hub knows none."""
        status, found = await self._ask(f"users/{quote(name, safe='')}", self.token)
        if status == 404:
            return None
        if status in (401, 403):
            raise MLRunAccessDeniedError(
                f"JupyterHub does not tell this service who {name} is today: give the service a "
                "role with the scope 'read:users', and save the schedule again"
            )
        return self._identity(self._told(status, found))

    async def _ask(self, path: str, token: str) -> tuple[int, bytes]:
        request = HTTPRequest(
            f"{self.url}/{path}",
            headers={"Authorization": f"token {token}", "Accept": "application/json"},
            request_timeout=HUB_SECONDS, connect_timeout=HUB_SECONDS, follow_redirects=False,
        )  # fmt: skip
        try:
            answer = await AsyncHTTPClient().fetch(request, raise_error=False)
        except (OSError, HTTPClientError) as error:
            raise self._away(str(error)) from None
        return answer.code, answer.body

    def _told(self, status: int, body: bytes) -> Mapping[str, Any]:
        if status != 200:
            raise self._away(f"it answered {status}")
        try:
            user = json.loads(body)
        except ValueError:
            user = None
        if not isinstance(user, Mapping) or not isinstance(user.get("name"), str):
            raise self._away("its answer is no user")
        return user

    def _identity(self, user: Mapping[str, Any]) -> Identity:
        groups = user.get("groups")
        known = frozenset(map(str, groups)) if isinstance(groups, list) else frozenset[str]()
        return Identity(str(user["name"]), known, user.get("admin") is True)

    def _away(self, why: str) -> MLRunServiceUnavailableError:
        return MLRunServiceUnavailableError(
            f"JupyterHub at {self.url} cannot be asked who you are ({why}): try again"
        )


def hub_of(environment: Mapping[str, str] | None = None) -> Hub | None:
    """The Hub that has started this service, as its environment says; None where there is none."""
    env = os.environ if environment is None else environment
    url = env.get("JUPYTERHUB_API_URL", "")
    if not url:
        return None
    try:
        scopes = json.loads(env.get("JUPYTERHUB_OAUTH_ACCESS_SCOPES") or "[]")
    except ValueError:
        scopes = []
    name = env.get("JUPYTERHUB_SERVICE_NAME", "")
    if not scopes and name:
        scopes = ["access:services", f"access:services!service={name}"]
    return Hub(url, map(str, scopes), env.get("JUPYTERHUB_API_TOKEN", ""))


def in_days(days: float | None) -> int | None:
    """The moment that is so many days ahead, as the store keeps it; None for never."""
    return None if days is None else times.now() + int(days * 86_400_000_000)
