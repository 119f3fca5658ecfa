"""Logs that came without an index, and lines of a level."""

from __future__ import annotations

import asyncio

from jupyter_mlrun_server.services.service import Service
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
