"""Lists of functions, projects and artifacts by index; the values of runs beside the runs."""

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from jupyter_mlrun_server.store.migrations import repeatable as op

revision = "0002"
down_revision = "0001"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")
EXACT: dict[str, Any] = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}
NAME = sa.String(length=255)
SLICE = 1000
SHORT = 300

ADDED: tuple[tuple[str, Any], ...] = (
    ("projects", sa.Column("owner", NAME, nullable=False, server_default="")),
    ("functions", sa.Column("state", sa.String(length=32), nullable=False, server_default="")),
    ("artifact_tags", sa.Column("updated", sa.BigInteger(), nullable=False, server_default="0")),
    ("artifacts", sa.Column("parent_uri", NAME, nullable=False, server_default="")),
    ("runs", sa.Column("notified", sa.Boolean(), nullable=False, server_default=sa.false())),
)
INDEXES = (
    ("ix_functions_recent", "functions", ["project", "updated", "id"]),
    ("ix_artifacts_parent", "artifacts", ["project", "parent_uri"]),
    ("ix_artifacts_recent_all", "artifacts", ["updated", "id"]),
    ("ix_artifacts_key", "artifacts", ["project", "key", "updated", "id"]),
    ("ix_artifacts_of_tree", "artifacts", ["project", "tree", "updated", "id"]),
    ("ix_artifact_tags_recent", "artifact_tags", ["project", "tag", "updated", "artifact_id"]),
    ("ix_artifact_tags_recent_all", "artifact_tags", ["tag", "updated", "artifact_id"]),
)


def upgrade() -> None:
    op.create_table(
        "function_labels",
        sa.Column("function_id", KEY, nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("value", NAME, nullable=False),
        sa.PrimaryKeyConstraint("function_id", "name", name="pk_function_labels"),
        **EXACT,
    )
    op.create_index("ix_function_labels_name", "function_labels", ["name", "value"])
    op.create_table(
        "project_labels",
        sa.Column("project", sa.String(length=63), nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("value", NAME, nullable=False),
        sa.PrimaryKeyConstraint("project", "name", name="pk_project_labels"),
        **EXACT,
    )
    op.create_table(
        "run_values",
        sa.Column("run_id", KEY, nullable=False),
        sa.Column("numbers", DOCUMENT, nullable=False),
        sa.Column("words", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("run_id", name="pk_run_values"),
        **EXACT,
    )
    for table, column in ADDED:
        op.add_column(table, column)
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)
    op.drop_index("ix_artifacts_tree", "artifacts")
    _fill()


def downgrade() -> None:
    op.create_index("ix_artifacts_tree", "artifacts", ["project", "tree"])
    for name, table, _ in INDEXES:
        op.drop_index(name, table)
    for table, column in ADDED:
        op.drop_column(table, column.name)
    for table in ("run_values", "project_labels", "function_labels"):
        op.drop_table(table)


def _fill() -> None:
    """What the documents that are there say."""
    connection = op.get_bind()
    for table in ("function_labels", "project_labels", "run_values"):
        connection.execute(sa.table(table).delete())
    tags = sa.table("artifact_tags", sa.column("artifact_id"), sa.column("updated"))
    dated = sa.table("artifacts", sa.column("id"), sa.column("updated"))
    moment = sa.select(dated.c.updated).where(dated.c.id == tags.c.artifact_id).scalar_subquery()
    connection.execute(tags.update().values(updated=sa.func.coalesce(moment, 0)))
    for found in _documents(connection, "projects", "name"):
        _project(connection, found)
    for found in _documents(connection, "functions", "id"):
        _functions(connection, found)
    for found in _documents(connection, "artifacts", "id"):
        _artifacts(connection, found)
    for found in _documents(connection, "runs", "id"):
        _runs(connection, found)


def _documents(connection: Any, table: str, key: str) -> Iterator[list[tuple[Any, dict[str, Any]]]]:
    """Slices of (key, document), in the order of the key."""
    rows = sa.table(table, sa.column(key), sa.column("document"))
    last: Any = None
    while True:
        chosen = sa.select(rows).order_by(rows.c[key]).limit(SLICE)
        if last is not None:
            chosen = chosen.where(rows.c[key] > last)
        found = [(row[0], json.loads(row[1])) for row in connection.execute(chosen)]
        if not found:
            return
        yield found
        last = found[-1][0]


def _part(document: Any, *names: str) -> dict[str, Any]:
    for name in names:
        document = document.get(name) if isinstance(document, dict) else None
    return document if isinstance(document, dict) else {}


def _labels(owner: str, found: list[tuple[Any, dict[str, Any]]]) -> list[dict[str, Any]]:
    return [
        {owner: key, "name": str(name)[:255],
         "value": (value if isinstance(value, str) else json.dumps(value))[:255]}
        for key, document in found
        for name, value in _part(document, "metadata", "labels").items()
    ]  # fmt: skip


def _insert(connection: Any, table: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        columns: list[Any] = [sa.column(name) for name in rows[0]]
        connection.execute(sa.table(table, *columns).insert(), rows)


def _set(connection: Any, table: str, key: str, column: str, values: dict[Any, Any]) -> None:
    if values:
        rows = sa.table(table, sa.column(key), sa.column(column))
        connection.execute(
            rows.update()
            .where(rows.c[key] == sa.bindparam("k"))
            .values({column: sa.bindparam("v")}),
            [{"k": each, "v": value} for each, value in values.items()],
        )


def _project(connection: Any, found: list[tuple[Any, dict[str, Any]]]) -> None:
    _insert(connection, "project_labels", _labels("project", found))
    owners = {key: str(_part(document, "spec").get("owner") or "")[:255] for key, document in found}
    _set(connection, "projects", "name", "owner", owners)


def _functions(connection: Any, found: list[tuple[Any, dict[str, Any]]]) -> None:
    _insert(connection, "function_labels", _labels("function_id", found))
    states = {
        key: str(_part(document, "status").get("state") or "")[:32] for key, document in found
    }
    _set(connection, "functions", "id", "state", states)


def _artifacts(connection: Any, found: list[tuple[Any, dict[str, Any]]]) -> None:
    parents = {key: _part(document, "spec").get("parent_uri") for key, document in found}
    _set(
        connection, "artifacts", "id", "parent_uri",
        {key: str(parent)[:255] for key, parent in parents.items() if parent},
    )  # fmt: skip


def _runs(connection: Any, found: list[tuple[Any, dict[str, Any]]]) -> None:
    _insert(connection, "run_values", [{"run_id": key, **_values(run)} for key, run in found])
    notified = {key: True for key, run in found if _part(run, "spec").get("notifications")}
    _set(connection, "runs", "id", "notified", notified)


def _values(run: dict[str, Any]) -> dict[str, str]:
    numbers: dict[str, dict[str, Any]] = {"results": {}, "parameters": {}}
    words: dict[str, dict[str, Any]] = {"results": {}, "parameters": {}}
    for part, values in (
        ("results", _part(run, "status", "results")),
        ("parameters", _part(run, "spec", "parameters")),
    ):
        for name, value in values.items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                numbers[part][name] = value
            if isinstance(value, str | int | float | bool):
                text = value if isinstance(value, str) else json.dumps(value)
                words[part][name] = text[:SHORT]
    return {
        "numbers": json.dumps(numbers, ensure_ascii=False),
        "words": json.dumps(words, ensure_ascii=False),
    }
