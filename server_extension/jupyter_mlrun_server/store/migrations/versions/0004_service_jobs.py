"""Schedules, background tasks, notifications, alerts with their templates and activations."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from jupyter_mlrun_server.store.migrations import repeatable as op

revision = "0004"
down_revision = "0003"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")
EXACT: dict[str, Any] = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}


def upgrade() -> None:
    op.create_table(
        "schedules",
        sa.Column("id", KEY, nullable=False),
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("owner", sa.String(length=255), nullable=False),
        sa.Column("keeper", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("next_run", sa.BigInteger(), nullable=True),
        sa.Column("waits", sa.Boolean(), nullable=False),
        sa.Column("run_uid", sa.String(length=100), nullable=True),
        sa.Column("claimed", sa.BigInteger(), nullable=True),
        sa.Column("last_run_uri", sa.String(length=255), nullable=True),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_schedules"),
        sa.UniqueConstraint("project", "name", name="uq_schedules_project_name"),
        **EXACT,
    )
    op.create_index("ix_schedules_due", "schedules", ["state", "next_run"])
    op.create_table(
        "background_tasks",
        sa.Column("id", KEY, nullable=False),
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("timeout", sa.Integer(), nullable=True),
        sa.Column("ends_by", sa.BigInteger(), nullable=True),
        sa.Column("worker", DOCUMENT, nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("error", DOCUMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_background_tasks"),
        sa.UniqueConstraint("project", "name", name="uq_background_tasks_project_name"),
        **EXACT,
    )
    op.create_index("ix_background_tasks_state", "background_tasks", ["state", "ends_by"])
    op.create_table(
        "notifications",
        sa.Column("id", KEY, nullable=False),
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("uid", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=True),
        sa.Column("claimed", sa.BigInteger(), nullable=True),
        sa.Column("sent", sa.BigInteger(), nullable=True),
        sa.Column("reason", DOCUMENT, nullable=True),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notifications"),
        sa.UniqueConstraint(
            "project", "source", "uid", "name", name="uq_notifications_project_source_uid_name"
        ),
        **EXACT,
    )
    op.create_index("ix_notifications_due", "notifications", ["status", "due"])
    op.create_table(
        "alerts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("reset_at", sa.BigInteger(), nullable=True),
        sa.Column("seen", DOCUMENT, nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
        sa.UniqueConstraint("project", "name", name="uq_alerts_project_name"),
        sqlite_autoincrement=True,
        **EXACT,
    )
    op.create_index("ix_alerts_reset", "alerts", ["active", "reset_at"])
    op.create_table(
        "alert_templates",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alert_templates"),
        sa.UniqueConstraint("name", name="uq_alert_templates_name"),
        **EXACT,
    )
    op.create_table(
        "alert_activations",
        sa.Column("id", KEY, nullable=False),
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("entity_kind", sa.String(length=64), nullable=False),
        sa.Column("entity_id", sa.String(length=255), nullable=False),
        sa.Column("event_kind", sa.String(length=64), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("reset_time", sa.BigInteger(), nullable=True),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alert_activations"),
        sqlite_autoincrement=True,
        **EXACT,
    )
    op.create_index("ix_alert_activations_time", "alert_activations", ["project", "time"])


def downgrade() -> None:
    op.drop_table("alert_activations")
    op.drop_table("alert_templates")
    op.drop_table("alerts")
    op.drop_table("notifications")
    op.drop_table("background_tasks")
    op.drop_table("schedules")
