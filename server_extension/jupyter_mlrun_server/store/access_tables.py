"""The tables of who may do what: members of projects, tokens of users, sealed secrets."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, String, Table, UniqueConstraint

from .tables import DOCUMENT, EXACT, KEY, NAME, metadata

project_secrets = Table(
    "project_secrets",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("project", String(63), nullable=False),
    Column("name", NAME, nullable=False),
    Column("sealed", DOCUMENT, nullable=False),
    Column("updated", BigInteger, nullable=False),
    UniqueConstraint("project", "name"),
    **EXACT,
)

members = Table(
    "members",
    metadata,
    Column("project", String(63), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("name", NAME, primary_key=True),
    Column("role", String(16), nullable=False),
    Column("created", BigInteger, nullable=False),
    **EXACT,
)

user_tokens = Table(
    "user_tokens",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("owner", NAME, nullable=False),
    Column("name", NAME, nullable=False),
    Column("groups", DOCUMENT, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger),
    UniqueConstraint("owner", "name"),
    **EXACT,
)

user_secrets = Table(
    "user_secrets",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("owner", NAME, nullable=False),
    Column("name", NAME, nullable=False),
    Column("sealed", DOCUMENT, nullable=False),
    Column("issued", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Index("ix_user_secrets_owner", "owner", "name", unique=True),
    **EXACT,
)
