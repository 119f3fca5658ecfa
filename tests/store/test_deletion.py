"""Deletion of many things at once: complete, and of nothing else."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from jupyter_mlrun_server.store import (
    events,
    launches,
    projects,
    run_counts,
    run_lists,
    runs,
    tables,
)
from jupyter_mlrun_server.store.database import Database
from jupyter_mlrun_server.store.launches import Launch
from jupyter_mlrun_server.store.runs import RunKey
from jupyter_mlrun_server.store.schema import metadata
from tests.store.conftest import PROJECT
from tests.store.test_store import run, save_runs


def row_of(table: sa.Table, identity: int) -> dict[str, Any]:
    """A row of the project of the tests, with something in each column."""
    values: dict[str, Any] = {}
    for column in table.c:
        if isinstance(column.type, sa.Boolean):
            values[column.name] = True
        elif isinstance(column.type, sa.Integer):
            values[column.name] = identity
        else:
            values[column.name] = f"{column.name}-{identity}"[:16]
    if "project" in table.c:
        values["project"] = PROJECT
    if "owner" in table.info:
        values[table.c[0].name] = identity
    return values


def test_cascade_leaves_nothing(database: Database) -> None:
    """Whatever tables there are: what belongs to the project is gone, what does not stays."""
    mine = [
        table for table in metadata.sorted_tables
        if table.name != "events" and ("project" in table.c or "owner" in table.info)
    ]  # fmt: skip
    assert len(mine) > 15
    with database.write() as connection:
        for table in mine:
            other = row_of(table, 8) | ({"project": "other"} if "project" in table.c else {})
            for row in (row_of(table, 7), other):
                connection.execute(table.insert(), row)
        connection.execute(tables.launches.delete().where(tables.launches.c.project == PROJECT))
    with database.write() as connection:
        assert projects.delete(connection, PROJECT, "cascade")
    with database.read() as connection:
        for table in mine:
            left = connection.execute(sa.select(table)).all()
            assert len(left) == 1, (table.name, left)


def test_many_runs_go_together(database: Database) -> None:
    save_runs(database, 25)
    with database.write() as connection:
        runs.save(connection, RunKey(PROJECT, f"{0:032x}", 1), run("run-0"))
        launches.add(connection, Launch(PROJECT, f"{3:032x}", "local", "here", "boot"))
        start = events.last(connection)
    with database.read() as connection:
        chosen = run_lists.chosen_for_deletion(connection, PROJECT, run_lists.Filter())
    with database.write() as connection:
        gone = runs.delete_ended(connection, PROJECT, [*chosen, f"{2:032x}", "none"])
        assert runs.delete_ended(connection, PROJECT, gone) == []
    ended = {f"{n:032x}" for n in range(25) if n % 3 != 2 and n != 3}
    assert set(gone) == ended, "neither those that work nor one whose process is still there"
    with database.read() as connection:
        left = run_lists.select(connection, PROJECT, run_lists.Filter()).documents
        assert len(left) == 25 - len(ended)
        assert run_counts.select(connection, PROJECT) == {"running": 8, "completed": 1}
        told = [each["uid"] for each in events.brief(connection, start)]
        for table in (tables.run_labels, tables.run_values):
            kept = set(connection.execute(sa.select(table.c.run_id)).scalars())
            assert len(kept) == len(left), table.name
    assert set(told) == ended and len(told) == len(ended)
