"""Model endpoints: how they are made, found, changed and listed."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from tests.server.conftest import Api
from tests.server.documents import PROJECT

PATH = f"v1/projects/{PROJECT}/model-endpoints"
OF = "function-name=serve&function-tag=latest"


def endpoint(name: str = "iris", function: str = "serve", **metadata: Any) -> dict[str, Any]:
    """A model endpoint."""
    return {
        "kind": "model-endpoint",
        "metadata": {
            "name": name, "project": PROJECT, "labels": {"team": "sea"}, "mode": 0,
            "endpoint_type": 1, **metadata,
        },
        "spec": {"function_name": function, "function_tag": "latest", "model_name": "clf"},
        "status": {"monitoring_mode": "enabled", "last_request": "2026-01-02T00:00:00+00:00"},
    }  # fmt: skip


async def test_the_latest_of_a_name_and_function(api: Api) -> None:
    first = await api.ok("POST", PATH, endpoint())
    uid = first["metadata"]["uid"]
    assert len(uid) == 32 and first["metadata"]["tag"] == "latest"
    same = await api.ok("POST", PATH, endpoint(labels={"team": "land"}))
    assert same["metadata"]["uid"] == uid
    other = await api.ok("POST", PATH, endpoint(function="other"))
    assert other["metadata"]["uid"] != uid
    read = await api.ok("GET", f"{PATH}/iris?{OF}")
    assert read["metadata"]["labels"] == {"team": "land"} and read["metadata"]["uid"] == uid
    assert await api.ok("GET", f"{PATH}/iris?endpoint-id={uid}") == read
    assert (await api("GET", f"{PATH}/iris?function-name=none")).status == 404


async def test_strategies(api: Api) -> None:
    first = (await api.ok("POST", PATH, endpoint()))["metadata"]["uid"]
    kept = await api.ok("POST", f"{PATH}?creation-strategy=skip", endpoint(labels={}))
    assert kept["metadata"]["uid"] == first and kept["metadata"]["labels"] == {"team": "sea"}
    second = (await api.ok("POST", f"{PATH}?creation-strategy=archive", endpoint()))["metadata"]
    assert second["uid"] != first
    listed = (await api.ok("GET", PATH))["endpoints"]
    assert {each["metadata"]["uid"]: each["metadata"]["tag"] for each in listed} == {
        first: None, second["uid"]: "latest",
    }  # fmt: skip
    third = (await api.ok("POST", f"{PATH}?creation-strategy=overwrite", endpoint()))["metadata"]
    listed = (await api.ok("GET", f"{PATH}?latest-only=True"))["endpoints"]
    assert [each["metadata"]["uid"] for each in listed] == [third["uid"]]
    assert len((await api.ok("GET", PATH))["endpoints"]) == 2
    assert (await api("POST", f"{PATH}?creation-strategy=x", endpoint())).status == 422
    taken = await api("POST", f"{PATH}?creation-strategy=archive", endpoint(uid=first))
    assert taken.status == 409


async def test_patch_changes_what_is_named(api: Api) -> None:
    uid = (await api.ok("POST", PATH, endpoint()))["metadata"]["uid"]
    body = endpoint(uid=uid, labels={"new": "1"})
    body["status"]["sampling_percentage"] = 5.5
    body["spec"]["model_name"] = "not-named"
    keys = "attribute-key=labels&attribute-key=sampling_percentage"
    assert await api.ok("PATCH", f"{PATH}?{keys}", body) == uid
    read = await api.ok("GET", f"{PATH}/iris?endpoint-id={uid}")
    assert read["metadata"]["labels"] == {"new": "1"} and read["spec"]["model_name"] == "clf"
    assert read["status"]["sampling_percentage"] == 5.5
    assert (await api("PATCH", PATH, body)).status == 422
    assert (await api("PATCH", f"{PATH}?attribute-key=none", body)).status == 400
    assert (await api("PATCH", f"{PATH}?{keys}", endpoint("other"))).status == 404


async def test_lists(api: Api) -> None:
    for name, kind, day in (("a", 1, 1), ("b", 3, 2), ("c", 4, 3)):
        body = endpoint(name, endpoint_type=kind, mode=2 if kind == 4 else 0)
        body["status"]["last_request"] = f"2026-01-0{day}T00:00:00+00:00"
        body["spec"]["model_tags"] = [name]
        await api.ok("POST", PATH, body)

    async def names(query: str) -> str:
        listed = (await api.ok("GET", f"{PATH}?{query}"))["endpoints"]
        return "".join(sorted(each["metadata"]["name"] for each in listed))

    assert await names("") == "abc"
    assert await names("name=a&name=c") == "ac"
    assert await names("top-level=True") == "ac"
    assert await names("mode=2") == "c"
    assert await names("model-tag=b&model-name=clf") == "b"
    assert await names("function-name=none") == ""
    assert await names("label=team=sea&start=2026-01-02&end=2026-01-02T12:00:00") == "b"
    assert (await api("GET", f"{PATH}?mode=x")).status == 422


async def test_delete_and_metrics(api: Api) -> None:
    uid = (await api.ok("POST", PATH, endpoint()))["metadata"]["uid"]
    assert await api.ok("GET", f"{PATH}/{uid}/metrics?type=results") == []
    assert (await api("GET", f"{PATH}/{'0' * 32}/metrics")).status == 404
    assert (await api("DELETE", f"{PATH}/iris?endpoint-id={uid}")).status == 204
    assert (await api("DELETE", f"{PATH}/iris?endpoint-id={uid}")).status == 204
    assert (await api.ok("GET", PATH))["endpoints"] == []


async def test_as_clients_before_1_8_do(api: Api) -> None:
    uid = "0" * 40
    old = {"metadata": {"labels": {}}, "spec": {"model": "clf:latest", "function_uri": "lab/f"}}
    assert (await api("POST", f"{PATH}/{uid}", old)).status == 204
    read = await api.ok("GET", f"{PATH}/{uid}")
    assert read["metadata"]["uid"] == uid and read["spec"]["model"] == "clf:latest"
    attributes = quote(json.dumps({"error_count": 3}))
    await api.ok("PATCH", f"{PATH}/{uid}?attributes={attributes}")
    (listed,) = (await api.ok("GET", PATH))["endpoints"]
    assert listed["status"]["error_count"] == 3
    old_client = {"x-mlrun-client-version": "1.7.2"}
    of_metrics = await api.ok("GET", f"{PATH}?start=now-1h&end=now", headers=old_client)
    assert of_metrics["endpoints"] == [listed]
    assert (await api("GET", f"{PATH}?start=now-1h&end=now")).status == 400
    assert (await api("PATCH", f"{PATH}/{uid}?attributes=[]")).status == 400


@pytest.mark.parametrize(
    "part, value, loc",
    [
        ("metadata", {"name": "a b", "project": PROJECT}, ["body", "metadata", "name"]),
        ("metadata", {"name": "a", "project": PROJECT, "mode": 9}, ["body", "metadata", "mode"]),
        ("spec", {"feature_names": [1]}, ["body", "spec", "feature_names", 0]),
        ("status", [], ["body", "status"]),
    ],
)
async def test_bad_bodies(api: Api, part: str, value: Any, loc: list[Any]) -> None:
    answer = await api("POST", PATH, endpoint() | {part: value})
    assert answer.status == 422 and answer.detail[0]["loc"] == loc
    assert (await api.ok("GET", PATH))["endpoints"] == []


async def test_monitoring_has_found_nothing_yet(api: Api) -> None:
    base = f"v1/projects/{PROJECT}/model-monitoring"
    assert await api.ok("GET", f"{base}/metrics?endpoint-id=a&endpoint-id=b") == {"a": [], "b": []}
    assert await api.ok("GET", f"{base}/function-summaries") == []
    assert await api.ok("GET", f"{base}/drift-over-time") == {"values": []}
    assert (await api("DELETE", f"{base}/metrics?application-name=x")).status == 204
    for path in ("function-summaries/x", "stream-pod-http-url"):
        assert (await api("GET", f"{base}/{path}")).status == 404
    assert (await api("GET", "v1/projects/none/model-monitoring/metrics")).status == 404
