"""Schedules, notifications and alerts on every database; two servers that share one."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Connection

from jupyter_mlrun_server.services.access import Identity
from jupyter_mlrun_server.services.background import Background
from jupyter_mlrun_server.services.launcher import Options
from jupyter_mlrun_server.services.place import Place
from jupyter_mlrun_server.services.retention import Keep
from jupyter_mlrun_server.services.service import Service
from jupyter_mlrun_server.store import (
    alert_activations,
    alerts,
    artifacts,
    background_tasks,
    clock,
    events,
    functions,
    notifications,
    run_lists,
    runs,
    schedules,
    times,
)
from jupyter_mlrun_server.store.artifacts import ArtifactKey
from jupyter_mlrun_server.store.database import Database
from jupyter_mlrun_server.store.runs import RunKey
from jupyter_mlrun_server.store.tables import artifacts as artifact_table
from tests.store.conftest import PROJECT

SERVERS = 2
LOG = logging.getLogger("jobs")


def servers(database: Database, folder: Path) -> list[Service]:
    """Servers that share the store, each with connections, lock and folders of its own."""
    made = []
    for number in range(SERVERS):
        place = Place(folder / f"server{number}", folder, host=f"host{number}", owner="ann")
        place.make()
        url = database.url.render_as_string(hide_password=False)
        made.append(Service(Database(url, LOG), place, Options(1, "python3"), LOG))
    return made


def at_once(calls: list[Any]) -> None:
    """All of them, begun together, each in a thread."""
    start, failed = threading.Barrier(len(calls)), []

    def run(call: Any) -> None:
        start.wait()
        try:
            call()
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed, failed


def test_two_servers_run_each_time_once_and_send_each_notification_once(
    database: Database, tmp_path: Path
) -> None:
    with database.write() as connection:
        body = {"kind": "local", "metadata": {"name": "f"}, "spec": {"default_handler": "main"}}
        functions.save(connection, PROJECT, "f", body, "latest", versioned=True)
    both = servers(database, tmp_path)
    sent: list[str] = []
    try:
        for server in both:
            server.notifications.kinds.send = (  # type: ignore[method-assign]
                lambda kind, message, params: sent.append(message.name)
            )
        for number in range(3):
            given = {
                "name": f"s{number}", "cron_trigger": "0 2 * * *", "concurrency_limit": 0,
                "scheduled_object": {"task": {
                    "metadata": {"name": f"s{number}"},
                    "spec": {"function": f"{PROJECT}/f", "notifications": [
                        {"kind": "webhook", "name": f"n{number}", "when": ["aborted"],
                         "params": {"url": "http://example.org/"}}]}}},
            }  # fmt: skip
            both[0].scheduler.create(PROJECT, given, Identity("ann"))
        for _ in range(4):
            make_due(database)
            at_once([server.scheduler.look for server in both for _ in range(2)])
        with database.read() as connection:
            made = run_lists.live(connection)
            counts = [schedules.live_runs(connection, each)
                      for each in schedules.select(connection, PROJECT)]  # fmt: skip
        assert len(made) == 12 and counts == [4, 4, 4], "three schedules, four times each"
        with database.write() as connection:
            for project, uid, iteration in made:
                changes = {"status.state": "aborted"}
                runs.update(connection, RunKey(project, uid, iteration), changes)
        at_once([lambda each=server: send_all(each) for server in both for _ in range(2)])
        assert sorted(sent) == ["n0"] * 4 + ["n1"] * 4 + ["n2"] * 4
        status = read(database, made[0][1])["status"]["notifications"]
        assert [each["status"] for each in status.values()] == ["sent"]
    finally:
        for server in both:
            server.threads.close()
            server.database.close()


def make_due(database: Database) -> None:
    with database.write() as connection:
        for each in schedules.select(connection, PROJECT):
            schedules.save(connection, replace(each, next_run=times.now() - 1000))


def send_all(server: Service) -> None:
    for notification in server.notifier._claim():
        server.notifier.send(notification)


def read(database: Database, uid: str) -> dict[str, Any]:
    with database.read() as connection:
        return runs.read(connection, RunKey(PROJECT, uid))


def test_what_a_dead_server_was_sending_is_told_by_the_next_of_its_place(
    database: Database, tmp_path: Path
) -> None:
    first, other = servers(database, tmp_path)
    told = {"kind": "webhook", "name": "n", "when": ["completed"]}
    uid = "a" * 32
    try:
        with database.write() as connection:
            runs.save(connection, RunKey(PROJECT, uid), {"metadata": {"name": "train"}})
            notifications.plan(connection, PROJECT, "run", uid, [told])
            notifications.wake_run(connection, PROJECT, uid, "completed")
        assert len(first.notifier._claim()) == 1
        # who sends it may be alive
        other.notifier._settle_lost(other.notifier.sender)
        assert "notifications" not in read(database, uid)["status"]
        first.notifier._settle_lost(first.notifier.sender)
        states = read(database, uid)["status"]["notifications"]
        assert states["n"]["status"] == "error" and states["n"]["reason"] == notifications.LOST
    finally:
        for server in (first, other):
            server.threads.close()
            server.database.close()


def test_an_alert_counts_within_its_window(database: Database) -> None:
    entity = {"kind": "job", "project": PROJECT, "ids": ["*"]}
    config = {
        "summary": "s", "severity": "low", "entities": entity, "trigger": {"events": ["failed"]},
        "criteria": {"count": 3, "period": "1h"}, "reset_policy": "auto",
        "notifications": [{"notification": {"kind": "webhook", "name": "n"}}],
    }  # fmt: skip
    with database.write() as connection:
        alerts.save(connection, PROJECT, "a", config)
        for number in range(7):
            event = {"kind": "job", "project": PROJECT, "ids": ["train"]}
            caused = alerts.take(connection, PROJECT, "failed", event, {"n": number})
            assert bool(caused) == (number in (2, 5))
        assert alerts.read(connection, PROJECT, "a")["count"] == 2
        page = alert_activations.select(connection, PROJECT, alert_activations.Filter(limit=1))
        assert len(page.documents) == 1 and page.last is not None
        rest = alert_activations.Filter(limit=5, after=tuple(page.last))
        assert len(alert_activations.select(connection, PROJECT, rest).documents) == 1
        claimed = notifications.claim(connection, times.now())
        assert len(claimed) == 2
        before = events.last(connection)
        notifications.set_sent(connection, claimed[0])
        assert notifications.set_failed(connection, claimed[1], "no answer", again=True)
        assert not notifications.set_failed(connection, claimed[1], "refused", again=False)
        parts = ("kind", "action", "project", "name", "uid", "state")
        told = [tuple(each[part] for part in parts) for each in events.brief(connection, before)]
        assert told == [
            ("notification", "updated", PROJECT, "a", claimed[0].uid, "sent"),
            ("notification", "updated", PROJECT, "a", claimed[1].uid, "pending"),
            ("notification", "updated", PROJECT, "a", claimed[1].uid, "error"),
        ]
        alerts.delete(connection, PROJECT, "a")


@pytest.mark.parametrize("timeout", [None, 30])
def test_a_background_task_is_kept(database: Database, timeout: int | None, tmp_path: Path) -> None:
    (server, other) = servers(database, tmp_path)

    async def work() -> None:
        background: Background = server.background
        await background.start(PROJECT, "test", lambda progress: progress(2, 2), timeout, "t")
        while background._tasks:
            await asyncio.sleep(0.01)

    try:
        asyncio.run(work())
        with other.database.read() as connection:
            found = background_tasks.read(connection, PROJECT, "t")
        assert found["status"]["state"] == "succeeded" and found["metadata"]["timeout"] == timeout
    finally:
        for each in (server, other):
            each.threads.close()
            each.database.close()


@pytest.mark.parametrize("minutes", [-20, 20])
def test_servers_whose_clocks_differ_believe_each_other(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    with database.read() as connection:
        first, second = clock.now(connection), clock.now(connection)
    assert abs(first - times.now()) < 60_000_000 and second >= first
    if database.path is not None:
        return  # servers of a SQLite store are on one machine
    (one, two), uid = servers(database, tmp_path), f"{1:032x}"
    told = {"kind": "webhook", "name": "n", "when": ["error"]}
    with database.write() as connection:
        document = {"metadata": {"name": "r"}, "status": {"state": "running"}}
        runs.save(connection, RunKey(PROJECT, uid), document)
        notifications.plan(connection, PROJECT, "run", uid, [told])
        notifications.wake_run(connection, PROJECT, uid, "error")
    try:
        one.leases.look()
        now, wrong = times.now, times.now() + minutes * 60_000_000
        monkeypatch.setattr(times, "now", lambda: wrong)
        assert two.leases.prolong(PROJECT, [uid]) == []
        assert len(two.notifier._claim()) == 1
        with two.database.write() as connection:
            background_tasks.add(connection, PROJECT, "t", "test", {}, 600)
        monkeypatch.setattr(times, "now", now)
        assert one.leases.look() == 0
        assert one.notifier._claim() == []
        with one.database.read() as connection:
            assert runs.state(connection, RunKey(PROJECT, uid)) == ("running", "")
            claimed = notifications.states(connection, PROJECT, uid)
            assert claimed["n"]["status"] == "pending" and claimed["n"]["reason"] is None
            task = background_tasks.read(connection, PROJECT, "t")
            assert task["status"]["state"] == "running"
        # of whom nothing is heard for so long by the store's clock is gone
        two.leases.seconds = -1.0
        monkeypatch.setattr(times, "now", lambda: wrong)
        two.leases.prolong(PROJECT, [uid])
        monkeypatch.setattr(times, "now", now)
        assert one.leases.look() == 1
    finally:
        for each in (one, two):
            each.threads.close()
            each.database.close()


def test_what_is_old_goes_and_what_is_kept_stays(database: Database, tmp_path: Path) -> None:
    (server, other) = servers(database, tmp_path)
    day, old = 86_400_000_000, "2020-01-01T00:00:00+00:00"
    root = server.place.artifacts / PROJECT
    root.mkdir(parents=True)
    try:
        with database.write() as connection:
            for number, (state, labels, ended) in enumerate([
                ("completed", {}, old), ("completed", {"keep": "yes"}, old), ("running", {}, None),
                ("error", {}, None), ("completed", {}, None), ("completed", {}, None),
            ]):  # fmt: skip
                status = {"state": state, "end_time": ended}
                document = {"metadata": {"name": "train", "labels": labels}, "status": status}
                runs.save(connection, RunKey(PROJECT, f"{number:032x}"), document)
            for number in range(3):
                target = root / f"data{min(number, 1)}"
                target.write_text("x")
                document = {
                    "kind": "artifact", "metadata": {"key": "a", "tree": str(number)},
                    "spec": {"target_path": str(target)},
                }  # fmt: skip
                key = ArtifactKey(PROJECT, "a", tree=str(number))
                artifacts.save(connection, key, document)
            aged = artifact_table.update().values(updated=times.now() - 3 * day)
            connection.execute(aged)
        done: list[int] = []
        server.retention.keep = Keep(run_days=30, artifact_days=2)
        server.retention.apply(lambda number, total: done.append(number))
        assert done[-1] == 3
        with database.read() as connection:
            left = [n for n in range(6) if runs.find(connection, RunKey(PROJECT, f"{n:032x}"))]
            kept = connection.execute(artifact_table.select()).all()
        assert left == [1, 2, 3, 4, 5]
        assert [row.tree for row in kept] == ["2"], "the latest"
        assert [path.name for path in root.iterdir()] == ["data1"], "a newer version has it too"
        for folder in ("f" * 32, f"{3:032x}"):
            log = server.place.log_file(PROJECT, folder)
            log.parent.mkdir(parents=True)
            log.write_text("x")
            os.utime(log, (0, 0))
        server.retention.keep = Keep(runs_of_name=2, log_days=1)
        server.retention.apply(lambda number, total: None)
        with database.read() as connection:
            left = [n for n in range(6) if runs.find(connection, RunKey(PROJECT, f"{n:032x}"))]
        assert left == [1, 2, 4, 5], "the two newest that ended, the kept, the one that works"
        assert server.place.log_file(PROJECT, "f" * 32).exists(), "nobody knows that run"
    finally:
        for each in (server, other):
            each.threads.close()
            each.database.close()


def test_an_event_looks_at_the_alerts_that_listen_to_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def config(*ids: str, events: tuple[str, ...] = ("failed",)) -> dict[str, Any]:
        return {
            "entities": {"kind": "job", "project": PROJECT, "ids": list(ids)},
            "trigger": {"events": list(events)}, "criteria": {"count": 1, "period": None},
            "severity": "low", "reset_policy": "auto", "notifications": [],
        }  # fmt: skip

    looked: list[str] = []
    concerns = alerts.alert.concerns

    def seen(found: dict[str, Any], *more: Any) -> bool:
        looked.append(found["name"])
        return concerns(found, *more)

    monkeypatch.setattr(alerts.alert, "concerns", seen)
    event = {"kind": "job", "ids": ["tides"], "project": PROJECT}
    with database.write() as connection:
        for number in range(40):
            alerts.save(connection, PROJECT, f"other-{number}", config(f"job-{number}"))
        alerts.save(connection, PROJECT, "drift", config("tides", events=("mm-app-failed",)))
        alerts.save(connection, PROJECT, "own", config("tides", "b"))
        alerts.save(connection, PROJECT, "pattern", config("t*"))
        alerts.save(connection, PROJECT, "several", config(*(f"x{n}" for n in range(80)), "tides"))
        alerts.save(connection, PROJECT, "moved", config("tides"))
        alerts.save(connection, PROJECT, "moved", config("elsewhere"))
        assert len(alerts.take(connection, PROJECT, "failed", event, {})) == 3
        assert looked == ["own", "pattern", "several"]
        for name in ("own", "pattern"):
            alerts.delete(connection, PROJECT, name)
        assert len(alerts.take(connection, PROJECT, "failed", event, {})) == 1


def test_a_list_of_tasks_asks_for_the_time_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.write() as connection:
        for number in range(5):
            background_tasks.add(connection, PROJECT, f"t{number}", "test", {}, 600 * (number % 2))
    asked, real = [0], clock.now

    def now(connection: Connection) -> int:
        asked[0] += 1
        return real(connection) + 1_000_000

    monkeypatch.setattr(clock, "now", now)
    with database.read() as connection:
        found = background_tasks.select(connection, PROJECT, "", background_tasks.Moments())
        late = background_tasks.select(connection, PROJECT, "failed", background_tasks.Moments())
    states = {task["metadata"]["name"]: task["status"]["state"] for task in found}
    assert states == {f"t{n}": "running" if n % 2 else "failed" for n in range(5)}
    assert len(late) == 3 and asked == [2]
