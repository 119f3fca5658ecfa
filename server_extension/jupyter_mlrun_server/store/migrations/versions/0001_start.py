"""The first schema."""

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from jupyter_mlrun_server.store.migrations import repeatable as op

revision = "0001"
down_revision = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.Text().with_variant(mysql.LONGTEXT(), "mysql")


def upgrade() -> None:

    op.create_table(
        "artifact_labels",
        sa.Column("artifact_id", KEY, nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("value", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("artifact_id", "name", name="pk_artifact_labels"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )
    op.create_index("ix_artifact_labels_name", "artifact_labels", ["name", "value"])
    op.create_table(
        "artifact_tags",
        sa.Column("artifact_id", KEY, nullable=False),
        sa.Column("tag", sa.String(length=255), nullable=False),
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("artifact_id", "tag", name="pk_artifact_tags"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )
    op.create_index("ix_artifact_tags_name", "artifact_tags", ["project", "key", "tag"])
    op.create_table(
        "artifacts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("uid", sa.String(length=100), nullable=False),
        sa.Column("tree", sa.String(length=255), nullable=False),
        sa.Column("iter", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("best_iteration", sa.Boolean(), nullable=False),
        sa.Column("producer_uri", sa.String(length=255), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_artifacts"),
        sa.UniqueConstraint("project", "key", "uid", name="uq_artifacts_project_key_uid"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )
    op.create_index("ix_artifacts_recent", "artifacts", ["project", "updated", "id"])
    op.create_index("ix_artifacts_tree", "artifacts", ["project", "tree"])
    op.create_index("ix_artifacts_uid", "artifacts", ["uid"])
    op.create_table(
        "events",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("uid", sa.String(length=100), nullable=False),
        sa.Column("iter", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        sqlite_autoincrement=True,
    )
    op.create_table(
        "function_tags",
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("tag", sa.String(length=255), nullable=False),
        sa.Column("function_id", KEY, nullable=False),
        sa.PrimaryKeyConstraint("project", "name", "tag", name="pk_function_tags"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )
    op.create_index("ix_function_tags_function_id", "function_tags", ["function_id"])
    op.create_table(
        "functions",
        sa.Column("id", KEY, nullable=False),
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("uid", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_functions"),
        sa.UniqueConstraint("project", "name", "uid", name="uq_functions_project_name_uid"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )
    op.create_table(
        "launches",
        sa.Column("id", KEY, nullable=False),
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("uid", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("boot_id", sa.String(length=64), nullable=False),
        sa.Column("phase", sa.String(length=16), nullable=False),
        sa.Column("target", sa.String(length=16), nullable=False),
        sa.Column("needs_secrets", sa.Boolean(), nullable=False),
        sa.Column("handle", DOCUMENT, nullable=True),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_launches"),
        sa.UniqueConstraint("project", "uid", name="uq_launches_project_uid"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        sqlite_autoincrement=True,
    )
    op.create_index("ix_launches_phase", "launches", ["phase", "host"])
    op.create_table(
        "projects",
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_projects"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )
    op.create_table(
        "run_counts",
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("project", "state", name="pk_run_counts"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )
    op.create_table(
        "run_labels",
        sa.Column("run_id", KEY, nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("value", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "name", name="pk_run_labels"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )
    op.create_index("ix_run_labels_name", "run_labels", ["name", "value"])
    op.create_table(
        "runs",
        sa.Column("id", KEY, nullable=False),
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("uid", sa.String(length=100), nullable=False),
        sa.Column("iteration", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("function", sa.String(length=255), nullable=False),
        sa.Column("owner", sa.String(length=255), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("notebook", sa.String(length=255), nullable=False),
        sa.Column("cell_id", sa.String(length=255), nullable=False),
        sa.Column("start_time", sa.BigInteger(), nullable=False),
        sa.Column("end_time", sa.BigInteger(), nullable=True),
        sa.Column("last_update", sa.BigInteger(), nullable=False),
        sa.Column("row", DOCUMENT, nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
        sa.UniqueConstraint("project", "uid", "iteration", name="uq_runs_project_uid_iteration"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )
    op.create_index("ix_runs_cell", "runs", ["notebook", "cell_id"])
    op.create_index("ix_runs_name", "runs", ["project", "name", "start_time"])
    op.create_index("ix_runs_recent", "runs", ["project", "iteration", "start_time", "id"])
    op.create_index("ix_runs_recent_all", "runs", ["iteration", "start_time", "id"])
    op.create_index("ix_runs_state", "runs", ["state", "iteration", "project"])
    op.create_table(
        "tokens",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("uid", sa.String(length=100), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_tokens"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )
    op.create_index("ix_tokens_run", "tokens", ["project", "uid"])


def downgrade() -> None:

    op.drop_index("ix_tokens_run", table_name="tokens")
    op.drop_table("tokens")
    op.drop_index("ix_runs_state", table_name="runs")
    op.drop_index("ix_runs_recent_all", table_name="runs")
    op.drop_index("ix_runs_recent", table_name="runs")
    op.drop_index("ix_runs_name", table_name="runs")
    op.drop_index("ix_runs_cell", table_name="runs")
    op.drop_table("runs")
    op.drop_index("ix_run_labels_name", table_name="run_labels")
    op.drop_table("run_labels")
    op.drop_table("run_counts")
    op.drop_table("projects")
    op.drop_index("ix_launches_phase", table_name="launches")
    op.drop_table("launches")
    op.drop_table("functions")
    op.drop_index("ix_function_tags_function_id", table_name="function_tags")
    op.drop_table("function_tags")
    op.drop_table("events")
    op.drop_index("ix_artifacts_uid", table_name="artifacts")
    op.drop_index("ix_artifacts_tree", table_name="artifacts")
    op.drop_index("ix_artifacts_recent", table_name="artifacts")
    op.drop_table("artifacts")
    op.drop_index("ix_artifact_tags_name", table_name="artifact_tags")
    op.drop_table("artifact_tags")
    op.drop_index("ix_artifact_labels_name", table_name="artifact_labels")
    op.drop_table("artifact_labels")
