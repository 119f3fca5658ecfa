"""The smaller nouns on every database: versions, tags, lists, features, hubs and summaries."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from jupyter_mlrun.errors import MLRunConflictError, MLRunInvalidArgumentError
from jupyter_mlrun_server.store import (
    document_lists,
    documents,
    feature_sets,
    hub_sources,
    model_endpoints,
    pipelines,
    project_summaries,
    projects,
    runs,
)
from jupyter_mlrun_server.store.database import Database
from jupyter_mlrun_server.store.document_lists import Filter
from jupyter_mlrun_server.store.documents import Place
from jupyter_mlrun_server.store.feature_sets import FEATURE_SETS
from jupyter_mlrun_server.store.partitions import Partition
from jupyter_mlrun_server.store.runs import RunKey
from tests.store.conftest import PROJECT


def body(name: str = "stocks", *features: str, **metadata: Any) -> dict[str, Any]:
    """A feature set."""
    return {
        "metadata": {"name": name, **metadata},
        "spec": {
            "entities": [{"name": "ticker", "value_type": "str"}],
            "features": [
                {"name": each, "value_type": "float", "labels": {"unit": "€"}} for each in features
            ],
        },
        "status": {"state": "ready"},
    }


def save(database: Database, tag: str, document: dict[str, Any]) -> dict[str, Any]:
    """The feature set as stored under a tag."""
    place = Place(PROJECT, document["metadata"]["name"], tag)
    with database.write() as connection:
        return documents.save(connection, FEATURE_SETS, place, document, True)


def names(database: Database, **asked: Any) -> list[tuple[str, str | None]]:
    """Names and tags of a list."""
    with database.read() as connection:
        found = document_lists.select(connection, FEATURE_SETS, Filter(PROJECT, **asked))
    return sorted((each["metadata"]["name"], each["metadata"]["tag"] or "") for each in found)


def test_versions_tags_and_lists(database: Database) -> None:
    first = save(database, "latest", body("stocks", "bid", labels={"team": "Über"}))
    again = save(database, "v1", body("stocks", "bid", labels={"team": "Über"}))
    assert again["metadata"]["uid"] == first["metadata"]["uid"]
    save(database, "latest", body("stocks", "bid", "ask"))
    save(database, "latest", body("Stocks", "bid"))
    assert names(database) == [("Stocks", "latest"), ("stocks", "latest"), ("stocks", "v1")]
    assert names(database, name="stocks", tag="v1") == [("stocks", "v1")]
    assert names(database, name="~STOCKS", tag="latest") == [
        ("Stocks", "latest"), ("stocks", "latest"),
    ]  # fmt: skip
    assert names(database, labels=("team=~über",)) == [("stocks", "v1")]
    assert names(database, features=("ask",)) == [("stocks", "latest")]
    assert names(database, entities=("ticker",), state="none") == []
    newest = Partition("name", 1, "updated")
    assert len(names(database, partition=newest, tag="latest")) == 2
    with database.read() as connection:
        found = feature_sets.select(
            connection, "feature", feature_sets.Filter(PROJECT, "bid", labels=("unit=€",))
        )
        assert len(found) == 3
    with database.write() as connection:
        documents.delete(connection, FEATURE_SETS, Place(PROJECT, "stocks"))
    assert names(database) == [("Stocks", "latest")]


def test_a_patch_that_meets_an_old_version_leaves_one(database: Database) -> None:
    save(database, "one", body("stocks", "bid"))
    save(database, "two", body("stocks", "ask"))
    changes = {"spec": {"features": body("stocks", "bid")["spec"]["features"]}}
    with database.write() as connection:
        documents.patch(
            connection,
            FEATURE_SETS,
            Place(PROJECT, "stocks", "two"),
            changes,
            False,
            lambda _: None,
        )
    assert names(database) == [("stocks", "one"), ("stocks", "two")]
    with database.read() as connection:
        found = document_lists.select(connection, FEATURE_SETS, Filter(PROJECT))
    assert len({each["metadata"]["uid"] for each in found}) == 1


def test_eight_writers_leave_one_latest(database: Database) -> None:
    faults: list[BaseException] = []

    def write(number: int) -> None:
        try:
            save(database, "latest", body("stocks", f"f{number % 2}"))
        except BaseException as fault:
            faults.append(fault)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert faults == []
    assert names(database, tag="latest") == [("stocks", "latest")]
    assert len(names(database)) == 2


def test_model_endpoints(database: Database) -> None:
    document = {
        "metadata": {"name": "iris", "labels": {"a": "b"}},
        "spec": {"function_name": "serve", "function_tag": "latest"},
        "status": {},
    }
    with database.write() as connection:
        first = model_endpoints.create(connection, PROJECT, document, "inplace")
        second = model_endpoints.create(connection, PROJECT, document, "archive")
    listed = Filter(PROJECT, labels=("a=b",))
    with database.read() as connection:
        found = model_endpoints.select(connection, model_endpoints.Filter(listed))
    assert {each["metadata"]["uid"] for each in found} == {
        first["metadata"]["uid"], second["metadata"]["uid"],
    }  # fmt: skip


def test_hub_sources_keep_their_order(database: Database) -> None:
    def source(name: str) -> dict[str, Any]:
        return {"metadata": {"name": name}, "spec": {"path": "https://x", "channel": "m"}}

    with database.write() as connection:
        for name, index in (("a", -1), ("b", -1), ("c", 1), ("a", 3)):
            hub_sources.save(connection, name, index, source(name))
        hub_sources.delete(connection, "b")
        found = hub_sources.select(connection)
        assert [(each["index"], each["source"]["metadata"]["name"]) for each in found] == [
            (1, "c"), (2, "a"),
        ]  # fmt: skip
        with pytest.raises(MLRunConflictError):
            hub_sources.create(connection, -1, source("a"))
        with pytest.raises(MLRunInvalidArgumentError, match="max_order=3"):
            hub_sources.save(connection, "d", 4, source("d"))


def test_pipelines_and_summaries(database: Database) -> None:
    with database.write() as connection:
        for number, state in enumerate(("completed", "error", "running")):
            run = {
                "metadata": {"name": "x", "labels": {"workflow": f"w{number // 2}"}},
                "spec": {},
                "status": {"state": state},
            }
            runs.save(connection, RunKey(PROJECT, f"{number:032x}"), run)
    with database.read() as connection:
        found, total = pipelines.select(connection, "*", part=pipelines.Slice(0, 1))
        assert total == 2 and len(found) == 1
        statuses = {each["id"]: each["status"] for each in pipelines.select(connection, PROJECT)[0]}
        assert statuses == {"w0": "Failed", "w1": "Running"}
        assert len(pipelines.read(connection, PROJECT, "w0")["graph"]) == 2
        assert pipelines.select(connection, "*", frozenset())[1] == 0
        (summary,) = project_summaries.select(connection, PROJECT)
    assert summary["runs_running_count"] == summary["pipelines_running_count"] == 1
    assert summary["pipelines_failed_recent_count"] == 1


def test_a_project_takes_all_of_it_along(database: Database) -> None:
    save(database, "latest", body("stocks", "bid", labels={"a": "b"}))
    with database.write() as connection:
        projects.delete(connection, PROJECT, "cascade")
        projects.create(connection, {"metadata": {"name": PROJECT}})
        for table in ("documents", "document_tags", "document_labels", "feature_columns",
                      "feature_labels"):  # fmt: skip
            left = connection.exec_driver_sql(f"SELECT COUNT(*) FROM {table}").scalar_one()
            assert left == 0, table
