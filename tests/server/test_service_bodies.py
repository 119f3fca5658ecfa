"""Every value of every body, replaced by what nobody should send: 4xx, and nothing half-written."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any

import pytest

from jupyter_mlrun_server.services.service import Service
from tests.server.conftest import Api
from tests.server.documents import PROJECT, UID, function, run
from tests.server.test_alerts import config
from tests.server.test_schedules import body

DEEP: Any = 1
for _ in range(200):
    DEEP = [DEEP]
HOSTILE = (
    None, True, -1, 0, 10**30, 1e308, float("nan"), "", "\0", "x" * 100_000,
    "'; DROP TABLE runs; --",
    "../../etc/passwd", "\ud800", "{{ 7*7 }}", [], [None], {}, {"a": None}, DEEP,
)  # fmt: skip
# in turns, so that every kind of place sees all of them
AT_EACH_PLACE = 2
TOLD = {"kind": "webhook", "name": "h", "when": ["error"], "condition": "run", "message": "m",
        "severity": "info", "params": {"url": "http://10.0.0.1/", "method": "PUT",
                                       "headers": {"a": "b"},
                                       "override_body": {"t": "{{ runs }}"}}}  # fmt: skip
P = f"v1/projects/{PROJECT}"
BODIES: list[tuple[str, str, Any]] = [
    ("POST", "v1/submit_job", body(
        when={"minute": "0", "hour": 2, "timezone": "UTC", "jitter": 1}, if_busy="wait")),
    ("POST", f"{P}/schedules", {
        "name": "s", "kind": "job", "cron_trigger": "0 2 * * *", "desired_state": "paused",
        "labels": {"a": "b"}, "concurrency_limit": 1, "if_busy": "wait", "if_late": "skip",
        "scheduled_object": {"task": body()["task"]}}),
    ("PUT", f"{P}/schedules/nightly", {"cron_trigger": "0 2 * * *", "labels": {"a": "b"}}),
    ("PUT", f"{P}/schedules/nightly/notifications", {"notifications": [TOLD]}),
    ("PUT", f"{P}/runs/{UID}/notifications", {"notifications": [TOLD]}),
    ("PUT", f"{P}/alerts/a", config("http://10.0.0.1/", criteria={"count": 2, "period": "1h"},
                                    reset_policy="auto", cooldown_period="1m")),
    ("POST", f"{P}/events/failed", {
        "kind": "failed", "entity": {"kind": "job", "project": PROJECT, "ids": ["a"]},
        "value_dict": {"uid": "b"}}),
    ("PUT", "v1/alert-templates/T", {
        "template_name": "T", "severity": "low", "trigger": {"events": ["failed"]},
        "criteria": {"count": 1, "period": "1h"}, "summary": "s"}),
    ("POST", "v1/lab/schedules/preview", {"cron_trigger": {"minute": "0", "hour": "2"}}),
]  # fmt: skip
LISTS = (
    f"{P}/schedules?name=%00&next_run_time_since=x", f"{P}/schedules?kind=odd",
    f"{P}/schedules?label==%3D'--", f"{P}/alerts?page-size=-1",
    f"{P}/alerts?offset=99999999999999999999",
    f"{P}/alert-activations?since=never", f"{P}/alert-activations?page-token=AAAA",
    f"{P}/alert-activations?page=0", f"{P}/alert-activations?page-size=99999999999",
    f"{P}/background-tasks?created_from=0", f"{P}/alert-activations?name=~%25_%5C",
    f"{P}/schedules/%2e%2e%2fx", f"{P}/alerts/..%2f..", "v1/background-tasks/%00",
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every part of a document."""
    yield path
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, item in items:
        yield from places(item, (*path, key))


def replaced(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The document with another value at a place."""
    if not path:
        return value
    changed = copy.deepcopy(document)
    target = changed
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    return changed


@pytest.mark.timeout(300)
async def test_no_body_breaks_the_service(api: Api, service: Service) -> None:
    service.launcher.start_next = list  # type: ignore[method-assign]
    await api.ok("POST", f"{P}/functions/tides", function("def tides(): pass", "tides"))
    await api.ok("POST", f"{P}/runs/{UID}", run())
    await api.ok("POST", "v1/submit_job", body())
    broken, turn = [], cycle(HOSTILE)
    for method, path, document in BODIES:
        for place in places(document):
            for value in islice(turn, AT_EACH_PLACE):
                sent = json.dumps(replaced(document, place, value)).encode()
                answer = await api(method, path, sent)
                if answer.status >= 500 and answer.status != 501:
                    broken.append((method, path, place, repr(value)[:40], answer.body[:200]))
                elif answer.status >= 400:
                    assert answer.detail
        answer = await api(method, path, document)
        assert answer.status < 300 or answer.status == 409, (method, path, answer.body)
    for path in LISTS:
        answer = await api("GET", path)
        if answer.status >= 500:
            broken.append(("GET", path, answer.body[:200]))
    assert not broken, "\n".join(map(str, broken[:30]))
    for path in (f"{P}/schedules", f"{P}/alerts", "v1/alert-templates", f"{P}/alert-activations"):
        await api.ok("GET", path)
    await service.threads.call(service.scheduler.look)
