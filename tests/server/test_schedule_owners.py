"""Whose schedules run: who somebody is gets asked anew at each of their times."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jupyter_mlrun_server.services.service import Service
from jupyter_mlrun_server.store import launches, run_lists, schedules, times, user_tokens
from tests.server.alone import ROOT, Alone, started
from tests.server.documents import function
from tests.server.jupyterhub import HubApi

LAB = "tides"
NIGHTLY = f"v1/projects/{LAB}/schedules/nightly"
GROUP = f"v1/lab/projects/{LAB}/members/group/lab"
BODY = {
    "task": {"metadata": {"name": "nightly", "project": LAB},
             "spec": {"function": f"{LAB}/train"}},
    "schedule": "0 2 * * *",
}  # fmt: skip


@pytest.fixture
def machine(isolated_dirs: Path, jp_asyncio_loop: Any) -> Iterator[Alone]:
    """A service that may start runs, and starts none here."""
    for found in started(Alone("--MLRunServeApp.run_here=True"), jp_asyncio_loop):
        found.app.service.launcher.start_next = list  # type: ignore[method-assign]
        yield found


@pytest.fixture
def hub_machine(hub: type[HubApi], machine: Alone) -> Alone:
    """The same as a service of the Hub."""
    return machine


async def project(alone: Alone) -> None:
    """A project with a function, in which a group are editors."""
    await alone.project(LAB)
    await alone.ok(ROOT, "POST", f"v1/projects/{LAB}/functions/train", function("", "train"))
    await alone.ok(ROOT, "PUT", GROUP, {"role": "editor"})


async def fire(service: Service) -> tuple[dict[str, Any], int]:
    """The schedule's status after its time has come, and how many runs there are."""
    with service.database.write() as connection:
        found = schedules.read(connection, LAB, "nightly")
        old = times.now() - 60_000_000
        claim = {"claimed": old} if found.run_uid else {"next_run": old}
        asked = {**found.document.get("status", {}), "error": "not settled yet"}
        document = {**found.document, "status": asked}
        schedules.save(connection, replace(found, document=document, **claim))  # type: ignore[arg-type]
    # the leader's own look may be the first
    await service.threads.call(service.scheduler.look)
    for _ in range(200):
        with service.database.read() as connection:
            live = [each for each in run_lists.live(connection) if each[0] == LAB]
            status = schedules.read(connection, LAB, "nightly").document["status"]
        if status["error"] != "not settled yet":
            return status, len(live)
        await asyncio.sleep(0.05)
    raise AssertionError(status)


async def test_groups_are_those_of_now(machine: Alone) -> None:
    await project(machine)
    service = machine.app.service
    machine.token("ann", "lab")
    await machine.ok("ann", "POST", "v1/submit_job", BODY | {"concurrency_limit": 0})
    status, runs = await fire(service)
    assert (status["error"], runs) == (None, 1)
    with service.database.write() as connection:
        user_tokens.create(connection, "ann", "other", None, ["elsewhere"])
        user_tokens.revoke(connection, "ann", "test")
    status, runs = await fire(service)
    assert "ann, whose schedule this is, may not run in project tides any more" in status["error"]
    assert runs == 1
    with service.database.write() as connection:
        user_tokens.revoke(connection, "ann")
    status, runs = await fire(service)
    assert "is no user of this service any more" in status["error"] and runs == 1
    shown = await machine.ok(ROOT, "GET", NIGHTLY)
    assert shown["status"]["error"] == status["error"] and shown["last_run_uri"]


async def test_an_administrator_who_is_none_any_more_runs_nothing(machine: Alone) -> None:
    await project(machine)
    service = machine.app.service
    await machine.ok(ROOT, "POST", "v1/submit_job", BODY | {"concurrency_limit": 0})
    assert (await fire(service))[1] == 1
    assert service.identities is not None
    service.identities.administrators = frozenset()
    with service.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM members WHERE name = 'root'")
    service.authorizer.forget()
    status, runs = await fire(service)
    assert "root, whose schedule this is, may not run" in status["error"] and runs == 1


async def test_the_hub_is_asked_at_each_time(hub_machine: Alone, hub: type[HubApi]) -> None:
    await project(hub_machine)
    service, ann = hub_machine.app.service, "a" * 32
    body = BODY | {"concurrency_limit": 0}
    hub.tells_of_others = False
    answer = await hub_machine("", "POST", "v1/submit_job", body, token=ann)
    assert answer.status == 403 and "scope 'read:users'" in answer.detail
    hub.tells_of_others = True
    assert (await hub_machine("", "POST", "v1/submit_job", body, token=ann)).status == 200
    assert (await fire(service))[1] == 1
    hub.broken = True
    status, runs = await fire(service)
    assert "cannot be asked" in status["error"] and runs == 1
    with service.database.read() as connection:
        claim = schedules.read(connection, LAB, "nightly").run_uid
    assert claim is not None, "the time is not lost"
    hub.broken = False
    status, runs = await fire(service)
    assert (status["error"], runs) == (None, 2)
    with service.database.read() as connection:
        assert schedules.read(connection, LAB, "nightly").last_run_uri == f"{LAB}@{claim}#0"
    hub.users[ann]["groups"] = []
    status, runs = await fire(service)
    assert "may not run in project tides any more" in status["error"] and runs == 2
    del hub.users[ann]
    status, runs = await fire(service)
    assert "is no user of this service any more" in status["error"] and runs == 2


async def test_a_run_is_whose_token_sent_it(machine: Alone) -> None:
    await project(machine)
    service, runs = machine.app.service, f"v1/projects/{LAB}/runs"
    for name in ("ann", "bob"):
        machine.token(name, "lab")
    labels = {"owner": "root", "team": "t"}
    body = {"task": {"metadata": {"name": "nightly", "project": LAB, "labels": labels}},
            "function": function("", "train")}  # fmt: skip
    sent = (await machine.ok("ann", "POST", "v1/submit_job", body))["data"]
    uid = sent["metadata"]["uid"]
    labels = sent["metadata"]["labels"]
    assert (labels["owner"], labels["team"]) == ("ann", "t")
    await machine.ok("bob", "PATCH", f"{runs}/{uid}", {"metadata.labels": {"owner": "root"}})
    again = (await machine.ok("bob", "POST", f"v1/lab/runs/{LAB}/{uid}/rerun", {}))["data"]
    assert again["metadata"]["labels"]["owner"] == "bob"
    with service.database.write() as connection:
        first = launches.find(connection, LAB, uid)
        assert first is not None
        launches.set_started(connection, first, {"pid": 1})
        launches.set_waiting(connection, first, 0)
        kept = [launches.find(connection, LAB, each) for each in (uid, again["metadata"]["uid"])]
    assert [(each.owner, each.handle) for each in kept if each] == [("ann", None), ("bob", None)]
