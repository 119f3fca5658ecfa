"""Servers of one store with folders of their own: each log has one holder, who is there."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from jupyter_mlrun.errors import MLRunConflictError
from jupyter_mlrun_server.services import data_folders as serving
from jupyter_mlrun_server.services.data_folders import DataFolders
from jupyter_mlrun_server.services.place import Place
from jupyter_mlrun_server.services.threads import Threads
from jupyter_mlrun_server.store import log_holders, times
from jupyter_mlrun_server.store.database import Database
from jupyter_mlrun_server.store.service_tables import data_folders as table
from jupyter_mlrun_server.store.service_tables import log_holders as holders

LOG = logging.getLogger("folders")
UID = f"{1:032x}"


@pytest.fixture
def servers(database: Database, tmp_path: Path) -> tuple[DataFolders, DataFolders]:
    """Two servers that have just begun and have not looked around yet."""
    if database.path is not None:
        pytest.skip("a SQLite store lies in its folder")
    first, second = (tmp_path / name for name in ("first", "second"))
    for folder in (first, second):
        folder.mkdir()
    return (
        DataFolders(database, Threads(), Place(first, first, "one"), LOG),
        DataFolders(database, Threads(), Place(second, second, "two"), LOG),
    )


def last_seen(server: DataFolders, seconds: float) -> None:
    """As if its folder had been signed so long ago."""
    then = times.now() - int(seconds * 1e6)
    with server.database.write() as connection:
        connection.execute(
            table.update().where(table.c.id == server.mine().id).values(seen=then)
        )  # fmt: skip
    server._signed = server._tidied = then


def holder(server: DataFolders) -> str:
    with server.database.read() as connection:
        return log_holders.read(connection, "sea", UID)


def test_who_takes_a_log_is_there_at_once(servers: tuple[DataFolders, DataFolders]) -> None:
    first, second = servers
    first.hold_log("sea", UID)
    with pytest.raises(MLRunConflictError, match=r"one:.*first"):
        second.hold_log("sea", UID)
    assert holder(first) == first.mine().id
    # a server that was ended and begun again is there at once too
    last_seen(first, serving.ALIVE + 60)
    again = DataFolders(first.database, Threads(), first.place, LOG)
    again.hold_log("sea", UID)
    with pytest.raises(MLRunConflictError, match="one:"):
        second.hold_log("sea", UID)


def test_a_log_that_was_taken_over_is_held_no_more(
    servers: tuple[DataFolders, DataFolders],
) -> None:
    first, second = servers
    first.hold_log("sea", UID)
    last_seen(first, serving.ALIVE + 60)
    second.hold_log("sea", UID)
    assert holder(first) == second.mine().id
    with pytest.raises(MLRunConflictError, match="two:"):
        first.hold_log("sea", UID)


@pytest.mark.parametrize("hours", [-2, 2])
def test_a_server_whose_clock_is_wrong_takes_no_other_for_gone(
    servers: tuple[DataFolders, DataFolders], monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    first, second = servers
    first.look()
    first.hold_log("sea", UID)
    right, wrong = times.now, times.now() + hours * 3_600_000_000
    monkeypatch.setattr(times, "now", lambda: wrong)
    with pytest.raises(MLRunConflictError, match="one:"):
        second.hold_log("sea", UID)
    second.look()
    assert second.others == [first.mine()]
    second.hold_log("sea", "2" * 32)
    monkeypatch.setattr(times, "now", right)
    first.look()
    assert first.others == [second.mine()]
    with pytest.raises(MLRunConflictError, match="two:"):
        first.hold_log("sea", "2" * 32)


def test_a_clock_that_is_set_back_lets_nothing_be_held_for_long(
    servers: tuple[DataFolders, DataFolders], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = servers
    first.hold_log("sea", UID)
    last_seen(first, serving.ALIVE + 60)
    second.hold_log("sea", UID)
    now = first._signed = times.now()
    monkeypatch.setattr(times, "now", lambda: now - 3_600_000_000)
    with pytest.raises(MLRunConflictError, match="two:"):
        first.hold_log("sea", UID)


def test_the_run_of_a_held_log_may_go(servers: tuple[DataFolders, DataFolders]) -> None:
    first, second = servers
    first.hold_log("sea", UID)
    first.look()
    assert holder(first) == "" and not first._held
    second.hold_log("sea", UID)
    with pytest.raises(MLRunConflictError, match="two:"):
        first.hold_log("sea", UID)


def test_of_two_that_come_at_once_one_has_the_log(
    servers: tuple[DataFolders, DataFolders],
) -> None:
    first, second = servers
    second.database = Database(
        first.database.url.render_as_string(hide_password=False), logging.getLogger("other")
    )
    begin, refused = threading.Barrier(2), {"one": 0, "two": 0}

    def hold(server: DataFolders) -> None:
        for number in range(20):
            begin.wait(60)
            try:
                server.hold_log("sea", f"{number:032x}")
            except MLRunConflictError:
                refused[server.place.host] += 1

    threads = [threading.Thread(target=hold, args=(server,)) for server in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    second.database.close()
    assert sum(refused.values()) == 20
    with first.database.read() as connection:
        found = connection.execute(sa.select(holders.c.folder)).scalars().all()
    assert found.count(first.mine().id) == refused["two"]
    assert found.count(second.mine().id) == refused["one"]
