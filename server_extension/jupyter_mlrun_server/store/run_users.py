"""The runs that took what another run left: one step of lineage."""

from __future__ import annotations

import json
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .run_row import shown
from .tables import runs

# a run that uses another's outputs comes after it, mostly soon
MOST_LOOKED_AT = 20_000
MOST_USERS = 200


@dataclass(frozen=True)
class User:
    """A run with those of its inputs that another run left."""

    row: str
    inputs: dict[str, str]


def select(connection: Connection, project: str, uid: str, this_host: str) -> list[User]:
    """Runs of the project whose inputs name artifacts of a run, the first ones first."""
    first = (
        sa.select(sa.func.min(runs.c.id))
        .where(runs.c.project == project, runs.c.uid == uid)
        .scalar_subquery()
    )
    later = (
        sa.select(runs.c.id)
        .where(runs.c.project == project, runs.c.iteration == 0, runs.c.id > first)
        .order_by(runs.c.id)
        .limit(MOST_LOOKED_AT)
        .subquery()
    )
    named = f"@{uid}"
    chosen = (
        sa.select(runs.c.row, runs.c.state, runs.c.host, runs.c.document)
        .join(later, later.c.id == runs.c.id)
        .where(runs.c.document.contains(named, autoescape=True))
        .order_by(runs.c.id)
        .limit(MOST_USERS)
    )
    found = []
    for each in connection.execute(chosen):
        given = json.loads(each.document)["spec"].get("inputs") or {}
        inputs = {str(key): str(uri) for key, uri in given.items() if named in str(uri)}
        if inputs:
            found.append(User(shown(each.row, each.state, each.host, this_host), inputs))
    return found
