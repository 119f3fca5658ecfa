"""Until when runs in kernels of other machines are believed to go on."""

from typing import Any

import sqlalchemy as sa

from jupyter_mlrun_server.store.migrations import repeatable as op

revision = "0008"
down_revision = "0007"

EXACT: dict[str, Any] = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}


def upgrade() -> None:
    op.create_table(
        "run_leases",
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("uid", sa.String(length=100), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("project", "uid", name="pk_run_leases"),
        **EXACT,
    )
    op.create_index("ix_run_leases_until", "run_leases", ["until"])


def downgrade() -> None:
    op.drop_table("run_leases")
