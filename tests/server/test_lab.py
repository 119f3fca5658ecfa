"""What the panels ask: rows, cells, logs by line, bytes of artifacts, files."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from jupyter_mlrun_server.services import log_search
from jupyter_mlrun_server.services.service import Service
from tests.server.conftest import Api
from tests.server.documents import OTHER_UID, PROJECT, UID, artifact, function, run

RUNS = f"v1/projects/{PROJECT}/runs"
LOG = f"v1/lab/runs/{PROJECT}/{UID}/log"


@pytest.fixture
def filled(api: Api, jp_asyncio_loop: Any) -> Api:
    """Six runs."""
    states = ("completed", "error", "running", "aborted", "completed", "completed")
    for index, state in enumerate(states):
        body = run(f"train-{index}", state=state, results={"accuracy": index / 10})
        body["metadata"]["labels"] = {"owner": "ana", "kind": "local", "team": f"t{index % 2}"}
        body["spec"] |= {
            "function": f"{PROJECT}/fn-{index % 3}@{'a' * 40}",
            "parameters": {"n": index},
            "origin": {"notebook": "work/a.ipynb", "cell_id": f"cell-{index % 2}"},
        }
        body["status"]["start_time"] = f"2026-01-0{index + 1}T00:00:00+00:00"
        jp_asyncio_loop.run_until_complete(
            api.ok("POST", f"{RUNS}/{index}{UID[1:]}", body)
        )  # fmt: skip
    return api


async def names(api: Api, query: str) -> list[str]:
    found = await api.ok("GET", f"v1/lab/runs?{query}")
    return [row["name"][-1] for row in found["rows"]]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("", "543210"), ("train-3", "3"), ("TRAIN", "543210"), ("train 4", "4"),
        ("state:error", "1"), ("state:failed", "1"), ("state:error,running", "21"),
        ("label:team=t1", "531"), ("label:team", "543210"), ("owner:ana", "543210"),
        ("owner:bob", ""), ("kind:local", "543210"), ("function:fn-1", "41"),
        ("results.accuracy>0.3", "54"), ("results.accuracy>=0.3", "543"),
        ("parameters.n=2", "2"), ("parameters.n!=2", "54310"), ("results.none>1", ""),
        ("since:1d", ""), ("since:2026-01-04", "543"), ("until:2026-01-02", "10"),
        ('"train-5"', "5"), ('"train-5', "5"), ("label:", "543210"), ("notebook:a.ipynb", "543210"),
        ("state:completed results.accuracy<0.45 train", "40"),
    ],
)  # fmt: skip
async def test_typed_filter(filled: Api, text: str, expected: str) -> None:
    from urllib.parse import quote

    assert "".join(await names(filled, f"project={PROJECT}&q={quote(text)}")) == expected


@pytest.mark.parametrize(
    "text", ["state:zz", "since:soon", "results.a>x", "results.a>", 'results."a>1']
)
async def test_what_a_filter_cannot_mean_is_said(filled: Api, text: str) -> None:
    from urllib.parse import quote

    answer = await filled("GET", f"v1/lab/runs?q={quote(text)}")
    assert answer.status in (200, 400)
    assert answer.status == 200 or text.split(":")[0].split(".")[0] in answer.detail


async def test_counts_leave_the_states_out(filled: Api) -> None:
    found = await filled.ok("GET", f"v1/lab/runs?project={PROJECT}&states=running,error")
    assert found["total"] == 2
    assert found["counts"] == {"completed": 3, "error": 1, "running": 1, "aborted": 1}


@pytest.mark.parametrize(
    "sort, expected",
    [("start_time", "012345"), ("-results.accuracy", "543210"), ("parameters.n", "012345"),
     ("name", "012345"), ("-name", "543210"), ("function,-start_time", "304152"),
     ("kind,-results.accuracy", "543210")],
)  # fmt: skip
async def test_orders(filled: Api, sort: str, expected: str) -> None:
    assert "".join(await names(filled, f"sort={sort}")) == expected


@pytest.mark.parametrize(
    "query, said",
    [("sort=colour", "sort=colour is not known"), ("sort=name,name,name,name,name,name", "at most"),
     ("group=day&zone=Moon/Base", "is no time zone")],
)  # fmt: skip
async def test_orders_and_zones_that_are_none(api: Api, query: str, said: str) -> None:
    answer = await api("GET", f"v1/lab/runs?{query}")
    assert (answer.status, said in answer.detail) == (400, True), answer.detail
    assert (await api("GET", "v1/lab/runs?group=colour")).status == 422


async def test_groups_and_activity(filled: Api) -> None:
    found = await filled.ok("GET", "v1/lab/runs?group=function&limit=2")
    assert found["groups"] == [["fn-0", 2], ["fn-1", 2], ["fn-2", 2]]
    assert [row["name"] for row in found["rows"]] == ["train-3", "train-0"]
    found = await filled.ok("GET", "v1/lab/runs?q=train-3")
    assert (found["total"], found["all"]) == (1, 6)
    found = await filled.ok("GET", "v1/lab/runs/activity?q=since:2026-01-01%20until:2026-01-06")
    assert [sum(kind) for kind in zip(*found["spans"], strict=True)] == [3, 1, 1, 1]
    assert found["start"] == "2026-01-01T00:00:00+00:00"
    nothing = await filled.ok("GET", "v1/lab/runs/activity?q=no-such-name")
    assert nothing == {"start": None, "step": None, "spans": []}


async def test_iterations_of_a_run(api: Api) -> None:
    for iteration in (0, 2, 1):
        body = run("sweep", results={"loss": iteration})
        await api.ok("POST", f"{RUNS}/{UID}?iter={iteration}", body)
    found = await api.ok("GET", f"v1/lab/runs/{PROJECT}/{UID}/iterations")
    assert [(row["iter"], row["results"]["loss"]) for row in found["rows"]] == [(1, 1), (2, 2)]


async def test_declared_outputs_come_first(api: Api) -> None:
    body = run("order", results={"loss": 1, "total": 2, "accuracy": 3})
    body["spec"]["returns"] = ["model:model", "total", {"key": "accuracy"}]
    await api.ok("POST", f"{RUNS}/{UID}", body)
    (row,) = (await api.ok("GET", "v1/lab/runs"))["rows"]
    assert list(row["results"]) == ["total", "accuracy", "loss"]


async def test_all_runs_of_a_filter_are_deleted(filled: Api, service: Service) -> None:
    folder = service.place.run_folder(PROJECT, f"0{UID[1:]}")
    folder.mkdir(parents=True)
    before = "2026-01-05T12:00:00Z"  # train-5 started later
    order = {"action": "delete", "q": "train", "before": before, "except": [f"3{UID[1:]}"]}
    done = await filled.ok("POST", f"v1/lab/runs/{PROJECT}/bulk", order)
    assert done == {"done": 3, "left": 0, "refused": [], "refusals": 0}
    assert await names(filled, "") == ["5", "3", "2"]  # train-2 is running
    assert not folder.exists()
    done = await filled.ok("POST", f"v1/lab/runs/{PROJECT}/bulk", order | {"action": "abort"})
    assert done["done"] + done["refusals"] == 1


async def test_all_runs_of_a_filter_are_changed_in_the_background(
    filled: Api, service: Service
) -> None:
    async def ended(order: dict[str, Any]) -> dict[str, Any]:
        task = await filled.ok("POST", f"v1/lab/runs/{PROJECT}/bulk", order | {"background": True})
        path = f"v1/projects/{PROJECT}/background-tasks/{task['metadata']['name']}"
        while (found := await filled.ok("GET", path))["status"]["state"] == "running":
            await asyncio.sleep(0.05)
        status: dict[str, Any] = found["status"]
        return status

    order = {"action": "delete", "q": "train", "before": "2026-01-05T12:00:00Z"}
    order |= {"except": [f"3{UID[1:]}"]}  # type: ignore[dict-item]
    status = await ended(order)
    assert status == {"state": "succeeded", "error": None, "progress": {"done": 3, "total": 3}}
    assert await names(filled, "") == ["5", "3", "2"]
    status = await ended({"action": "abort", "before": "2027-01-01"})
    assert status["progress"]["total"] == 1
    assert status["state"] == "succeeded" or "of 1 runs: " in status["error"]


@pytest.mark.parametrize(
    "change, said",
    [
        ({"action": "burn"}, "'action' is 'burn'"), ({"before": None}, "'before' must be"),
        ({"states": ["x"]}, "'states' must be"), ({"q": 3}, "must be texts"),
        ({"q": "state:no"}, "is no state"), ({"except": [3]}, "'except' must be"),
    ],
)  # fmt: skip
async def test_orders_for_many_that_mean_nothing(
    filled: Api, change: dict[str, Any], said: str
) -> None:
    order = {"action": "delete", "before": "2027-01-01"} | change
    answer = await filled("POST", f"v1/lab/runs/{PROJECT}/bulk", order)
    assert (answer.status, said in answer.detail) == (400, True), answer.detail
    assert len(await names(filled, "")) == 6


async def test_offsets(filled: Api) -> None:
    assert await names(filled, "offset=2&limit=2") == ["3", "2"]


async def test_cells_show_their_last_run(filled: Api) -> None:
    cells = (await filled.ok("GET", "v1/lab/cells?notebook=work/a.ipynb"))["cells"]
    assert {cell: row["name"] for cell, row in cells.items()} == {
        "cell-0": "train-4", "cell-1": "train-5",
    }  # fmt: skip
    assert (await filled.ok("GET", "v1/lab/cells?notebook=b.ipynb"))["cells"] == {}


async def test_projects_with_their_counters(filled: Api) -> None:
    (project,) = await filled.ok("GET", "v1/lab/projects")
    assert project == {
        "name": PROJECT, "running": 1, "failed": 1, "runs": 6,
        "last": "2026-01-06T00:00:00+00:00",
    }  # fmt: skip


async def test_a_live_run_of_another_host_is_unknown(api: Api) -> None:
    await api.ok("POST", f"{RUNS}/{UID}", run(state="running", host="elsewhere"))
    await api.ok("POST", f"{RUNS}/{OTHER_UID}", run("done", state="completed", host="elsewhere"))
    rows = (await api.ok("GET", "v1/lab/runs"))["rows"]
    assert {row["name"]: row["state"] for row in rows} == {"train": "unknown", "done": "completed"}
    read = (await api.ok("GET", f"{RUNS}/{UID}"))["data"]["status"]
    assert read["state"] == "unknown"
    assert "elsewhere" in read["status_text"]
    listed = (await api.ok("GET", f"{RUNS}?iter=no&name=train"))["runs"]
    assert listed[0]["status"]["state"] == "unknown"
    refused = await api("POST", f"{RUNS}/{UID}/abort")
    assert refused.status == 400
    assert "elsewhere" in refused.detail or "not started by this server" in refused.detail


async def test_lines_of_a_log(api: Api) -> None:
    await api.ok("POST", f"{RUNS}/{UID}", run())
    text = "".join(f"line {n}\n" for n in range(1, 1001))
    text += "Traceback (most recent call last):\nValueError: bad\nend"
    await api.ok("POST", f"v1/projects/{PROJECT}/logs/{UID}", text.encode() + b"\xff")
    found = await api.ok("GET", f"{LOG}/lines?first=500&count=2")
    assert [(line["n"], line["text"]) for line in found["lines"]] == [
        (500, "line 500"), (501, "line 501"),
    ]  # fmt: skip
    assert (found["total"], found["state"]) == (1003, "running")
    assert found["first_error"]["line"] == 1001
    last = await api.ok("GET", f"{LOG}/lines?first=1003&count=9")
    assert last["lines"][0]["text"] == "end�"
    answer = await api("GET", f"{LOG}?offset=7&size=6")
    assert answer.body == text.encode()[7:13]
    assert int(answer.headers["X-Mlrun-Log-Size"]) == len(text) + 1


async def test_search_in_a_log(api: Api) -> None:
    await api.ok("POST", f"{RUNS}/{UID}", run())
    await api.ok("POST", f"v1/projects/{PROJECT}/logs/{UID}", b"Alpha\nbeta alpha\n" * 3)
    plain = await api.ok("GET", f"{LOG}/search?q=alpha&limit=4")
    assert plain["truncated"] is True
    assert [(m["n"], m["start"], m["end"]) for m in plain["matches"]] == [
        (1, 0, 5), (2, 5, 10), (3, 0, 5), (4, 5, 10),
    ]  # fmt: skip
    exact = await api.ok("GET", f"{LOG}/search?q=%5EA&regex=true&case=true")
    assert [m["n"] for m in exact["matches"]] == [1, 3, 5]
    assert (await api("GET", f"{LOG}/search?q=(&regex=yes")).status == 400


async def test_a_pattern_without_end_is_ended(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_search, "PATIENCE", 1)
    await api.ok("POST", f"{RUNS}/{UID}", run())
    await api.ok("POST", f"v1/projects/{PROJECT}/logs/{UID}", b"a" * 40 + b"!\n")
    waiting = asyncio.ensure_future(api("GET", f"{LOG}/search?q=(a%2B)%2B%24&regex=yes"))
    await asyncio.sleep(0.3)
    # the server answers meanwhile
    await asyncio.wait_for(api.ok("GET", "v1/healthz"), 0.5)
    answer = await waiting
    assert answer.status == 400
    assert "use a simpler one" in answer.detail


@pytest.fixture
def stored(api: Api, service: Service, jp_asyncio_loop: Any) -> dict[str, Any]:
    """An artifact whose file lies where its run put it."""
    folder = service.place.artifacts / PROJECT / UID / "0"
    folder.mkdir(parents=True)
    (folder / "page.html").write_bytes(b"<script>alert(1)</script>" * 4)
    document = artifact("page", target_path=str(folder / "page.html"))
    path = f"v2/projects/{PROJECT}/artifacts/page?tree={UID}"
    return dict(jp_asyncio_loop.run_until_complete(api.ok("PUT", path, document)))


async def test_bytes_are_caged(api: Api, stored: dict[str, Any]) -> None:
    path = f"v1/lab/artifacts/{PROJECT}/{stored['metadata']['uid']}/bytes"
    answer = await api("GET", path)
    assert (answer.status, len(answer.body)) == (200, 100)
    assert answer.headers["Content-Security-Policy"] == "sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == "text/html"
    head = await api("HEAD", path)
    assert (head.status, head.headers["Content-Length"], head.body) == (200, "100", b"")


@pytest.mark.parametrize(
    "asked, status, size, content_range",
    [("bytes=0-9", 206, 10, "bytes 0-9/100"), ("bytes=90-", 206, 10, "bytes 90-99/100"),
     ("bytes=-5", 206, 5, "bytes 95-99/100"), ("bytes=50-999", 206, 50, "bytes 50-99/100"),
     ("bytes=x", 200, 100, None), ("bytes=100-", 416, None, "bytes */100")],
)  # fmt: skip
async def test_ranges(
    api: Api, stored: dict[str, Any], asked: str, status: int, size: int, content_range: str
) -> None:
    path = f"v1/lab/artifacts/{PROJECT}/{stored['metadata']['uid']}/bytes"
    answer = await api("GET", path, headers={"Range": asked})
    assert answer.status == status
    assert answer.headers.get("Content-Range") == content_range
    assert size is None or len(answer.body) == size


async def test_a_folder_is_listed_and_its_files_are_served(api: Api, service: Service) -> None:
    folder = service.place.artifacts / PROJECT / UID / "0" / "model"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.txt").write_text("a")
    document = artifact("model", target_path=str(folder))
    saved = await api.ok("PUT", f"v2/projects/{PROJECT}/artifacts/model?tree={UID}", document)
    path = f"v1/lab/artifacts/{PROJECT}/{saved['metadata']['uid']}/bytes"
    entries = (await api.ok("GET", path))["entries"]
    assert [(e["name"], e["folder"]) for e in entries] == [("a.txt", False), ("sub", True)]
    assert (await api("GET", f"{path}/a.txt")).body == b"a"
    assert (await api("GET", f"{path}/..%2f..%2f..%2f..%2fserver.json")).status == 403


ESCAPES = [
    "/etc/passwd", "../../../etc/passwd", "~/secret", "file:///etc/passwd", "link", "linked/x",
    ".hidden", "a/../.hidden", "%2e%2e/x", "~nouser/x", "x" * 5000, "/proc/self/environ",
    "/dev/zero",
]  # fmt: skip


@pytest.mark.parametrize("path", ESCAPES)
async def test_files_serve_nothing_outside(
    api: Api, jp_root_dir: Path, tmp_path: Path, path: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x").write_text("secret")
    (jp_root_dir / "link").symlink_to(outside / "x")
    (jp_root_dir / "linked").symlink_to(outside)
    (jp_root_dir / ".hidden").write_text("secret")
    for route in ("files", "filestat"):
        answer = await api("GET", f"v1/projects/{PROJECT}/{route}?path={path}")
        assert answer.status in (403, 404), (path, answer.body)
        assert b"secret" not in answer.body.replace(path.encode(), b"")


async def test_the_services_own_files_are_not_served(api: Api, service: Service) -> None:
    for name in ("server.json", "store.sqlite", "runs"):
        path = service.place.root / name
        assert (await api("GET", f"v1/projects/{PROJECT}/files?path={path}")).status == 403


@pytest.mark.row("5.120")
async def test_files_below_the_root_are_served(api: Api, jp_root_dir: Path) -> None:
    (jp_root_dir / "data").mkdir()
    (jp_root_dir / "data" / "a b.csv").write_text("0123456789")
    base = f"v1/projects/{PROJECT}"
    assert (await api("GET", f"{base}/files?path=data/a%20b.csv")).body == b"0123456789"
    part = await api("GET", f"{base}/files?path=data/a%20b.csv&offset=2&size=3")
    assert part.body == b"234"
    stat = await api.ok("GET", f"{base}/filestat?path={jp_root_dir}/data/a%20b.csv")
    assert (stat["size"], stat["mimetype"]) == (10, "text/csv")
    assert (await api("GET", f"{base}/files?path=data")).status == 400
    assert (await api("GET", f"{base}/files?path=x.csv&schema=s3")).status == 400


async def test_functions_for_the_panels(api: Api) -> None:
    await api.ok("POST", f"v1/projects/{PROJECT}/functions/train", function("x"))
    (row,) = await api.ok("GET", f"v1/lab/functions?project={PROJECT}&q=TRA")
    assert (row["name"], row["tag"], row["handler"]) == ("train", "latest", "train")
    assert await api.ok("GET", "v1/lab/functions?q=nothing") == []


async def test_usage_of_a_functions_versions(api: Api) -> None:
    base = f"v1/projects/{PROJECT}/functions/train"
    old, new = [
        (await api.ok("POST", f"{base}?versioned=true", function(text)))["hash_key"]
        for text in ("x = 1", "x = 2")
    ]
    for uid, version in (("a1", old), ("a2", new), ("a3", new)):
        run = {
            "metadata": {"name": "train", "uid": uid, "project": PROJECT},
            "spec": {"function": f"{PROJECT}/train@{version}"},
            "status": {"state": "completed"},
        }
        await api.ok("POST", f"v1/run/{PROJECT}/{uid}", run)
    path = f"v1/lab/functions/{PROJECT}/train/usage"
    usage = (await api.ok("GET", f"{path}?hash={old}&hash={new}&hash=ab%25"))["usage"]
    assert {key: (each["runs"], each["last"]["uid"]) for key, each in usage.items()} == {
        old: (1, "a1"), new: (2, "a3"),
    }  # fmt: skip
    assert await api.ok("GET", path) == {"usage": {}}
    for version in (old, new, "ab%25"):
        rows = (await api.ok("GET", f"v1/lab/runs?function=train@{version}"))["rows"]
        assert len(rows) == usage.get(version, {"runs": 0})["runs"]
    many = "&".join(f"hash={number}" for number in range(51))
    assert (await api("GET", f"{path}?{many}")).status == 400


async def test_status(api: Api, service: Service) -> None:
    status = await api.ok("GET", "v1/lab/status")
    assert status["projects"] == [PROJECT]
    assert status["host"] == service.place.host
    assert "local" in status["kinds"] and "handler" not in status["kinds"]
    assert api.token not in json.dumps(status)
