"""Schedules: what is refused, what is shown, and that each time makes one run."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from jupyter_mlrun.errors import (
    MLRunAccessDeniedError,
    MLRunConflictError,
    MLRunInvalidArgumentError,
)
from jupyter_mlrun_server.services import cron
from jupyter_mlrun_server.services.access import Identity
from jupyter_mlrun_server.services.scheduler import Rules
from jupyter_mlrun_server.services.service import Service
from jupyter_mlrun_server.store import background_tasks, launches, run_lists, schedules, times
from tests.server.conftest import Api
from tests.server.documents import PROJECT

SCHEDULES = f"v1/projects/{PROJECT}/schedules"
FUNCTION = {
    "kind": "local",
    "metadata": {"name": "tides", "project": PROJECT},
    "spec": {"build": {"functionSourceCode": ""}, "default_handler": "main"},
}


def body(name: str = "nightly", when: Any = "0 2 * * *", **more: Any) -> dict[str, Any]:
    """A task with a schedule, as MLRun's client sends it."""
    task = {
        "metadata": {"name": name, "project": PROJECT},
        "spec": {"function": f"{PROJECT}/tides"},
    }
    return {"task": task, "schedule": when, **more}


@pytest.fixture
def made(api: Api, service: Service, jp_asyncio_loop: Any) -> Api:
    """The service with a function, and no way to start processes."""
    service.scheduler.rules = Rules("UTC", 1)
    service.launcher.start_next = list  # type: ignore[method-assign]
    stored = api.ok("POST", f"v1/projects/{PROJECT}/functions/tides", FUNCTION)
    jp_asyncio_loop.run_until_complete(stored)
    return api


def moments(expression: str, start: str, number: int = 4) -> list[str]:
    after = datetime.fromisoformat(start).replace(tzinfo=UTC)
    return [each.isoformat()[:16] for each in cron.parse(expression).times(after, number)]


def test_hours_that_clocks_repeat_or_leave_out() -> None:
    daily, hourly = "TZ=Europe/Berlin 30 2 * * *", "TZ=Europe/Berlin 0 * * * *"
    assert moments(daily, "2026-10-24T12:00", 3) == [
        "2026-10-25T02:30", "2026-10-26T02:30", "2026-10-27T02:30",
    ]  # fmt: skip
    assert moments(hourly, "2026-10-24T23:30") == [
        "2026-10-25T02:00", "2026-10-25T02:00", "2026-10-25T03:00", "2026-10-25T04:00",
    ]  # fmt: skip
    spring = cron.parse(daily).times(datetime(2026, 3, 28, 12, tzinfo=UTC), 2)
    assert [each.astimezone(UTC).isoformat()[:16] for each in spring] == [
        "2026-03-29T01:30", "2026-03-30T00:30",
    ]  # fmt: skip
    assert moments("0 0 * * 0", "2026-11-21T00:00", 1) == ["2026-11-23T00:00"], "0 is Monday"
    # at midnight in Cairo clocks go from 00:00 to 01:00: the day's run is not lost
    assert moments("TZ=Africa/Cairo 0 0 * * *", "2027-04-28T12:00") == [
        "2027-04-29T00:00", "2027-04-30T01:00", "2027-05-01T00:00", "2027-05-02T00:00",
    ]  # fmt: skip
    assert moments("TZ=Africa/Cairo 0,30 0,1 * * *", "2027-04-29T12:00", 3) == [
        "2027-04-30T01:00", "2027-04-30T01:30", "2027-05-01T00:00",
    ]  # fmt: skip
    # half an hour is left out there, and 02:30 comes before what 02:15 has become
    assert moments("TZ=Australia/Lord_Howe 15,30 2 * * *", "2026-10-03T12:00", 3) == [
        "2026-10-04T02:30", "2026-10-04T02:45", "2026-10-05T02:15",
    ]  # fmt: skip
    assert moments("TZ=Europe/Berlin 0 */2 * * *", "2026-10-24T21:30", 3) == [
        "2026-10-25T00:00", "2026-10-25T02:00", "2026-10-25T04:00",
    ]  # fmt: skip
    monthly = cron.parse({"day": 1, "month": 3, "timezone": "America/Havana"})
    assert monthly.next(datetime(2026, 5, 1, tzinfo=UTC)).isoformat()[:16] == "2027-03-01T00:00"
    assert moments("0 0 * * sun", "2026-11-21T00:00", 1) == ["2026-11-22T00:00"]
    ends = {"hour": 2, "start_date": "2026-12-01T00:00", "end_date": "2026-12-02T12:00"}
    assert len(cron.parse(ends).times(datetime(2026, 11, 1, tzinfo=UTC), 9)) == 2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("* * * *", "expected 5"), ("61 * * * *", "maximum value (59)"), ("0 2 * * 7", "mon … sun"),
        ("TZ=Mars/X 0 2 * * *", "IANA"), ("0 2 30 2 *", "no time to come"), (5, "cron line"),
        ({"minute": ["1"]}, "text or a number"), ({"minute": "0", "jitter": -1}, "jitter"),
        ({"minute": "0", "end_date": "soon"}, "ISO time"), ({}, "names no time"),
        ({"minute": "0", "hour": "0", "year": 1999}, "no time to come"),
        ("*/5 * * * *", "too frequent"),
        ({"minute": "x" * 5000}, "too long"), ({"minute": "0", "timezone": "../../etc"}, "IANA"),
    ],
)  # fmt: skip
def test_what_is_no_schedule_is_refused_in_a_sentence(given: Any, said: str) -> None:
    with pytest.raises(MLRunInvalidArgumentError) as refused:
        cron.check(cron.parse(given), 600)
    assert said in str(refused.value)


@pytest.mark.row("4.701")
async def test_a_schedule_is_shown_with_what_is_to_come(made: Api, app: Any) -> None:
    assert (await made.ok("POST", "v1/submit_job", body(when="CRON_TZ=Europe/Oslo 0 2 * * *")))[
        "data"
    ] == {
        "schedule": "CRON_TZ=Europe/Oslo 0 2 * * *", "project": PROJECT, "name": "nightly",
        "action": "created",
    }  # fmt: skip
    shown = await made.ok("GET", f"{SCHEDULES}/nightly")
    assert len(set(shown["next_run_times"])) == 5
    assert all("T02:00:00+0" in each for each in shown["next_run_times"])
    assert shown["next_run_time"] == shown["next_run_times"][0]
    assert shown["cron_trigger"]["timezone"] == "Europe/Oslo"
    assert shown["scheduled_object"]["task"]["spec"]["function"] == f"{PROJECT}/tides"
    await settled(app.service)
    assert app.current_activity() == {"schedules": 1}, "the server is needed at that time"
    later = await made.ok("GET", f"{SCHEDULES}?next_run_time_since=2099-01-01")
    assert later == {"schedules": []}
    assert [s["name"] for s in (await made.ok("GET", "v1/projects/*/schedules"))["schedules"]] == [
        "nightly"
    ]


UNSCHEDULED = [
    ({"desired_state": "gone"}, 400, "active or paused"),
    ({"concurrency_limit": "many"}, 400, "concurrency_limit"),
    ({"if_busy": 1}, 400, "skip or wait"), ({"labels": ["a"]}, 400, "must be an object"),
    ({"scheduled_object": {"task": 1}}, 400, "must hold a task"),
    ({"scheduled_object": body() | {"secrets": {"A": "b"}}}, 400, "secret_sources"),
    ({"scheduled_object": {"task": {"spec": {"function": "nothing"}}}}, 404, "nothing"),
]  # fmt: skip


@pytest.mark.row("4.702")
async def test_what_cannot_be_scheduled_is_refused(made: Api) -> None:
    await made.ok("POST", "v1/submit_job", body())
    before = await made.ok("GET", f"{SCHEDULES}/nightly")
    for change, status, said in UNSCHEDULED:
        answer = await made("PUT", f"{SCHEDULES}/nightly", change)
        assert answer.status == status and said in answer.detail, (change, answer.body)
    assert await made.ok("GET", f"{SCHEDULES}/nightly") == before
    given = {"name": "new", "kind": "pipeline", "cron_trigger": "0 2 * * *", "scheduled_object": 1}
    assert (await made("POST", SCHEDULES, given)).status == 501


def run_rows(service: Service) -> list[Any]:
    with service.database.read() as connection:
        return [found for found in run_lists.live(connection) if found[0] == PROJECT]


def set_back(service: Service, name: str, seconds: float = 1, **more: Any) -> None:
    """Make a schedule due."""
    with service.database.write() as connection:
        found = schedules.read(connection, PROJECT, name)
        document = {**found.document, **more}
        moment = times.now() - int(seconds * 1e6)
        schedules.save(connection, replace(found, next_run=moment, document=document))


async def settled(service: Service) -> None:
    """After the scheduler has looked, this one or the one in the background."""
    await service.threads.call(service.scheduler.look)
    for _ in range(200):
        with service.database.read() as connection:
            if all(each.run_uid is None for each in schedules.select(connection, PROJECT)):
                return
        await asyncio.sleep(0.05)
    raise AssertionError("a claim was not settled")


@pytest.mark.row("4.702")
async def test_each_time_makes_one_run_and_a_busy_one_waits_or_is_left_out(
    made: Api, service: Service
) -> None:
    await made.ok("POST", "v1/submit_job", body())
    set_back(service, "nightly")
    looks = [service.threads.call(service.scheduler.look) for _ in range(4)]
    await asyncio.gather(*looks)
    await settled(service)
    assert len(run_rows(service)) == 1, "four looks at once, one run"
    shown = await made.ok("GET", f"{SCHEDULES}/nightly?include_last_run=true")
    assert shown["last_run_uri"] == f"{PROJECT}@{shown['last_run']['metadata']['uid']}#0"
    assert shown["last_run"]["metadata"]["labels"]["mlrun/schedule-name"] == "nightly"
    assert shown["next_run_time"] > times.text(times.now())
    set_back(service, "nightly")
    await settled(service)
    assert len(run_rows(service)) == 1, "the first has not ended"
    shown = await made.ok("GET", f"{SCHEDULES}/nightly")
    assert shown["status"]["skipped"] == "an earlier run is working"
    set_back(service, "nightly", if_busy="wait")
    await settled(service)
    assert len(run_rows(service)) == 1
    uid = run_rows(service)[0][1]
    with service.database.write() as connection:
        launches.remove(connection, PROJECT, uid)
    await made.ok("PATCH", f"v1/projects/{PROJECT}/runs/{uid}", {"status.state": "completed"})
    await settled(service)
    (again,) = run_rows(service)
    assert again[1] != uid, "it ran when the first had ended"


@pytest.mark.row("4.702")
async def test_a_run_that_ends_during_a_look_is_heeded(
    made: Api, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    await made.ok("POST", "v1/submit_job", body())
    scheduler, acted = service.scheduler, []

    def act(schedule: Any) -> None:
        scheduler._awake.clear()
        scheduler.heed({"kind": "run", "state": "completed"})
        acted.append(scheduler._awake.is_set())

    scheduler._waits = False
    monkeypatch.setattr(scheduler, "_act", act)
    set_back(service, "nightly", if_busy="wait")
    scheduler.look()
    assert acted and all(acted)
    await made.ok("DELETE", f"{SCHEDULES}/nightly")


async def test_late_times_and_a_claim_that_was_left_behind(made: Api, service: Service) -> None:
    await made.ok("POST", "v1/submit_job", body())
    set_back(service, "nightly", 7200, if_late="skip")
    await settled(service)
    assert run_rows(service) == []
    shown = await made.ok("GET", f"{SCHEDULES}/nightly")
    assert "late" in shown["status"]["skipped"]
    set_back(service, "nightly", 7200, if_late="run")
    await settled(service)
    ((_, uid, _),) = run_rows(service)
    with service.database.write() as connection:
        found = schedules.read(connection, PROJECT, "nightly")
        # as a server leaves it that dies after it recorded the run
        left = replace(found, run_uid=uid, claimed=times.now() - 60_000_000, last_run_uri=None)
        schedules.save(connection, left)
    await settled(service)
    assert [row[1] for row in run_rows(service)] == [uid], "the same run, not a second one"
    shown = await made.ok("GET", f"{SCHEDULES}/nightly")
    assert shown["last_run_uri"] == f"{PROJECT}@{uid}#0"


async def test_what_cannot_run_is_said_on_the_schedule(made: Api, service: Service) -> None:
    await made.ok("POST", "v1/submit_job", body())
    await made.ok("DELETE", f"v1/projects/{PROJECT}/functions/tides")
    set_back(service, "nightly")
    await settled(service)
    shown = await made.ok("GET", f"{SCHEDULES}/nightly")
    assert "tides" in shown["status"]["error"] and shown["last_run_uri"] is None
    assert shown["next_run_time"] is not None
    answer = await made("POST", f"{SCHEDULES}/nightly/invoke")
    assert answer.status == 404 and "tides" in answer.detail


async def test_a_fault_is_said_on_the_schedule_and_not_repeated(
    made: Api, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    await made.ok("POST", "v1/submit_job", body())
    for error, said in ((TypeError("bad"), "TypeError"), (MLRunConflictError("held"), "held")):

        def fail(*_: Any, error: Exception = error) -> None:
            raise error

        monkeypatch.setattr(service.launcher, "submit", fail)
        set_back(service, "nightly")
        await settled(service)
        with service.database.read() as connection:
            held = schedules.read(connection, PROJECT, "nightly")
        assert said in held.document["status"]["error"]
        assert held.run_uid is None and held.last_run_uri is None


@pytest.mark.row("4.703", "4.704")
async def test_a_run_out_of_turn_is_the_invokers(made: Api, service: Service) -> None:
    await made.ok("POST", "v1/submit_job", body())
    bob = Identity("bob")
    made_run = service.scheduler.invoke(PROJECT, "nightly", bob)
    assert made_run["metadata"]["labels"]["owner"] == "bob"
    service.scheduler.allows = lambda who, wish: who != bob
    with pytest.raises(MLRunAccessDeniedError, match="bob may not run in project lab"):
        service.scheduler.invoke(PROJECT, "nightly", bob)
    await made.ok("POST", f"{SCHEDULES}/nightly/invoke")


@pytest.mark.row("4.704")
async def test_an_owner_who_left_the_project_runs_nothing(made: Api, service: Service) -> None:
    await made.ok("POST", "v1/submit_job", body())
    asked: list[Any] = []
    service.scheduler.allows = lambda who, wish: bool(asked.append((who, wish)))
    set_back(service, "nightly")
    await settled(service)
    assert run_rows(service) == []
    shown = await made.ok("GET", f"{SCHEDULES}/nightly")
    assert "may not run in project lab any more" in shown["status"]["error"]
    assert (asked[0][0].name, asked[0][1].project) == (shown["owner"], PROJECT)


async def test_background_tasks_are_told_from_beginning_to_end(made: Api, service: Service) -> None:
    tasks = f"v1/projects/{PROJECT}/background-tasks"

    def work(progress: Any) -> None:
        progress(1, 2)
        progress(2, 2)

    def fails(progress: Any) -> None:
        raise ValueError("no")

    def slow(progress: Any) -> None:
        while True:
            progress(1, None)
            time.sleep(0.02)

    names = []
    for kind, call, seconds in (("good", work, 60), ("bad", fails, 60), ("slow", slow, 1)):
        document = await service.background.start(PROJECT, kind, call, timeout=seconds)
        assert document["status"]["state"] == "running"
        names.append(document["metadata"]["name"])
    found: dict[str, Any] = {}
    for _ in range(1200):
        found = {name: await made.ok("GET", f"{tasks}/{name}") for name in names}
        if all(task["status"]["state"] != "running" for task in found.values()):
            break
        await asyncio.sleep(0.05)
    good, bad, late = (found[name]["status"] for name in names)
    assert good == {"state": "succeeded", "error": None, "progress": {"done": 2, "total": 2}}
    assert bad["state"] == "failed" and "ValueError: no" in bad["error"]
    assert late["state"] == "failed" and "time" in late["error"]
    listed = await made.ok("GET", f"{tasks}?state=failed")
    assert {task["metadata"]["name"] for task in listed["background_tasks"]} == set(names[1:])
    assert (await made("GET", f"{tasks}?state=odd")).status == 422
    assert (await made("GET", f"{tasks}/nothing")).status == 404
    own = await service.background.start("", "cleaning", work)
    assert (await made.ok("GET", f"v1/background-tasks/{own['metadata']['name']}"))["kind"]


async def test_a_task_whose_server_died_has_failed(made: Api, service: Service) -> None:
    with service.database.write() as connection:
        dead = {**service.background.worker, "pid": 2**22 - 1, "start_time": 1}
        background_tasks.add(connection, PROJECT, "left", "test", dead, None)
    await service.background.run()
    task = await made.ok("GET", f"v1/projects/{PROJECT}/background-tasks/left")
    assert task["status"]["state"] == "failed" and "start it again" in task["status"]["error"]
