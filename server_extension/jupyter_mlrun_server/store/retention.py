"""What is old enough to go: ended runs, and versions of artifacts that no tag names."""

from __future__ import annotations

import json
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_mlrun import states

from . import artifacts as artifact_store
from . import launches as launch_store
from . import runs as run_store
from .tables import artifact_tags, artifacts, run_labels, runs

# a run with this label stays, whatever its age
KEEP = "keep"
SLICE = 200


@dataclass(frozen=True)
class OldArtifact:
    """A version to remove; ``target`` is its data, empty where another version has the same."""

    id: int
    project: str
    key: str
    target: str


def old_runs(connection: Connection, before: int, after: int = 0) -> list[tuple[int, str, str]]:
    """Id, project and uid of ended runs whose end lies before, in order of ids after one."""
    ended = sa.func.coalesce(runs.c.end_time, runs.c.start_time)
    chosen = _ended().where(ended < before, runs.c.id > after).order_by(runs.c.id).limit(SLICE)
    return [(row.id, row.project, row.uid) for row in connection.execute(chosen)]


def surplus_runs(connection: Connection, number: int) -> list[tuple[str, str]]:
    """Project and uid of ended runs that have so many newer ones of their name."""
    place = sa.func.row_number().over(
        partition_by=(runs.c.project, runs.c.name), order_by=(runs.c.start_time.desc(), runs.c.id)
    )
    counted = _ended().add_columns(place.label("place")).subquery()
    chosen = sa.select(counted.c.project, counted.c.uid).where(counted.c.place > number)
    return [(row.project, row.uid) for row in connection.execute(chosen.limit(SLICE))]


def delete_run(connection: Connection, project: str, uid: str) -> bool:
    """Whether the run was removed: one whose process has not ended stays."""
    if launch_store.find(connection, project, uid) is not None:
        return False
    return run_store.delete(connection, project, uid)


def has_ended(connection: Connection, project: str, uid: str) -> bool:
    """Whether the run is there and has ended."""
    found = run_store.state(connection, run_store.RunKey(project, uid))
    return found is not None and found[0] in states.TERMINAL


def old_artifacts(connection: Connection, before: int) -> list[OldArtifact]:
    """Versions without any tag that nobody has changed since."""
    tagged = sa.select(artifact_tags.c.artifact_id)
    chosen = sa.select(artifacts).where(
        artifacts.c.updated < before, artifacts.c.id.not_in(tagged)
    ).order_by(artifacts.c.id).limit(SLICE)  # fmt: skip
    return [
        OldArtifact(row.id, row.project, row.key, _own_target(connection, row))
        for row in connection.execute(chosen).all()
    ]


def delete_artifact(connection: Connection, old: OldArtifact) -> None:
    """Remove the version."""
    artifact_store.remove(connection, old.project, old.key, [old.id])


def _own_target(connection: Connection, row: sa.Row[tuple[object, ...]]) -> str:
    target = str((json.loads(row.document).get("spec") or {}).get("target_path") or "")
    if not target:
        return ""
    others = sa.select(artifacts.c.document).where(
        artifacts.c.project == row.project, artifacts.c.key == row.key, artifacts.c.id != row.id
    )
    for document in connection.execute(others).scalars():
        if (json.loads(document).get("spec") or {}).get("target_path") == target:
            return ""
    return target


def _ended() -> sa.Select[tuple[int, str, str]]:
    kept = sa.select(run_labels.c.run_id).where(run_labels.c.name == KEEP)
    return sa.select(runs.c.id, runs.c.project, runs.c.uid).where(
        runs.c.iteration == 0, runs.c.state.in_(sorted(states.TERMINAL)), runs.c.id.not_in(kept)
    )
