"""All tables: the document is the truth, the other columns are indexes to it.

Times are whole microseconds since 1970 (UTC), so that they sort and compare on every database.
A table with a column ``project`` is emptied with its project; one without says its ``owner``.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.ext.compiler import compiles


class LongText(Text):
    """Text of any length: MySQL's own TEXT ends at 64 kB."""


@compiles(LongText, "mysql", "mariadb")
def _long_text(*_: Any, **__: Any) -> str:
    return "LONGTEXT"


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

NAME = String(255)
KEY = BigInteger().with_variant(Integer, "sqlite")
# names differ by their letters' case on every database
EXACT: Any = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}
DOCUMENT = LongText()

projects = Table(
    "projects",
    metadata,
    Column("name", String(63), primary_key=True),
    Column("state", String(32), nullable=False),
    Column("owner", NAME, nullable=False, server_default=""),
    Column("created", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("document", DOCUMENT, nullable=False),
    **EXACT,
)

project_labels = Table(
    "project_labels",
    metadata,
    Column("project", String(63), primary_key=True),
    Column("name", NAME, primary_key=True),
    Column("value", NAME, nullable=False),
    **EXACT,
)

functions = Table(
    "functions",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("project", String(63), nullable=False),
    Column("name", NAME, nullable=False),
    Column("uid", NAME, nullable=False),
    Column("kind", String(64), nullable=False),
    Column("state", String(32), nullable=False, server_default=""),
    Column("updated", BigInteger, nullable=False),
    Column("document", DOCUMENT, nullable=False),
    UniqueConstraint("project", "name", "uid"),
    Index("ix_functions_recent", "project", "updated", "id"),
    **EXACT,
)

function_labels = Table(
    "function_labels",
    metadata,
    Column("function_id", KEY, primary_key=True),
    Column("name", NAME, primary_key=True),
    Column("value", NAME, nullable=False),
    Index("ix_function_labels_name", "name", "value"),
    info={"owner": functions},
    **EXACT,
)

function_tags = Table(
    "function_tags",
    metadata,
    Column("project", String(63), primary_key=True),
    Column("name", NAME, primary_key=True),
    Column("tag", NAME, primary_key=True),
    Column("function_id", KEY, nullable=False, index=True),
    **EXACT,
)

runs = Table(
    "runs",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("project", String(63), nullable=False),
    Column("uid", String(100), nullable=False),
    Column("iteration", Integer, nullable=False),
    Column("name", NAME, nullable=False),
    Column("state", String(20), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("function", NAME, nullable=False),
    Column("version", String(100), nullable=False, server_default=""),
    Column("owner", NAME, nullable=False),
    Column("host", NAME, nullable=False),
    Column("notebook", NAME, nullable=False),
    Column("cell_id", NAME, nullable=False),
    Column("start_time", BigInteger, nullable=False),
    Column("end_time", BigInteger),
    Column("last_update", BigInteger, nullable=False),
    Column("notified", Boolean, nullable=False, server_default=false()),
    Column("row", DOCUMENT, nullable=False),
    Column("document", DOCUMENT, nullable=False),
    UniqueConstraint("project", "uid", "iteration"),
    Index("ix_runs_recent", "project", "iteration", "start_time", "id"),
    Index("ix_runs_recent_all", "iteration", "start_time", "id"),
    Index("ix_runs_name", "project", "name", "start_time"),
    Index("ix_runs_state", "state", "iteration", "project"),
    Index("ix_runs_function", "project", "function", "version", "iteration", "start_time"),
    Index("ix_runs_cell", "notebook", "cell_id"),
    **EXACT,
)

run_counts = Table(
    "run_counts",
    metadata,
    Column("project", String(63), primary_key=True),
    Column("state", String(20), primary_key=True),
    Column("number", BigInteger, nullable=False),
    **EXACT,
)

run_labels = Table(
    "run_labels",
    metadata,
    Column("run_id", KEY, primary_key=True),
    Column("name", NAME, primary_key=True),
    Column("value", NAME, nullable=False),
    Index("ix_run_labels_name", "name", "value"),
    info={"owner": runs},
    **EXACT,
)

run_values = Table(
    "run_values",
    metadata,
    Column("run_id", KEY, primary_key=True),
    Column("numbers", DOCUMENT, nullable=False),
    Column("words", DOCUMENT, nullable=False),
    info={"owner": runs},
    **EXACT,
)

artifacts = Table(
    "artifacts",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("project", String(63), nullable=False),
    Column("key", NAME, nullable=False),
    Column("uid", String(100), nullable=False),
    Column("tree", NAME, nullable=False),
    Column("iter", Integer, nullable=False),
    Column("kind", String(64), nullable=False),
    Column("best_iteration", Boolean, nullable=False),
    Column("producer_uri", NAME, nullable=False),
    Column("parent_uri", NAME, nullable=False, server_default=""),
    Column("created", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("document", DOCUMENT, nullable=False),
    UniqueConstraint("project", "key", "uid"),
    Index("ix_artifacts_recent", "project", "updated", "id"),
    Index("ix_artifacts_recent_all", "updated", "id"),
    Index("ix_artifacts_parent", "project", "parent_uri"),
    Index("ix_artifacts_key", "project", "key", "updated", "id"),
    Index("ix_artifacts_of_tree", "project", "tree", "updated", "id"),
    Index("ix_artifacts_uid", "uid"),
    **EXACT,
)

artifact_tags = Table(
    "artifact_tags",
    metadata,
    Column("artifact_id", KEY, primary_key=True),
    Column("tag", NAME, primary_key=True),
    Column("project", String(63), nullable=False),
    Column("key", NAME, nullable=False),
    Column("updated", BigInteger, nullable=False, server_default="0"),
    Index("ix_artifact_tags_name", "project", "key", "tag"),
    Index("ix_artifact_tags_recent", "project", "tag", "updated", "artifact_id"),
    Index("ix_artifact_tags_recent_all", "tag", "updated", "artifact_id"),
    **EXACT,
)

artifact_labels = Table(
    "artifact_labels",
    metadata,
    Column("artifact_id", KEY, primary_key=True),
    Column("name", NAME, primary_key=True),
    Column("value", NAME, nullable=False),
    Index("ix_artifact_labels_name", "name", "value"),
    info={"owner": artifacts},
    **EXACT,
)

tokens = Table(
    "tokens",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("project", String(63), nullable=False),
    Column("uid", String(100), nullable=False),
    Column("created", BigInteger, nullable=False),
    Index("ix_tokens_run", "project", "uid"),
    **EXACT,
)

launches = Table(
    "launches",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("project", String(63), nullable=False),
    Column("uid", String(100), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("host", NAME, nullable=False),
    Column("boot_id", String(64), nullable=False),
    Column("phase", String(16), nullable=False),
    Column("target", String(16), nullable=False),
    Column("needs_secrets", Boolean, nullable=False),
    Column("handle", DOCUMENT),
    Column("created", BigInteger, nullable=False),
    Column("place", String(16), nullable=False, server_default="here"),
    Column("not_before", BigInteger, nullable=False, server_default="0"),
    UniqueConstraint("project", "uid"),
    Index("ix_launches_phase", "phase", "host"),
    sqlite_autoincrement=True,
    **EXACT,
)

events = Table(
    "events",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("action", String(16), nullable=False),
    Column("project", String(63), nullable=False),
    Column("name", NAME, nullable=False),
    Column("uid", String(100), nullable=False),
    Column("iter", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("time", BigInteger, nullable=False),
    sqlite_autoincrement=True,
    **EXACT,
)
