"""Artifacts over REST: pages, partitions, tags, parents, deletion of data, old shapes."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from jupyter_mlrun_server.services.service import Service
from tests.server.conftest import Api
from tests.server.documents import OTHER_UID, PROJECT, UID, artifact

V2 = f"v2/projects/{PROJECT}/artifacts"
TAGS = f"v1/projects/{PROJECT}/tags"


async def put(api: Api, key: str, tree: str = UID, tag: str = "", **spec: Any) -> dict[str, Any]:
    query = f"?tree={tree}" + (f"&tag={tag}" if tag else "")
    found: dict[str, Any] = await api.ok("PUT", f"{V2}/{key}{query}", artifact(key, tree, **spec))
    return found


async def entries(api: Api, query: str = "") -> list[tuple[str, str]]:
    """Key and tag of each entry of a list."""
    found = (await api.ok("GET", f"{V2}?{query}"))["artifacts"]
    return [(each["metadata"]["key"], each["metadata"].get("tag", "")) for each in found]


@pytest.mark.row("5.116")
async def test_pages_hold_each_entry_once(api: Api) -> None:
    for n in range(7):
        await put(api, f"a{n}", tag="v1")
    everything = await entries(api)
    assert len(everything) == 14 and everything[0] == ("a6", "latest")
    for size in (1, 3, 14, 20):
        seen: list[tuple[str, str]] = []
        page, query, number = {}, f"page=1&page-size={size}", 0
        while query:
            page = await api.ok("GET", f"{V2}?{query}")
            number += 1
            assert page["pagination"]["page"] == number
            seen += [(e["metadata"]["key"], e["metadata"]["tag"]) for e in page["artifacts"]]
            token = page["pagination"]["page-token"]
            query = f"page-token={token}&page-size={size}" if token else ""
        assert seen == everything, size
    second = await api.ok("GET", f"{V2}?page=2&page-size=5")
    assert [(e["metadata"]["key"], e["metadata"]["tag"]) for e in second["artifacts"]] == (
        everything[5:10]
    )
    assert (await api("GET", f"{V2}?page-size=1000001")).status == 400
    assert (await api("GET", f"{V2}?page-size=x")).status == 422


async def test_a_page_token_is_its_users_own(api: Api) -> None:
    for n in range(3):
        await put(api, f"a{n}")
    first = await api.ok("GET", f"{V2}?page=1&page-size=1")
    token = first["pagination"]["page-token"]
    following = f"{V2}?page-token={token}"
    assert (await api("GET", following)).status == 200
    for path in (f"v1/projects/{PROJECT}/runs", f"v1/projects/{PROJECT}/functions"):
        other = await api("GET", f"{path}?page-token={token}")
        assert (other.status, "another user's or list's" in other.detail) == (404, True)
    assert (await api("GET", following, token=api.jupyter_token)).status == 200
    held = json.loads(base64.urlsafe_b64decode(token + "=="))
    for change, words in (
        ({"user": "eve"}, "another user's"), ({"until": 1}, "has expired"),
        ({"project": "x"}, "another project's"), ({"filter": {"limit": "x"}}, "is not one"),
        ({"filter": 3}, "is not one"), ({"page": []}, "is not one"),
    ):  # fmt: skip
        forged = base64.urlsafe_b64encode(json.dumps(held | change).encode()).decode()
        refused = await api("GET", f"{V2}?page-token={forged.rstrip('=')}")
        assert (refused.status, words in refused.detail) == (404, True), change
    assert (await api("GET", f"{V2}?page-token=rubbish")).status == 404


async def test_partitions(api: Api) -> None:
    for number, key in enumerate(["a", "b", "a", "c", "a"]):
        await put(api, key, tree=f"{number:032x}")
    newest = (await api.ok("GET", f"{V2}?partition-by=name"))["artifacts"]
    assert [(e["metadata"]["key"], e["metadata"]["tree"][-1]) for e in newest] == [
        ("a", "4"), ("c", "3"), ("b", "1"),
    ]  # fmt: skip
    query = "partition-by=project_and_name&rows-per-partition=2&partition-order=asc"
    oldest = (await api.ok("GET", f"{V2}?{query}&partition-sort-by=created"))["artifacts"]
    assert sorted(e["metadata"]["tree"][-1] for e in oldest) == ["0", "1", "2", "3"]
    assert (await api("GET", f"{V2}?partition-by=size")).status == 422


async def test_tags_are_added_replaced_and_taken(api: Api) -> None:
    model = await put(api, "model")
    await put(api, "model", tree=OTHER_UID)
    body = {"kind": "artifact", "identifiers": [{"key": "model", "uid": model["metadata"]["uid"]}]}
    assert await api.ok("PUT", f"{TAGS}/prod", body) == {"name": "prod", "project": PROJECT}
    assert set(await entries(api)) == {("model", "latest"), ("model", "prod")}
    prod = await api.ok("GET", f"{V2}/model?tag=prod")
    assert prod["metadata"]["uid"] == model["metadata"]["uid"]
    await api.ok("POST", f"{TAGS}/best", body)
    assert set(await entries(api)) == {("model", "latest"), ("model", "best")}
    by_old_clients = {"kind": "artifact", "identifiers": [{"key": "model", "uid": OTHER_UID}]}
    await api.ok("PUT", f"{TAGS}/old", by_old_clients)
    assert (await api.ok("GET", f"{V2}/model?tag=old"))["metadata"]["tree"] == OTHER_UID
    assert (await api("DELETE", f"{TAGS}/best", body)).status == 204
    assert (await api("DELETE", f"{TAGS}/best", body)).status == 204
    assert set(await entries(api)) == {("model", "latest"), ("model", "old"), ("model", "")}
    tags = (await api.ok("GET", f"v1/projects/{PROJECT}/artifact-tags"))["tags"]
    assert tags == ["latest", "old"]
    models = await api.ok("GET", f"v1/projects/{PROJECT}/artifact-tags?category=model")
    assert models["tags"] == []


@pytest.mark.parametrize(
    "body, status, words",
    [
        ({"kind": "function", "identifiers": []}, 400, "artifacts do"),
        ({"kind": "artifact"}, 422, "not a valid list"),
        ({"kind": "artifact", "identifiers": ["x"]}, 422, "not a valid dict"),
        ({"kind": "artifact", "identifiers": [{"key": 3}]}, 422, "str type expected"),
        ({"kind": "artifact", "identifiers": [{"key": "a", "iter": "b"}]}, 422, "integer"),
        ({"kind": "artifact", "identifiers": [{}]}, 400, "names no artifact"),
        ({"kind": "artifact", "identifiers": [{"key": "gone"}]}, 404, "no artifact of key=gone"),
    ],
)
async def test_what_cannot_be_tagged(api: Api, body: Any, status: int, words: str) -> None:
    answer = await api("PUT", f"{TAGS}/prod", body)
    assert (answer.status, words in str(answer.detail)) == (status, True), answer.detail
    assert (await api("PUT", f"{TAGS}/not%20a%20tag", {})).status == 400


async def test_children_of_a_parent(api: Api) -> None:
    parent = f"store://models/{PROJECT}/llm#0@{UID}"
    await put(api, "llm", tag="v2")
    await put(api, "prompt", parent_uri=parent)
    await put(api, "other", parent_uri=f"store://models/{PROJECT}/llm#0@{OTHER_UID}")
    for asked in (parent.replace("#", "%23"), "llm:v2", "llm"):
        assert await entries(api, f"parent={asked}") == [("prompt", "latest")], asked
    assert await entries(api, "parent=llm:v3") == []
    assert (await api("GET", f"{V2}?parent=:x")).status == 400


@pytest.mark.row("5.116")
async def test_children_name_their_parent_by_whatever_tag_it_had(api: Api) -> None:
    uid, head = "a" * 40, f"store://models/{PROJECT}/llm"
    same = {
        "untagged": f"{head}#0@{UID}^{uid}", "latest": f"{head}#0:latest@{UID}^{uid}",
        "older": f"{head}#0@{UID}", "oldest": f"{head}:v1@{UID}", "without": f"{head}@{UID}",
        "other_noun": f"store://artifacts/{PROJECT}/llm#0@{UID}^{uid}",
    }  # fmt: skip
    others = {
        "content": f"{head}#0@{UID}^{'b' * 40}", "iteration": f"{head}#1:latest@{UID}",
        "run": f"{head}#0:latest@{OTHER_UID}", "key": f"store://models/{PROJECT}/llm2#0@{UID}",
        "tag": f"{head}:latest", "project": f"store://models/mine/llm#0@{UID}^{uid}",
    }  # fmt: skip
    for name, parent in {**same, **others}.items():
        await put(api, f"of_{name}", parent_uri=parent)
    expected = {f"of_{name}" for name in same}

    async def children(parent: str) -> set[str]:
        return {key for key, _ in await entries(api, f"parent={quote(parent)}")}

    for asked in (same["untagged"], same["latest"], f"{head}#0:v9@{UID}^{uid}"):
        assert await children(asked) == expected, asked
    # without a uid the run tells them, whatever they hold
    for asked in (same["older"], same["oldest"], same["without"]):
        assert await children(asked) == {*expected, "of_content"}, asked
    assert await children(others["run"]) == {"of_run"}
    assert await children(others["tag"]) == {"of_tag"}


@pytest.mark.row("5.116")
async def test_an_address_of_a_tag_means_who_has_it_now(api: Api) -> None:
    first = await put(api, "llm", tag="v1")
    await put(api, "of_first", parent_uri=f"store://models/{PROJECT}/llm#0:v1@{UID}")
    second = await put(api, "llm", tree=OTHER_UID, tag="v1", size=9)
    uid = second["metadata"]["uid"]
    assert first["metadata"]["uid"] != uid
    await put(api, "of_second", parent_uri=f"store://models/{PROJECT}/llm#0@{OTHER_UID}^{uid}")
    for asked in ("llm:v1", "llm", f"store://models/{PROJECT}/llm:v1"):
        assert await entries(api, f"parent={asked}") == [("of_second", "latest")], asked


@pytest.mark.row("5.116")
async def test_an_address_of_a_parent_may_be_long(api: Api) -> None:
    key = "llm_" + "x" * 230
    parent = f"store://models/{PROJECT}/{key}#0@{UID}"
    await put(api, "short", parent_uri=f"{parent}^{'a' * 40}")
    await put(api, "other", parent_uri=f"{parent}^{'b' * 40}")
    asked = quote(f"store://models/{PROJECT}/{key}#0:latest@{UID}^{'a' * 40}")
    assert await entries(api, f"parent={asked}") == [("short", "latest")]


@pytest.mark.row("5.115", "5.116")
async def test_iterations_and_the_best_of_them(api: Api) -> None:
    for iteration in (1, 2, 3):
        body = artifact("model", size=iteration)
        body["metadata"]["iter"] = iteration
        await api.ok("PUT", f"{V2}/model?tree={UID}&iter={iteration}&tag=v1", body)
    assert len(await entries(api, "tag=v1")) == 3, "a tag names every iteration of its run"
    assert await entries(api, "best-iteration=True") == []
    link = {"kind": "link", "metadata": {"key": "model"}, "spec": {"link_iteration": 2}}
    await api.ok("PUT", f"{V2}/model?tree={UID}&iter=0", link)
    best = (await api.ok("GET", f"{V2}?best-iteration=True&tag=v1"))["artifacts"]
    assert [each["metadata"]["iter"] for each in best] == [2]
    assert (await api.ok("GET", f"{V2}/model?tag=v1"))["metadata"]["iter"] == 2
    assert (await api.ok("GET", f"{V2}/model?tag=v1&iter=0"))["metadata"]["iter"] == 2
    assert (await api.ok("GET", f"{V2}/model?tag=v1&iter=3"))["metadata"]["iter"] == 3
    assert (await api("GET", f"{V2}?best-iteration=True&iter=1")).status == 400
    assert (await api("DELETE", f"{V2}/model?iter=3")).status == 204
    assert len(await entries(api, "tag=v1")) == 2


async def test_short_format(api: Api) -> None:
    await put(api, "model", tag="v1", framework="sklearn", preview=[1, 2])
    (found,) = (await api.ok("GET", f"{V2}?format=minimal&tag=v1"))["artifacts"]
    assert found["metadata"]["tag"] == "v1"
    assert found["spec"]["framework"] == "sklearn" and "preview" not in found["spec"]
    assert "preview" not in (await api.ok("GET", f"{V2}/model?format=minimal"))["spec"]
    assert (await api("GET", f"{V2}?format=tiny")).status == 422


@pytest.mark.row("5.106")
async def test_a_tag_that_is_not_there_tells_those_that_are(api: Api) -> None:
    await put(api, "model", tag="v1")
    await put(api, "modal")
    assert (await api("GET", f"{V2}/model?tag=v2")).detail.endswith("It has the tags latest, v1.")
    assert (await api("GET", f"{V2}/model?tag=v1&iter=7")).detail.endswith("not found.")
    assert (await api("GET", f"{V2}/modell?tag=v1")).detail.endswith("Did you mean 'model'?")


@pytest.mark.row("5.117")
async def test_data_goes_with_its_artifact_where_asked(api: Api, service: Service) -> None:
    folder = service.place.artifacts / PROJECT
    folder.mkdir(parents=True)
    for name in ("kept", "gone"):
        (folder / name).write_text("data")
        await put(api, name, target_path=str(folder / name))
    (folder / "tree").mkdir()
    (folder / "tree" / "leaf").write_text("leaf")
    await put(api, "tree", target_path=f"{folder / 'tree'}/")
    assert (await api("DELETE", f"{V2}/kept")).status == 204
    assert (await api("DELETE", f"{V2}/gone?deletion_strategy=data-force")).status == 204
    assert (await api("DELETE", f"{V2}/tree?deletion_strategy=data-optional")).status == 204
    assert sorted(path.name for path in folder.iterdir()) == ["kept"]
    assert await entries(api) == []
    assert (await api("DELETE", f"{V2}/a?deletion_strategy=all")).status == 422


@pytest.mark.row("5.117")
@pytest.mark.parametrize("target", ["/etc/hostname", "s3://bucket/model.pkl", "{root}"])
async def test_data_that_is_not_the_projects_stays(
    api: Api, service: Service, target: str, tmp_path: Path
) -> None:
    target = target.format(root=service.place.files_root)
    await put(api, "model", target_path=target)
    refused = await api("DELETE", f"{V2}/model?deletion_strategy=data-force")
    assert (refused.status, "its artifact stays" in refused.detail) == (400, True)
    assert await entries(api) == [("model", "latest")]
    assert (await api("DELETE", f"{V2}/model?deletion_strategy=data-optional")).status == 204
    assert await entries(api) == []
    assert service.place.files_root.exists() and Path("/etc/hostname").exists()


async def test_created_by_post(api: Api) -> None:
    answer = await api("POST", V2, artifact("model"))
    assert (answer.status, answer.json["metadata"]["tag"]) == (201, "latest")
    assert len(answer.json["metadata"]["uid"]) == 40
    assert (await api("POST", V2, {"metadata": {}})).status == 400


async def test_old_clients(api: Api) -> None:
    v1 = f"v1/projects/{PROJECT}/artifacts"
    flat = {"kind": "dataset", "key": "data", "target_path": "/tmp/data.csv", "labels": {"a": "b"}}
    await api.ok("POST", f"{v1}/{UID}/data?tag=v1", flat)
    stored = await api.ok("GET", f"{v1}/data?tag=v1")
    assert stored["spec"]["target_path"] == "/tmp/data.csv" and stored["kind"] == "dataset"
    assert stored["metadata"]["labels"] == {"a": "b"} and stored["metadata"]["tree"] == UID
    assert len((await api.ok("GET", f"{v1}?label=a=b"))["artifacts"]) == 2
    by_old_uri = await api.ok("GET", f"{V2}/data?tree={UID}^{stored['metadata']['uid']}")
    assert by_old_uri["metadata"]["uid"] == stored["metadata"]["uid"]
    bad = await api("POST", f"{v1}/{UID}/data", b"{no json")
    assert (bad.status, bad.detail) == (400, {"reason": "bad JSON body"})
    await api.ok("DELETE", f"{v1}/{UID}?key=data")
    assert (await api.ok("GET", v1))["artifacts"] == []


async def test_projects_together(api: Api) -> None:
    await api.ok("POST", "v1/projects", {"metadata": {"name": "other"}})
    await put(api, "model")
    await api.ok("PUT", "v2/projects/other/artifacts/model", artifact("model"))
    found = await api.ok("GET", "v2/projects/*/artifacts?partition-by=project_and_name")
    assert {e["metadata"]["project"] for e in found["artifacts"]} == {PROJECT, "other"}
    found = await api.ok("GET", "v2/projects/*/artifacts?partition-by=name")
    assert {e["metadata"]["project"] for e in found["artifacts"]} == {"other"}
