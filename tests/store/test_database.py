"""The schema's history, the journal on network file systems, and what the disk refuses."""

from __future__ import annotations

import logging
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from jupyter_mlrun.errors import MLRunPreconditionFailedError, MLRunServiceUnavailableError
from jupyter_mlrun_server.store import database as module
from jupyter_mlrun_server.store import journal, projects
from jupyter_mlrun_server.store.database import Database
from jupyter_mlrun_server.store.journal import file_system
from jupyter_mlrun_server.store.migrations import HEAD
from jupyter_mlrun_server.store.migrations.upgrade import config
from jupyter_mlrun_server.store.schema import metadata
from tests.live import free_port

LOG = logging.getLogger("store")


def make(folder: Path) -> Database:
    return Database(f"sqlite:///{folder / 'store.sqlite'}", LOG)


def test_head_is_alembics() -> None:
    assert ScriptDirectory.from_config(config()).get_current_head() == HEAD


def test_the_revisions_make_the_tables(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []


def test_up_and_down_again(tmp_path: Path) -> None:
    from alembic import command

    database = make(tmp_path)
    database.migrate()
    settings = config()
    with database.write() as connection:
        settings.attributes["connection"] = connection
        command.downgrade(settings, "base")
    assert sa.inspect(database.engine).get_table_names() == ["alembic_version"]
    database.migrate()
    assert database.revision() == HEAD
    database.close()


def test_a_store_of_a_newer_release_is_refused(tmp_path: Path) -> None:
    database = make(tmp_path)
    database.migrate()
    with database.write() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(MLRunPreconditionFailedError, match=r"newer release.*9999.*upgrade"):
        database.migrate()
    database.close()


def test_a_second_start_loads_no_alembic(tmp_path: Path) -> None:
    database = make(tmp_path)
    database.migrate()
    database.close()
    code = (
        "import logging, sys\n"
        "from jupyter_mlrun_server.store.database import Database\n"
        f"database = Database('sqlite:///{tmp_path / 'store.sqlite'}', logging.getLogger())\n"
        "database.migrate()\n"
        "assert 'alembic' not in sys.modules and 'sqlalchemy.orm' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_store_is_its_users_alone(tmp_path: Path) -> None:
    database = make(tmp_path)
    database.migrate()
    assert (tmp_path / "store.sqlite").stat().st_mode & 0o777 == 0o600
    database.close()


@pytest.mark.parametrize(
    "path, kind",
    [("/home/ana/x", "nfs4"), ("/home", "nfs4"), ("/homes", "ext4"), ("/a b/c", "cifs"),
     ("/", "ext4")],
)  # fmt: skip
def test_file_systems_are_known_by_their_mounts(tmp_path: Path, path: str, kind: str) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(
        "/dev/sda / ext4 rw 0 0\nserver:/home /home nfs4 rw 0 0\n//s/x /a\\040b cifs rw 0 0\n"
    )
    assert file_system(Path(path), str(mounts)) == kind


@pytest.mark.parametrize("kind, mode", [("nfs4", "delete"), ("ext4", "wal"), ("", "wal")])
def test_no_wal_on_network_file_systems(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    kind: str,
    mode: str,
) -> None:
    monkeypatch.setattr(journal, "file_system", lambda path: kind)
    database = make(tmp_path)
    with database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == mode
    assert ("network file system (nfs4)" in caplog.text) == (kind == "nfs4")
    database.close()


def test_a_full_disk_is_a_sentence(tmp_path: Path) -> None:
    database = make(tmp_path)
    database.migrate()
    with database.write() as connection:
        connection.exec_driver_sql("SELECT 1")
    refused = pytest.raises(MLRunServiceUnavailableError, match="is full: free some space")
    with refused, database.write() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        for n in range(1000):
            projects.create(connection, {"metadata": {"name": f"p{n}"}, "spec": {"x": "y" * 999}})
    with database.read() as connection:
        assert projects.select(connection) == []
    database.close()


def test_a_locked_store_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BUSY", 50)
    database = make(tmp_path)
    database.migrate()
    with sqlite3.connect(tmp_path / "store.sqlite", isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        refused = pytest.raises(MLRunServiceUnavailableError, match="is locked by another program")
        with refused, database.write() as connection:
            projects.create(connection, {"metadata": {"name": "sea"}})
        other.execute("ROLLBACK")
    other.close()
    with database.write() as connection:
        projects.create(connection, {"metadata": {"name": "sea"}})
    database.close()


def test_a_store_that_is_away_is_a_sentence(tmp_path: Path) -> None:
    url = f"postgresql+psycopg://ann:hidden@127.0.0.1:{free_port()}/store"
    database = Database(url, LOG)
    for door in (database.read, database.write):
        with pytest.raises(MLRunServiceUnavailableError, match="is away") as told, door():
            raise AssertionError("nobody is there")
        assert "hidden" not in str(told.value)
        assert "127.0.0.1" in str(told.value)
    database.discreet = True
    for door in (database.read, database.write):
        with pytest.raises(MLRunServiceUnavailableError, match="away") as told, door():
            raise AssertionError("nobody is there")
        assert "127.0.0.1" not in str(told.value) and "ann" not in str(told.value)
        assert "of this service" in str(told.value) and "try again" in str(told.value)
    database.close()


def test_a_fault_is_no_excuse(tmp_path: Path) -> None:
    database = make(tmp_path)
    for door in (database.read, database.write):
        with pytest.raises(sa.exc.OperationalError, match="no such table"), door() as connection:
            connection.execute(sa.text("SELECT * FROM nobody"))
    database.close()
