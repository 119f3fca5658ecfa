"""``kill -9`` amid each kind of write: what was acknowledged is there, nothing is half there."""

from __future__ import annotations

import json
import logging
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_mlrun_server.services.deletion import Deletion
from jupyter_mlrun_server.services.files import Files
from jupyter_mlrun_server.services.place import Place
from jupyter_mlrun_server.store import (
    alerts,
    document_tables,
    project_secrets,
    projects,
    run_counts,
    runs,
    service_tables,
    tables,
)
from jupyter_mlrun_server.store.database import Database
from jupyter_mlrun_server.store.runs import RunKey
from tests.store import writer
from tests.store.conftest import PROJECT

ROUNDS = 3
ROOT = Path(__file__).parents[2]


def killed(database: Database, kind: str, root: Path, rounds: int = ROUNDS) -> int:
    """The last number that a writer said before it was killed."""
    url = database.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.store.writer", url, kind, str(root)]
    last = -1
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            last = int(line)
            if last >= rounds + random.randrange(10):
                # amid the next write, more likely than between two
                process.kill()
    assert last >= rounds
    return last


def number(connection: Connection, table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
    chosen = sa.select(sa.func.count()).select_from(table).where(*where)
    return connection.execute(chosen).scalar_one()


def whole(connection: Connection) -> None:
    """No row without the rows that belong to it, none that belongs to nothing."""
    for table in tables.metadata.sorted_tables:
        owner = table.info.get("owner")
        if owner is not None:
            orphans = number(connection, table, table.c[0].not_in(sa.select(owner.c.id)))
            assert not orphans, table.name
    untold = tables.runs.c.id.not_in(sa.select(tables.run_values.c.run_id))
    assert number(connection, tables.runs, untold) == 0
    counted = sum(run_counts.select(connection, PROJECT).values())
    mine = (tables.runs.c.project == PROJECT, tables.runs.c.iteration == 0)
    assert counted == number(connection, tables.runs, *mine)
    for tag in ("latest", "v1", "best"):
        tagged = number(connection, tables.artifact_tags, tables.artifact_tags.c.tag == tag)
        assert tagged <= 1, tag


@pytest.mark.parametrize("kind", list(writer.KINDS))
def test_a_killed_writer(database: Database, kind: str, tmp_path: Path) -> None:
    last = killed(database, kind, tmp_path)
    with database.read() as connection:
        whole(connection)
        labels = number(connection, tables.run_labels)
        if kind == "run":
            kept = number(connection, tables.runs)
            assert kept in (last + 1, last + 2) and labels == kept * len(writer.LABELS)
        if kind == "update":
            run = runs.read(connection, RunKey(PROJECT, f"{0:032x}"))
            kept = run["status"]["results"]["n"]
            assert kept in (last, last + 1)
            assert run["metadata"]["labels"] == {f"label-{kept}": "x"} and labels == 1
        if kind == "artifact":
            kept = number(connection, tables.artifacts)
            assert kept in (last + 1, last + 2)
            assert number(connection, tables.artifact_labels) == kept * len(writer.LABELS)
            assert number(connection, tables.artifact_tags) == 2
        if kind == "tag":
            assert number(connection, tables.artifact_tags, tables.artifact_tags.c.tag == "best")
        if kind == "function":
            assert number(connection, tables.functions) in (last + 1, last + 2)
            assert number(connection, tables.function_tags) == 1
        if kind == "deletion":
            assert not number(connection, tables.runs) and not number(connection, tables.artifacts)
        if kind == "feature_set":
            kept = number(connection, document_tables.documents)
            assert kept in (last + 1, last + 2)
            assert number(connection, document_tables.feature_columns) == 4 * kept
            assert number(connection, document_tables.document_labels) == kept * len(writer.LABELS)
            assert number(connection, document_tables.document_tags) == 1
        if kind == "alert":
            kept = alerts.read(connection, PROJECT, "fails")["count"]
            assert kept in (last + 1, last + 2)
            assert number(connection, service_tables.alert_activations) == kept
        if kind == "secret":
            assert len(project_secrets.names(connection, PROJECT)) in (2 * last + 2, 2 * last + 4)
    with database.write() as connection:
        writer.KINDS["artifact"](connection, 10_000)


def test_a_killed_cascade_is_finished_or_undone(database: Database, tmp_path: Path) -> None:
    killed(database, "cascade", tmp_path)
    place = Place(tmp_path, tmp_path)
    doer = Deletion(database, place, Files(place), logging.getLogger("kills"))
    doer.sweep()
    folders = (place.project_folder("gone"), place.artifacts / "gone")
    with database.read() as connection:
        there = projects.created(connection, "gone") is not None
        whole(connection)
    assert list((tmp_path / "trash").iterdir()) == []
    if not there:
        assert not any(folder.exists() for folder in folders)
    if there and any(folder.exists() for folder in folders):
        doer.project("gone", "cascade")
        assert not any(folder.exists() for folder in folders)


def test_folders_go_back_to_a_project_that_stayed(database: Database, tmp_path: Path) -> None:
    place = Place(tmp_path, tmp_path)
    doer = Deletion(database, place, Files(place), logging.getLogger("kills"))
    for folder in (place.project_folder(PROJECT), place.artifacts / PROJECT):
        folder.mkdir(parents=True)
        (folder / "file").write_text("kept")
    with database.read() as connection:
        taken = doer._take(PROJECT, projects.created(connection, PROJECT))
    doer._move(taken, PROJECT)
    assert not place.project_folder(PROJECT).exists()
    doer.sweep()
    assert taken.exists(), "the server that deletes is this one, and it lives"
    origin = json.loads((taken / "origin.json").read_text())
    (taken / "origin.json").write_text(json.dumps(origin | {"process": {"pid": 0}}))
    doer.sweep()
    assert not taken.exists()
    assert (place.artifacts / PROJECT / "file").read_text() == "kept"
    assert (place.project_folder(PROJECT) / "file").read_text() == "kept"


def test_a_cascade_that_fails_leaves_the_files(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(tmp_path, tmp_path)
    doer = Deletion(database, place, Files(place), logging.getLogger("kills"))
    folders = (place.project_folder(PROJECT), place.artifacts / PROJECT)
    for folder in folders:
        folder.mkdir(parents=True)
    replace = os.replace

    def fails(source: Path, target: Path) -> None:
        if source == folders[1]:
            raise OSError("no")
        replace(source, target)

    monkeypatch.setattr("os.replace", fails)
    with pytest.raises(OSError, match="no"):
        doer.project(PROJECT, "cascade")
    monkeypatch.undo()
    with database.read() as connection:
        assert projects.created(connection, PROJECT) is not None
    assert all(folder.exists() for folder in folders)
    assert not list((tmp_path / "trash").iterdir())
