"""Runs and artifacts as MLRun's client writes them, in bulk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from jupyter_mlrun_server.store import artifacts, run_counts, run_row, run_values, tables, times
from jupyter_mlrun_server.store.database import Database

PROJECT = "bench"
COUNT = 10_000
SLICE = 5_000
KEYS = 500
DOCUMENTS = json.loads((Path(__file__).parent / "documents.json").read_text())


def run(number: int, now: int, project: str = PROJECT) -> dict[str, Any]:
    """The n-th run, as MLRun's client leaves it."""
    document: dict[str, Any] = json.loads(json.dumps(DOCUMENTS["run"]))
    moment = times.text(now - number * 1_000_000)
    uid = f"{number:032x}"
    document["metadata"] |= {"uid": uid, "name": f"train-{number % 50}", "project": project}
    document["spec"]["parameters"] = {"n_estimators": number, "max_depth": 8}
    document["status"]["results"] = {"accuracy": number * 7919 % COUNT / COUNT, "loss": 0.2311}
    document["status"] |= {"start_time": moment, "end_time": moment, "last_update": moment}
    return document


def artifact(number: int, tree: str) -> dict[str, Any]:
    """The n-th artifact, as MLRun's client stores it: notes, models and datasets in turn."""
    kinds = DOCUMENTS["artifacts"]
    document: dict[str, Any] = json.loads(json.dumps(kinds[number % len(kinds)]))
    document["metadata"] |= {"tree": tree, "project": PROJECT}
    document["spec"]["db_key"] = f"train_{document['kind']}_{number % KEYS}"
    return document


def fill_runs(database: Database, count: int, project: str = PROJECT) -> None:
    """Runs, by the columns that the store itself would write: a second between any two."""
    now = times.now()
    for first in range(0, count, SLICE):
        numbers = range(first, min(first + SLICE, count))
        documents = [run(number, now, project) for number in numbers]
        with database.write() as connection:
            held = connection.execute(sa.select(sa.func.max(tables.runs.c.id))).scalar() or 0
            identities = range(held + 1, held + 1 + len(documents))
            connection.execute(tables.runs.insert(), [
                {"id": identity, "project": project, "uid": each["metadata"]["uid"],
                 "iteration": 0, **run_row.columns(each)}
                for identity, each in zip(identities, documents, strict=True)
            ])  # fmt: skip
            connection.execute(tables.run_values.insert(), [
                {"run_id": identity, **run_values.columns(each)}
                for identity, each in zip(identities, documents, strict=True)
            ])  # fmt: skip
            run_counts.add(connection, project, documents[0]["status"]["state"], len(documents))


def fill_artifacts(database: Database, count: int) -> None:
    """Artifacts of many versions, the newest of each key with its tag."""
    now = times.now()
    for first in range(0, count, SLICE):
        numbers = range(first, min(first + SLICE, count))
        rows = [artifact_row(number, now - (count - number) * 1_000_000) for number in numbers]
        tags = [
            {"artifact_id": row["id"], "tag": "latest", "project": PROJECT, "key": row["key"],
             "updated": row["updated"]}
            for row in rows if row["id"] > count - KEYS
        ]  # fmt: skip
        with database.write() as connection:
            connection.execute(tables.artifacts.insert(), rows)
            if tags:
                connection.execute(tables.artifact_tags.insert(), tags)


def artifact_row(number: int, moment: int) -> dict[str, Any]:
    """The row of the n-th artifact: one a second."""
    document = artifact(number, f"{number:032x}")
    uid = f"{number:040x}"
    told = times.text(moment)
    document["metadata"] |= {"uid": uid, "updated": told, "created": told}
    return {
        "id": number + 1, "project": PROJECT, "key": document["spec"]["db_key"], "uid": uid,
        "best_iteration": True, "created": moment, **artifacts.columns(document, moment),
    }  # fmt: skip
