"""MLRun's rules of names, labels, tags and size, the same on every database."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from benchmarks.documents import PROJECT as MANY
from benchmarks.documents import fill_artifacts, fill_runs
from jupyter_mlrun.errors import (
    MLRunConflictError,
    MLRunInvalidArgumentError,
    MLRunNotFoundError,
)
from jupyter_mlrun_server.store import (
    artifact_lists,
    artifacts,
    functions,
    projects,
    query,
    run_lists,
    run_rows,
    runs,
    tables,
)
from jupyter_mlrun_server.store.artifacts import ArtifactKey
from jupyter_mlrun_server.store.database import Database
from jupyter_mlrun_server.store.query import rebuilt
from jupyter_mlrun_server.store.run_filter import RowFilter
from jupyter_mlrun_server.store.runs import RunKey
from tests.store.conftest import PROJECT


def run(name: str, labels: dict[str, str], **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "labels": labels}, "spec": spec,
            "status": {"state": "completed"}}  # fmt: skip


@pytest.fixture
def labelled(database: Database) -> Database:
    """Runs, functions, artifacts and projects with the same labels."""
    sets = [{"Stadt": "Köln", "team": "sea"}, {"stadt": "ÉVORA_1"}, {"team": "Se%a"}, {}]
    with database.write() as connection:
        for number, labels in enumerate(sets):
            name = ("Alpha", "alpha-two", "beta_x", "betaYx")[number]
            runs.save(connection, RunKey(PROJECT, f"{number:032x}"), run(name, labels))
            body = {"metadata": {"labels": labels, "tree": "t"}}
            artifacts.save(connection, ArtifactKey(PROJECT, name), body)
            functions.save(connection, PROJECT, f"f{number}", {"metadata": {"labels": labels}})
            plain = {k: v for k, v in labels.items() if v.isascii() and "%" not in v}
            projects.create(connection, {"metadata": {"name": f"p{number}", "labels": plain}})
    return database


LABELS: list[tuple[list[str], list[int]]] = [
    (["team"], [0, 2]), (["team=sea"], [0]), (["team=SEA"], []), (["team=~SEA"], [0]),
    (["~STADT"], [0, 1]), (["~stadt=~köl"], [0]), (["~stadt=~KÖLN"], [0]),
    (["stadt=~évora"], [1]), (["~sta=~évora_"], [1]), (["team=~%"], [2]),
    (["team", "~stadt"], [0]), (["team=Se%a"], [2]), (["none"], []),
]  # fmt: skip
NAMES = {"alpha": 0, "Alpha": 1, "~alpha": 2, "~ALPHA": 2, "~a_x": 1, "~%": 0, "~é": 0}


def test_labels(labelled: Database) -> None:
    for labels, places in LABELS:
        wanted = tuple(labels)
        with labelled.read() as connection:
            found = run_lists.select(connection, PROJECT, run_lists.Filter(labels=wanted))
            uids = sorted(int(json.loads(each)["metadata"]["uid"], 16) for each in found.documents)
            asked = artifact_lists.Filter(labels=wanted, tag="latest")
            keys = artifact_lists.select(connection, PROJECT, asked).documents
            listed = functions.select(connection, PROJECT, functions.Filter(labels=wanted))
        assert uids == places, labels
        assert len(keys) == len(listed.documents) == len(places), labels
    with labelled.write() as connection:
        projects.save(connection, "p1", {"metadata": {"labels": {"team": "lake", "a/b": "C_1"}}})
        for wanted, number in (("team",), 2), (("team=~SE",), 1), (("~A/B=~c_", "team"), 1):
            assert len(projects.select(connection, labels=wanted)) == number, wanted
    for labels in ({"a b": "c"}, {"team": "not good"}, {"": "x"}):
        with pytest.raises(MLRunInvalidArgumentError), labelled.write() as connection:
            projects.save(connection, "p1", {"metadata": {"labels": labels}})


def test_names(labelled: Database) -> None:
    for name, number in NAMES.items():
        with labelled.read() as connection:
            found = run_lists.select(connection, PROJECT, run_lists.Filter(name=name)).documents
            asked = artifact_lists.Filter(name=name, tag="latest")
            keys = artifact_lists.select(connection, PROJECT, asked).documents
        assert len(found) == len(keys) == number, name


def test_long_labels_that_are_kept_as_one(database: Database) -> None:
    rows = query.label_rows("id", 1, {"x" * 255 + "a": "1", "x" * 255 + "b": "2", "y": 3})
    assert [(row["name"], row["value"]) for row in rows] == [("x" * 255, "2"), ("y", "3")]
    with database.write() as connection:
        runs.save(connection, RunKey(PROJECT, "0" * 32), run("train", {}))
        identity = connection.execute(sa.select(tables.runs.c.id)).scalar()
        twice = [{"run_id": identity, "name": "a", "value": value} for value in "12"]
    with pytest.raises(MLRunConflictError, match="one name"), database.write() as connection:
        query.insert_labels(connection, tables.run_labels, twice)


def test_a_label_that_changes(database: Database) -> None:
    """Old labels go with their document; a commit without labels leaves them."""
    with database.write() as connection:
        for labels in ({"a": "1", "b": "2"}, {"c": "3"}):
            functions.save(connection, PROJECT, "f", {"metadata": {"labels": labels}})
            projects.save(connection, PROJECT, {"metadata": {"labels": labels}})
            body = {"metadata": {"labels": labels, "tree": "t"}}
            artifacts.save(connection, ArtifactKey(PROJECT, "key"), body)
        runs.save(connection, RunKey(PROJECT, "a" * 32), run("train", {"a": "1"}))
        runs.update(connection, RunKey(PROJECT, "a" * 32), {"status.results.x": 1})
    for label, number in (("a", 0), ("c=3", 1)):
        wanted = (label,)
        with database.read() as connection:
            asked = artifact_lists.Filter(labels=wanted)
            assert len(artifact_lists.select(connection, PROJECT, asked).documents) == number
            listed = functions.select(connection, PROJECT, functions.Filter(labels=wanted))
            assert len(listed.documents) == number
            assert len(projects.select(connection, labels=wanted)) == number
    with database.read() as connection:
        kept = run_lists.select(connection, PROJECT, run_lists.Filter(labels=("a=1",)))
    assert len(kept.documents) == 1


def test_one_latest_among_eight_writers(database: Database) -> None:
    def write(writer: int) -> None:
        for number in range(5):
            body = {"kind": "model", "metadata": {"tree": f"{writer}-{number}"}, "spec": {}}
            with database.write() as connection:
                artifacts.save(connection, ArtifactKey(PROJECT, "m", tag="best"), body)

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as connection:
        found = artifact_lists.select(connection, PROJECT, artifact_lists.Filter(name="m"))
        assert artifact_lists.tags(connection, PROJECT) == ["best", "latest"]
    tags = Counter(json.loads(each)["metadata"].get("tag") for each in found.documents)
    assert (tags["latest"], tags["best"], tags[None]) == (1, 1, 39)


@pytest.mark.row("2.07")
def test_versions_of_functions(database: Database) -> None:
    bodies = [{"kind": "local", "spec": {"n": n}, "status": {"state": "ready"}} for n in range(3)]
    with database.write() as connection:
        hashes = [
            functions.save(connection, PROJECT, "f", body, tag, versioned=True)
            for body, tag in zip(bodies, ("v1", "", ""), strict=True)
        ]
        functions.save(connection, PROJECT, "f", bodies[0], "loose")
        functions.save(connection, PROJECT, "f", bodies[1], "loose")

    def tags(**asked: Any) -> list[str]:
        with database.read() as connection:
            page = functions.select(connection, PROJECT, functions.Filter(**asked))
        return sorted(json.loads(each)["metadata"]["tag"] for each in page.documents)

    assert tags() == ["", "latest", "loose", "v1"]
    assert tags(tag="v1") == ["v1"] and tags(hash_key=hashes[1]) == [""]
    assert tags(states=("ready",)) == ["", "latest", "loose", "v1"] and tags(states=("x",)) == []
    seen: list[Any] = []
    asked = functions.Filter(limit=1)
    while True:
        with database.read() as connection:
            page = functions.select(connection, PROJECT, asked)
        if not page.documents:
            break
        seen += page.documents
        asked = rebuilt(functions.Filter, {**vars(asked), "after": page.last})
    assert len(seen) == len(set(seen)) == 4
    with database.write() as connection:
        functions.delete(connection, PROJECT, "f", tag="v1")
        functions.delete(connection, PROJECT, "f", hash_key=hashes[1])
    assert tags() == ["latest", "loose"]


def test_what_stands_behind_a_tag_alone_is_read_by_its_hash(database: Database) -> None:
    """As runs name the function that they were sent with; one that was replaced is gone."""
    body = {"kind": "job", "metadata": {"name": "f"}, "spec": {"image": "a"}}
    with database.write() as connection:
        first = functions.save(connection, PROJECT, "f", body)
    with database.read() as connection:
        assert functions.read(connection, PROJECT, "f", "", first)["spec"]["image"] == "a"
        assert functions.read_hash(connection, PROJECT, "f", first)["spec"]["image"] == "a"
    with database.write() as connection:
        functions.save(connection, PROJECT, "f", {**body, "spec": {"image": "b"}})
    with database.read() as connection:
        for read in (functions.read_hash, lambda *a: functions.read(*a[:3], "", a[3])):
            with pytest.raises(MLRunNotFoundError):
                read(connection, PROJECT, "f", first)


def test_names_that_no_run_has(database: Database) -> None:
    for name in ("", "a b", "-a", "a" * 64, "../x", "é", "a\n"):
        with database.write() as connection, pytest.raises(MLRunInvalidArgumentError):
            runs.save(connection, RunKey(PROJECT, "a" * 32), run(name, {}))
        with database.read() as connection:
            assert runs.find(connection, RunKey(PROJECT, "a" * 32)) is None


def test_runs_with_notifications(database: Database) -> None:
    with database.write() as connection:
        for number, told in enumerate(([], [{"kind": "slack"}])):
            body = run("train", {}, notifications=told)
            runs.save(connection, RunKey(PROJECT, f"{number:032x}"), body)
    with database.read() as connection:
        asked = run_lists.Filter(with_notifications=True)
        assert len(run_lists.select(connection, PROJECT, asked).documents) == 1


def _pages_of_values_are_those_of_all(connection: Connection, asked: RowFilter) -> None:
    """Small pages, counted in the same pass, hold what one large page holds."""
    whole = run_rows.select(connection, replace(asked, limit=5000), "")
    assert whole.total == len(whole.rows) == sum(whole.counts.values()) > 20
    for sort in ("-results.accuracy", "results.accuracy", "results.nowhere"):
        every = run_rows.select(connection, replace(asked, sort=sort, limit=5000), "")
        parts = [
            run_rows.select(connection, replace(asked, sort=sort, limit=7, offset=start), "")
            for start in range(0, 28, 7)
        ]
        assert [row for part in parts for row in part.rows] == every.rows[:28], sort
        assert all(part.counts == whole.counts for part in parts), sort
    none = run_rows.select(connection, replace(asked, states=("error",)), "")
    assert (none.rows, none.total, none.counts) == ([], 0, whole.counts)


def test_a_large_project_goes_in_seconds(database: Database) -> None:
    with database.write() as connection:
        projects.create(connection, {"metadata": {"name": MANY}})
    fill_runs(database, 2_000)
    fill_artifacts(database, 10_000)
    with database.read() as connection:
        asked = RowFilter(MANY, "results.accuracy>0.9", sort="-results.accuracy", limit=5)
        rows = [json.loads(row) for row in run_rows.select(connection, asked, "").rows]
        accuracies = [row["results"]["accuracy"] for row in rows]
        assert accuracies == sorted(accuracies, reverse=True) and accuracies[0] > 0.99
        _pages_of_values_are_those_of_all(connection, asked)
        assert len(artifact_lists.select(connection, MANY, artifact_lists.Filter()).documents) == (
            10_000
        )
    begin = time.monotonic()
    with database.write() as connection:
        projects.delete(connection, MANY, "cascade")
    assert time.monotonic() - begin < 20, "on a machine that does other things too"
    with database.read() as connection:
        assert artifact_lists.select(connection, "*", artifact_lists.Filter()).documents == []


def test_odd_values(database: Database) -> None:
    """What one database refuses is a refusal, and never stands in the way of other answers."""
    odd = "nul \0 \\ ' \" % _ \U0001f30a \ud83d".replace("\ud83d", "")
    key = RunKey(PROJECT, "a" * 32)
    document = run("train", {}, parameters={"odd": odd, "big": 2**200, "o\0d": 1, "d": 1e308})
    document["status"]["results"] = {"x": 1, "text": odd, "none": None, "list": [odd]}
    with database.write() as connection:
        runs.save(connection, key, document)
    with database.read() as connection:
        assert runs.read(connection, key)["spec"] == document["spec"]
        for text, number in (("results.x=1", 1), ("parameters.big>1", 1), ("results.text=x", 0)):
            assert run_rows.select(connection, RowFilter(PROJECT, text), "").total == number, text
        rows = run_rows.select(connection, RowFilter(PROJECT, sort="-parameters.big"), "").rows
        assert len(rows) == 1
    for labels in ({"a\0b": "c"}, {"a": "b\0c"}):
        with contextlib.suppress(MLRunInvalidArgumentError), database.write() as connection:
            runs.save(connection, RunKey(PROJECT, "b" * 32), run("train", labels))
    for project in ("a\0b", "x" * 300):
        with contextlib.suppress(MLRunInvalidArgumentError), database.read() as connection:
            run_lists.select(connection, project, run_lists.Filter(name="\0"))
