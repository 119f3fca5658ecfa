"""Starts that break off, attempts that follow each other, and hosts that share a cluster."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from sqlalchemy.engine import Connection

from jupyter_mlrun.errors import MLRunAccessDeniedError, MLRunServiceUnavailableError
from jupyter_mlrun_runtimes.contract import Handle, Request
from jupyter_mlrun_runtimes.job import JobRuntime
from jupyter_mlrun_server.services import hosts as hosts_service
from jupyter_mlrun_server.services import run_secrets
from jupyter_mlrun_server.services.cluster_lead import ClusterLead
from jupyter_mlrun_server.services.hosts import LATE, SIGN, SILENCE, Hosts
from jupyter_mlrun_server.services.queue import OTHERS_TURN, Queue
from jupyter_mlrun_server.services.service import Service
from jupyter_mlrun_server.store import (
    attempts,
    clock,
    hosts,
    launches,
    notifications,
    runs,
    times,
)
from jupyter_mlrun_server.store.launches import Launch
from jupyter_mlrun_server.store.runs import RunKey
from tests.server.conftest import Api
from tests.server.documents import PROJECT, function
from tests.server.test_local_runs import read, settled, until

CLUSTER = "kubernetes:ours"


class LostAnswer(JobRuntime):
    """A place that starts what it is sent, and whose answer is lost."""

    def __init__(self) -> None:
        super().__init__()
        self.started: list[Handle] = []

    def submit(self, request: Request) -> Iterator[Handle]:
        for handle in super().submit(request):
            yield handle
            self.started.append(handle)
        raise MLRunServiceUnavailableError("no answer came")


class Refusing(LostAnswer):
    """A place that lets nobody end what it has started, until it ``may``."""

    may = False

    def cancel(self, handle: Handle, reason: str = "", grace: float | None = None) -> None:
        if not self.may:
            raise MLRunAccessDeniedError("jobs is forbidden: cannot delete")
        super().cancel(handle, reason, grace)


async def send(api: Api, service: Service, source: str, kind: str = "job", **spec: Any) -> str:
    while not service.leader.leads:
        await asyncio.sleep(0.05)
    body = {
        "task": {"metadata": {"name": "train", "project": PROJECT}, "spec": spec},
        "function": function(source, kind=kind),
    }
    return str((await api.ok("POST", "v1/submit_job", body))["data"]["metadata"]["uid"])


async def test_an_abort_ends_what_a_lost_start_had_made(api: Api, service: Service) -> None:
    place = LostAnswer()
    service.launcher._runtimes["job", "here"] = place
    uid = await send(api, service, "import time\ndef train(context): time.sleep(300)")
    deadline = time.monotonic() + 30
    while "waiting" not in str((await read(api, uid))["status"].get("status_text")):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    pid = place.started[-1]["supervisor"]["pid"]
    assert psutil.pid_exists(pid)
    await api.ok("POST", f"v1/projects/{PROJECT}/runs/{uid}/abort", {})
    done = await until(api, uid, "aborted")
    assert done["status"]["never_began"]
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie":
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


class TakesOver(LostAnswer):
    """A place that knows again what it has started when it is sent once more."""

    def submit(self, request: Request) -> Iterator[Handle]:
        if not self.started:
            yield from super().submit(request)
        yield self.started[-1]
        self.started.append(self.started[-1])


async def test_a_start_whose_answer_was_lost_keeps_its_token(api: Api, service: Service) -> None:
    place = service.launcher._runtimes["job", "here"] = TakesOver()
    source = """
import os, time

def train(context):
    print("T=" + os.environ["MLRUN_HTTPDB__TOKEN"], flush=True)
    time.sleep(300)
"""
    uid = await send(api, service, source)
    deadline = time.monotonic() + 60
    while len(place.started) < 2:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    log = ""
    while "T=" not in log or not log.endswith("\n"):
        assert time.monotonic() < deadline
        log = (await api("GET", f"v1/projects/{PROJECT}/logs/{uid}")).body.decode()
        await asyncio.sleep(0.05)
    token = log.split("T=")[1].split()[0]
    service.tokens._known.clear()
    path = f"v1/projects/{PROJECT}/runs/{uid}"
    answer = await api("PATCH", path, {"status.results.height": 7}, token=token)
    assert answer.status == 200, answer.detail
    assert (await read(api, uid))["status"]["results"] == {"height": 7}
    await api.ok("POST", f"{path}/abort", {})
    await until(api, uid, "aborted")


async def test_a_place_that_refuses_hinders_no_other_run(
    api: Api, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    service.log.addHandler(caplog.handler)
    place = service.launcher._runtimes["job", "here"] = Refusing()
    uid = await send(api, service, "import time\ndef train(context): time.sleep(300)")
    deadline = time.monotonic() + 30
    while "waiting" not in str((await read(api, uid))["status"].get("status_text")):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    await api.ok("POST", f"v1/projects/{PROJECT}/runs/{uid}/abort", {})
    other = await send(api, service, "def train(context): pass", kind="local")
    await until(api, other, "completed")
    await asyncio.sleep(0.3)
    said = [each for each in caplog.messages if "forbidden" in each]
    assert 1 <= len(said) < 20, "a refusal is said now and then"
    place.may = True
    await until(api, uid, "aborted")
    service.log.removeHandler(caplog.handler)


@pytest.mark.parametrize(
    "given, said",
    [
        ({"executing": "soon"}, "'soon' is no length of time"),
        (["1h"], "give an object"),
        ({"running": "1h"}, "is no state with a threshold"),
    ],
)
async def test_thresholds_that_cannot_be_kept_are_refused(
    api: Api, service: Service, given: Any, said: str
) -> None:
    body: dict[str, Any] = {
        "task": {
            "metadata": {"name": "train", "project": PROJECT},
            "spec": {"state_thresholds": given},
        },
        "function": function("def train(context): pass", kind="job"),
    }
    answer = await api("POST", "v1/submit_job", body)
    assert answer.status == 400 and said in answer.detail
    assert "task.spec.state_thresholds" in answer.detail
    body["task"]["spec"], body["function"]["spec"]["state_thresholds"] = {}, given
    answer = await api("POST", "v1/submit_job", body)
    assert answer.status == 400 and said in answer.detail
    assert "function.spec.state_thresholds" in answer.detail


async def test_a_run_that_never_began_has_no_duration(api: Api, service: Service) -> None:
    service.launcher.options.most_running = 0
    uid = await send(api, service, "def train(context): pass")
    await asyncio.sleep(0.3)
    launch = await service.read(launches.find, PROJECT, uid)
    service.launcher.fail(launch, "it cannot be")
    listed = await api.ok("GET", f"v1/lab/runs?project={PROJECT}")
    (row,) = [row for row in listed["rows"] if row["uid"] == uid]
    assert (row["state"], row["duration"]) == ("error", None)


async def test_a_run_that_works_for_too_long_is_ended(api: Api, service: Service) -> None:
    source = "import time\ndef train(context): time.sleep(300)"
    uid = await send(api, service, source, state_thresholds={"executing": "1s"})
    done = await until(api, uid, "aborted")
    assert done["status"]["status_text"] == (
        "Run aborted due to exceeded state threshold: it was executing for more than 1 s"
    )


async def test_an_attempt_leaves_nothing_to_the_next(api: Api, service: Service) -> None:
    """Its token is closed at once, and what only its outbox knows is in the run."""
    service.monitor.retries.shortest = 60
    source = """
import json, os

def train(context):
    print("T=" + os.environ["MLRUN_HTTPDB__TOKEN"])
    line = {"method": "PATCH", "path": f"projects/{context.project}/runs/{context.uid}",
            "params": {}, "body": {"status.results.late": 1}}
    with open(f"{os.environ['FOLDER']}/{context.uid}/outbox.jsonl", "a") as file:
        file.write(json.dumps(line) + "\\n")
    raise ValueError("no")
"""
    folder = service.place.project_folder(PROJECT)
    uid = await send(api, service, source, retry={"count": 1}, env={"FOLDER": str(folder)})
    waiting = await until(api, uid, "pendingRetry")
    assert waiting["status"]["results"]["late"] == 1
    log = (await api("GET", f"v1/projects/{PROJECT}/logs/{uid}")).body.decode()
    token = log.split("T=")[1].split()[0]
    answer = await api("PATCH", f"v1/projects/{PROJECT}/runs/{uid}", {"status.x": 1}, token=token)
    assert answer.status == 403


async def test_who_is_told_of_failures_hears_of_the_last_one(api: Api, service: Service) -> None:
    service.monitor.retries.shortest = 0.5
    told = {
        "kind": "webhook", "name": "hook", "when": ["error"],
        "params": {"url": "http://192.0.2.1/"},
    }  # fmt: skip
    uid = await send(
        api,
        service,
        "def train(context): raise ValueError('no')",
        retry={"count": 1},
        notifications=[told],
    )
    await until(api, uid, "pendingRetry")
    states = await service.read(notifications.states, PROJECT, uid)
    assert states["hook"]["status"] == "pending"
    assert (await service.read(notifications.next_moment)) is None
    await settled(service, uid)
    deadline = time.monotonic() + 30
    while (await service.read(notifications.next_moment)) is None:
        states = await service.read(notifications.states, PROJECT, uid)
        if states["hook"]["status"] != "pending":
            break
        assert time.monotonic() < deadline, states
        await asyncio.sleep(0.05)


@pytest.mark.row("3.303")
async def test_no_attempt_begins_days_after_the_last(api: Api, service: Service) -> None:
    service.monitor.retries.shortest = 60
    failing = "def train(context): raise ValueError('no')"
    uid = await send(api, service, failing, retry={"count": 1})
    key = RunKey(PROJECT, uid)
    (failure,) = (await until(api, uid, "pendingRetry"))["status"]["retries"]
    long_ago = failure | {"end_time": times.text(times.now() - attempts.STALE - 1_000_000)}

    def wait_for_days(connection: Connection) -> None:
        runs.update(connection, key, {"status.retries": [long_ago]})
        waiting = launches.find(connection, PROJECT, uid)
        assert waiting is not None
        launches.set_waiting(connection, waiting, 0)

    await service.write(wait_for_days)
    done = await until(api, uid, "error")
    assert f"ended at {long_ago['end_time']}, more than 3 days ago" in done["status"]["error"]
    assert done["status"]["retry_count"] == 1
    assert await service.read(launches.find, PROJECT, uid) is None


@pytest.mark.parametrize("count, expected", [(1, 2), ("many", 3), (None, 3), ([1], 3), (-4, 3)])
def test_attempts_are_counted_by_whole_numbers_alone(count: Any, expected: int) -> None:
    run = {"spec": {"retry": {"count": 3}}, "status": {"retry_count": count}}
    assert attempts.left(run) == expected


async def test_what_is_open_is_closed_where_the_database_is_away(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[str] = []

    def recorded(owner: Any, name: str, word: str) -> None:
        really = getattr(owner, name)

        def close() -> None:
            closed.append(word)
            really()

        monkeypatch.setattr(owner, name, close)

    def away() -> None:
        closed.append("lead")
        raise MLRunServiceUnavailableError("the database is away")

    monkeypatch.setattr(service.launcher.own.lead, "release", away)
    recorded(service.hosts, "leave", "host")
    recorded(service.leader, "release", "leader")
    cluster = SimpleNamespace(close=lambda: closed.append("cluster"))
    monkeypatch.setattr(service.launcher.places, "cluster", cluster)
    recorded(service.threads, "close", "threads")
    recorded(service.database, "close", "database")
    await service.stop()
    assert closed == ["lead", "host", "leader", "cluster", "threads", "database"]


async def test_one_of_two_hosts_leads_a_cluster(service: Service) -> None:
    log = logging.getLogger("test")
    database = service.database
    first, second = ClusterLead(database, "one", log), ClusterLead(database, "two", log)
    second.silence = 0.3
    assert first.holds(CLUSTER)
    assert not second.holds(CLUSTER)
    # as long as the first is heard of, its time is not over
    for _ in range(4):
        time.sleep(0.2)
        first._asked = -1e9
        assert first.holds(CLUSTER) and not second.holds(CLUSTER)
    deadline = time.monotonic() + 10
    while not second.holds(CLUSTER):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    first._asked = -1e9
    assert not first.holds(CLUSTER)
    # a restart of the same host goes on at once, and an orderly end lets the other begin at once
    again = ClusterLead(database, "two", log)
    assert again.holds(CLUSTER)
    again.release()
    first._asked = -1e9
    assert first.holds(CLUSTER)


async def test_a_host_that_does_not_lead_starts_what_only_it_can(
    api: Api, service: Service, tmp_path: Path
) -> None:
    """Secrets of a run are in the memory of the host that it was sent to."""
    service.launcher.options.most_running = 0
    uids = [await send(api, service, "def train(context): pass") for _ in range(2)]
    with service.database.write() as connection:
        for uid, host in zip(uids, ("two", service.place.host), strict=True):
            launches.remove(connection, PROJECT, uid)
            launch = Launch(
                PROJECT, uid, "job", CLUSTER, "", place="kubernetes", owner="ann", sent_to=host
            )
            launches.add(connection, launch)
            # what anybody may write says nothing of where its secrets are
            labels = {"metadata.labels": {"host": "three"}}
            runs.update(connection, RunKey(PROJECT, uid), labels)
    assert ClusterLead(service.database, "one", service.log).holds(CLUSTER)
    with service.database.read() as connection:
        mine = Queue(service.database, service.place, service.log).read(
            connection, CLUSTER, {(PROJECT, uids[0]): "secret"}
        )
        assert [each.uid for each in mine] == [uids[0]]
        (first, second) = launches.select(connection, CLUSTER)
    assert (first.owner, first.sent_to, first.handle) == ("ann", "two", None)
    own = Queue(service.database, service.place, service.log)
    assert own.is_anothers(first) and not own.is_anothers(second)
    # of a host that was never heard of it has its time; so has an attempt that is due now
    first.created -= OTHERS_TURN
    assert not own.is_anothers(first)
    first.not_before = times.now() - 1_000_000
    assert own.is_anothers(first)


async def test_a_host_that_is_there_keeps_what_waits_for_it(
    api: Api, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long it waits, and whatever the clocks of the two hosts say."""
    service.launcher.options.most_running = 0
    uid = await send(api, service, "def train(context): pass")
    other = Hosts(service.database, service.threads, "two", service.log)
    other.begin()
    with service.database.write() as connection:
        launches.remove(connection, PROJECT, uid)
        sent = Launch(PROJECT, uid, "job", CLUSTER, "", place="kubernetes", sent_to="two")
        launches.add(connection, sent)
        (launch,) = launches.select(connection, CLUSTER)
    own = Queue(service.database, service.place, service.log)
    other.sign()
    much = launch.created + 10 * OTHERS_TURN
    monkeypatch.setattr(times, "now", lambda: much)
    other.sign()
    assert own.is_anothers(launch)
    # a server that began anew has lost the run's secrets
    other._began = launch.created + 1
    other.sign()
    assert not own.is_anothers(launch)
    other._began = launch.created
    other.sign()
    assert own.is_anothers(launch)
    # one that ends says so, but not for the one that came after it
    before = Hosts(service.database, service.threads, "two", service.log)
    before._began = 1
    before.leave()
    assert own.is_anothers(launch)
    other.leave()
    assert not own.is_anothers(launch)
    other.sign()
    monkeypatch.setattr(times, "now", lambda: much + int(SILENCE * 1e6) + 1)
    assert not own.is_anothers(launch), "it is silent"


class Shared:
    """A store that other hosts share."""

    path = None

    def __init__(self, database: Any) -> None:
        self.write = database.write


async def test_who_could_not_be_heard_is_not_taken_for_gone(
    api: Api, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an outage of the store all signs are old: the leader waits until all had their turn."""
    service.launcher.options.most_running = 0
    uid = await send(api, service, "def train(context): pass")
    with service.database.write() as connection:
        launches.remove(connection, PROJECT, uid)
        sent = Launch(
            PROJECT, uid, "job", CLUSTER, "", place="kubernetes", sent_to="two", needs_secrets=True
        )
        launches.add(connection, sent)
        (launch,) = launches.select(connection, CLUSTER)
    launch.created -= 10 * OTHERS_TURN
    own, here = service.hosts, [1000.0]
    monkeypatch.setattr(hosts_service, "time", SimpleNamespace(monotonic=lambda: here[0]))
    monkeypatch.setattr(own, "database", Shared(service.database))
    own.begin()
    assert not own.hears()
    for _ in range(6):
        own.sign()
        here[0] += SIGN
    assert own.hears() and not service.launcher.own.is_anothers(launch)
    # no sign of its own came through for so long: nobody's did
    here[0] += LATE
    assert not own.hears() and service.launcher.own.is_anothers(launch)
    for _ in range(5):
        own.sign()
        assert service.launcher.own.is_anothers(launch)
        here[0] += SIGN
    own.sign()
    assert not service.launcher.own.is_anothers(launch)
    # what another has said or done by then counts in the write that ends the run
    other = Hosts(service.database, service.threads, "two", service.log)
    other._began = 1
    monkeypatch.setattr(service.launcher.own, "is_anothers", lambda _: False)
    other.sign()
    assert not service.launcher.start(launch)
    assert (await service.read(launches.find, PROJECT, uid)) is not None
    other.leave()
    started = await service.read(launches.find, PROJECT, uid)
    await service.write(launches.set_started, started, {"pod": "x"})
    assert not service.launcher.start(launch)
    assert (await service.read(launches.find, PROJECT, uid)).phase == "started"
    await service.write(launches.set_waiting, started, 0)
    assert not service.launcher.start(launch)
    assert (await service.read(launches.find, PROJECT, uid)) is None
    assert "secrets were in memory only" in (await read(api, uid))["status"]["error"]


async def test_moments_of_hosts_and_launches_are_the_stores(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host whose own clock is wrong is compared with nobody's."""
    store = times.now() + 3_600_000_000
    monkeypatch.setattr(clock, "now", lambda _: store)
    host = Hosts(service.database, service.threads, "two", service.log)
    host.begin()
    host.sign()
    with service.database.write() as connection:
        launches.add(connection, Launch("p", "u", "job", CLUSTER, "", sent_to="two"))
        (launch,) = launches.select(connection, CLUSTER)
        began = hosts.began(connection, "two", SILENCE)
    assert launch.created == store
    assert began is not None and 0 <= store - began < 60_000_000
    # one that was not heard of for a day is forgotten, one of this day is not
    monkeypatch.setattr(clock, "now", lambda _: store + 86_400_000_000)
    with service.database.write() as connection:
        hosts.sign(connection, "three", 1)
        assert hosts.began(connection, "two", 1e6) is not None
    monkeypatch.setattr(clock, "now", lambda _: store + 86_400_000_001)
    with service.database.write() as connection:
        hosts.sign(connection, "three", 1)
        assert hosts.began(connection, "two", 1e6) is None
        assert hosts.began(connection, "three", 1e6) == 1


async def test_secrets_of_what_another_host_settled_are_let_go(
    api: Api, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.launcher.options.most_running = 0
    mine, others = [await send(api, service, "def train(context): pass") for _ in range(2)]
    kept = service.launcher.secrets
    kept.keep(PROJECT, mine, {"A": "first-value"})
    kept.keep(PROJECT, others, {"A": "second-value"})
    await service.write(launches.remove, PROJECT, others)
    # what was sent a moment ago may not be in the store yet
    monkeypatch.setattr(run_secrets, "LOOK", 0.0)
    await service.read(service.launcher.queue)
    assert (PROJECT, mine) in kept and len(kept) == 2
    monkeypatch.setattr(run_secrets, "YOUNG", 0.0)
    await service.read(service.launcher.queue)
    assert kept.of(PROJECT, mine) == {"A": "first-value"}
    assert kept.of(PROJECT, others) == {} and len(kept) == 1


class LetGo(LostAnswer):
    """A place in which a run starts whose launch goes at that moment."""

    def __init__(self, service: Service) -> None:
        super().__init__()
        self.service = service

    def submit(self, request: Request) -> Iterator[Handle]:
        handles = list(JobRuntime.submit(self, request))
        with self.service.database.write() as connection:
            launches.remove(connection, PROJECT, Path(request.folder).name)
        self.started += handles
        yield from handles


async def test_what_starts_while_its_launch_goes_is_ended(api: Api, service: Service) -> None:
    place = service.launcher._runtimes["job", "here"] = LetGo(service)
    await send(api, service, "import time\ndef train(context): time.sleep(300)")
    deadline = time.monotonic() + 30
    while not place.started:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    pid = place.started[0]["supervisor"]["pid"]
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie":
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


async def test_a_launch_is_started_by_one_alone(api: Api, service: Service) -> None:
    service.launcher.options.most_running = 0
    uid = await send(api, service, "def train(context): pass")
    first, second = [await service.read(launches.find, PROJECT, uid) for _ in range(2)]
    assert first is not None and second is not None
    assert await service.write(launches.set_started, first, {"folder": "first"})
    assert not await service.write(launches.set_started, second, {"folder": "second"})
    assert await service.write(launches.set_started, first, {"folder": "more"})
    found = await service.read(launches.find, PROJECT, uid)
    assert found is not None and found.handle == {"folder": "more"}
    with service.database.write() as connection:
        launches.remove(connection, PROJECT, uid)
