"""Files that MLRun's own client sends, by the object protocol of V3IO."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_mlrun_server.services.service import Service
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
