"""Logs of pods, copied into files of ours as they flow: one reader for each pod that prints."""

from __future__ import annotations

import base64
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_mlrun.errors import MLRunHTTPError, MLRunNotFoundError
from jupyter_mlrun_runtimes import logfile
from jupyter_mlrun_runtimes.kube.cluster import POD, Cluster
from jupyter_mlrun_runtimes.kube.logs import CUT, DOUBT, ROTATES, Position, Reader
from jupyter_mlrun_runtimes.kube.manifests import label_value
from jupyter_mlrun_runtimes.kube.runtime import OnCluster
from jupyter_mlrun_runtimes.local import write_private

from ..store.launches import Launch
from .logs import Logs
from .place import Place

MOST_READERS = 250
AGAIN = 0.5
SAVES = 0.2
SECRET = ("v1", "Secret")
# seconds for which a log is read after its run's end before it is given up
PATIENCE = 60.0

Body = Mapping[str, Any]
Sort = Callable[[bytes], tuple[bytes, dict[str, bytes]]]
"""what of a text the run's own log shows, and what goes to logs of ranks besides"""


@dataclass
class Source:
    """A container whose output goes to a file of a run; ``part`` is empty for the run's own log."""

    project: str
    uid: str
    namespace: str
    pod: str
    pod_uid: str
    container: str
    part: str = ""
    sort: Sort | None = None
    # bytes that were written before a crash, and come again
    surplus: int = 0
    heard: float = 0.0
    saved: float = 0.0
    ended: threading.Event = field(default_factory=threading.Event)


class Collector:
    """Readers of logs on one cluster. Only the leading server has some."""

    def __init__(self, cluster: Cluster, place: Place, logs: Logs, log: logging.Logger) -> None:
        self.cluster = cluster
        self.place = place
        self.logs = logs
        self.log = log
        self._sources: dict[str, Source] = {}
        self._ended_since: dict[tuple[str, str], float] = {}
        self._working = 0
        self._lock = threading.Lock()

    def attend(self, launch: Launch, runtime: OnCluster) -> None:
        """Read whatever of the run's pods prints and is not yet read."""
        for pod, gone in runtime.found(launch.handle or {}).pods:
            key = str(pod["metadata"]["uid"])
            if key in self._sources or gone or self._working >= MOST_READERS:
                continue
            container = _printing(pod)
            if container is None:
                continue
            is_main = runtime.main_container(dict(pod)) is not None
            part = "" if is_main else str(pod["metadata"]["name"])
            source = Source(
                launch.project, launch.uid, pod["metadata"]["namespace"], pod["metadata"]["name"],
                key, container, part, None if part else runtime.sort,
            )  # fmt: skip
            self._sources[key] = source
            self._working += 1
            threading.Thread(
                target=self._read, args=(source,), name=f"log-{source.pod}", daemon=True
            ).start()

    def is_done(self, launch: Launch, runtime: OnCluster) -> bool:
        """Whether all that the run printed is here, or will not come any more."""
        self.attend(launch, runtime)
        run = (launch.project, launch.uid)
        since = self._ended_since.setdefault(run, time.monotonic())
        pods = runtime.found(launch.handle or {}).pods
        waiting = [
            pod
            for pod, gone in pods
            if not self._is_read(str(pod["metadata"]["uid"])) and not gone and _printing(pod)
        ]
        keys = [str(pod["metadata"]["uid"]) for pod, _ in pods]
        reading = [key for key in keys if key in self._sources and not self._is_read(key)]
        # a flood is read on as long as it comes
        last = max([since, *(self._sources[key].heard for key in reading)])
        done = not waiting and not reading
        return done or time.monotonic() - last > PATIENCE

    def begin_again(self, project: str, uid: str) -> None:
        """Forget when the last attempt of a run ended."""
        self._ended_since.pop((project, uid), None)

    def forget(self, project: str, uid: str) -> None:
        """Let go of a run that is settled."""
        self._ended_since.pop((project, uid), None)
        self.logs.masks.forget(project, uid)
        for key, source in list(self._sources.items()):
            if (source.project, source.uid) == (project, uid):
                del self._sources[key]

    def _is_read(self, key: str) -> bool:
        source = self._sources.get(key)
        return source is not None and source.ended.is_set()

    def _read(self, source: Source) -> None:
        try:
            self._follow(source)
        except Exception:
            self.log.exception("The log of pod %s could not be read to its end", source.pod)
        finally:
            source.ended.set()
            with self._lock:
                self._working -= 1
            self.cluster.on_change()

    def _follow(self, source: Source) -> None:
        file = self._position_file(source)
        position = Position.load(file)
        if position.ended:
            return
        self._know_secrets(source)
        reader = Reader(position, self.cluster.clock)
        source.surplus = self._surplus(source, position)
        whole = False
        while True:
            reader.begin()
            try:
                self._copy(source, reader, follow=True)
                whole = True
            except MLRunNotFoundError:
                break
            except MLRunHTTPError as error:
                whole = False
                self.log.debug("The log of pod %s broke off: %s", source.pod, error)
            if whole and self._has_ended(source):
                break
            time.sleep(AGAIN)
        if not whole:
            self._write(source, position, CUT)
        elif position.size >= ROTATES and not self._has_last(source, reader):
            self._write(source, position, DOUBT)
        position.ended = True
        write_private(file, position.text())
        if not source.part:
            self.logs.end(source.project, source.uid)
            return
        path = self._part_file(source, source.part)
        if rest := self.logs.masks.rest(source.project, path):
            with logfile.LogWriter(path) as writer:
                writer.append(rest)

    def _copy(self, source: Source, reader: Reader, follow: bool) -> None:
        """Write what of the container's output is new."""
        position, where = reader.position, (source.namespace, source.pod, source.container)
        for lines in self.cluster.log_lines(*where, since=position.since, follow=follow):
            text = reader.take(lines)
            source.heard = time.monotonic()
            source.surplus, text = max(0, source.surplus - len(text)), text[source.surplus :]
            if text:
                self._write(source, position, text)

    def _has_last(self, source: Source, reader: Reader) -> bool:
        """Whether the last line of much output is here: who follows it may be left behind."""
        reader.begin(at_end=True)
        try:
            self._copy(source, reader, follow=False)
        except MLRunHTTPError as error:
            self.log.debug("The end of the log of pod %s is unknown: %s", source.pod, error)
            return False
        return not reader.has_lost_its_place

    def _know_secrets(self, source: Source) -> None:
        """Have what the run's own Secrets hold masked; nothing is read before they are known."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                found = self.cluster.select(SECRET, {"mlrun/uid": label_value(source.uid)})
                break
            except MLRunHTTPError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(AGAIN)
        values = [text for body in found for text in (body.get("data") or {}).values()]
        shown = {base64.b64decode(text).decode("utf-8", "surrogateescape") for text in values}
        if shown:
            key = (source.project, source.uid)
            self.logs.masks.of_runs[key] = tuple(sorted(shown))

    def _has_ended(self, source: Source) -> bool:
        """Whether the container prints no more, as was heard by now; a moment is given for it."""
        deadline = time.monotonic() + 2.0
        while True:
            known = [
                (pod, gone)
                for pod, gone in self.cluster.mirror(POD).of_run(source.uid)
                if pod["metadata"]["uid"] == source.pod_uid
            ]
            if not known or known[0][1] or _is_over(known[0][0], source.container):
                return True
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)

    def _write(self, source: Source, position: Position, text: bytes) -> None:
        parts: dict[str, bytes] = {}
        if source.sort is not None:
            text, parts = source.sort(text)
        for name, lines in parts.items():
            self._write_part(source, name, lines)
        if source.part:
            position.size = self._write_part(source, source.part, text)
        else:
            position.size = self.logs.append(source.project, source.uid, [text])
        # of a flood, what was written since comes again after a crash, and is left out
        if position.size < ROTATES or time.monotonic() - source.saved > SAVES:
            write_private(self._position_file(source), position.text())
            source.saved = time.monotonic()

    def _write_part(self, source: Source, name: str, text: bytes) -> int:
        path = self._part_file(source, name)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with logfile.LogWriter(path) as writer:
            for piece in self.logs.masks.shown(source.project, path, [text]):
                writer.append(piece)
            return writer.size

    def _surplus(self, source: Source, position: Position) -> int:
        """Bytes that were written after the position was saved: a crash came between the two."""
        if not position.at:
            return 0
        path = (
            self._part_file(source, source.part)
            if source.part
            else self.place.log_file(source.project, source.uid)
        )
        return max(0, logfile.size(path) - position.size)

    def _part_file(self, source: Source, name: str) -> Path:
        return self.place.run_folder(source.project, source.uid) / "parts" / f"{name}.log"

    def _position_file(self, source: Source) -> Path:
        folder = self.place.run_folder(source.project, source.uid) / "pods"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder / f"{source.pod_uid}.json"


def _printing(pod: Body) -> str | None:
    """The container of a pod that has something to say, None where none has begun."""
    spec, status = pod.get("spec") or {}, pod.get("status") or {}
    names = [str(each["name"]) for each in spec.get("containers") or []]
    main = "base" if "base" in names else (names or [""])[0]
    for each in status.get("containerStatuses") or []:
        state = each.get("state") or {}
        if each.get("name") == main and (state.get("running") or state.get("terminated")):
            return main if (each.get("containerID") or state.get("running")) else None
    return None


def _is_over(pod: Body, container: str) -> bool:
    for each in (pod.get("status") or {}).get("containerStatuses") or []:
        if each.get("name") == container:
            return bool((each.get("state") or {}).get("terminated"))
    return False
