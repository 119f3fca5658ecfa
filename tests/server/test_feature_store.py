"""Feature sets and vectors: versions, tags, lists, features and entities."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.server.conftest import Api
from tests.server.documents import PROJECT

SETS = f"v1/projects/{PROJECT}/feature-sets"
VECTORS = f"v1/projects/{PROJECT}/feature-vectors"


def feature_set(name: str = "stocks", features: tuple[str, ...] = ("bid",), **metadata: Any) -> Any:
    """A feature set."""
    return {
        "kind": "FeatureSet",
        "metadata": {"name": name, **metadata},
        "spec": {
            "entities": [{"name": "ticker", "value_type": "str", "labels": {"role": "key"}}],
            "features": [{"name": each, "value_type": "float"} for each in features],
            "own": [1, None],
        },
        "status": {"state": "created"},
    }


def vector(name: str = "view") -> Any:
    """A feature vector."""
    return {
        "kind": "FeatureVector",
        "metadata": {"name": name, "labels": {"team": "Sea"}},
        "spec": {"features": ["stocks.bid"]},
        "status": {"state": "created"},
    }


async def test_content_is_a_version_and_tags_name_one(api: Api) -> None:
    first = await api.ok("PUT", f"{SETS}/stocks/references/latest", feature_set())
    assert first["metadata"]["tag"] == "latest" and len(first["metadata"]["uid"]) == 40
    assert first["metadata"]["project"] == PROJECT and first["spec"]["own"] == [1, None]
    same = await api.ok("PUT", f"{SETS}/stocks/references/v1", feature_set())
    assert same["metadata"]["uid"] == first["metadata"]["uid"]
    assert same["metadata"]["created"] == first["metadata"]["created"]
    second = await api.ok(
        "PUT", f"{SETS}/stocks/references/latest", feature_set(features=("bid", "ask"))
    )
    uid = second["metadata"]["uid"]
    assert uid != first["metadata"]["uid"]
    by_uid = await api.ok("GET", f"{SETS}/stocks/references/{uid}")
    assert by_uid["metadata"]["tag"] is None and len(by_uid["spec"]["features"]) == 2
    listed = (await api.ok("GET", SETS))["feature_sets"]
    found = {(each["metadata"]["tag"], each["metadata"]["uid"]) for each in listed}
    assert found == {("latest", uid), ("v1", first["metadata"]["uid"])}
    assert (await api.ok("GET", f"{SETS}/stocks/tags"))["tags"] == ["latest", "v1"]
    assert (await api.ok("GET", f"{SETS}/*/tags"))["tags"] == ["latest", "v1"]
    changed = await api("PUT", f"{SETS}/stocks/references/{uid}", feature_set())
    assert changed.status == 400 and "store changed content under a tag" in changed.detail


async def test_state_is_no_part_of_the_content(api: Api) -> None:
    first = await api.ok("PUT", f"{SETS}/stocks/references/latest", feature_set())
    body = feature_set() | {"status": {"state": "ready"}}
    again = await api.ok("PUT", f"{SETS}/stocks/references/latest", body)
    assert again["metadata"]["uid"] == first["metadata"]["uid"]
    assert again["status"] == {"state": "ready"}
    assert len((await api.ok("GET", f"{SETS}?state=ready"))["feature_sets"]) == 1
    assert (await api.ok("GET", f"{SETS}?state=created"))["feature_sets"] == []


async def test_an_unversioned_one_is_replaced(api: Api) -> None:
    for features in (("bid",), ("ask",)):
        stored = await api.ok(
            "PUT",
            f"{SETS}/stocks/references/latest?versioned=false",
            feature_set(features=features),
        )
        assert stored["metadata"]["uid"] == "unversioned-latest"
    (only,) = (await api.ok("GET", SETS))["feature_sets"]
    assert only["spec"]["features"][0]["name"] == "ask"


async def test_create_is_a_conflict_where_it_is_there(api: Api) -> None:
    created = await api("POST", SETS, feature_set())
    assert created.status == 200 and created.json["metadata"]["tag"] == "latest"
    assert (await api("POST", SETS, feature_set())).status == 409
    assert (await api("POST", "v1/projects/none/feature-sets", feature_set())).status == 404


@pytest.mark.parametrize("mode, names", [("replace", ["ask"]), ("additive", ["bid", "ask"])])
async def test_patch_keeps_the_tags(api: Api, mode: str, names: list[str]) -> None:
    await api.ok("PUT", f"{SETS}/stocks/references/v1", feature_set())
    changes = {"spec": {"features": [{"name": "ask", "value_type": "int"}]}}
    patched = await api.ok(
        "PATCH", f"{SETS}/stocks/references/v1", changes, headers={"x-mlrun-patch-mode": mode}
    )
    assert [each["name"] for each in patched["spec"]["features"]] == names
    (only,) = (await api.ok("GET", SETS))["feature_sets"]
    assert only["metadata"]["tag"] == "v1" and only["metadata"]["uid"] == patched["metadata"]["uid"]
    answer = await api("PATCH", f"{SETS}/stocks/references/v1", {"spec": {"features": [1]}})
    assert answer.status == 422
    assert answer.detail[0]["loc"] == ["body", "spec", "features", 0]
    assert (await api("PATCH", f"{SETS}/stocks/references/none", {})).status == 404
    odd = {"x-mlrun-patch-mode": "append"}
    refused = await api("PATCH", f"{SETS}/stocks/references/v1", {}, headers=odd)
    assert (refused.status, refused.detail[0]["loc"]) == (422, ["header", "x-mlrun-patch-mode"])


async def test_delete_one_version_or_all(api: Api) -> None:
    for tag, features in (("a", ("x",)), ("b", ("y",)), ("c", ("z",))):
        await api.ok("PUT", f"{SETS}/stocks/references/{tag}", feature_set(features=features))
    assert (await api("DELETE", f"{SETS}/stocks/references/a")).status == 204
    assert (await api("DELETE", f"{SETS}/stocks/references/a")).status == 204
    assert (await api.ok("GET", f"{SETS}/*/tags"))["tags"] == ["b", "c"]
    assert (await api("DELETE", f"{SETS}/stocks")).status == 204
    assert (await api.ok("GET", SETS))["feature_sets"] == []
    assert (await api("GET", f"{SETS}/stocks/references/b")).status == 404


async def test_lists(api: Api) -> None:
    for name, labels in (("stocks", {"team": "Sea"}), ("stock-news", None), ("tides", {"x": "1"})):
        body = feature_set(name, features=(f"{name}-f",), labels=labels)
        await api.ok("PUT", f"{SETS}/{name}/references/latest", body)
        await api.ok("PUT", f"{SETS}/{name}/references/v1", body | {"spec": {}})

    async def names(query: str) -> list[str]:
        listed = (await api.ok("GET", f"{SETS}?{query}"))["feature_sets"]
        return sorted(each["metadata"]["name"] for each in listed)

    assert await names("name=~STOCK&tag=latest") == ["stock-news", "stocks"]
    assert await names("name=stocks&tag=*") == ["stocks", "stocks"]
    assert await names("label=team&label=x") == []
    assert await names("label=team=~sea&tag=v1") == ["stocks"]
    assert await names("feature=tides-f&feature=stocks-f") == ["stocks", "tides"]
    assert await names("entity=ticker&tag=latest") == ["stock-news", "stocks", "tides"]
    by = "partition-by=name&rows-per-partition=1&partition-sort-by=updated"
    assert await names(by) == ["stock-news", "stocks", "tides"]
    assert (await api("GET", f"{SETS}?partition-by=name")).status == 400
    assert (await api("GET", f"{SETS}?partition-by=state")).status == 422
    (brief,) = (await api.ok("GET", f"{SETS}?format=minimal&name=tides&tag=latest"))["feature_sets"]
    assert set(brief["spec"]) == {"entities"} and brief["status"] == {"state": "created"}


async def test_features_and_entities_with_their_sets(api: Api) -> None:
    await api.ok("PUT", f"{SETS}/stocks/references/latest", feature_set(features=("bid", "ask")))
    await api.ok("PUT", f"{SETS}/news/references/latest", feature_set("news", features=("bid",)))
    second = f"v2/projects/{PROJECT}"
    found = await api.ok("GET", f"{second}/features?name=bid")
    assert len(found["features"]) == len(found["feature_set_digests"]) == 2
    owners = {each["feature_set_index"]: each for each in found["feature_set_digests"]}
    for feature in found["features"]:
        owner = owners[feature["feature_set_index"]]
        assert feature["name"] == "bid" and feature["value_type"] == "float"
        assert owner["metadata"]["tag"] == "latest"
        assert owner["spec"]["entities"][0]["name"] == "ticker"
    first = await api.ok("GET", f"v1/projects/{PROJECT}/features?name=~A&entity=ticker")
    assert [each["feature"]["name"] for each in first["features"]] == ["ask"]
    spec = first["features"][0]["feature_set_digest"]["spec"]
    assert [each["name"] for each in spec["features"]] == ["bid", "ask"]
    entities = await api.ok("GET", f"{second}/entities?label=role=key&tag=latest")
    assert len(entities["entities"]) == 2
    assert (await api.ok("GET", f"{second}/entities?label=role=x"))["entities"] == []
    old = await api.ok("GET", f"v1/projects/{PROJECT}/entities")
    assert {each["entity"]["name"] for each in old["entities"]} == {"ticker"}


async def test_two_at_once_store_each_feature_once(api: Api) -> None:
    sent = [api("PUT", f"{SETS}/stocks/references/latest", feature_set()) for _ in range(8)]
    assert {answer.status for answer in await asyncio.gather(*sent)} == {200}
    assert len((await api.ok("GET", f"v2/projects/{PROJECT}/features"))["features"]) == 1
    assert len((await api.ok("GET", SETS))["feature_sets"]) == 1


async def test_vectors(api: Api) -> None:
    stored = await api.ok("PUT", f"{VECTORS}/view/references/latest", vector())
    assert stored["metadata"]["uid"] and stored["kind"] == "FeatureVector"
    assert len((await api.ok("GET", f"{VECTORS}?label=team"))["feature_vectors"]) == 1
    patched = await api.ok(
        "PATCH", f"{VECTORS}/view/references/latest", {"metadata": {"labels": {"team": "Land"}}}
    )
    assert patched["metadata"]["labels"] == {"team": "Land"}
    assert (await api.ok("GET", f"{VECTORS}?label=team=Sea"))["feature_vectors"] == []
    assert (await api("DELETE", f"{VECTORS}/view")).status == 204
    assert (await api.ok("GET", VECTORS))["feature_vectors"] == []


@pytest.mark.parametrize(
    "change, status, loc",
    [
        ({"kind": "FeatureVector"}, 422, ["body", "kind"]),
        ({"metadata": None}, 422, ["body", "metadata"]),
        ({"metadata": {}}, 422, ["body", "metadata", "name"]),
        ({"spec": {"entities": {}}}, 422, ["body", "spec", "entities"]),
        (
            {"spec": {"features": [{"name": "a"}]}},
            422,
            ["body", "spec", "features", 0, "value_type"],
        ),
        ({"status": {"state": 3}}, 422, ["body", "status", "state"]),
        ({"metadata": {"name": "other"}}, 400, None),
        ({"metadata": {"name": "stocks", "labels": [1]}}, 422, ["body", "metadata", "labels"]),
    ],
)
async def test_bad_bodies(api: Api, change: Any, status: int, loc: Any) -> None:
    answer = await api("PUT", f"{SETS}/stocks/references/latest", feature_set() | change)
    assert answer.status == status, answer.body
    if loc:
        assert answer.detail[0]["loc"] == loc
    assert (await api.ok("GET", SETS))["feature_sets"] == []


@pytest.mark.parametrize("name", ["..", "a b", "a%2Fb", "x" * 256, "%00", "-a"])
async def test_bad_names(api: Api, name: str) -> None:
    name = name.replace(" ", "%20")
    body = feature_set() | {"metadata": {"name": ""}}
    answer = await api("PUT", f"{SETS}/{name}/references/latest", body)
    assert answer.status in (400, 404, 422), answer.body
    bad_tag = await api("PUT", f"{SETS}/stocks/references/{name}", feature_set())
    assert bad_tag.status in (400, 404)
