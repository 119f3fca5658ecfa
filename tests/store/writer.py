"""Writes one kind of thing again and again, and says each number once it is kept; to be killed."""

from __future__ import annotations

import logging
import sys
from itertools import count
from pathlib import Path

from sqlalchemy.engine import Connection

from jupyter_mlrun_server.services.deletion import Deletion
from jupyter_mlrun_server.services.files import Files
from jupyter_mlrun_server.services.place import Place
from jupyter_mlrun_server.store import (
    alerts,
    artifact_tags,
    artifacts,
    documents,
    functions,
    project_secrets,
    projects,
    runs,
)
from jupyter_mlrun_server.store.artifact_lists import Filter, identities
from jupyter_mlrun_server.store.artifacts import ArtifactKey
from jupyter_mlrun_server.store.database import Database
from jupyter_mlrun_server.store.documents import Place as DocumentPlace
from jupyter_mlrun_server.store.feature_sets import FEATURE_SETS
from jupyter_mlrun_server.store.runs import RunKey

PROJECT = "lab"
LABELS = {f"label-{n}": str(n) for n in range(5)}


def run(connection: Connection, number: int) -> None:
    document = {
        "metadata": {"name": "train", "labels": LABELS},
        "status": {"state": "completed", "results": {"n": number}},
    }
    runs.save(connection, RunKey(PROJECT, f"{number:032x}"), document)


def update(connection: Connection, number: int) -> None:
    if not number:
        run(connection, 0)
    change = {"status.results.n": number, "metadata.labels": {f"label-{number}": "x"}}
    runs.update(connection, RunKey(PROJECT, f"{0:032x}"), change)


def artifact(connection: Connection, number: int) -> None:
    document = {"kind": "model", "metadata": {"labels": LABELS, "tree": f"t{number}"}, "spec": {}}
    artifacts.save(connection, ArtifactKey(PROJECT, "model", tag="v1"), document)


def tag(connection: Connection, number: int) -> None:
    if not number:
        for each in range(8):
            artifact(connection, each)
    (found,) = identities(connection, PROJECT, Filter(name="model", tree=f"t{number % 8}"))
    artifact_tags.save(connection, found, "best")


def function(connection: Connection, number: int) -> None:
    document = {"kind": "local", "metadata": {"labels": LABELS}, "spec": {"n": number}}
    functions.save(connection, PROJECT, "train", document, versioned=True)


def deletion(connection: Connection, number: int) -> None:
    run(connection, number)
    artifact(connection, number)
    runs.delete(connection, PROJECT, f"{number:032x}")
    artifacts.delete(connection, ArtifactKey(PROJECT, "model"))


def feature_set(connection: Connection, number: int) -> None:
    features = [{"name": f"f{number}-{each}", "value_type": "int"} for each in range(3)]
    spec = {"entities": [{"name": "ticker", "value_type": "str"}], "features": features}
    document = {"metadata": {"labels": LABELS}, "spec": spec}
    place = DocumentPlace(PROJECT, "stocks", "latest")
    documents.save(connection, FEATURE_SETS, place, document, versioned=True)


def alert(connection: Connection, number: int) -> None:
    entity = {"kind": "job", "project": PROJECT, "ids": ["train"]}
    if not number:
        config = {"entities": entity, "trigger": {"events": ["failed"]}, "notifications": []}
        alerts.save(connection, PROJECT, "fails", {**config, "severity": "high"})
    alerts.take(connection, PROJECT, "failed", entity, {"number": number})


def secret(connection: Connection, number: int) -> None:
    project_secrets.save(connection, PROJECT, {f"a{number}": "sealed", f"b{number}": "sealed"})


KINDS = {
    each.__name__: each
    for each in (run, update, artifact, tag, function, deletion, feature_set, alert, secret)
}


def cascade(database: Database, root: Path) -> None:
    """Make a project with files and delete it with them, over and over."""
    place = Place(root, root)
    doer = Deletion(database, place, Files(place), logging.getLogger("writer"))
    for number in count():
        with database.write() as connection:
            projects.create(connection, {"metadata": {"name": "gone"}})
            for kind in (run, artifact, function):
                kind(connection, number)
        for folder in (place.project_folder("gone"), place.artifacts / "gone"):
            (folder / str(number)).mkdir(parents=True)
            for each in range(20):
                (folder / str(number) / str(each)).write_text("x")
        print(number, flush=True)
        doer.project("gone", "cascade")


def main(url: str, kind: str, root: str) -> None:
    """Write until killed."""
    database = Database(url, logging.getLogger("writer"))
    if kind == "cascade":
        cascade(database, Path(root))
    for number in count():
        with database.write() as connection:
            KINDS[kind](connection, number)
        print(number, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
