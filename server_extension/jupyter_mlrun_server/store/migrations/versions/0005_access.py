"""Sealed secrets of projects and users, members of projects, tokens of users."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from jupyter_mlrun_server.store.migrations import repeatable as op

revision = "0005"
down_revision = "0004"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")
NAME = sa.String(length=255)
PROJECT = sa.String(length=63)
EXACT: dict[str, Any] = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}


def upgrade() -> None:
    op.create_table(
        "project_secrets",
        sa.Column("id", KEY, nullable=False),
        sa.Column("project", PROJECT, nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("sealed", DOCUMENT, nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_project_secrets"),
        sa.UniqueConstraint("project", "name", name="uq_project_secrets_project_name"),
        **EXACT,
    )
    op.create_table(
        "members",
        sa.Column("project", PROJECT, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("project", "kind", "name", name="pk_members"),
        **EXACT,
    )
    op.create_table(
        "user_tokens",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("owner", NAME, nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("groups", DOCUMENT, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("hash", name="pk_user_tokens"),
        sa.UniqueConstraint("owner", "name", name="uq_user_tokens_owner_name"),
        **EXACT,
    )
    op.create_table(
        "user_secrets",
        sa.Column("id", KEY, nullable=False),
        sa.Column("owner", NAME, nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("sealed", DOCUMENT, nullable=False),
        sa.Column("issued", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_user_secrets"),
        **EXACT,
    )
    op.create_index("ix_user_secrets_owner", "user_secrets", ["owner", "name"], unique=True)


def downgrade() -> None:
    for name in ("user_secrets", "user_tokens", "members", "project_secrets"):
        op.drop_table(name)
