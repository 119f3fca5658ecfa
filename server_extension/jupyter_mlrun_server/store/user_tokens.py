"""Tokens of users of a service that stands alone: hashes with an owner, a name and an end."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_mlrun.errors import (
    MLRunConflictError,
    MLRunInvalidArgumentError,
    MLRunNotFoundError,
)

from . import times, tokens
from .access_tables import user_tokens


def create(
    connection: Connection, owner: str, name: str, expires: int | None, groups: Collection[str] = ()
) -> str:
    """The text of a new token: it is told once and kept nowhere."""
    for noun, word in (("user", owner), ("token", name), *(("group", each) for each in groups)):
        if not word.strip() or word != word.strip() or not word.isprintable() or len(word) > 255:
            raise MLRunInvalidArgumentError(
                f"{word!r:.80} is no name of a {noun}: 1 to 255 characters that can be seen"
            )
    here = (user_tokens.c.owner == owner) & (user_tokens.c.name == name)
    if connection.execute(sa.select(user_tokens.c.hash).where(here)).first() is not None:
        raise MLRunConflictError(f"{owner} has a token {name} already: revoke it, or name another")
    text = tokens.new("user")
    connection.execute(
        user_tokens.insert(),
        {"hash": tokens.digest(text), "owner": owner, "name": name,
         "groups": json.dumps(sorted(groups)), "created": times.now(), "expires": expires},
    )  # fmt: skip
    return text


def find(connection: Connection, text: str) -> dict[str, Any] | None:
    """Whose token it is; None where it is not known or its time is over."""
    found = sa.select(user_tokens).where(user_tokens.c.hash == tokens.digest(text))
    row = connection.execute(found).first()
    if row is None or (row.expires is not None and row.expires <= times.now()):
        return None
    return {"owner": row.owner, "groups": json.loads(row.groups), "expires": row.expires}


def select(connection: Connection, owner: str = "") -> list[dict[str, Any]]:
    """All tokens, or one user's, by owner and name; never their texts."""
    query = sa.select(user_tokens).order_by(user_tokens.c.owner, user_tokens.c.name)
    if owner:
        query = query.where(user_tokens.c.owner == owner)
    return [
        {
            "owner": row.owner, "name": row.name, "groups": json.loads(row.groups),
            "created": times.text(row.created),
            "expires": None if row.expires is None else times.text(row.expires),
            "expired": row.expires is not None and row.expires <= times.now(),
        }
        for row in connection.execute(query)
    ]  # fmt: skip


def revoke(connection: Connection, owner: str, name: str = "") -> int:
    """How many of a user's tokens have died now: one by name, or all."""
    query = user_tokens.delete().where(user_tokens.c.owner == owner)
    if name:
        query = query.where(user_tokens.c.name == name)
    gone = connection.execute(query).rowcount
    if not gone:
        which = f"no token {name}" if name else "no tokens"
        raise MLRunNotFoundError(f"{owner} has {which}: see `jupyter mlrun token list`")
    return int(gone)
