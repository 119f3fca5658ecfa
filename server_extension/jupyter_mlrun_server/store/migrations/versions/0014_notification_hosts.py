"""Notifications know which host sends them: what a dead server of it had begun is told of."""

import sqlalchemy as sa

from jupyter_mlrun_server.store.migrations import repeatable as op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    host = sa.Column("host", sa.String(length=255), nullable=False, server_default="")
    op.add_column("notifications", host)


def downgrade() -> None:
    op.drop_column("notifications", "host")
