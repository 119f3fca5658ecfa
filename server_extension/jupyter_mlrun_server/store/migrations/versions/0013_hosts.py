"""Which hosts share the store, and when each was heard of."""

from typing import Any

import sqlalchemy as sa

from jupyter_mlrun_server.store.migrations import repeatable as op

revision = "0013"
down_revision = "0012"

EXACT: dict[str, Any] = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}


def upgrade() -> None:
    op.create_table(
        "hosts",
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("began", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("host", name="pk_hosts"),
        **EXACT,
    )


def downgrade() -> None:
    op.drop_table("hosts")
