"""The same answers from every database."""

from __future__ import annotations

import json
import logging
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Connection

from jupyter_mlrun.errors import MLRunBadRequestError, MLRunInvalidArgumentError
from jupyter_mlrun_server.store import (
    artifact_lists,
    artifacts,
    events,
    function_usage,
    functions,
    launches,
    run_activity,
    run_counts,
    run_filter,
    run_lists,
    run_rows,
    runs,
    tokens,
)
from jupyter_mlrun_server.store.artifacts import ArtifactKey
from jupyter_mlrun_server.store.database import Database
from jupyter_mlrun_server.store.launches import Launch
from jupyter_mlrun_server.store.run_filter import RowFilter
from jupyter_mlrun_server.store.runs import RunKey
from jupyter_mlrun_server.store.tokens import Grant

PROJECT = "lab"


def run(name: str = "train", state: str = "completed", **more: Any) -> dict[str, Any]:
    """A run document."""
    return {
        "metadata": {"name": name, "labels": {"kind": "local", "Team": "A"}},
        "spec": {"parameters": {"n": 1}, **more},
        "status": {"state": state, "results": {"x": 0.5, "bad": "nan"}},
    }


def listed(connection: Connection, asked: artifact_lists.Filter) -> list[dict[str, Any]]:
    """The entries of a list of artifacts."""
    page = artifact_lists.select(connection, PROJECT, asked)
    return [json.loads(text) for text in page.documents]


def save_runs(database: Database, count: int) -> None:
    with database.write() as connection:
        for n in range(count):
            document = run(f"run-{n % 3}", ("completed", "error", "running")[n % 3])
            document["status"]["results"]["x"] = n
            document["status"]["start_time"] = f"2026-01-01T00:00:{n:02d}+00:00"
            runs.save(connection, RunKey(PROJECT, f"{n:032x}"), document)


def test_pages_by_key_hold_everything_once(database: Database) -> None:
    save_runs(database, 25)
    seen: list[str] = []
    asked = run_lists.Filter(iterations=False, limit=10)
    with database.read() as connection:
        while True:
            page = run_lists.select(connection, PROJECT, asked)
            seen += [json.loads(text)["metadata"]["uid"] for text in page.documents]
            if len(page.documents) < 10:
                break
            asked.after = page.last
    assert seen == [f"{n:032x}" for n in reversed(range(25))]


@pytest.mark.parametrize(
    "text, expected",
    [("results.x>20", 4), ("results.x=3", 1), ("results.bad=nan", 25), ("results.bad>1", 0),
     ("run-1", 8), ("RUN-1", 8), ("state:running", 8), ("label:Team=A", 25), ("label:team=A", 0),
     ("label:Team=a", 0), ("kind:local parameters.n<2", 25), ("results.none=1", 0)],
)  # fmt: skip
def test_typed_filters(database: Database, text: str, expected: int) -> None:
    save_runs(database, 25)
    with database.read() as connection:
        found = run_rows.select(connection, RowFilter(PROJECT, text), "here")
    assert (found.total, len(found.rows)) == (expected, expected)


@pytest.mark.parametrize("sort, first", [("-results.x", 24), ("results.x", 0), ("start_time", 0),
                                         ("-duration", 24), ("name", 24)])  # fmt: skip
def test_orders(database: Database, sort: str, first: int) -> None:
    save_runs(database, 25)
    with database.read() as connection:
        rows = run_rows.select(connection, RowFilter(PROJECT, sort=sort), "here").rows
    assert len(rows) == 25
    if "duration" not in sort:
        assert json.loads(rows[0])["results"]["x"] == first


def test_several_keys_order(database: Database) -> None:
    save_runs(database, 9)
    with database.read() as connection:
        asked = RowFilter(PROJECT, sort="name,-results.x")
        rows = run_rows.select(connection, asked, "here").rows
        with pytest.raises(MLRunInvalidArgumentError, match="at most 5"):
            run_rows.select(connection, RowFilter(PROJECT, sort="name," * 6 + "name"), "here")
    assert [json.loads(row)["results"]["x"] for row in rows] == [6, 3, 0, 7, 4, 1, 8, 5, 2]


@pytest.mark.parametrize(
    "group, zone, expected",
    [
        ("state", "UTC", [("running", 8), ("error", 8), ("completed", 9)]),
        ("function", "UTC", [("fit", 24), ("", 1)]),
        ("schedule", "UTC", [("nightly", 1), ("", 24)]),
        ("notebook", "UTC", [("", 25)]),
        ("day", "UTC", [("2026-01-01", 24), ("2025-12-31", 1)]),
        ("day", "Pacific/Kiritimati", [("2026-01-01", 25)]),
    ],
)
def test_groups(database: Database, group: str, zone: str, expected: list[tuple[str, int]]) -> None:
    save_runs(database, 25)
    with database.write() as connection:
        for n in range(1, 25):
            key = RunKey(PROJECT, f"{n:032x}")
            runs.update(connection, key, {"spec.function": f"{PROJECT}/fit@{'a' * 40}"})
        runs.update(connection, RunKey(PROJECT, f"{0:032x}"), {
            "metadata.labels": {"mlrun/schedule-name": "nightly"},
            "status.start_time": "2025-12-31T23:30:00+00:00",
        })  # fmt: skip
    with database.read() as connection:
        found = run_rows.select(connection, RowFilter(PROJECT, group=group, zone=zone), "here")
    assert found.groups == expected
    first, number = expected[0]
    rows = [json.loads(row) for row in found.rows[:number]]
    if group in ("state", "function"):
        assert {row[group] for row in rows} == {first}
    assert len(found.rows) == 25


def test_runs_of_a_version_of_a_function(database: Database) -> None:
    save_runs(database, 6)
    mine, other = "a" * 40, "b" * 40
    uris = [f"fit@{mine}", f"fit:v_1@{mine}", f"fit:v_1@{other}", f"fitter:v_1@{mine}", "fit"]
    with database.write() as connection:
        for number, function in enumerate(uris):
            key = RunKey(PROJECT, f"{number:032x}")
            runs.update(connection, key, {"spec.function": f"{PROJECT}/{function}"})
        store(connection, "fit", "image-a", "v_1", versioned=True)
        hash_key = store(connection, "fit", "image-b", "v_2", versioned=False)
        for number, version in ((5, hash_key), (4, mine)):
            key = RunKey(PROJECT, f"{number:032x}")
            runs.update(connection, key, {"spec.function": f"{PROJECT}/fit@{version}"})

    def found(function: str, text: str = "") -> list[int]:
        asked = RowFilter(PROJECT, text, function=function, sort="start_time")
        with database.read() as connection:
            rows = run_rows.select(connection, asked, "here").rows
        return [int(json.loads(row)["uid"], 16) for row in rows]

    for text in (f"fit@{mine}", f"{PROJECT}/fit@{mine}", f"fit:v_1@{mine}", f"fit:v1@{mine}"):
        assert found(text) == found("", f"function:{text}") == [0, 1, 4], text
    assert found("fit@aaaa") == [0, 1, 4]
    assert found("fit") == [0, 1, 2, 4, 5]
    assert found(f"other/fit@{mine}") == found("fit@%") == found("fit@_aaa") == []
    # a tag alone is the version that it names: one that is kept by its tag is known by its content
    assert found("fit:v_2") == found("", "function:fit:v_2") == [5]
    for scope in ("*", frozenset((PROJECT, "other"))):
        with database.read() as connection:
            rows = run_rows.select(connection, RowFilter(scope, function="fit:v_2"), "here")
        assert rows.total == 1
    assert found("other/fit:v_2") == []
    # while somebody types what comes after a sign, the list stays
    for typed in ("fit:", "fit@", f"{PROJECT}/fit:"):
        assert found("", f"function:{typed}") == found("fit"), typed
    assert found("", "function:fit:v_2@ function::") == [5]
    assert found("fit:v_1") == found("fit:v_3") == []
    with database.write() as connection:
        key = RunKey(PROJECT, f"{0:032x}")
        hash_key = store(connection, "fit", "image-a", "v_1", versioned=True)
        runs.update(connection, key, {"spec.function": f"{PROJECT}/fit:v_1@{hash_key}"})
    assert found("fit:v_1") == [0]
    with database.read() as connection:
        usage = function_usage.select(connection, PROJECT, "fit", [mine, other], "here")
    assert {each.version: each.runs for each in usage} == {mine: 2, other: 1}
    with pytest.raises(MLRunInvalidArgumentError, match="function"):
        found("fit:")


def store(connection: Connection, name: str, image: str, tag: str, versioned: bool) -> str:
    """The hash of a function that is stored."""
    document = {"kind": "job", "metadata": {"name": name}, "spec": {"image": image}}
    return functions.save(connection, PROJECT, name, document, tag, versioned)


def test_versions_of_functions_are_found_by_index(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'store.sqlite'}", logging.getLogger("store"))
    database.migrate()

    def plan(asked: RowFilter) -> str:
        chosen = run_rows._page(asked, run_filter.conditions(asked), None)
        text = chosen.compile(database.engine, compile_kwargs={"literal_binds": True}).string
        with database.read() as connection:
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}")
            return "\n".join(row.detail for row in rows)

    found = "ix_runs_function (project=? AND function=? AND version=?"
    for version in (f"v_1@{'a' * 40}", "v_1"):
        for asked in (f"fit:{version}", f"{PROJECT}/fit:{version}"):
            assert found in plan(RowFilter(PROJECT, function=asked))
            assert found in plan(RowFilter(PROJECT, f"function:{asked}"))
    # the version is looked up once, and not for each run
    assert "CORRELATED" not in plan(RowFilter(function="fit:v_1"))
    assert "CORRELATED" not in plan(RowFilter(frozenset(("a", "b")), function="fit:v_1"))
    database.close()


def test_a_zone_that_is_none_is_refused(database: Database) -> None:
    with database.read() as connection, pytest.raises(MLRunInvalidArgumentError, match="no time z"):
        run_rows.select(connection, RowFilter(PROJECT, group="day", zone="../x"), "here")


def test_activity(database: Database) -> None:
    save_runs(database, 25)
    with database.read() as connection:
        found = run_activity.select(connection, RowFilter(PROJECT))
        narrow = run_activity.select(
            connection, RowFilter(PROJECT, "since:2026-01-01 until:2026-01-01T00:00:09Z")
        )
        nothing = run_activity.select(connection, RowFilter(PROJECT, "none-of-this-name"))
    assert found is not None and narrow is not None and nothing is None
    assert [sum(kind) for kind in zip(*found.spans, strict=True)] == [9, 8, 8, 0]
    assert len(found.spans) <= run_activity.MOST_SPANS + 1
    assert sum(map(sum, narrow.spans)) == 10


def test_counts_are_those_of_the_rows(database: Database) -> None:
    save_runs(database, 25)
    with database.write() as connection:
        for n in (0, 1, 3):
            runs.delete(connection, PROJECT, f"{n:032x}")
        runs.update(connection, RunKey(PROJECT, f"{2:032x}"), {"status.state": "error"})
        runs.save(connection, RunKey(PROJECT, f"{5:032x}", 1), run("run-2", "running"))
        with pytest.raises(MLRunBadRequestError):
            runs.delete(connection, PROJECT, f"{5:032x}")
    with database.read() as connection:
        kept = run_counts.select(connection, PROJECT)
        counted = run_rows.select(connection, RowFilter(PROJECT, "run"), "here").counts
    assert kept == counted == {"completed": 7, "error": 8, "running": 7}


def test_partitions(database: Database) -> None:
    save_runs(database, 9)
    asked = run_lists.Filter(partition_by="name", rows_per_partition=2, max_partitions=2)
    with database.read() as connection:
        found = run_lists.select(connection, PROJECT, asked).documents
    assert [int(json.loads(text)["metadata"]["uid"], 16) for text in found] == [8, 7, 5, 4]


def test_lists_with_a_moment_leave_the_statements_that_are_used_again(database: Database) -> None:
    save_runs(database, 3)
    run_lists._kept.cache_clear()
    with database.read() as connection:
        for moment in range(150):
            for asked in ({"start_from": moment}, {"end_to": moment}, {"after": (moment, 1)}):
                run_lists.select(connection, PROJECT, run_lists.Filter(**asked))
            plain = run_lists.Filter(states=("completed",), limit=2)
            assert len(run_lists.select(connection, PROJECT, plain).documents) == 1
    kept = run_lists._kept.cache_info()
    assert (kept.currsize, kept.misses, kept.hits) == (1, 1, 149)


def test_a_document_of_megabytes(database: Database) -> None:
    big = "ü" * 3_000_000
    with database.write() as connection:
        runs.save(connection, RunKey(PROJECT, "a" * 32), run(big=big))
    with database.read() as connection:
        assert runs.read(connection, RunKey(PROJECT, "a" * 32))["spec"]["big"] == big


def test_names_differ_by_case(database: Database) -> None:
    with database.write() as connection:
        for key in ("Model", "model"):
            body = {"kind": "model", "metadata": {"key": key, "tree": "t"}, "spec": {"key": key}}
            artifacts.save(connection, ArtifactKey(PROJECT, key), body)
    with database.read() as connection:
        found = listed(connection, artifact_lists.Filter(name="Model", tag="latest"))
    assert [each["spec"]["key"] for each in found] == ["Model"]


def test_tags_move(database: Database) -> None:
    body = {"kind": "local", "metadata": {}, "spec": {}}
    with database.write() as connection:
        first = functions.save(connection, PROJECT, "f", body, versioned=True)
        second = functions.save(
            connection, PROJECT, "f", {**body, "spec": {"x": 1}}, versioned=True
        )
        assert functions.save(connection, PROJECT, "f", body, versioned=True) == first
        latest = functions.read(connection, PROJECT, "f")["metadata"]["hash"]
        assert latest == first != second
        assert functions.read_hash(connection, PROJECT, "f", second)["spec"] == {"x": 1}


def test_events_come_once_and_in_order(database: Database) -> None:
    with database.read() as connection:
        start = events.last(connection)

    def write(index: int) -> None:
        for n in range(10):
            with database.write() as connection:
                runs.save(connection, RunKey(PROJECT, f"{index}{n:031x}"), run())

    threads = [threading.Thread(target=write, args=(index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    seen: list[int] = []
    while len(seen) < 40 or any(thread.is_alive() for thread in threads):
        with database.read() as connection:
            found = events.after(connection, seen[-1] if seen else start)
        seen += [each["id"] for each in found]
    assert seen == sorted(set(seen))
    assert len(seen) == 40


def test_two_writers_of_one_artifact_leave_one(database: Database) -> None:
    body = {"kind": "model", "metadata": {"key": "m", "tree": "t"}, "spec": {"size": 1}}

    def write() -> None:
        for _ in range(10):
            with database.write() as connection:
                artifacts.save(connection, ArtifactKey(PROJECT, "m"), body)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as connection:
        found = listed(connection, artifact_lists.Filter(name="m"))
    assert [each["metadata"]["tag"] for each in found] == ["latest"]


def test_launches_keep_their_order(database: Database) -> None:
    with database.write() as connection:
        for n in range(3):
            launches.add(connection, Launch(PROJECT, f"{n}", "local", "here", "boot"))
        launches.add(connection, Launch(PROJECT, "x", "local", "elsewhere", "boot"))
        found = launches.select(connection, "here")
        assert [each.uid for each in found] == ["0", "1", "2"]
        launches.set_started(connection, found[1], {"folder": "f"})
        assert launches.set_target(connection, PROJECT, "2", "abort")
        assert not launches.set_target(connection, PROJECT, "9", "abort")
        launches.remove(connection, PROJECT, "0")
        states = [(e.uid, e.phase, e.target, e.handle) for e in launches.select(connection, "here")]
    assert states == [("1", "started", "run", {"folder": "f"}), ("2", "pending", "abort", None)]


def test_tokens(database: Database) -> None:
    text = tokens.new("run")
    with database.write() as connection:
        tokens.add(connection, text, Grant("run", PROJECT, "u"))
        assert tokens.find(connection, text) == Grant("run", PROJECT, "u")
        assert tokens.find(connection, tokens.new("run")) is None
        tokens.drop_run(connection, PROJECT, "u")
        assert tokens.find(connection, text) is None
