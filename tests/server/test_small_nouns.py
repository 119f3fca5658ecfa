"""API gateways, datastore profiles, runtime resources, pipelines, summaries and specs."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from typing import Any

import pytest

from jupyter_mlrun_server.services import summaries
from jupyter_mlrun_server.services.service import Service
from jupyter_mlrun_server.store import launches, project_summaries
from jupyter_mlrun_server.store.launches import Launch
from tests.server.conftest import Api
from tests.server.documents import OTHER_UID, PROJECT, UID, artifact, function, run

BASE = f"v1/projects/{PROJECT}"


def gateway(name: str = "front") -> dict[str, Any]:
    """An API gateway."""
    upstream = {"kind": "nucliofunction", "nucliofunction": {"name": "lab/serve"}, "percentage": 0}
    return {
        "metadata": {"name": name, "labels": {}, "annotations": {}},
        "spec": {
            "name": name, "path": "/", "upstreams": [upstream], "authenticationMode": "basicAuth",
            "authentication": {"basicAuth": {"username": "ann", "password": "hidden-word"}},
        },
    }  # fmt: skip


async def test_api_gateways(api: Api, service: Service) -> None:
    stored = await api.ok("PUT", f"{BASE}/api-gateways/front", gateway())
    assert stored["status"]["state"] == "" and stored["spec"]["name"] == "front"
    read = await api.ok("GET", f"{BASE}/api-gateways/front")
    assert read["spec"]["authentication"]["basicAuth"] == {"username": "ann", "password": ""}
    listed = await api.ok("GET", f"{BASE}/api-gateways")
    assert list(listed["api_gateways"]) == ["front"]
    with service.database.read() as connection:
        text = connection.exec_driver_sql("SELECT document FROM documents").scalar_one()
    assert "hidden-word" not in text
    assert (await api("PUT", f"{BASE}/api-gateways/other", gateway())).status == 400
    bad = await api("PUT", f"{BASE}/api-gateways/front", {"metadata": {"name": "front"}})
    assert bad.status == 422 and bad.detail[0]["loc"] == ["body", "spec"]
    assert (await api("DELETE", f"{BASE}/api-gateways/front")).status == 204
    assert (await api("GET", f"{BASE}/api-gateways/front")).status == 404


async def test_datastore_profiles(api: Api, service: Service) -> None:
    public = json.dumps({"type": "redis", "name": base64.b64encode(b"cache").decode()})
    body = {"name": "cache", "type": "redis", "object": public, "private": None, "project": PROJECT}
    stored = await api.ok("PUT", f"{BASE}/datastore-profiles", body)
    assert stored == body
    assert await api.ok("GET", f"{BASE}/datastore-profiles/cache") == body
    assert await api.ok("GET", f"{BASE}/datastore-profiles") == [body]
    hidden = body | {"private": "the-private-part"}
    assert (await api.ok("PUT", f"{BASE}/datastore-profiles", hidden))["private"] is None
    name = f"datastore-profiles.{PROJECT}.cache"
    assert service.secrets.read(PROJECT, [name]) == {name: "the-private-part"}
    assert (await api("PUT", f"{BASE}/datastore-profiles", {"name": "x"})).status == 422
    other = body | {"project": "other"}
    assert (await api("PUT", f"{BASE}/datastore-profiles", other)).status == 400
    assert (await api("DELETE", f"{BASE}/datastore-profiles/cache")).status == 204
    assert (await api("GET", f"{BASE}/datastore-profiles/cache")).status == 404
    assert service.secrets.read(PROJECT, [name]) == {}


async def test_a_profile_is_there_whole_or_not_at_all(api: Api, service: Service) -> None:
    body = {"name": "cache", "type": "redis", "object": "{}", "private": "hidden\0part",
            "project": PROJECT}  # fmt: skip
    refused = await api("PUT", f"{BASE}/datastore-profiles", body)
    assert refused.status == 400 and "none of them zero" in refused.detail
    assert await api.ok("GET", f"{BASE}/datastore-profiles") == []


async def test_runtime_resources(api: Api, service: Service) -> None:
    for uid, team in ((UID, "sea"), (OTHER_UID, "land")):
        body = run()
        body["metadata"]["labels"] = {"team": team, "kind": "local"}
        await api.ok("POST", f"{BASE}/runs/{uid}", body)
        handle = {"pid": 4242} if uid == UID else None
        held = Launch(PROJECT, uid, "local", "another-host", "boot", "started", handle=handle)
        with service.database.write() as connection:
            launches.add(connection, held)
    (local,) = await api.ok("GET", f"{BASE}/runtime-resources")
    assert local["kind"] == "local"
    names = [each["name"] for each in local["resources"]["pod_resources"]]
    assert names == ["another-host-4242", OTHER_UID]
    by_job = await api.ok("GET", "v1/projects/*/runtime-resources?group-by=job")
    assert set(by_job[PROJECT]) == {UID, OTHER_UID}
    by_project = await api.ok("GET", f"{BASE}/runtime-resources?group-by=project&object-id={UID}")
    assert len(by_project[PROJECT]["local"]["pod_resources"]) == 1
    labelled = await api.ok(
        "GET", f"{BASE}/runtime-resources?label-selector=team=land&group-by=job"
    )
    assert set(labelled[PROJECT]) == {OTHER_UID}
    assert await api.ok("GET", f"{BASE}/runtime-resources?kind=dask") == []
    assert (await api("GET", f"{BASE}/runtime-resources?group-by=x")).status == 422
    assert await api.ok("DELETE", f"{BASE}/runtime-resources") == {}
    with service.database.read() as connection:
        assert {each.target for each in launches.select(connection, "another-host")} == {"run"}


async def test_pipelines_are_what_workflows_left_behind(api: Api) -> None:
    for number, (workflow, state) in enumerate(
        (("one", "completed"), ("one", "error"), ("two", "completed"), ("three", "running"))
    ):
        body = run(f"step-{number}", state=state, start_time=f"2026-01-01T00:00:0{number}+00:00")
        body["metadata"]["labels"] = {"workflow": workflow}
        await api.ok("POST", f"{BASE}/runs/{number:032x}", body)
    listed = await api.ok("GET", f"{BASE}/pipelines")
    assert {each["id"]: each["status"] for each in listed["runs"]} == {
        "three": "Running", "two": "Succeeded", "one": "Failed",
    }  # fmt: skip
    assert listed["total_size"] == 3 and listed["next_page_token"] is None
    assert [each["id"] for each in listed["runs"]] == ["three", "two", "one"]
    page = await api.ok("GET", "v1/projects/*/pipelines?page_size=2&format=name_only")
    assert page["runs"] == ["three", "two"] and page["next_page_token"] == "2"
    rest = await api.ok("GET", "v1/projects/*/pipelines?page_size=2&page_token=2&format=name_only")
    assert rest["runs"] == ["one"] and rest["next_page_token"] is None
    one = await api.ok("GET", f"{BASE}/pipelines/one")
    assert one["run"]["status"] == "Failed"
    assert [node["name"] for node in one["graph"].values()] == ["step-0", "step-1"]
    assert (await api("GET", f"{BASE}/pipelines/none")).status == 404
    assert (await api("GET", f"{BASE}/pipelines?page_token=x")).status == 400
    begun = await api.ok("GET", f"{BASE}/workflows/main/runs/{0:032x}?engine=local")
    assert begun == {"workflow_id": "one"}
    await api.ok("POST", f"{BASE}/workflows/main/runs/{0:032x}/set-retry-status?retrying=True")
    read = (await api.ok("GET", f"{BASE}/runs/{0:032x}"))["data"]
    assert read["status"]["retrying"] is True and read["status"]["state"] == "completed"
    await api.ok("POST", f"{BASE}/runs/{UID}", run())
    assert (await api("GET", f"{BASE}/workflows/main/runs/{UID}")).status == 404


async def test_summaries_count_everything(api: Api) -> None:
    await api.ok("POST", f"{BASE}/runs/{UID}", run(state="running"))
    await api.ok("POST", f"{BASE}/runs/{OTHER_UID}", run(state="error"))
    for key, kind in (("m", "model"), ("d", "dataset"), ("f", "")):
        body = artifact(key) | {"kind": kind}
        await api.ok("PUT", f"v2/projects/{PROJECT}/artifacts/{key}?tree={UID}", body)
    vector = {"metadata": {"name": "s"}, "spec": {}, "status": {}}
    await api.ok("PUT", f"{BASE}/feature-sets/s/references/latest", vector)
    found = await api.ok("GET", f"v1/project-summaries/{PROJECT}")
    assert found["name"] == PROJECT
    assert {key: value for key, value in found.items() if value == 1} == dict.fromkeys(
        ("runs_running_count", "runs_failed_recent_count", "models_count", "datasets_count",
         "files_count", "feature_sets_count"), 1,
    )  # fmt: skip
    assert all(isinstance(v, int) for k, v in found.items() if k not in ("name", "updated"))
    every = await api.ok("GET", "v1/project-summaries")
    assert [each["name"] for each in every["project_summaries"]] == [PROJECT]
    assert (await api("GET", "v1/project-summaries/none")).status == 404
    assert (await api.ok("GET", f"{BASE}/owner"))["username"]


async def test_a_count_that_takes_long_is_kept_for_a_while(
    api: Api, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(summaries, "PATIENCE", 1e6)
    assert (await api.ok("GET", f"v1/project-summaries/{PROJECT}"))["runs_running_count"] == 0
    await api.ok("POST", f"{BASE}/runs/{UID}", run(state="running"))
    assert (await api.ok("GET", f"v1/project-summaries/{PROJECT}"))["runs_running_count"] == 0
    service.summaries._known.clear()
    assert (await api.ok("GET", f"v1/project-summaries/{PROJECT}"))["runs_running_count"] == 1


async def test_whoever_asks_while_it_is_counted_gets_the_old_count(
    api: Api, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    await api.ok("GET", f"v1/project-summaries/{PROJECT}")
    begun, go, counted = threading.Event(), threading.Event(), []
    select = project_summaries.select

    def slow(connection: Any, project: str) -> Any:
        counted.append(project)
        begun.set()
        assert go.wait(20)
        return select(connection, project)

    monkeypatch.setattr(project_summaries, "select", slow)
    await api.ok("POST", f"{BASE}/runs/{UID}", run(state="running"))
    _, old = service.summaries._known[PROJECT]
    service.summaries._known[PROJECT] = (0.0, old)
    renewing = asyncio.ensure_future(asyncio.to_thread(service.summaries.of, PROJECT))
    assert await asyncio.to_thread(begun.wait, 20)
    (found,) = await asyncio.wait_for(asyncio.to_thread(service.summaries.of, PROJECT), 10)
    assert found["runs_running_count"] == 0 and counted == [PROJECT]
    go.set()
    assert (await renewing)[0]["runs_running_count"] == 1
    assert service.summaries._counting == {}


async def test_states_of_functions(api: Api) -> None:
    await api.ok("POST", f"{BASE}/functions/train?tag=latest", function("def train(): pass"))
    answer = await api("GET", f"v1/build/status?name=train&project={PROJECT}&logs=yes&offset=0")
    assert answer.status == 200 and answer.body == b""
    assert answer.headers["x-mlrun-function-status"] == ""
    missing = await api("GET", f"v1/build/status?name=none&project={PROJECT}")
    assert missing.status == 404
    asked = {"kind": "dask", "selector": "", "project": PROJECT, "name": "train"}
    assert (await api("POST", "v1/status/function", asked)).status == 404
    assert (await api("POST", "v1/status/function", asked | {"kind": "job"})).status == 400
    assert (await api("POST", "v1/status/function", {})).status == 422


async def test_operations_have_nothing_to_do(api: Api) -> None:
    for name in ("migrations", "refresh-smtp-configuration"):
        assert (await api("POST", f"v1/operations/{name}")).status == 200


async def test_specs(bare_api: Api) -> None:
    spec = await bare_api.ok("GET", "v1/frontend-spec")
    assert spec["artifact_limits"]["max_preview_size"] == 10 * 1024 * 1024
    cluster = await bare_api.ok("GET", "v1/clusterization-spec")
    assert cluster["chief_version"]


async def test_a_restricted_project_with_feature_sets_stays(api: Api) -> None:
    body = {"metadata": {"name": "s"}, "spec": {}, "status": {}}
    await api.ok("PUT", f"{BASE}/feature-sets/s/references/latest", body)
    refused = await api("DELETE", f"v2/projects/{PROJECT}")
    assert refused.status == 412 and "related resources found: feature_sets" in refused.detail
