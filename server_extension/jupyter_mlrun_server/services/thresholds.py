"""How long runs may stay in a state, as functions, tasks and the cluster's settings say it."""

from __future__ import annotations

import logging
import time
from dataclasses import replace

from jupyter_mlrun import states, uris
from jupyter_mlrun.errors import MLRunHTTPError, MLRunServiceUnavailableError
from jupyter_mlrun_runtimes import KUBERNETES
from jupyter_mlrun_runtimes.contract import Limits, Observation
from jupyter_mlrun_runtimes.kube import reasons

from ..store import functions, runs, times
from ..store.database import Database
from ..store.launches import Launch
from ..store.runs import RunKey
from .places import Places
from .task_input import parse_thresholds

# roots that have no word for how long their run may take
UNLIMITED = ("SparkApplication",)
EXCEEDED = "Run aborted due to exceeded state threshold"


class Thresholds:
    """Which runs have been in one state for too long.

    On the cluster the settings' own hold where nobody asks for others; on this machine a run has
    those alone that were asked for, and of them ``executing``, as it waits for nothing else.
    """

    def __init__(self, database: Database, places: Places, log: logging.Logger) -> None:
        self.database = database
        self.places = places
        self.log = log
        self._limits: dict[tuple[str, str], dict[str, float]] = {}

    def exceeded(self, launch: Launch, seen: Observation) -> str:
        """The sentence for a run that has been too long in one state, else nothing."""
        limits = self._of(launch)
        if launch.place != KUBERNETES and seen.state == states.RUNNING and limits:
            seen = replace(seen, stage=reasons.EXECUTING, since=self._began(launch))
        limit = limits.get(seen.stage, -1.0)
        if limit < 0 or seen.since is None or self._clock(launch) - seen.since <= limit:
            return ""
        why = f" ({seen.detail})" if seen.detail else ""
        return f"{EXCEEDED}: it was {seen.stage} for more than {limit:g} s{why}"

    def forget(self, project: str, uid: str) -> None:
        """Let go of a run that is settled."""
        self._limits.pop((project, uid), None)

    def _clock(self, launch: Launch) -> float:
        cluster = self.places.cluster
        if launch.place != KUBERNETES or cluster is None:
            return time.time()
        return cluster.clock()

    def _began(self, launch: Launch) -> float | None:
        """When the run's process said that it began."""
        with self.database.read() as connection:
            run = runs.find(connection, RunKey(launch.project, launch.uid))
        if run is None or run["status"]["state"] != states.RUNNING:
            return None
        at = times.parse(run["status"].get("start_time"))
        return None if at is None else at / 1e6

    def _of(self, launch: Launch) -> dict[str, float]:
        run = (launch.project, launch.uid)
        if run not in self._limits:
            try:
                self._limits[run] = self._read(launch)
            except MLRunServiceUnavailableError:
                raise
            except (MLRunHTTPError, ValueError) as error:
                # what was stored before it was checked, or a function that is gone
                self.log.warning("Run %s has no thresholds: %s", launch.uid, error)
                self._limits[run] = {}
        return self._limits[run]

    def _read(self, launch: Launch) -> dict[str, float]:
        with self.database.read() as connection:
            document = runs.find(connection, RunKey(launch.project, launch.uid)) or {"spec": {}}
            spec = document["spec"]
            uri = uris.parse_function(str(spec.get("function")))
            function = functions.read_hash(connection, launch.project, uri.name, uri.hash_key)
        cluster = self.places.cluster
        of_cluster = launch.place == KUBERNETES
        asked = {
            **parse_thresholds(
                cluster.settings.defaults.thresholds if of_cluster and cluster else {}, "settings"
            ),
            **parse_thresholds(
                (function.get("spec") or {}).get("state_thresholds"), "function.spec"
            ),
            **parse_thresholds(spec.get("state_thresholds"), "task.spec"),
        }
        limit = Limits.from_dict(spec.get("limits")).timeout
        if limit is not None and (launch.handle or {}).get("root") in UNLIMITED:
            given = asked.get(reasons.EXECUTING, -1.0)
            asked[reasons.EXECUTING] = min(limit, given) if given >= 0 else limit
        return asked
