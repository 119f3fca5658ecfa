"""Mirrors that lists and watches fill, and the lines of logs that come again."""

from __future__ import annotations

import base64
import logging
import queue
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_mlrun.errors import MLRunNotFoundError
from jupyter_mlrun_runtimes.contract import Observation
from jupyter_mlrun_runtimes.kube.cluster import QUIET
from jupyter_mlrun_runtimes.kube.job import KubeJob
from jupyter_mlrun_runtimes.kube.logs import (
    BROKEN,
    DOUBT,
    GAP,
    GIVEN_UP,
    UNSURE,
    Position,
    Reader,
)
from jupyter_mlrun_runtimes.kube.mirror import Body, Gone, Mirror
from jupyter_mlrun_runtimes.kube.mpi import KubeMpi
from jupyter_mlrun_runtimes.kube.runtime import Found
from jupyter_mlrun_server.services import collector as collecting
from jupyter_mlrun_server.services.collector import MOST_READERS, PATIENCE, Collector, Source
from jupyter_mlrun_server.services.logs import Logs
from jupyter_mlrun_server.services.monitor import Monitor
from jupyter_mlrun_server.services.place import Place
from jupyter_mlrun_server.services.pods import Pods
from jupyter_mlrun_server.services.threads import Threads
from jupyter_mlrun_server.services.unsaved import Unsaved
from jupyter_mlrun_server.store.launches import Launch

POD = ("v1", "Pod")


def pod(name: str, version: int, **status: Any) -> Body:
    """A pod of the run ``r``."""
    metadata = {
        "name": name, "uid": name, "resourceVersion": str(version),
        "creationTimestamp": f"2026-01-01T00:00:{version:02}Z", "labels": {"mlrun/uid": "r"},
    }  # fmt: skip
    return {"metadata": metadata, "status": status}


class Forgetful:
    """A cluster whose watch ends as the test says."""

    def __init__(self) -> None:
        self.pods: list[Body] = []
        self.events: queue.Queue[Any] = queue.Queue()
        self.lists = 0

    def list_labelled(self, resource: Any) -> tuple[list[Body], str]:
        self.lists += 1
        return list(self.pods), "1"

    def watch_labelled(self, resource: Any, version: str) -> Iterator[tuple[str, Body]]:
        while True:
            event = self.events.get()
            if isinstance(event, Exception):
                raise event
            yield event


def until(condition: Any) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("trouble", [Gone("too old"), ConnectionResetError("reset")])
def test_a_mirror_lists_again_and_finds_what_it_missed(trouble: Exception) -> None:
    source, changes = Forgetful(), []
    source.pods = [pod("a", 1, phase="Running")]
    mirror = Mirror(source, POD, lambda: changes.append(1)).start()
    until(lambda: mirror.synced_at)
    source.events.put(("ADDED", pod("b", 2)))
    until(lambda: len(mirror.of_run("r")) == 2)
    source.pods = [pod("b", 5, phase="Running"), pod("c", 4)]
    source.events.put(trouble)
    until(lambda: source.lists == 2 and len(mirror.of_run("r")) == 3)
    found = {body["metadata"]["name"]: gone for body, gone in mirror.of_run("r")}
    assert found == {"a": True, "b": False, "c": False}
    source.events.put(("MODIFIED", pod("b", 3, phase="Pending")))
    source.events.put(("DELETED", pod("c", 6)))
    until(lambda: dict_of(mirror)["c"])
    assert next(b for b, _ in mirror.of_run("r") if b["metadata"]["name"] == "b")["status"] == {
        "phase": "Running"
    }, "an older word of a pod took the place of a newer one"
    mirror.forget("r")
    assert dict_of(mirror) == {"b": False}
    mirror.stop()


def dict_of(mirror: Mirror) -> dict[str, bool]:
    return {body["metadata"]["name"]: gone for body, gone in mirror.of_run("r")}


def line(second: int, text: str, nano: int = 0) -> bytes:
    return f"2026-01-01T00:00:{second:02}.{nano:09}Z {text}\n".encode()


def test_lines_that_come_again_are_given_once() -> None:
    reader = Reader(Position())
    reader.begin()
    assert (
        reader.take([line(1, "a"), line(2, "b"), line(2, "b"), line(2, "c", 5)]) == b"a\nb\nb\nc\n"
    )
    assert reader.position.since == "2026-01-01T00:00:02Z"
    reader.begin()
    again = [line(2, "b"), line(2, "b"), line(2, "c", 5), line(2, "d", 5), line(3, "e")]
    assert reader.take(again) == b"d\ne\n"


def test_one_time_for_many_lines() -> None:
    reader = Reader(Position())
    reader.begin()
    reader.take([line(1, "a"), line(1, "b")])
    reader.begin()
    assert reader.take([line(1, "a"), line(1, "b"), line(1, "c")]) == b"c\n"
    reader.begin()
    assert reader.take([line(1, "a")]) == b""
    assert reader.take([line(1, "b"), line(1, "c"), line(1, "d")]) == b"d\n"


def test_missing_lines_are_marked() -> None:
    reader = Reader(Position())
    reader.begin()
    reader.take([line(1, "a")])
    reader.begin()
    assert reader.take([line(5, "z")]) == GAP + b"z\n"


class Printing:
    """A cluster with a pod that prints a secret of its run, in pieces, and is gone then."""

    def select(self, resource: Any, labels: Any) -> list[Body]:
        assert (resource, labels) == (("v1", "Secret"), {"mlrun/uid": "r"})
        return [{"data": {"PASSWORD": base64.b64encode(b"tide-s3cret").decode()}}]

    clock = staticmethod(time.time)

    def log_lines(self, *where: str, since: str = "", follow: bool = True) -> Iterator[list[bytes]]:
        yield [b"2026-01-01T00:00:00.0Z it is tide-s3cret\n"]
        raise MLRunNotFoundError("gone")

    def on_change(self) -> None:
        """Nobody listens."""


def test_a_runs_own_secrets_are_masked_in_its_pods_logs(tmp_path: Path) -> None:
    place = Place(tmp_path, tmp_path)
    log = logging.getLogger("test")
    logs = Logs(place, Threads(), log)
    collector = Collector(Printing(), place, logs, log)  # type: ignore[arg-type]
    for part in ("", "worker"):
        collector._read(Source("sea", "r", "lab", "train", f"pod{part}", "base", part))
        path = place.run_folder("sea", "r") / ("parts/worker.log" if part else "log")
        assert path.read_bytes().startswith(b"it is *****\n")
    collector.forget("sea", "r")
    assert not logs.masks.of_runs


def test_a_part_log_goes_on_after_what_may_begin_a_secret(tmp_path: Path) -> None:
    class Keys(Printing):
        def select(self, resource: Any, labels: Any) -> list[Body]:
            return [{"data": {"KEY": base64.b64encode(b"BEGIN KEY\ntide-s3cret").decode()}}]

        def log_lines(self, *where: str, **how: Any) -> Iterator[list[bytes]]:
            for second, text in enumerate(("BEGIN KEY", "tide-s3cret", "after")):
                yield [line(second, text)]
            raise MLRunNotFoundError("gone")

    place, log = Place(tmp_path, tmp_path), logging.getLogger("test")
    collector = Collector(Keys(), place, Logs(place, Threads(), log), log)  # type: ignore[arg-type]
    collector._read(Source("sea", "r", "lab", "train", "pod", "base", "worker"))
    found = (place.run_folder("sea", "r") / "parts/worker.log").read_bytes()
    assert found.startswith(b"*****\nafter\n")


def test_each_attempt_has_its_own_time_for_its_log(tmp_path: Path) -> None:
    place, log = Place(tmp_path, tmp_path), logging.getLogger("test")
    collector = Collector(Printing(), place, Logs(place, Threads(), log), log)  # type: ignore[arg-type]
    running = {"running": {"startedAt": "2026-01-01T00:00:00Z"}}
    state = {"containerStatuses": [{"name": "base", "state": running}]}
    body = pod("second", 2, **state)
    body["metadata"]["namespace"] = "lab"
    body["spec"] = {"containers": [{"name": "base"}]}

    class Runtime(KubeJob):
        def found(self, handle: Any) -> Found:
            return Found(None, [(body, False)])

    runtime = Runtime(collector.cluster)
    launch = Launch("sea", "r", "job", "host", "boot", place="kubernetes")
    collector._working = MOST_READERS
    collector._ended_since["sea", "r"] = time.monotonic() - 2 * PATIENCE
    assert collector.is_done(launch, runtime)
    # what is read still is not given up
    source = Source("sea", "r", "lab", "second", "second", "base", heard=time.monotonic())
    collector._sources["second"] = source
    assert not collector.is_done(launch, runtime)
    source.heard -= 2 * PATIENCE
    assert collector.is_done(launch, runtime)
    del collector._sources["second"]
    retries = SimpleNamespace(take=lambda launch, seen: True)
    pods = Pods(None, SimpleNamespace(runtime=lambda kind, place: runtime, places=None, log=log))  # type: ignore[arg-type]
    pods.collector = collector
    monitor = SimpleNamespace(retries=retries, pods=pods, unsaved=Unsaved(logging.getLogger()))
    Monitor._act(monitor, launch, Observation({}, "error"))  # type: ignore[arg-type]
    assert not collector.is_done(launch, runtime)


class Hanging(Printing):
    """A cluster whose node has stopped: one line, and then nothing until it ``goes_on``."""

    def __init__(self, *pods: Body) -> None:
        self.goes_on, self.pods = threading.Event(), pods

    def log_lines(self, *where: str, **how: Any) -> Iterator[list[bytes]]:
        yield [line(1, "first")]
        assert self.goes_on.wait(30)
        yield [line(2, "late")]

    def mirror(self, resource: Any) -> Any:
        return SimpleNamespace(of_run=lambda uid: [(body, True) for body in self.pods])


def printing_pod(name: str, **state: Any) -> Body:
    """A pod whose container runs, or is in another state."""
    given = {"containerStatuses": [{"name": "base", "containerID": "c", "state": state}]}
    body = pod(name, 2, **given)
    body["metadata"]["namespace"] = "lab"
    body["spec"] = {"containers": [{"name": "base"}]}
    return body


def collector_of(cluster: Any, folder: Path) -> Collector:
    place, log = Place(folder, folder), logging.getLogger("test")
    return Collector(cluster, place, Logs(place, Threads(), log), log)


def test_a_log_that_is_given_up_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that hangs, and a pod for which there was no reader."""
    bodies = [printing_pod(name, running={"startedAt": "x"}) for name in ("train", "worker")]

    class Runtime(KubeJob):
        def found(self, handle: Any) -> Found:
            return Found(None, [(body, False) for body in bodies])

        def main_container(self, body: Body) -> str | None:
            return "base" if body["metadata"]["name"] == "train" else None

    cluster = Hanging()
    collector = collector_of(cluster, tmp_path)
    runtime = Runtime(cluster)  # type: ignore[arg-type]
    launch = Launch("sea", "r", "job", "host", "boot", place="kubernetes")
    monkeypatch.setattr(collecting, "MOST_READERS", 1)
    folder = collector.place.run_folder("sea", "r")
    assert not collector.is_done(launch, runtime)
    until(lambda: (folder / "log").exists() and (folder / "log").read_bytes() == b"first\n")
    monkeypatch.setattr(collecting, "PATIENCE", 0.0)
    until(lambda: collector.is_done(launch, runtime))
    # what comes later is behind the mark, and left out
    cluster.goes_on.set()
    until(lambda: not collector._working)
    assert (folder / "log").read_bytes() == b"first\n" + GIVEN_UP
    assert (folder / "parts/worker.log").read_bytes() == GIVEN_UP
    collector.forget("sea", "r")
    assert not collector.logs.masks.followed
    # a reader has time to notice that its connection hangs
    assert 2 * QUIET < PATIENCE


def test_what_was_read_before_stays_where_the_rest_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that has begun anew, and has no reader to spare until the patience ends."""
    bodies = [printing_pod(name, running={"startedAt": "x"}) for name in ("whole", "half")]

    class Runtime(KubeJob):
        def found(self, handle: Any) -> Found:
            return Found(None, [(body, False) for body in bodies])

        def main_container(self, body: Body) -> str | None:
            return None

    cluster = Hanging()
    collector = collector_of(cluster, tmp_path)
    monkeypatch.setattr(collecting, "MOST_READERS", 0)
    monkeypatch.setattr(collecting, "PATIENCE", -1.0)
    folder = collector.place.run_folder("sea", "r")
    for name in ("pods", "parts"):
        (folder / name).mkdir(parents=True)
    at = "2026-01-01T00:00:01.0Z"
    for name in ("whole", "half"):
        (folder / f"parts/{name}.log").write_bytes(b"first\n")
        position = Position(at, 1, 6, ended=name == "whole")
        (folder / f"pods/{name}.json").write_text(position.text())
    launch = Launch("sea", "r", "job", "host", "boot", place="kubernetes")
    assert collector.is_done(launch, Runtime(cluster))  # type: ignore[arg-type]
    assert (folder / "parts/whole.log").read_bytes() == b"first\n"
    assert Position.load(folder / "pods/whole.json") == Position(at, 1, 6, True)
    assert (folder / "parts/half.log").read_bytes() == b"first\n" + GIVEN_UP
    assert Position.load(folder / "pods/half.json") == Position(at, 1, 6 + len(GIVEN_UP), True)


@pytest.mark.parametrize(
    ("state", "end"),
    [({"running": {"startedAt": "x"}}, UNSURE), ({"terminated": {"exitCode": 0}}, b"")],
)
def test_an_end_that_nobody_saw_is_said(tmp_path: Path, state: Any, end: bytes) -> None:
    """A stream may end well although the node is lost, and the pod is deleted then."""
    cluster = Hanging(printing_pod("train", **state))
    cluster.goes_on.set()
    collector = collector_of(cluster, tmp_path)
    collector._read(Source("sea", "r", "lab", "train", "train", "base"))
    assert (collector.place.run_folder("sea", "r") / "log").read_bytes() == b"first\nlate\n" + end


def test_a_log_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    class Broken(Hanging):
        def log_lines(self, *where: str, **how: Any) -> Iterator[list[bytes]]:
            yield [line(1, "first")]
            raise OSError("bad bytes")

    collector = collector_of(Broken(), tmp_path)
    collector._read(Source("sea", "r", "lab", "train", "train", "base"))
    assert (collector.place.run_folder("sea", "r") / "log").read_bytes() == b"first\n" + BROKEN


def test_what_was_held_of_ranks_is_written_at_the_end(tmp_path: Path) -> None:
    """What may begin a secret waits for what comes behind it; at the end nothing does."""

    class Ranks(Hanging):
        def log_lines(self, *where: str, **how: Any) -> Iterator[list[bytes]]:
            yield [b"2026-01-01T00:00:01.0Z [1,0]<stdout>:tide", b"-s3cret\n"]
            yield [b"2026-01-01T00:00:02.0Z [1,1]<stdout>:tide-s3"]

    done = {"terminated": {"exitCode": 0}}
    collector = collector_of(Ranks(printing_pod("train", **done)), tmp_path)
    runtime = KubeMpi(collector.cluster)
    for name, sort in (("rest", None), ("train", runtime.sort)):
        part = "" if sort else "rest"
        collector._sources[name] = Source("sea", "r", "lab", name, "train", "base", part, sort)
    held = collector.place.run_folder("sea", "r") / "parts"
    collector._know_secrets(collector._sources["rest"])
    collector._write(collector._sources["rest"], Position(), b"tide-")
    collector._read(collector._sources["train"])
    assert (held / "rank-1.log").read_bytes() == b"tide-s3"
    # another pod's log goes on
    assert (held / "rest.log").read_bytes() == b"" and (held / "rest.log.held").exists()
    collector._close(collector._sources["rest"], b"")
    assert (held / "rest.log").read_bytes() == b"tide-"
    assert not list(held.glob("*.held"))


def test_what_was_held_of_the_runs_own_log_is_written_where_workers_alone_printed(
    tmp_path: Path,
) -> None:
    """The run itself has sent its log by HTTP; no reader of its pods ends that one."""
    collector = collector_of(Hanging(), tmp_path)
    worker = Source("sea", "r", "lab", "worker", "worker", "base", "worker")
    collector._sources["worker"] = worker
    collector._know_secrets(worker)
    collector.logs.masks.followed.add(("sea", "r"))
    collector.logs.append("sea", "r", [b"first\ntide-"])
    collector._close(worker, b"")
    log = collector.place.log_file("sea", "r")
    assert log.read_bytes() == b"first\n"
    collector.forget("sea", "r")
    assert log.read_bytes() == b"first\ntide-" and not collector.logs.masks.holding
    # a run whose folder was deleted meanwhile is let go of too
    collector.logs.masks.holding.add(("sea", "gone"))
    collector.forget("sea", "gone")


def test_two_readers_that_end_at_once_write_what_was_held_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    collector = collector_of(Hanging(), tmp_path)
    sources = [Source("sea", "r", "lab", name, name, "base", name) for name in ("a", "b")]
    for source in sources:
        collector._sources[source.pod] = source
    collector._know_secrets(sources[0])
    collector._write_part(sources[0], "rank-0", b"tide-")
    rest, both = collector.logs.masks.rest, threading.Barrier(2)
    seen: list[bytes] = []

    def slow_rest(project: str, log: Path) -> bytes:
        held = log.with_name(f"{log.name}.held")
        found = held.read_bytes() if held.exists() else b""
        try:
            both.wait(2)  # where both come here, both have seen it
        except threading.BrokenBarrierError:
            pass
        rest(project, log)
        seen.append(found)
        return found

    monkeypatch.setattr(collector.logs.masks, "rest", slow_rest)
    threads = [threading.Thread(target=collector._close, args=(each, b"")) for each in sources]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert b"".join(seen) == b"tide-"
    path = collector.place.run_folder("sea", "r") / "parts/rank-0.log"
    assert path.read_bytes() == b"tide-"


def test_a_node_that_leaves_files_out_is_noticed() -> None:
    """Who reads a flood behind its time may be given a later file; a quiet program is none."""
    clock = [0.0]
    reader = Reader(Position(), lambda: clock[0])
    flood = b"x" * (9 << 20) + b"\n"

    def at(second: int, text: bytes = b"y\n") -> bytes:
        return b"2026-01-01T00:00:%02d.5Z " % second + text

    begin = 1767225600.0
    clock[0] = begin + 2
    assert DOUBT not in reader.take([at(1, flood), at(2)])
    # it read what there was, and the program then said nothing for a while
    assert DOUBT not in reader.take([at(20)])
    clock[0] = begin + 30
    assert DOUBT not in reader.take([at(21)])
    assert reader.take([at(40)]).startswith(DOUBT)
    # little was printed since
    assert DOUBT not in reader.take([at(59)])


def test_the_end_of_a_flood_that_is_not_here_is_said() -> None:
    reader = Reader(Position("2026-01-01T00:00:05.5Z", 1))
    reader.begin(at_end=True)
    assert reader.take([b"2026-01-01T00:00:05.5Z last\n"]) == b""
    assert not reader.has_lost_its_place
    reader.begin(at_end=True)
    assert reader.has_lost_its_place
    assert reader.take([b"2026-01-01T00:00:09.5Z later\n"]) == DOUBT + b"later\n"
