"""Launches know the place in which they run, and the time before which they wait."""

import sqlalchemy as sa

from jupyter_mlrun_server.store.migrations import repeatable as op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column(
        "launches", sa.Column("place", sa.String(length=16), nullable=False, server_default="here")
    )
    op.add_column(
        "launches", sa.Column("not_before", sa.BigInteger(), nullable=False, server_default="0")
    )


def downgrade() -> None:
    op.drop_column("launches", "not_before")
    op.drop_column("launches", "place")
