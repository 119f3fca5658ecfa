"""Runs know the version of their function, and are found by it."""

import json
from typing import Any

import sqlalchemy as sa

from jupyter_mlrun_server.store.migrations import repeatable as op

revision = "0012"
down_revision = "0011"

# documents of hundreds of kB are no rarity
SLICE = 100
COLUMNS = ["project", "function", "version", "iteration", "start_time"]


def upgrade() -> None:
    version = sa.Column("version", sa.String(length=100), nullable=False, server_default="")
    op.add_column("runs", version)
    _fill()
    op.create_index("ix_runs_function", "runs", COLUMNS)


def downgrade() -> None:
    op.drop_index("ix_runs_function", "runs")
    op.drop_column("runs", "version")


def _fill() -> None:
    """What the documents that are there say."""
    connection = op.get_bind()
    runs = sa.table("runs", *map(sa.column, ("id", "function", "version", "document")))
    change = runs.update().where(runs.c.id == sa.bindparam("k")).values(version=sa.bindparam("v"))
    last = 0
    while True:
        chosen = sa.select(runs.c.id, runs.c.document).where(runs.c.id > last)
        chosen = chosen.where(runs.c.function != "").order_by(runs.c.id).limit(SLICE)
        found = connection.execute(chosen).all()
        if not found:
            return
        last = found[-1].id
        versions = [{"k": row.id, "v": _version(json.loads(row.document))} for row in found]
        if some := [each for each in versions if each["v"]]:
            connection.execute(change, some)


def _version(run: dict[str, Any]) -> str:
    uri = (run.get("spec") or {}).get("function")
    return str(uri).partition("@")[2][:100]
