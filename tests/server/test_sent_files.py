"""Files that MLRun's own client sends, by the object protocol of V3IO."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest

from jupyter_mlrun_server.services.place import Place
from jupyter_mlrun_server.services.service import Service
from jupyter_mlrun_server.services.uploads import Upload, Uploads
from tests.server.alone import Alone
from tests.server.answers import Answer
from tests.server.conftest import Api
from tests.server.documents import OTHER_UID, PROJECT, UID, artifact, run

RunToken = Callable[[str, str], str]
Send = Callable[..., Any]
ALL = f"v1/lab/runs/{PROJECT}/{UID}/files"
FILES = f"{ALL}/{UID}"


@pytest.fixture
def send(api: Api, run_token: RunToken) -> Send:
    """Sends as that client does: the run's token is the access key."""
    token = run_token(PROJECT, UID)

    async def sent(method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        given = {"X-v3io-session-key": token, **given}
        return await api(method, path, body, token="", headers=given)

    return sent


async def test_a_file_is_written_in_pieces_and_read(send: Send, service: Service) -> None:
    name = f"{FILES}/train/0/a%20b.txt"
    assert (await send("PUT", name, b"abc")).status == 204
    assert (await send("PUT", name, b"def", Range="-1")).status == 204
    path = service.place.artifacts / PROJECT / UID / "train" / "0" / "a b.txt"
    assert path.read_bytes() == b"abcdef" and path.stat().st_mode & 0o777 == 0o600
    assert (await send("GET", name)).body == b"abcdef"
    part = await send("GET", name, Range="bytes=2-3")
    assert (part.status, part.body) == (206, b"cd")
    told = await send("HEAD", name)
    assert (told.status, told.body, told.headers["Content-Length"]) == (200, b"", "6")
    assert told.headers["Last-Modified"].endswith("GMT")
    item = await send("PUT", name, b"{}", X_v3io_function="GetItem")
    assert item.json["Item"]["__size"] == {"N": "6"}
    # anew, and away
    assert (await send("PUT", name, b"x")).status == 204 and path.read_bytes() == b"x"
    assert (await send("DELETE", name)).status == 204 and not path.exists()
    for method, headers in (
        ("GET", {}), ("HEAD", {}), ("DELETE", {}), ("PUT", {"X_v3io_function": "GetItem"}),
    ):  # fmt: skip
        assert (await send(method, name, **headers)).status == 404
    assert (await send("PUT", name, b"", X_v3io_function="PutItem")).status == 400
    # what is no file
    await send("PUT", f"{FILES}/train/0/c", b"x")
    assert [(await send(each, f"{FILES}/train")).status for each in ("GET", "DELETE")] == [404, 404]


async def test_nobody_writes_elsewhere(send: Send, service: Service) -> None:
    theirs = service.place.artifacts / PROJECT / OTHER_UID / "a"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("of another run")
    for path in ("../../x", f"../{OTHER_UID}/x", "%2e%2e/x", f"../{OTHER_UID}/a"):
        for method in ("PUT", "DELETE"):
            answer = await send(method, f"{FILES}/{path}", b"x")
            assert answer.status in (400, 403), (method, path)
    assert (await send("PUT", f"{ALL}/{OTHER_UID}/a", b"x")).status == 400
    assert (await send("GET", f"{ALL}/{OTHER_UID}/a")).body == b"of another run"
    assert (await send("GET", f"{ALL}/../../../../etc/hosts")).status in (403, 404)
    for method, status in (("GET", 403), ("PUT", 400), ("DELETE", 400)):
        assert (await send(method, f"{ALL}/%2Fetc%2Fhosts", b"x")).status == status
    other = ALL.replace(UID, OTHER_UID)
    assert (await send("PUT", f"{other}/{OTHER_UID}/a", b"x")).status == 403
    # the header opens these routes alone
    assert (await send("GET", f"v1/projects/{PROJECT}/runs/{UID}")).status == 403
    assert not list(service.place.artifacts.rglob("x"))
    for key in ("", "mlrr" + "0" * 40, "another service's"):
        answer = await send("PUT", f"{FILES}/a", b"x", X_v3io_session_key=key)
        assert answer.status in (401, 403), key


def elsewhere(folder: Path) -> list[tuple[str, str]]:
    """Names of runs that lead to other folders, and paths of files in those."""
    out, there = quote(str(folder), safe=""), f"{PROJECT}%2F..%2Fother%2F{OTHER_UID}"
    return [
        (out, f"{out}%2Fx"), ("%2E%2E%2Fother%2F" + OTHER_UID, f"%2E%2E%2Fother%2F{OTHER_UID}/x"),
        (there, f"{there}/x"), ("%2E%2E", "%2E%2E/x"), (".%2F" + UID, f".%2F{UID}/x"),
        ("%00", "%00/x"), (OTHER_UID, f"{OTHER_UID}/x"),
    ]  # fmt: skip


async def check_elsewhere(call: Callable[..., Any], root: Path, folder: Path) -> None:
    """Whoever may write into a project writes into the folders of its runs alone."""
    folder.mkdir()
    theirs = root / "other" / OTHER_UID
    theirs.mkdir(parents=True)
    for kept in (folder / "x", theirs / "x"):
        kept.write_text("of somebody")
    for uid, path in elsewhere(folder):
        base = f"v1/lab/runs/{PROJECT}/{uid}/files"
        for method, address in (
            ("PUT", f"{base}/{path}"), ("DELETE", f"{base}/{path}"), ("PUT", f"{base}?path=x"),
            ("PUT", f"{base}?path={quote(str(folder))}/x"),
        ):  # fmt: skip
            answer = await call(method, address, b"changed")
            assert answer.status in (400, 404), (method, address, answer.status, answer.body)
    for kept in (folder / "x", theirs / "x"):
        assert kept.read_text() == "of somebody"
    assert not (root / PROJECT / OTHER_UID).exists()


async def test_no_name_of_a_run_leads_elsewhere(api: Api, service: Service, tmp_path: Path) -> None:
    await api.ok("POST", f"v1/projects/{PROJECT}/runs/{UID}", run())
    assert (await api("PUT", f"{FILES}/a", b"x")).status == 204
    await check_elsewhere(api, service.place.artifacts, tmp_path / "out")


async def test_an_editor_writes_into_runs_of_the_project_alone(
    alone: Alone, tmp_path: Path
) -> None:
    await alone.project(PROJECT, ann="editor", bob="viewer")
    await alone.project("other")
    await alone.ok("ann", "POST", f"v1/projects/{PROJECT}/runs/{UID}", run())
    assert (await alone("ann", "PUT", f"{FILES}/a", b"x")).status == 204
    assert (await alone("bob", "PUT", f"{FILES}/a", b"x")).status == 403

    async def call(*given: Any) -> Answer:
        return await alone("ann", *given)

    await check_elsewhere(call, alone.app.service.place.artifacts, tmp_path / "out")


async def test_what_lies_in_the_way_is_told(
    api: Api, send: Send, service: Service, run_token: RunToken
) -> None:
    folder = service.place.artifacts / PROJECT / UID
    assert (await send("PUT", f"{FILES}/a", b"x")).status == 204
    assert (await send("PUT", f"{FILES}/f/b", b"x")).status == 204
    (folder / "link").symlink_to(folder / "a")
    (folder / "round").symlink_to(folder / "round")
    os.mkfifo(folder / "pipe")
    for path, word in (
        ("f", "is a folder"), ("a/b", "a part of its path"), ("a/b/c", "a part of its path"),
        ("link", "link"), ("pipe", "pipe"), ("round/x", "link"),
    ):  # fmt: skip
        answer = await send("PUT", f"{FILES}/{path}", b"y")
        assert answer.status == 400 and word in answer.detail, (path, answer.body)
        answer = await api("PUT", f"{ALL}?path={path}", b"y", token=run_token(PROJECT, UID))
        assert answer.status == 400 and word in answer.detail, (path, answer.body)
    assert "NUL" in (await send("PUT", f"{FILES}/n%00x", b"y")).detail
    for path, status in (("a/b", 404), ("f", 404), ("none", 404), ("n%00x", 400)):
        answer = await send("DELETE", f"{FILES}/{path}")
        assert answer.status == status and answer.detail, (path, answer.body)
    assert (folder / "a").read_bytes() == b"x"


async def test_a_piece_whose_answer_reached_nobody_comes_once(
    api: Api, send: Send, service: Service, run_token: RunToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client tries again where its connection broke; equal pieces that follow both count."""
    name, path = f"{FILES}/a", service.place.artifacts / PROJECT / UID / "a"
    for _ in range(2):
        assert (await send("PUT", name, b"same", Range="-1")).status == 204
    assert path.read_bytes() == b"samesame"
    begun, gone = threading.Event(), threading.Event()
    save = service.uploads.save

    def late(upload: Upload, data: bytes) -> int:
        size = save(upload, data)
        begun.set()
        assert gone.wait(20)
        return size

    monkeypatch.setattr(service.uploads, "save", late)
    port = service.url.split(":")[2].split("/")[0]
    reader, writer = await asyncio.open_connection("127.0.0.1", int(port))
    del reader
    request = (
        f"PUT {api.base}{name} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nRange: -1\r\n"
        f"X-v3io-session-key: {run_token(PROJECT, UID)}\r\nContent-Length: 4\r\n\r\nlast"
    )
    writer.write(request.encode())
    while not begun.is_set():
        await asyncio.sleep(0.02)
    writer.close()
    await writer.wait_closed()
    await asyncio.sleep(0.2)
    gone.set()
    monkeypatch.setattr(service.uploads, "save", save)
    await asyncio.sleep(0.2)
    assert path.read_bytes() == b"samesamelast"
    assert (await send("PUT", name, b"last", Range="-1")).status == 204
    assert path.read_bytes() == b"samesamelast"
    assert (await send("PUT", name, b"last", Range="-1")).status == 204
    assert path.read_bytes() == b"samesamelastlast"


def test_pieces_of_many_senders_are_all_there(tmp_path: Path) -> None:
    place = Place(tmp_path, tmp_path)
    uploads, upload = Uploads(place), Upload(PROJECT, UID, "a", None)
    pieces = [bytes([number]) * 5000 for number in range(64)]
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda piece: uploads.save(upload, piece), pieces))
    written = (place.artifacts / PROJECT / UID / "a").read_bytes()
    found = [written[begin : begin + 5000] for begin in range(0, len(written), 5000)]
    assert sorted(found) == pieces
    # another file's end is no repetition, nor is what came after something else
    uploads.save(upload, b"x")
    uploads.save(upload, b"y")
    assert uploads.save(upload, b"x") == len(written) + 3


async def test_where_a_run_has_sent_files_is_where_others_find_them(
    api: Api, service: Service, run_token: RunToken
) -> None:
    """Its documents come with the addresses that its client knows."""
    token, sent = run_token(PROJECT, UID), f"v3io:///user/ann/mlrun/api/{FILES}"
    document = run()
    document["spec"]["output_path"] = sent
    await api.ok("POST", f"v1/projects/{PROJECT}/runs/{UID}", document, token=token)
    note = artifact("note", tree=UID)
    note["spec"] |= {"target_path": f"{sent}/train/0/note.txt", "extra_data": {"a": [f"{sent}/a"]}}
    others = sent.replace(f"runs/{PROJECT}/{UID}", f"runs/{PROJECT}/{OTHER_UID}")
    note["metadata"]["description"] = f"see {sent}, and {others}"
    note["spec"]["sources"] = [{"name": "x", "path": f"{others}/x"}]
    await api.ok("PUT", f"v2/projects/{PROJECT}/artifacts/note?tree={UID}", note, token=token)
    found = await api.ok("GET", f"v1/projects/{PROJECT}/runs/{UID}")
    folder = service.place.artifacts / PROJECT
    assert found["data"]["spec"]["output_path"] == str(folder)
    (kept,) = (await api.ok("GET", f"v2/projects/{PROJECT}/artifacts?tree={UID}"))["artifacts"]
    assert kept["spec"]["target_path"] == f"{folder / UID}/train/0/note.txt"
    assert kept["spec"]["extra_data"] == {"a": [f"{folder / UID}/a"]}
    assert kept["metadata"]["description"] == f"see {sent}, and {others}"
    assert kept["spec"]["sources"] == [{"name": "x", "path": f"{others}/x"}]


async def test_mlruns_own_client_reads_in_a_pod_what_others_have_made(
    api: Api, service: Service, run_token: RunToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = service.place.artifacts / PROJECT / OTHER_UID / "note.txt"
    note = artifact("note", tree=OTHER_UID, target_path=str(path))
    await api.ok("PUT", f"v2/projects/{PROJECT}/artifacts/note?tree={OTHER_UID}", note)
    await api.ok("POST", f"v1/projects/{PROJECT}/runs/{UID}", run(place="kubernetes"))
    token, agent = run_token(PROJECT, UID), {"User-Agent": "python-requests/2.34 mlrun/1.12.1"}

    async def told(**more: Any) -> str:
        asked = f"v2/projects/{PROJECT}/artifacts/note"
        return str((await api.ok("GET", asked, **more))["spec"]["target_path"])

    assert await told(token=token, headers=agent) == str(path)
    settings = SimpleNamespace(url="http://10.0.0.5:8888/user/ann/mlrun/")
    monkeypatch.setattr(service.launcher.places, "cluster", SimpleNamespace(settings=settings))
    sent = f"v3io:///user/ann/mlrun/api/{ALL}/{OTHER_UID}/note.txt"
    assert await told(token=token, headers=agent) == sent
    # our own client reads paths of the service, and people are on this machine
    assert await told(token=token) == await told(headers=agent) == str(path)
    await api.ok("PATCH", f"v1/projects/{PROJECT}/runs/{UID}", {"status.place": "here"})
    assert await told(token=token, headers=agent) == str(path)


@pytest.mark.parametrize(
    "setting, expected",
    [
        ("", "{home}/sea"),
        ("s3://lab/{{run.project}}/{{run.uid}}", "s3://lab/sea/{{run.uid}}"),
        ("/shared/artifacts", "/shared/artifacts"),
    ],
)
def test_runs_that_name_no_path_go_where_the_administrator_says(
    tmp_path: Path, setting: str, expected: str
) -> None:
    place = Place(tmp_path, tmp_path, artifact_path=setting)
    assert place.path_of_runs("sea") == expected.replace("{home}", str(place.artifacts))
