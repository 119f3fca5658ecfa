"""Who sends a request to a service that stands alone: a user's token, or JupyterHub's word."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable, Mapping
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest

from jupyter_mlrun.errors import MLRunServiceUnavailableError

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

    def _own(self, token: str) -> Identity | None:
        with self.database.read() as connection:
            found = user_tokens.find(connection, token)
        return None if found is None else Identity(found["owner"], frozenset(found["groups"]))


class Hub:
    """JupyterHub, asked by its REST API whose token it is and whether it opens this service."""

    def __init__(self, url: str, scopes: Iterable[str] = ()) -> None:
        self.url = url.rstrip("/")
        self.scopes = frozenset(scopes)

    async def user(self, token: str) -> Identity | None:
        """The holder of a token; None where the Hub knows none, or one that may not come here."""
        request = HTTPRequest(
            f"{self.url}/user",
            headers={"Authorization": f"token {token}", "Accept": "application/json"},
            request_timeout=HUB_SECONDS, connect_timeout=HUB_SECONDS, follow_redirects=False,
        )  # fmt: skip
        try:
            answer = await AsyncHTTPClient().fetch(request, raise_error=False)
        except (OSError, HTTPClientError) as error:
            raise self._away(str(error)) from None
        if answer.code in (401, 403, 404):
            return None
        if answer.code != 200:
            raise self._away(f"it answered {answer.code}")
        try:
            return self._identity(json.loads(answer.body))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise self._away("its answer is no user") from None

    def _identity(self, user: Mapping[str, Any]) -> Identity | None:
        if self.scopes and not self.scopes & set(user.get("scopes") or ()):
            return None
        groups = frozenset(map(str, user.get("groups") or ()))
        return Identity(str(user["name"]), groups, user.get("admin") is True)

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
    return Hub(url, map(str, scopes))


def in_days(days: float | None) -> int | None:
    """The moment that is so many days ahead, as the store keeps it; None for never."""
    return None if days is None else times.now() + int(days * 86_400_000_000)
