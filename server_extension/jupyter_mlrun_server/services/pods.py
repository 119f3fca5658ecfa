"""What runs on a cluster need of the monitor: their logs, their troubles, their thresholds."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from jupyter_mlrun import states
from jupyter_mlrun_runtimes import KUBERNETES
from jupyter_mlrun_runtimes.contract import Observation
from jupyter_mlrun_runtimes.kube import reasons
from jupyter_mlrun_runtimes.kube.pod import CONTAINER
from jupyter_mlrun_runtimes.kube.runtime import OnCluster

from ..store import runs
from ..store.database import Database
from ..store.launches import Launch
from ..store.runs import RunKey
from .collector import Collector
from .launcher import Launcher
from .thresholds import Thresholds

# seconds between two sentences about one run: troubles of pods flap
QUIET = 2.0
MOST_EVENTS = 30


class Pods:
    """Runs with pods; everything here does nothing for runs of this machine."""

    def __init__(self, database: Database, launcher: Launcher) -> None:
        self.database = database
        self.launcher = launcher
        self.collector: Collector | None = None
        self._told: dict[tuple[str, str], tuple[float, str]] = {}
        self.thresholds = Thresholds(database, launcher.places, launcher.log)

    def attend(self, launch: Launch, seen: Observation) -> bool:
        """Read the run's log, tell its troubles; whether it has been in one state for too long."""
        runtime = self._runtime(launch)
        if runtime is not None and self.collector is not None:
            self.collector.attend(launch, runtime)
        if launch.target == "abort":
            return False
        if runtime is not None or seen.detail:
            self._tell(launch, seen)
        return bool(self.thresholds.exceeded(launch, seen))

    def is_read(self, launch: Launch) -> bool:
        """Whether the log of a run that has ended is all here."""
        runtime = self._runtime(launch)
        return runtime is None or self.collector is None or self.collector.is_done(launch, runtime)

    def story(self, launch: Launch, seen: Observation | None) -> dict[str, Any]:
        """What is kept of a run's pods at its end: where they were, and what was told of them."""
        runtime = self._runtime(launch)
        if runtime is None or seen is None:
            return {}
        pods = [pod_row(pod, gone) for pod, gone in runtime.found(launch.handle or {}).pods]
        if not pods:
            return {}
        found: dict[str, Any] = {"status.pods": pods}
        if seen.state != states.COMPLETED:
            events = self.events(launch)
            found |= {"status.pod_events": events} if events else {}
        return found

    def rows(self, launch: Launch) -> list[dict[str, Any]]:
        """The pods of a run as people see them."""
        runtime = self._runtime(launch)
        if runtime is None:
            return []
        return [pod_row(pod, gone) for pod, gone in runtime.found(launch.handle or {}).pods]

    def events(self, launch: Launch) -> list[dict[str, Any]]:
        """What the cluster told of a run's objects, oldest first."""
        runtime = self._runtime(launch)
        if runtime is None:
            return []
        found = runtime.found(launch.handle or {})
        bodies = [pod for pod, _ in found.pods] + ([found.root] if found.root else [])
        events = [each for body in bodies for each in runtime.cluster.events_of(body)]
        return [event_row(each) for each in sorted(events, key=reasons.event_time)][-MOST_EVENTS:]

    def begin_again(self, launch: Launch) -> None:
        """Another attempt comes, whose log is waited for anew."""
        if self.collector is not None:
            self.collector.begin_again(launch.project, launch.uid)

    def forget(self, launch: Launch) -> None:
        """Let go of a run that is settled."""
        run = (launch.project, launch.uid)
        self._told.pop(run, None)
        self.thresholds.forget(*run)
        if self.collector is not None and launch.place == KUBERNETES:
            self.collector.forget(*run)
            self.collector.cluster.forget(launch.uid)

    def _runtime(self, launch: Launch) -> OnCluster | None:
        if launch.place != KUBERNETES:
            return None
        found = self.launcher.runtime(launch.kind, launch.place)
        return found if isinstance(found, OnCluster) else None

    def _tell(self, launch: Launch, seen: Observation) -> None:
        run, now = (launch.project, launch.uid), time.monotonic()
        at, known = self._told.get(run, (0.0, ""))
        if seen.detail == known or (at and now - at < QUIET):
            return
        self._told[run] = (now, seen.detail)
        key = RunKey(*run)
        with self.database.write() as connection:
            if runs.find(connection, key) is not None:
                updates = {"status.status_text": seen.detail}
                if launch.place == KUBERNETES:
                    updates["status.reason"] = seen.detail
                runs.update(connection, key, updates)


def pod_row(pod: Mapping[str, Any], gone: bool) -> dict[str, Any]:
    """A pod as people see it."""
    metadata, status = pod["metadata"], pod.get("status") or {}
    names = [each["name"] for each in (pod.get("spec") or {}).get("containers") or []]
    seen = reasons.of_pod(pod, CONTAINER if CONTAINER in names else (names or [""])[0], gone)
    restarts = sum(
        int(each.get("restartCount") or 0) for each in status.get("containerStatuses") or []
    )
    labels = metadata.get("labels") or {}
    return {
        "name": metadata["name"],
        "namespace": metadata["namespace"],
        "role": labels.get("mlrun/role") or labels.get("training.kubeflow.org/job-role") or "",
        "node": reasons.node_of(pod),
        "phase": "Gone" if gone else status.get("phase") or "Unknown",
        "state": seen.state,
        "reason": seen.reason or seen.detail,
        "exit_code": seen.exit_code,
        "ip": status.get("podIP") or "",
        "created": metadata.get("creationTimestamp"),
        "started": status.get("startTime"),
        "restarts": restarts,
        "attempt": int(labels.get("mlrun/attempt") or 0),
        "images": [each.get("image") for each in (pod.get("spec") or {}).get("containers") or []],
    }


def event_row(event: Mapping[str, Any]) -> dict[str, Any]:
    """An event as people see it."""
    involved = event.get("involvedObject") or {}
    return {
        "time": reasons.event_time(event),
        "type": event.get("type"),
        "reason": event.get("reason"),
        "message": reasons.one_line(event.get("message")),
        "count": event.get("count") or (event.get("series") or {}).get("count") or 1,
        "object": f"{involved.get('kind')}/{involved.get('name')}",
    }
