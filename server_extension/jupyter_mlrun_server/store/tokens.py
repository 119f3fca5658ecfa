"""Tokens, as hashes: what a token opens is read here, its text is nowhere."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from . import times
from .tables import tokens

LETTERS = {"kernel": "k", "run": "r", "user": "u"}
RUN = "mlrr"


@dataclass(frozen=True)
class Grant:
    """What a token opens: everything of ours (``kernel``), or one run."""

    kind: str
    project: str = ""
    uid: str = ""


def new(kind: str) -> str:
    """A token's text: begins with a letter, holds no ``-`` (MLRun's client sends such as it is)."""
    return f"mlr{LETTERS[kind]}{secrets.token_hex(20)}"


def is_ours(text: str) -> bool:
    """Whether the text has the shape of our tokens."""
    return len(text) == 44 and text.startswith("mlr") and text[3] in LETTERS.values()


def digest(text: str) -> str:
    """The hash under which a token is stored."""
    return hashlib.sha256(text.encode()).hexdigest()


def add(connection: Connection, text: str, grant: Grant) -> None:
    """Let the token open what the grant says."""
    connection.execute(
        tokens.insert(),
        {"hash": digest(text), "kind": grant.kind, "project": grant.project, "uid": grant.uid,
         "created": times.now()},
    )  # fmt: skip


def find(connection: Connection, text: str) -> Grant | None:
    """What the token opens, None where it is not known (any more)."""
    row = connection.execute(sa.select(tokens).where(tokens.c.hash == digest(text))).first()
    return None if row is None else Grant(row.kind, row.project, row.uid)


def drop_run(connection: Connection, project: str, uid: str) -> None:
    """Let the tokens of a settled run die."""
    connection.execute(
        tokens.delete().where(
            tokens.c.kind == "run", tokens.c.project == project, tokens.c.uid == uid
        )
    )
