"""Leases of runs that work where this service cannot look: until when it is believed they do.

Their moments are the store's own, since several servers prolong them.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_mlrun import states

from . import clock
from .service_tables import run_leases
from .tables import runs


def prolong(connection: Connection, project: str, uids: Sequence[str], seconds: float) -> list[str]:
    """Believe that these go on for so long; the others, which have ended or are not there."""
    until = _in(connection, seconds)
    chosen = sa.select(runs.c.uid).where(
        runs.c.project == project, runs.c.uid.in_(uids), runs.c.iteration == 0,
        runs.c.state.in_(sorted(states.ACTIVE)),
    )  # fmt: skip
    live = list(connection.execute(chosen).scalars())
    for uid in live:
        here = (run_leases.c.project == project) & (run_leases.c.uid == uid)
        changed = connection.execute(run_leases.update().where(here).values(until=until))
        if (
            not changed.rowcount
            and not connection.execute(sa.select(run_leases).where(here)).first()
        ):
            row = {"project": project, "uid": uid, "until": until}
            connection.execute(run_leases.insert(), row)
    return [uid for uid in uids if uid not in set(live)]


def prolong_all(connection: Connection, seconds: float) -> None:
    """Believe so of all: nobody could tell while no server was up."""
    until = _in(connection, seconds)
    connection.execute(run_leases.update().where(run_leases.c.until < until).values(until=until))


def over(connection: Connection, now: int) -> list[tuple[str, str]]:
    """Project and uid of those of which nothing was heard in time."""
    chosen = sa.select(run_leases).where(run_leases.c.until <= now).limit(200)
    return [(row.project, row.uid) for row in connection.execute(chosen)]


def drop(connection: Connection, project: str, uid: str, now: int) -> bool:
    """Believe nothing of a run any more; False where it was heard of since, or is not there."""
    here = (run_leases.c.project == project) & (run_leases.c.uid == uid)
    gone = connection.execute(run_leases.delete().where(here, run_leases.c.until <= now))
    return gone.rowcount > 0


def _in(connection: Connection, seconds: float) -> int:
    return clock.now(connection) + int(seconds * 1e6)
