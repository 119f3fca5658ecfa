"""Checkpoints beside the writers, and statements without SQLAlchemy's work."""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from jupyter_mlrun.errors import MLRunServiceUnavailableError
from jupyter_mlrun_server.store import checkpoints, events, tables
from jupyter_mlrun_server.store.checkpoints import Checkpoints
from jupyter_mlrun_server.store.database import Database
from jupyter_mlrun_server.store.prepared import Prepared


def in_file_alone(path: Path) -> int:
    """How many events are in the store's own file, without its log."""
    with sqlite3.connect(f"file:{path}?immutable=1", uri=True) as connection:
        return int(connection.execute("SELECT count(*) FROM events").fetchone()[0])


def test_what_is_written_comes_into_the_file_beside_the_writers(database: Database) -> None:
    if database.path is None:
        pytest.skip("only SQLite keeps a log of its own")
    for number in range(checkpoints.EVERY):
        with database.write() as connection:
            events.add(connection, "run", "created", "tides", str(number))
    deadline = time.monotonic() + 30
    while in_file_alone(database.path) < checkpoints.EVERY and time.monotonic() < deadline:
        time.sleep(0.02)
    assert in_file_alone(database.path) >= checkpoints.EVERY
    database.close()
    database.close()


def test_a_store_that_is_gone_ends_no_thread(tmp_path: Path) -> None:
    gone = Checkpoints(tmp_path / "no" / "store.sqlite")
    for _ in range(2 * checkpoints.EVERY):
        gone.count()
    time.sleep(0.1)
    assert gone._thread is not None and gone._thread.is_alive()
    gone.close()
    assert not gone._thread.is_alive() and not (tmp_path / "no").exists()


def test_the_end_is_seen_by_a_worker_that_looks_just_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Late(threading.Event):
        """Everything else happens between a worker's wait and what it does next."""

        def clear(self) -> None:
            if threading.current_thread() is not threading.main_thread():
                woken.set()
                assert closed.wait(30)
            super().clear()

    woken, closed = threading.Event(), threading.Event()
    ending = Checkpoints(tmp_path / "store.sqlite")
    ending._due = Late()
    monkeypatch.setattr(checkpoints, "LONGEST_END", 0.0)
    for _ in range(checkpoints.EVERY):
        ending.count()
    assert woken.wait(30) and ending._thread is not None
    ending.close()
    closed.set()
    ending._thread.join(30)
    assert not ending._thread.is_alive()


def test_a_write_is_kept_where_no_thread_is_to_be_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    counting = Checkpoints(tmp_path / "store.sqlite")
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", start)
        for _ in range(checkpoints.EVERY):
            counting.count()
    assert counting._thread is None
    for _ in range(checkpoints.EVERY):
        counting.count()
    assert counting._thread is not None
    counting.close()
    assert not counting._thread.is_alive()


def test_a_store_whose_path_has_signs_of_addresses(tmp_path: Path) -> None:
    path = tmp_path / "50%25 of #1?" / "store.sqlite"
    path.parent.mkdir()
    with sqlite3.connect(path) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("PRAGMA wal_autocheckpoint=0")
        writer.execute("CREATE TABLE t (x)")
        writer.commit()
        before = path.stat().st_size
        Checkpoints(path)._move()
        assert path.stat().st_size > before
    writer.close()


def test_prepared_statements_answer_as_others_do(database: Database) -> None:
    labels = tables.run_labels
    insert, found = (
        Prepared(labels.insert()),
        Prepared(
            sa.select(labels.c.name, labels.c.value).where(labels.c.run_id == sa.bindparam("run"))
        ),
    )
    remove = Prepared(labels.delete().where(labels.c.run_id == sa.bindparam("run")))
    with database.write() as connection:
        assert found.first(connection, {"run": 7}) is None
        insert.each(connection, [{"run_id": 7, "name": n, "value": "ü"} for n in ("a", "b")])
        assert found.first(connection, {"run": 7}).value == "ü"
        assert remove.change(connection, {"run": 7}) == 2
        assert remove.change(connection, {"run": 7}) == 0


def test_prepared_statements_fail_as_others_do(database: Database) -> None:
    insert = Prepared(tables.projects.insert())
    row = {"name": "x", "state": "online", "owner": "", "created": 1, "updated": 1}
    with pytest.raises(sa.exc.IntegrityError), database.write() as connection:
        for _ in range(2):
            insert.change(connection, {**row, "document": "{}"})
    with database.read() as connection:
        count = sa.select(sa.func.count()).select_from(tables.projects)
        assert connection.execute(count.where(tables.projects.c.name == "x")).scalar() == 0
    if database.path is None:
        return
    read_only = pytest.raises(MLRunServiceUnavailableError, match="cannot be written")
    with read_only, database.write() as connection:
        connection.exec_driver_sql("PRAGMA query_only=1")
        insert.change(connection, {**row, "document": "{}"})
