"""Stores of every earlier schema: nothing is lost, and lists answer as of new documents."""

from __future__ import annotations

import contextlib
import json
import logging
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory
from filelock import FileLock
from sqlalchemy.engine import Connection

from jupyter_mlrun.errors import MLRunServiceUnavailableError
from jupyter_mlrun.model.document import dumps
from jupyter_mlrun_server.store import (
    alerts,
    artifact_lists,
    artifacts,
    clock,
    functions,
    journal,
    notifications,
    projects,
    run_lists,
    run_rows,
    runs,
)
from jupyter_mlrun_server.store import database as database_module
from jupyter_mlrun_server.store.artifacts import ArtifactKey
from jupyter_mlrun_server.store.database import Database, opened
from jupyter_mlrun_server.store.migrations import HEAD
from jupyter_mlrun_server.store.migrations import upgrade as upgrade_module
from jupyter_mlrun_server.store.migrations.upgrade import config
from jupyter_mlrun_server.store.run_filter import RowFilter
from jupyter_mlrun_server.store.runs import RunKey
from jupyter_mlrun_server.store.schema import metadata

EARLIER = sorted(
    script.revision
    for script in ScriptDirectory.from_config(config()).walk_revisions()
    if script.revision != HEAD
)
WHEN = "2026-01-01T00:00:00+00:00"
MICRO = 1_767_225_600_000_000
# what a store holds, as the columns of the first schema have it; later columns have defaults
PROJECT = {
    "kind": "project",
    "metadata": {"name": "sea", "created": WHEN, "labels": {"team": "north"}},
    "spec": {"owner": "ann"},
    "status": {"state": "online"},
}
FUNCTION = {
    "kind": "local",
    "metadata": {"name": "train", "project": "sea", "hash": "a" * 40, "labels": {"a": "b"}},
    "spec": {"image": "x"},
    "status": {"state": "ready"},
}
RUN = {
    "kind": "run",
    "metadata": {"name": "train", "project": "sea", "uid": "1" * 32, "iteration": 0,
                 "labels": {"kind": "local"}},
    "spec": {"parameters": {"n": 3, "word": "ü"}, "notifications": [{"kind": "slack"}],
             "function": f"sea/train:v1@{'a' * 40}"},
    "status": {"state": "completed", "results": {"loss": 0.5, "note": "fine", "ok": True},
               "start_time": WHEN, "last_update": WHEN},
}  # fmt: skip
ARTIFACT = {
    "kind": "model",
    "metadata": {"key": "model", "project": "sea", "tree": "1" * 32, "iter": 0, "uid": "b" * 40,
                 "updated": WHEN},
    "spec": {"parent_uri": "store://models/sea/llm#0@x"},
    "status": {},
}  # fmt: skip
ROWS: list[tuple[str, dict[str, Any]]] = [
    ("projects", {"name": "sea", "state": "online", "created": MICRO, "updated": MICRO,
                  "document": PROJECT}),
    ("functions", {"id": 1, "project": "sea", "name": "train", "uid": "a" * 40, "kind": "local",
                   "updated": MICRO, "document": FUNCTION}),
    ("function_tags", {"project": "sea", "name": "train", "tag": "latest", "function_id": 1}),
    ("runs", {"id": 1, "project": "sea", "uid": "1" * 32, "iteration": 0, "name": "train",
              "state": "completed", "kind": "local", "function": "train", "owner": "ann",
              "host": "", "notebook": "", "cell_id": "", "start_time": MICRO, "end_time": MICRO,
              "last_update": MICRO, "row": {"name": "train"}, "document": RUN}),
    ("run_counts", {"project": "sea", "state": "completed", "number": 1}),
    ("run_labels", {"run_id": 1, "name": "kind", "value": "local"}),
    ("artifacts", {"id": 1, "project": "sea", "key": "model", "uid": "b" * 40, "tree": "1" * 32,
                   "iter": 0, "kind": "model", "best_iteration": True, "producer_uri": "",
                   "created": MICRO, "updated": MICRO, "document": ARTIFACT}),
    ("artifact_tags", {"artifact_id": 1, "tag": "latest", "project": "sea", "key": "model"}),
]  # fmt: skip


def at_revision(database: Database, revision: str) -> None:
    """Make the schema of an earlier release, with something of each noun in it."""
    settings = config()
    with database.write() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, revision)
        for table, values in ROWS:
            fill(connection, table, values)


def fill(connection: Connection, table: str, values: dict[str, Any]) -> None:
    row = {k: dumps(v) if isinstance(v, dict) else v for k, v in values.items()}
    connection.execute(sa.table(table, *map(sa.column, row)).insert(), row)


@pytest.mark.parametrize("revision", EARLIER)
def test_an_earlier_store(empty: Database, revision: str) -> None:
    at_revision(empty, revision)
    empty.migrate()
    assert empty.revision() == HEAD
    with empty.read() as connection:
        assert json.loads(projects.read(connection, "sea")) == PROJECT
        found = runs.read(connection, RunKey("sea", "1" * 32))
        assert found == RUN
        assert functions.read(connection, "sea", "train")["metadata"]["tag"] == "latest"
        model = artifacts.read(connection, ArtifactKey("sea", "model", tag="latest"))
        assert model["spec"] == ARTIFACT["spec"]
        page = artifact_lists.select(connection, "sea", artifact_lists.Filter())
        version = RowFilter("sea", function=f"train@{'a' * 40}")
        # later releases have written it themselves
        assert run_rows.select(connection, version, "").total == (revision < "0012")
    (listed,) = (json.loads(text) for text in page.documents)
    assert listed["metadata"] == {**ARTIFACT["metadata"], "tag": "latest"}
    if revision == "0001":
        answered_from_the_new_indexes(empty)


@pytest.mark.parametrize("died_after", [3, 9, 16, 24, 40])
def test_a_server_that_dies_in_an_upgrade_is_followed_by_another(
    empty: Database, died_after: int
) -> None:
    """MariaDB keeps what was changed so far, without a word of it in the revision."""
    at_revision(empty, "0001")
    changes = 0

    def die(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        nonlocal changes
        changes += statement.lstrip().upper().startswith(("CREATE", "ALTER", "DROP", "INSERT"))
        if changes > died_after:
            raise KeyboardInterrupt

    sa.event.listen(empty.engine, "before_cursor_execute", die)
    try:
        with pytest.raises(KeyboardInterrupt):
            empty.migrate()
    finally:
        sa.event.remove(empty.engine, "before_cursor_execute", die)
    empty.engine.dispose()
    empty.migrate()
    assert empty.revision() == HEAD
    answered_from_the_new_indexes(empty)
    with empty.engine.connect() as connection:
        there = sa.inspect(connection)
        for table in metadata.sorted_tables:
            columns = {column["name"] for column in there.get_columns(table.name)}
            assert columns == {column.name for column in table.columns}
            known = {index["name"] for index in there.get_indexes(table.name)}
            assert {index.name for index in table.indexes} <= known, table.name


def answered_from_the_new_indexes(database: Database) -> None:
    with database.read() as connection:
        assert len(projects.select(connection, owner="ann", labels=["team=north"])) == 1
        asked = functions.Filter(labels=("a=b",), states=("ready",))
        assert len(functions.select(connection, "sea", asked).documents) == 1
        children = artifact_lists.Filter(parent="store://models/sea/llm#0@x")
        assert len(artifact_lists.select(connection, "sea", children).documents) == 1
        told = run_lists.Filter(with_notifications=True)
        assert len(run_lists.select(connection, "sea", told).documents) == 1
        for text, number in (
            ("results.loss<1", 1), ("results.loss>1", 0), ("results.ok=true", 1),
            ("results.note=fine", 1), ("parameters.word=ü", 1), ("parameters.n=3", 1),
        ):  # fmt: skip
            assert run_rows.select(connection, RowFilter("sea", text), "").total == number, text


def shape(path: Path) -> dict[str, Any]:
    """The tables of a SQLite store with columns, defaults, keys and indexes; and what else is."""
    with contextlib.closing(sqlite3.connect(path)) as store:

        def ask(text: str) -> list[tuple[Any, ...]]:
            return store.execute(text).fetchall()

        found: dict[str, Any] = {}
        for (table,) in ask("SELECT name FROM sqlite_master WHERE type = 'table'"):
            indexes = [
                (name if origin == "c" else "", unique, origin, partial,
                 [row[2:5] for row in ask(f"PRAGMA index_xinfo('{name}')") if row[5]])
                for _, name, unique, origin, partial in ask(f"PRAGMA index_list('{table}')")
            ]  # fmt: skip
            found[table] = {
                "columns": sorted(row[1:] for row in ask(f"PRAGMA table_xinfo('{table}')")),
                "indexes": sorted(indexes),
                "foreign keys": sorted(
                    row[2:] for row in ask(f"PRAGMA foreign_key_list('{table}')")
                ),
            }
        found[""] = ask("SELECT type, name, sql FROM sqlite_master WHERE type NOT IN "
                        "('table', 'index') ORDER BY name")  # fmt: skip
        return found


def test_a_new_sqlite_store_is_made_at_once_and_is_the_same(tmp_path: Path) -> None:
    log = logging.getLogger("store")
    history, fresh = (Database(f"sqlite:///{tmp_path / n}", log) for n in ("old", "new"))
    settings = config()
    with history.write() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")
    fresh.migrate()
    assert (history.revision(), fresh.revision()) == (HEAD, HEAD)
    assert history.path and fresh.path
    made = shape(fresh.path)
    assert made == shape(history.path)
    assert len(made) > 20
    for each in (history, fresh):
        each.close()
    code = (
        "import logging, sys\nfrom jupyter_mlrun_server.store.database import opened\n"
        "opened(sys.argv[1], logging.getLogger()).close()\nassert 'alembic' not in sys.modules"
    )
    address = f"sqlite:///{tmp_path / 'third'}"
    subprocess.run([sys.executable, "-c", code, address], check=True)


def test_programs_that_make_one_store_at_once_agree(tmp_path: Path) -> None:
    for name in range(30):
        address = f"sqlite:///{tmp_path / str(name)}"
        several = [Database(address, logging.getLogger("store")) for _ in range(6)]
        with ThreadPoolExecutor(len(several)) as pool:
            list(pool.map(Database.migrate, several))
        assert {each.revision() for each in several} == {HEAD}
        for each in several:
            each.close()


def test_servers_that_upgrade_one_store_at_once_agree(empty: Database, tmp_path: Path) -> None:
    at_revision(empty, "0001")
    address = empty.url.render_as_string(hide_password=False)
    several = [empty, *(Database(address, logging.getLogger("store")) for _ in range(3))]
    begin = threading.Barrier(len(several))

    def upgrade(database: Database) -> None:
        begin.wait(60)
        database.migrate()

    with ThreadPoolExecutor(len(several)) as pool:
        list(pool.map(upgrade, several))
    assert {each.revision() for each in several} == {HEAD}
    answered_from_the_new_indexes(empty)
    for each in several[1:]:
        each.close()
    assert len(list(tmp_path.glob("*.backup"))) == (empty.path is not None)
    assert not list(tmp_path.glob("*.part"))


def test_a_store_that_is_locked_is_none_without_a_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "BUSY", 50)
    monkeypatch.setattr(journal, "mode_of", lambda *_: "DELETE")
    path = tmp_path / "store.sqlite"
    database = Database(f"sqlite:///{path}", logging.getLogger("store"))
    at_revision(database, EARLIER[0])
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sa.exc.OperationalError, match="locked"):
            database.revision()
        with pytest.raises(MLRunServiceUnavailableError, match="is locked"):
            opened(f"sqlite:///{path}", logging.getLogger("store"))
        other.execute("ROLLBACK")
    assert database.revision() == EARLIER[0] and not list(tmp_path.glob("*.backup*"))
    database.close()


def test_an_upgrade_waits_for_one_that_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upgrade_module, "PATIENCE", 0.05)
    path = tmp_path / "store.sqlite"
    database = Database(f"sqlite:///{path}", logging.getLogger("store"))
    at_revision(database, EARLIER[0])
    with (
        FileLock(f"{path}.migrate.lock"),
        pytest.raises(MLRunServiceUnavailableError, match="being upgraded by another program"),
    ):
        database.migrate()
    database.migrate()
    assert database.revision() == HEAD
    database.close()


def test_what_is_written_while_a_copy_is_made_waits(tmp_path: Path) -> None:
    """The copy holds all that the upgrade finds, also of a server that still writes."""
    path = tmp_path / "store.sqlite"
    database = Database(f"sqlite:///{path}", logging.getLogger("store"))
    at_revision(database, EARLIER[-1])
    busy: list[str] = []

    class Copied(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            with contextlib.closing(sqlite3.connect(path, timeout=0)) as other:
                try:
                    other.execute("DELETE FROM run_labels")
                except sqlite3.OperationalError as error:
                    busy.append(str(error))

    log = logging.getLogger("store.copied")
    log.addHandler(Copied())
    log.setLevel(logging.INFO)
    database.log = log
    database.migrate()
    assert busy == ["database is locked"]
    database.close()


def test_sqlite_is_kept_before_it_is_upgraded(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'store.sqlite'}", logging.getLogger("store"))
    at_revision(database, EARLIER[0])
    database.migrate()
    (copy,) = tmp_path.glob("*.backup*")
    assert copy.name == f"store.sqlite.{EARLIER[0]}.backup"
    assert copy.stat().st_mode & 0o777 == 0o600
    with sqlite3.connect(copy) as kept:
        assert kept.execute("SELECT version_num FROM alembic_version").fetchone() == (EARLIER[0],)
        assert kept.execute("SELECT count(*) FROM runs").fetchone() == (1,)
    kept.close()
    copy.unlink()
    database.migrate()
    assert not list(tmp_path.glob("*.backup*")), "an upgraded store is not copied again"
    database.close()


def test_no_copy_no_upgrade(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'store.sqlite'}", logging.getLogger("store"))
    at_revision(database, EARLIER[0])
    (tmp_path / f"store.sqlite.{EARLIER[0]}.backup.part").mkdir()
    with pytest.raises(MLRunServiceUnavailableError, match="so it was not upgraded"):
        database.migrate()
    assert database.revision() == EARLIER[0]
    database.close()


def test_alerts_of_an_earlier_store_go_on_listening(empty: Database) -> None:
    at_revision(empty, "0006")
    config = {
        "project": "sea", "name": "fails", "severity": "low", "reset_policy": "auto",
        "entities": {"kind": "job", "project": "sea", "ids": ["train"]},
        "trigger": {"events": ["failed"]}, "criteria": {"count": 1}, "notifications": [],
    }  # fmt: skip
    row = {"id": 1, "project": "sea", "name": "fails", "active": False, "count": 0,
           "created": MICRO, "updated": MICRO, "seen": "{}", "document": config}  # fmt: skip
    with empty.write() as connection:
        fill(connection, "alerts", row)
    empty.migrate()
    with empty.write() as connection:
        event = {"kind": "job", "ids": ["train"], "project": "sea"}
        assert len(alerts.take(connection, "sea", "failed", event, {})) == 1
        assert alerts.take(connection, "sea", "failed", event | {"ids": ["other"]}, {}) == []


def test_notifications_of_an_earlier_store_are_sent_or_told_of(empty: Database) -> None:
    at_revision(empty, "0013")
    row = {"project": "sea", "source": "run", "uid": "1" * 32, "attempts": 0, "due": MICRO,
           "document": {"kind": "slack", "when": ["completed"]}}  # fmt: skip
    begun = {"id": 2, "name": "begun", "status": "sending", "claimed": MICRO}
    with empty.write() as connection:
        fill(connection, "notifications", {"id": 1, "name": "waits", "status": "pending", **row})
        fill(connection, "notifications", {**row, **begun})
    empty.migrate()
    with empty.write() as connection:
        now = clock.now(connection)
        assert [each.name for each in notifications.settle_lost(connection, now)] == ["begun"]
        assert [each.name for each in notifications.claim(connection, now, "here")] == ["waits"]
        found = notifications.states(connection, "sea", "1" * 32)
    assert {name: told["status"] for name, told in found.items()} == {
        "begun": "error", "waits": "pending",
    }  # fmt: skip
