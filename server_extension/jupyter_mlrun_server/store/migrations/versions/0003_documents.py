"""Documents of the smaller nouns with their tags, labels and features; the sources of hubs."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from jupyter_mlrun_server.store.migrations import repeatable as op

revision = "0003"
down_revision = "0002"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")
EXACT: dict[str, Any] = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}
NAME = sa.String(length=255)


def upgrade() -> None:
    op.create_table(
        "documents",
        sa.Column("id", KEY, nullable=False),
        sa.Column("noun", sa.String(length=32), nullable=False),
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("uid", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
        sa.UniqueConstraint(
            "noun", "project", "name", "uid", name="uq_documents_noun_project_name_uid"
        ),
        **EXACT,
    )
    op.create_index("ix_documents_project", "documents", ["project"])
    op.create_index("ix_documents_recent", "documents", ["noun", "project", "updated", "id"])
    op.create_table(
        "document_tags",
        sa.Column("noun", sa.String(length=32), nullable=False),
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("tag", NAME, nullable=False),
        sa.Column("document_id", KEY, nullable=False),
        sa.PrimaryKeyConstraint("noun", "project", "name", "tag", name="pk_document_tags"),
        **EXACT,
    )
    op.create_index("ix_document_tags_document_id", "document_tags", ["document_id"])
    op.create_table(
        "feature_columns",
        sa.Column("id", KEY, nullable=False),
        sa.Column("document_id", KEY, nullable=False),
        sa.Column("noun", sa.String(length=16), nullable=False),
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_feature_columns"),
        **EXACT,
    )
    op.create_index("ix_feature_columns_document_id", "feature_columns", ["document_id"])
    op.create_index("ix_feature_columns_name", "feature_columns", ["noun", "project", "name"])
    for table, owner in (("document_labels", "document_id"), ("feature_labels", "feature_id")):
        op.create_table(
            table,
            sa.Column(owner, KEY, nullable=False),
            sa.Column("name", NAME, nullable=False),
            sa.Column("value", NAME, nullable=False),
            sa.PrimaryKeyConstraint(owner, "name", name=f"pk_{table}"),
            **EXACT,
        )
        op.create_index(f"ix_{table}_name", table, ["name", "value"])
    op.create_table(
        "hub_sources",
        sa.Column("name", NAME, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_hub_sources"),
        **EXACT,
    )


def downgrade() -> None:
    for table in (
        "hub_sources", "feature_labels", "document_labels", "feature_columns", "document_tags",
        "documents",
    ):  # fmt: skip
        op.drop_table(table)
