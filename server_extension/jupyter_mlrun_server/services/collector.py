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
from jupyter_mlrun_runtimes.kube.cluster import POD, QUIET, Cluster
from jupyter_mlrun_runtimes.kube.logs import (
    BROKEN,
    CUT,
    DOUBT,
    GIVEN_UP,
    ROTATES,
    UNSURE,
    Position,
    Reader,
)
from jupyter_mlrun_runtimes.kube.manifests import label_value
from jupyter_mlrun_runtimes.kube.runtime import OnCluster
from jupyter_mlrun_runtimes.local import write_private

from ..store.launches import Launch
from .log_masks import SUFFIX as HELD
from .logs import Logs
from .place import Place

MOST_READERS = 250
AGAIN = 0.5
SAVES = 0.2
SECRET = ("v1", "Secret")
# seconds for which a log is read after its run's end before it is given up: a connection that
# hangs has been made anew by then, twice
PATIENCE = 2 * QUIET + 10.0

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
    position: Position = field(default_factory=Position)
    is_closed: bool = False
    """whether nothing is written any more: all is here, or it was given up"""
    writing: threading.RLock = field(default_factory=threading.RLock)


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
        self._ending = threading.Lock()

    def attend(self, launch: Launch, runtime: OnCluster) -> None:
        """Read whatever of the run's pods prints and is not yet read."""
        for pod, gone in runtime.found(launch.handle or {}).pods:
            key = str(pod["metadata"]["uid"])
            if key in self._sources or gone or self._working >= MOST_READERS:
                continue
            container = _printing(pod)
            if container is None:
                continue
            source = self._known(launch, runtime, pod, container)
            self.logs.masks.followed.add((launch.project, launch.uid))
            with self._lock:
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
        if not waiting and not reading:
            return True
        if time.monotonic() - last <= PATIENCE:
            return False
        for pod in waiting:
            key = str(pod["metadata"]["uid"])
            if key not in self._sources:
                container = _printing(pod) or ""
                self._known(launch, runtime, pod, container)
        for source in [self._sources[key] for key in keys if key in self._sources]:
            self._close(source, GIVEN_UP)
        return True

    def _known(self, launch: Launch, runtime: OnCluster, pod: Body, container: str) -> Source:
        """A container's output from now on, with how far it was read before."""
        source = _source(launch, runtime, pod, container)
        source.position = Position.load(_position_file(self.place, source))
        source.is_closed = source.position.ended
        self._sources[source.pod_uid] = source
        return source

    def begin_again(self, project: str, uid: str) -> None:
        """Forget when the last attempt of a run ended."""
        self._ended_since.pop((project, uid), None)

    def forget(self, project: str, uid: str) -> None:
        """Let go of a run that is settled."""
        self._ended_since.pop((project, uid), None)
        self.logs.masks.forget(project, uid)
        self.logs.masks.followed.discard((project, uid))
        for key, source in list(self._sources.items()):
            if (source.project, source.uid) == (project, uid):
                del self._sources[key]
        if (project, uid) in self.logs.masks.holding:
            try:
                self.logs.end(project, uid)
            except OSError as error:
                self.log.warning("The log of run %s lacks its last bytes: %s", uid, error)

    def _is_read(self, key: str) -> bool:
        source = self._sources.get(key)
        return source is not None and source.ended.is_set()

    def _read(self, source: Source) -> None:
        try:
            self._follow(source)
        except Exception:
            self.log.exception("The log of pod %s could not be read to its end", source.pod)
            self._close_broken(source)
        finally:
            source.ended.set()
            with self._lock:
                self._working -= 1
            self.cluster.on_change()

    def _follow(self, source: Source) -> None:
        position = source.position = Position.load(_position_file(self.place, source))
        if position.ended:
            source.is_closed = True
            return
        self._know_secrets(source)
        reader = Reader(position, self.cluster.clock)
        source.surplus = self._surplus(source, position)
        whole, end = False, None
        while not source.is_closed:
            reader.begin()
            try:
                self._copy(source, reader, follow=True)
                whole = True
            except MLRunNotFoundError:
                break
            except MLRunHTTPError as error:
                whole = False
                self.log.debug("The log of pod %s broke off: %s", source.pod, error)
            if whole and (end := self._end(source)) is not None:
                break
            time.sleep(AGAIN)
        if not whole:
            end = CUT
        elif position.size >= ROTATES and not self._has_last(source, reader):
            end = DOUBT
        self._close(source, end or b"")

    def _close(self, source: Source, mark: bytes) -> None:
        """Write what was held back of a log, and a mark where its end is missing; once."""
        with source.writing:
            if source.is_closed:
                return
            if mark:
                self._write(source, source.position, mark)
            source.is_closed = source.position.ended = True
            write_private(_position_file(self.place, source), source.position.text())
            if not source.part:
                self.logs.end(source.project, source.uid)
            self._end_parts(source)

    def _close_broken(self, source: Source) -> None:
        try:
            self._close(source, BROKEN)
        except Exception as error:
            # where not even that can be written, the disk is full: the run's own end says so
            self.log.warning("The log of pod %s has no mark of its end: %s", source.pod, error)

    def _end_parts(self, source: Source) -> None:
        """Write what was held back of further logs that nobody writes any more."""
        # of two readers that end at once, one writes it
        with self._ending:
            run = (source.project, source.uid)
            others = {
                each.part
                for each in list(self._sources.values())
                if (each.project, each.uid) == run and not each.is_closed
            }
            folder = _part_file(self.place, source, "x").parent
            for held in folder.glob(f"*.log{HELD}"):
                path = held.with_name(held.name.removesuffix(HELD))
                # those of ranks come by the main pod's lines
                if path.stem in others or ("" in others and path.stem != source.part):
                    continue
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

    def _end(self, source: Source) -> bytes | None:
        """None while the container prints on, as was heard by now; a moment is given for it.

        Else what is to be said of the end: nothing, where it is known to have ended.
        """
        deadline = time.monotonic() + 2.0
        while True:
            known = [
                (pod, gone)
                for pod, gone in self.cluster.mirror(POD).of_run(source.uid)
                if pod["metadata"]["uid"] == source.pod_uid
            ]
            if not known or _is_over(known[0][0], source.container):
                return b""
            if known[0][1]:
                return UNSURE
            if time.monotonic() > deadline:
                return None
            time.sleep(0.05)

    def _write(self, source: Source, position: Position, text: bytes) -> None:
        with source.writing:
            if not source.is_closed:
                self._write_now(source, position, text)

    def _write_now(self, source: Source, position: Position, text: bytes) -> None:
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
            write_private(_position_file(self.place, source), position.text())
            source.saved = time.monotonic()

    def _write_part(self, source: Source, name: str, text: bytes) -> int:
        path = _part_file(self.place, source, name)
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
            _part_file(self.place, source, source.part)
            if source.part
            else self.place.log_file(source.project, source.uid)
        )
        return max(0, logfile.size(path) - position.size)


def _part_file(place: Place, source: Source, name: str) -> Path:
    return place.run_folder(source.project, source.uid) / "parts" / f"{name}.log"


def _position_file(place: Place, source: Source) -> Path:
    folder = place.run_folder(source.project, source.uid) / "pods"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"{source.pod_uid}.json"


def _source(launch: Launch, runtime: OnCluster, pod: Body, container: str) -> Source:
    """Where the output of a pod's container goes."""
    metadata = pod["metadata"]
    part = "" if runtime.main_container(dict(pod)) is not None else str(metadata["name"])
    return Source(
        launch.project, launch.uid, metadata["namespace"], metadata["name"],
        str(metadata["uid"]), container, part, None if part else runtime.sort,
    )  # fmt: skip


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
