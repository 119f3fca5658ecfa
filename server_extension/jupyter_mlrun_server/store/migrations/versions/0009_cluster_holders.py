"""Which host leads the runs of a cluster."""

from typing import Any

import sqlalchemy as sa

from jupyter_mlrun_server.store.migrations import repeatable as op

revision = "0009"
down_revision = "0008"

EXACT: dict[str, Any] = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}


def upgrade() -> None:
    op.create_table(
        "cluster_holders",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("holder", sa.String(length=255), nullable=False),
        sa.Column("beat", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_cluster_holders"),
        **EXACT,
    )


def downgrade() -> None:
    op.drop_table("cluster_holders")
