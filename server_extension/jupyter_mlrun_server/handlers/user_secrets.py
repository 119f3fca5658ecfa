"""Tokens that a user leaves with the service, in MLRun's shape: kept sealed, listed by name."""

from __future__ import annotations

import base64
import json
from typing import Any

from jupyter_mlrun.errors import (
    MLRunAccessDeniedError,
    MLRunBadRequestError,
    MLRunInvalidArgumentError,
)

from ..store import user_secrets
from . import Route
from .base import ANYBODY, Handler, guarded

LONGEST = 16_384


class UserHandler(Handler):
    """What routes of a user's own things need."""

    def owner(self, all_users: bool = False) -> str:
        """The user asked about: the sender, or another where the sender administers the service."""
        asked = self.query.text("username") or self.user
        enforced = self.service.authorizer.enforced
        if asked != self.user and enforced and not self.identity.admin:
            raise MLRunAccessDeniedError(f"{self.user} may not see tokens of {asked}")
        if asked == "*" and not all_users:
            raise MLRunInvalidArgumentError("Tokens are removed for one user at a time: name it")
        return asked


class UserSecrets(Handler):
    """Secrets of users, as clients of MLRun 1.8 send them."""

    @guarded("tokens", where=ANYBODY)
    async def post(self) -> None:
        """Refused: MLRun takes them with Vault alone, and nothing here would read them."""
        self.body()
        raise MLRunBadRequestError(
            "Secrets of users reach no run: store them in the project whose runs need them, with "
            "POST projects/{project}/secrets"
        )


class Tokens(UserHandler):
    """The tokens of a user."""

    @guarded("tokens", where=ANYBODY)
    async def get(self) -> None:
        """Their names and times, never the tokens."""
        found = await self.service.read(user_secrets.select, self.owner(all_users=True))
        self.answer({"secret_tokens": found})

    @guarded("tokens", where=ANYBODY)
    async def put(self) -> None:
        """Keep tokens; one that is there is replaced with ``force`` alone."""
        given = self.body_or_none()
        if not isinstance(given, list):
            raise MLRunInvalidArgumentError("The body must be a list: [{name, token}]")
        found = [_parsed(each) for each in given]
        known = set(await self.service.read(user_secrets.names, self.user))
        force = self.query.flag("force", False)
        stored: dict[bool, list[str]] = {True: [], False: []}
        for name, token, issued, expires in found:
            if name in known and not force:
                continue
            place = f"user/{self.user}/{name}"
            sealed = await self.service.threads.call(self.service.keyring.seal, token, place)
            new = await self.service.write(
                user_secrets.save, self.user, name, sealed, issued, expires
            )
            stored[new].append(name)
        self.answer({"created_tokens": stored[True], "updated_tokens": stored[False]})

    @guarded("tokens", where=ANYBODY)
    async def delete(self) -> None:
        """Remove all of the user's."""
        owner = self.owner()
        gone = await self.service.write(user_secrets.delete, owner)
        self.answer({"deleted_count": gone, "failed_tokens": [], "username": owner})


class Token(UserHandler):
    """One token of a user."""

    @guarded("tokens", where=ANYBODY)
    async def delete(self, name: str) -> None:
        """Remove it."""
        owner = self.owner()
        gone = await self.service.write(user_secrets.delete, owner, name)
        self.answer({"deleted": bool(gone), "username": owner})


def _parsed(given: Any) -> tuple[str, str, int, int]:
    """Name, token, and when it was issued and dies, as a JSON web token says."""
    if not isinstance(given, dict):
        raise MLRunInvalidArgumentError("A token is an object: {name, token}")
    name, token = given.get("name"), given.get("token")
    if not isinstance(name, str) or not 0 < len(name) <= 255:
        raise MLRunInvalidArgumentError("A token needs a 'name' of at most 255 characters")
    if not isinstance(token, str) or not 0 < len(token) <= LONGEST:
        raise MLRunInvalidArgumentError(f"Token {name} must be a text")
    try:
        part = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        expires, issued = int(claims["exp"]), int(claims.get("iat") or 0)
    except (IndexError, ValueError, KeyError, TypeError, AttributeError):
        raise MLRunInvalidArgumentError(
            f"Token {name} is no JSON web token that says when it dies ('exp')"
        ) from None
    if not 0 <= issued < 1 << 40 or not 0 <= expires < 1 << 40:
        raise MLRunInvalidArgumentError(f"The times of token {name} are out of range")
    return name, token, issued * 1_000_000, expires * 1_000_000


ROUTES = [
    Route("user-secrets", UserSecrets),
    Route("user-secrets/tokens", Tokens),
    Route("user-secrets/tokens/(?P<name>[^/]+)", Token),
]
