"""Logs that came without an index, and lines of a level."""

from __future__ import annotations

import asyncio

import pytest

from jupyter_mlrun_runtimes import logfile
from jupyter_mlrun_server.services import logs as serving
from jupyter_mlrun_server.services.service import Service
from jupyter_mlrun_server.store import launches
from jupyter_mlrun_server.store.launches import Launch
from tests.server.conftest import Api
from tests.server.documents import PROJECT, UID, run

RUNS = f"v1/projects/{PROJECT}/runs"
LOG = f"v1/lab/runs/{PROJECT}/{UID}/log"


async def test_a_log_without_index_gets_one(api: Api, service: Service) -> None:
    await api.ok("POST", f"{RUNS}/{UID}", run())
    path = service.place.log_file(PROJECT, UID)
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [b"line %d" % n for n in range(1, 300_001)]
    lines[249_999] = b"KeyError: odd"
    path.write_bytes(b"\n".join(lines) + b"\n")
    found = await api.ok("GET", f"{LOG}/lines?first=300000&count=5")
    async with asyncio.timeout(60):
        while found["indexed"] < found["size"]:
            await asyncio.sleep(0.05)
            found = await api.ok("GET", f"{LOG}/lines?first=300000&count=5")
    assert (found["total"], found["lines"][0]["text"]) == (300_000, "line 300000")
    assert found["first_error"]["line"] == 250_000
    assert path.with_name("log.idx").exists()
    assert await api.ok("GET", f"{LOG}/problem?line=3") == {"line": 250_000}
    assert await api.ok("GET", f"{LOG}/problem?line=300000&back=yes") == {"line": 250_000}
    assert await api.ok("GET", f"{LOG}/problem?line=250000") == {"line": None}


async def test_lines_of_much_that_comes_at_once_are_counted_after_the_answer(
    api: Api, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "LATER", 0.05)
    await api.ok("POST", f"{RUNS}/{UID}", run())
    path, log = service.place.log_file(PROJECT, UID), f"v1/projects/{PROJECT}/logs/{UID}"
    large = b"".join(b"line %d\n" % n for n in range(1, 150_001)) + b"KeyError: odd\nunfin"
    for mode, before in (("no", b""), ("yes", large), ("no", b""), ("yes", large)):
        if mode == "no":
            await api.ok("POST", f"{log}?append=no", b"what was there before\nValueError: old\n")
        await api.ok("POST", f"{log}?append={mode}", large)
        assert path.read_bytes() == before + large and path.stat().st_mode & 0o777 == 0o600
        found = await api.ok("GET", f"{LOG}/lines?first=150001&count=1")
        async with asyncio.timeout(30):
            while found["indexed"] < found["size"] or not logfile.last_entry(path):
                await asyncio.sleep(0.02)
                found = await api.ok("GET", f"{LOG}/lines?first=150001&count=1")
        found = await api.ok("GET", f"{LOG}/lines?first=150001&count=1")
        assert found["lines"][0]["text"] == "KeyError: odd"
        assert found["total"] == (150_002 if mode == "no" else 300_003)
        assert found["first_error"] == {"offset": len(large) - 19, "line": 150_001}
    await api.ok("POST", log, b"ished\nValueError: last\n")
    found = await api.ok("GET", f"{LOG}/lines?first=300003&count=2")
    assert [line["text"] for line in found["lines"]] == ["unfinished", "ValueError: last"]
    assert (found["total"], found["problems"]) == (300_004, 3)
    await api.ok("PATCH", f"{RUNS}/{UID}", {"status.state": "completed"})
    await api.ok("DELETE", f"{RUNS}/{UID}")
    service.logs.index(PROJECT, UID)
    assert not path.parent.exists()


async def test_who_asks_for_what_is_not_yet_counted_has_it_counted(
    api: Api, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lines have their times, and its problems are found, before its turn has come."""
    monkeypatch.setattr(serving, "LATER", 3600)
    await api.ok("POST", f"{RUNS}/{UID}", run())
    path, log = service.place.log_file(PROJECT, UID), f"v1/projects/{PROJECT}/logs/{UID}"
    large = b"".join(b"line %d\n" % n for n in range(1, 200_001)) + b"KeyError: odd\n"
    await api.ok("POST", log, large)
    assert not path.with_name("log.idx").exists()
    assert await api.ok("GET", f"{LOG}/problem?line=3") == {"line": 200_001}
    await api.ok("POST", log, large)
    found = await api.ok("GET", f"{LOG}/lines?first=400000&count=2")
    assert (found["indexed"], found["total"], found["problems"]) == (2 * len(large), 400_002, 2)
    assert [line["t"] is None for line in found["lines"]] == [False, False]
    assert not path.with_name("log.idx.new").exists()
    # what an ended server has left uncounted is counted before it is answered, too
    path.write_bytes(path.read_bytes() + large)
    path.with_name("log.idx").unlink()
    assert await api.ok("GET", f"{LOG}/problem?line=500000") == {"line": 600_003}


@pytest.mark.parametrize("path", [f"{LOG}/lines", LOG, f"v1/projects/{PROJECT}/logs/{UID}"])
async def test_the_log_of_a_run_that_has_just_ended_is_whole(
    api: Api, service: Service, path: str
) -> None:
    """The run's code has told its end, and what it printed last is still on its way."""
    await api.ok("POST", f"{RUNS}/{UID}", run())
    place = service.place
    launch = Launch(PROJECT, UID, "local", place.host, place.boot_id, phase="started")
    service.logs.append(PROJECT, UID, [b"line 1\n"])
    with service.database.write() as connection:
        launches.add(connection, launch)
    await api.ok("PATCH", f"{RUNS}/{UID}", {"status.state": "completed"})

    async def end() -> None:
        await asyncio.sleep(0.4)
        service.logs.append(PROJECT, UID, [b"the end\n"])
        with service.database.write() as connection:
            launches.remove(connection, PROJECT, UID)

    ending = asyncio.ensure_future(end())
    found = await api("GET", path)
    assert found.status == 200 and b"the end" in found.body
    await ending


async def test_the_lines_of_a_level(api: Api) -> None:
    await api.ok("POST", f"{RUNS}/{UID}", run())
    text = b"start\nx.py:3: UserWarning: odd\n[warning] low\nValueError: bad\nend\n"
    await api.ok("POST", f"v1/projects/{PROJECT}/logs/{UID}", text)
    for level, numbers in (("problem", [4]), ("warning", [2, 3, 4])):
        found = await api.ok("GET", f"{LOG}/search?level={level}")
        assert [match["n"] for match in found["matches"]] == numbers
    both = await api.ok("GET", f"{LOG}/search?level=warning&q=odd")
    assert [match["n"] for match in both["matches"]] == [2]
    refused = await api("GET", f"{LOG}/search?level=loud")
    assert (refused.status, "'loud'" in refused.detail) == (400, True)
