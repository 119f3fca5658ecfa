"""The tables of what the service does by itself: schedules, tasks, notifications, alerts.

Times are whole microseconds since 1970 (UTC), as in ``tables``.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, UniqueConstraint

from .tables import DOCUMENT, EXACT, KEY, NAME, metadata

schedules = Table(
    "schedules",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("project", String(63), nullable=False),
    Column("name", NAME, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("owner", NAME, nullable=False),
    Column("keeper", NAME, nullable=False),
    Column("state", String(16), nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("next_run", BigInteger),
    Column("waits", Boolean, nullable=False),
    # the run that is being recorded, and since when: whoever finds it later records the same one
    Column("run_uid", String(100)),
    Column("claimed", BigInteger),
    Column("last_run_uri", NAME),
    Column("document", DOCUMENT, nullable=False),
    UniqueConstraint("project", "name"),
    Index("ix_schedules_due", "state", "next_run"),
    **EXACT,
)

background_tasks = Table(
    "background_tasks",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("project", String(63), nullable=False),
    Column("name", NAME, nullable=False),
    Column("kind", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("timeout", Integer),
    Column("ends_by", BigInteger),
    Column("worker", DOCUMENT, nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("total", BigInteger),
    Column("error", DOCUMENT),
    UniqueConstraint("project", "name"),
    Index("ix_background_tasks_state", "state", "ends_by"),
    **EXACT,
)

# one row for each notification of a run or of an alert's activation, sent once
notifications = Table(
    "notifications",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("project", String(63), nullable=False),
    Column("source", String(16), nullable=False),
    Column("uid", String(100), nullable=False),
    Column("name", NAME, nullable=False),
    Column("status", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due", BigInteger),
    Column("claimed", BigInteger),
    # whose server sends it
    Column("host", NAME, nullable=False, server_default=""),
    Column("sent", BigInteger),
    Column("reason", DOCUMENT),
    Column("document", DOCUMENT, nullable=False),
    UniqueConstraint("project", "source", "uid", "name"),
    Index("ix_notifications_due", "status", "due"),
    **EXACT,
)

run_leases = Table(
    "run_leases",
    metadata,
    Column("project", String(63), primary_key=True),
    Column("uid", String(100), primary_key=True),
    Column("until", BigInteger, nullable=False),
    Index("ix_run_leases_until", "until"),
    **EXACT,
)

cluster_holders = Table(
    "cluster_holders",
    metadata,
    Column("name", NAME, primary_key=True),
    Column("holder", NAME, nullable=False),
    Column("beat", BigInteger, nullable=False),
    **EXACT,
)

hosts = Table(
    "hosts",
    metadata,
    Column("host", NAME, primary_key=True),
    Column("began", BigInteger, nullable=False),
    Column("seen", BigInteger, nullable=False),
    **EXACT,
)

data_folders = Table(
    "data_folders",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("host", NAME, nullable=False),
    Column("path", String(1000), nullable=False),
    Column("seen", BigInteger, nullable=False),
    **EXACT,
)

log_holders = Table(
    "log_holders",
    metadata,
    Column("project", String(63), primary_key=True),
    Column("uid", String(100), primary_key=True),
    Column("folder", String(32), nullable=False),
    **EXACT,
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("project", String(63), nullable=False),
    Column("name", NAME, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("reset_at", BigInteger),
    Column("seen", DOCUMENT, nullable=False),
    Column("document", DOCUMENT, nullable=False),
    UniqueConstraint("project", "name"),
    Index("ix_alerts_reset", "active", "reset_at"),
    sqlite_autoincrement=True,
    **EXACT,
)

alert_triggers = Table(
    "alert_triggers",
    metadata,
    Column("alert_id", KEY, primary_key=True, autoincrement=False),
    Column("event_kind", String(64), primary_key=True),
    Column("entity_id", NAME, primary_key=True),
    Column("project", String(63), nullable=False),
    Index("ix_alert_triggers_event", "project", "event_kind", "entity_id"),
    **EXACT,
)

alert_templates = Table(
    "alert_templates",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("name", NAME, nullable=False, unique=True),
    Column("document", DOCUMENT, nullable=False),
    **EXACT,
)

alert_activations = Table(
    "alert_activations",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("project", String(63), nullable=False),
    Column("name", NAME, nullable=False),
    Column("severity", String(16), nullable=False),
    Column("entity_kind", String(64), nullable=False),
    Column("entity_id", NAME, nullable=False),
    Column("event_kind", String(64), nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("reset_time", BigInteger),
    Column("document", DOCUMENT, nullable=False),
    Index("ix_alert_activations_time", "project", "time"),
    sqlite_autoincrement=True,
    **EXACT,
)
