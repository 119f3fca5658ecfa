"""What would hold up everybody is done beside the loop: SQL, files, and bodies of megabytes."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from jupyter_mlrun_server.handlers import base
from jupyter_mlrun_server.services.service import Service
from tests.server.conftest import Api
from tests.server.documents import PROJECT, UID, artifact, run

LOOP = threading.main_thread()
BASE = f"v1/projects/{PROJECT}"
watched: list[tuple[str, str]] = []
root = ""


def hear(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook cannot be taken away: without a root it hears nothing."""
    if not root or threading.current_thread() is not LOOP:
        return
    if event in ("open", "os.rename", "os.remove", "os.mkdir", "shutil.rmtree", "os.listdir"):
        path = str(arguments[0]) if arguments else ""
        if path.startswith(root):
            watched.append((event, path))


sys.addaudithook(hear)


@pytest.fixture
def beside(service: Service, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, str]]]:
    """What the loop did that threads should do."""
    global root
    watched.clear()
    parse, dump = json.loads, base.dumps

    def loads(text: Any, *rest: Any, **more: Any) -> Any:
        if len(text) > base.LARGE and threading.current_thread() is LOOP:
            watched.append(("json.loads", str(len(text))))
        return parse(text, *rest, **more)

    def dumps(value: Any) -> str:
        text = dump(value)
        if len(text) > base.LARGE and threading.current_thread() is LOOP:
            watched.append(("dumps", str(len(text))))
        return text

    def execute(*arguments: Any) -> None:
        if threading.current_thread() is LOOP:
            watched.append(("sql", str(arguments[2])))

    def stat(path: Any, *rest: Any, **more: Any) -> os.stat_result:
        here = isinstance(path, str | Path) and str(path).startswith(str(service.place.root))
        if here and threading.current_thread() is LOOP:
            watched.append(("stat", str(path)))
        return looked_at(path, *rest, **more)

    looked_at = os.stat
    monkeypatch.setattr(os, "stat", stat)
    monkeypatch.setattr(base, "json", SimpleNamespace(loads=loads))
    monkeypatch.setattr(base, "dumps", dumps)
    sa.event.listen(service.database.engine, "before_cursor_execute", execute)
    root = str(service.place.root)
    yield watched
    root = ""
    sa.event.remove(service.database.engine, "before_cursor_execute", execute)


async def test_nothing_large_on_the_loop(api: Api, beside: list[tuple[str, str]]) -> None:
    large = run("train")
    large["status"]["state"] = "completed"
    large["spec"]["inputs"] = {"text": "ü" * 3_000_000}
    await api.ok("POST", f"{BASE}/runs/{UID}", large)
    await api.ok("PATCH", f"{BASE}/runs/{UID}", {"status.results": {"x": "y" * 2_000_000}})
    read = (await api.ok("GET", f"{BASE}/runs/{UID}?format=full"))["data"]
    assert read["spec"]["inputs"] == large["spec"]["inputs"]
    assert len((await api.ok("GET", f"{BASE}/runs?name=train"))["runs"]) == 1
    await api.ok("POST", f"{BASE}/logs/{UID}?append=no", b"line\n" * 400_000)
    answer = await api("GET", f"{BASE}/logs/{UID}?size=2000000")
    assert len(answer.body) == 2_000_000
    body = artifact("model", preview="z" * 2_000_000)
    await api.ok("PUT", f"v2/projects/{PROJECT}/artifacts/model", body)
    await api.ok("GET", f"v2/projects/{PROJECT}/artifacts/model")
    await api.ok("GET", f"v2/projects/{PROJECT}/artifacts?page=1&page-size=5")
    await api.ok("POST", f"{BASE}/functions/f", {"spec": {"code": "c" * 2_000_000}})
    await api.ok("GET", f"{BASE}/functions/f")
    await api.ok("GET", f"{BASE}/functions")
    await asyncio.sleep(0.5)  # events are looked for meanwhile
    headers = {"x-mlrun-deletion-strategy": "cascade"}
    await api.ok("DELETE", f"v2/projects/{PROJECT}", headers=headers)
    assert beside == []


async def test_collections_do_not_look_through_what_lives_long(api: Api) -> None:
    await api.ok("GET", "v1/projects")
    assert gc.get_freeze_count() > 10_000


async def test_the_watch_would_see_it(
    api: Api, service: Service, beside: list[tuple[str, str]]
) -> None:
    with service.database.read() as connection:
        connection.execute(sa.text("SELECT 1"))
    (service.place.root / "seen").write_text("x")
    (service.place.root / "seen").stat()
    base.json.loads(b'"%s"' % (b"x" * 2_000_000))
    base.dumps("x" * 2_000_000)
    assert {kind for kind, _ in beside} == {"sql", "open", "stat", "json.loads", "dumps"}
