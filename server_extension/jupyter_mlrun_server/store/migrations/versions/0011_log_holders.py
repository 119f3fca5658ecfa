"""Which of several folders of files holds the log of a run."""

from typing import Any

import sqlalchemy as sa

from jupyter_mlrun_server.store.migrations import repeatable as op

revision = "0011"
down_revision = "0010"

EXACT: dict[str, Any] = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}


def upgrade() -> None:
    op.create_table(
        "log_holders",
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("uid", sa.String(length=100), nullable=False),
        sa.Column("folder", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("project", "uid", name="pk_log_holders"),
        **EXACT,
    )


def downgrade() -> None:
    op.drop_table("log_holders")
