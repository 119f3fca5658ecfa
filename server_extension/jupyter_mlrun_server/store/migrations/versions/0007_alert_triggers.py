"""Which alerts listen to an event is read from an index, not from every alert of the project."""

import json
from typing import Any

import sqlalchemy as sa

from jupyter_mlrun_server.store.migrations import repeatable as op

revision = "0007"
down_revision = "0006"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAME = sa.String(length=255)
EXACT: dict[str, Any] = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}
LONGEST, MOST, ANY = 255, 50, "*"


def upgrade() -> None:
    op.create_table(
        "alert_triggers",
        sa.Column("alert_id", KEY, nullable=False),
        sa.Column("event_kind", sa.String(length=64), nullable=False),
        sa.Column("entity_id", NAME, nullable=False),
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.PrimaryKeyConstraint("alert_id", "event_kind", "entity_id", name="pk_alert_triggers"),
        **EXACT,
    )
    op.create_index(
        "ix_alert_triggers_event", "alert_triggers", ["project", "event_kind", "entity_id"]
    )
    _fill()


def downgrade() -> None:
    op.drop_table("alert_triggers")


def _fill() -> None:
    connection = op.get_bind()
    alerts = sa.table("alerts", sa.column("id"), sa.column("project"), sa.column("document"))
    names = ("alert_id", "event_kind", "entity_id", "project")
    triggers = sa.table("alert_triggers", *map(sa.column, names))
    connection.execute(triggers.delete())
    for identity, project, document in connection.execute(sa.select(alerts)).all():
        rows = [
            dict(zip(names, (identity, kind, entity, project), strict=True))
            for kind, entity in _triggers(json.loads(document))
        ]
        if rows:
            connection.execute(triggers.insert(), rows)


def _triggers(config: dict[str, Any]) -> set[tuple[str, str]]:
    ids = {str(each) for each in (config.get("entities") or {}).get("ids") or ()}
    if len(ids) > MOST or any(set(each) & set("*?[") for each in ids):
        ids = {ANY}
    kinds = {str(each)[:64] for each in (config.get("trigger") or {}).get("events") or ()}
    return {(kind, each[:LONGEST]) for kind in kinds for each in ids}
