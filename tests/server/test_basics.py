"""What every client asks first, projects, and the shape of refusals."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_mlrun_server.services.service import Service
from tests.server.conftest import Api
from tests.server.documents import PROJECT, UID, run


async def test_client_spec_tells_an_absolute_artifact_path(bare_api: Api, service: Service) -> None:
    spec = await bare_api.ok("GET", "v1/client-spec")
    assert os.path.isabs(spec["artifact_path"])
    assert spec["artifact_path"].startswith(str(service.place.root))


@pytest.mark.parametrize(
    "client, answer",
    [("1.12.1", "1.12.1"), ("1.8.0", "1.8.0"), ("", "1.12.1"), ("unstable", "1.12.1")],
)
async def test_version_is_one_that_the_client_takes_as_its_equal(
    bare_api: Api, client: str, answer: str
) -> None:
    headers = {"x-mlrun-client-version": client}
    assert (await bare_api.ok("GET", "v1/client-spec", headers=headers))["version"] == answer


@pytest.mark.parametrize("prefix", ["v1/", "v2/", ""])
async def test_every_alias_answers(bare_api: Api, prefix: str) -> None:
    assert (await bare_api.ok("GET", f"{prefix}healthz"))["status"] == "ok"


async def test_a_doubled_slash_before_api_answers(bare_api: Api) -> None:
    bare_api.base = bare_api.base.replace("mlrun/api/", "mlrun//api/")
    assert (await bare_api.ok("GET", "v1/healthz"))["status"] == "ok"


async def test_unknown_route_is_a_sentence(bare_api: Api) -> None:
    answer = await bare_api("GET", "v1/feature-sets")
    assert answer.status == 404
    assert "is not in this release" in answer.detail


async def test_the_service_creates_no_project_by_itself(bare_api: Api) -> None:
    assert await bare_api.ok("GET", "v1/projects") == {"projects": []}
    for method, path, body in (
        ("POST", f"v1/projects/none/runs/{UID}", run()),
        ("POST", "v1/projects/none/functions/f", {"kind": "local"}),
        ("PUT", "v2/projects/none/artifacts/a", {"kind": "artifact"}),
    ):
        answer = await bare_api(method, path, body)
        assert (answer.status, answer.detail) == (404, "Project none does not exist.")


async def test_missing_project_names_the_near_one(api: Api) -> None:
    answer = await api("POST", f"v1/projects/labb/runs/{UID}", run())
    assert answer.detail == "Project labb does not exist. Did you mean 'lab'?"


async def test_project_life(api: Api) -> None:
    assert (await api("POST", "v1/projects", {"metadata": {"name": PROJECT}})).status == 409
    project = await api.ok("GET", f"v1/projects/{PROJECT}")
    assert project["status"]["state"] == "online"
    patched = await api.ok("PATCH", f"v1/projects/{PROJECT}", {"spec": {"goals": "x", "own": [1]}})
    assert patched["spec"]["goals"] == "x"
    assert patched["metadata"]["created"] == project["metadata"]["created"]
    listed = await api.ok("GET", "v1/projects?format=name_only")
    assert listed == {"projects": [PROJECT]}
    await api.ok("POST", f"v1/projects/{PROJECT}/runs/{UID}", run(state="completed"))
    refused = await api("DELETE", f"v2/projects/{PROJECT}")
    assert refused.status == 412
    assert refused.detail == ("Project lab can not be deleted since related resources found: runs")
    strategy = {"x-mlrun-deletion-strategy": "cascade"}
    assert (await api("DELETE", f"v2/projects/{PROJECT}", headers=strategy)).status == 204
    assert (await api("GET", f"v1/projects/{PROJECT}")).status == 404
    assert (await api("DELETE", f"v2/projects/{PROJECT}")).status == 204


async def test_bad_project_name_in_mlruns_own_words(api: Api) -> None:
    answer = await api("POST", "v1/projects", {"metadata": {"name": "Bad_Name"}})
    assert answer.status == 400
    assert answer.detail == (
        "Field 'project.metadata.name' is malformed. 'Bad_Name' does not match required "
        "pattern: ^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"
    )


async def test_bad_deletion_strategy_is_mlruns_422(api: Api) -> None:
    headers = {"x-mlrun-deletion-strategy": "all"}
    answer = await api("DELETE", f"v2/projects/{PROJECT}", headers=headers)
    assert answer.status == 422
    assert answer.detail[0]["loc"] == ["header", "x-mlrun-deletion-strategy"]
    assert "cascade" in answer.detail[0]["ctx"]["enum_values"]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[1]",
        b"null",
        b"",
        b'"x"',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"metadata":' * 900 + b"1" + b"}" * 900,
        b'{"metadata": 3}',
    ],
)
async def test_a_bad_body_is_the_callers_mistake(api: Api, body: bytes) -> None:
    for method, path in (
        ("POST", "v1/projects"),
        ("POST", f"v1/projects/{PROJECT}/functions/f"),
        ("POST", f"v1/projects/{PROJECT}/runs/{UID}"),
        ("PUT", f"v2/projects/{PROJECT}/artifacts/a"),
        ("POST", "v1/submit_job"),
    ):
        answer = await api(method, path, body)
        assert 400 <= answer.status < 500, (path, body[:20], answer.body)
        assert answer.detail


@pytest.mark.parametrize(
    "query",
    ["iter=x", "page=0", "page-size=0", "page=x&page-size=y", "partition-by=zz", "states=zz",
     "start_time_from=soon", "label==x", "partition-by=name", "page-token=nonsense",
     "page=99999999999999999999", "page-token=e30"],
)  # fmt: skip
async def test_a_bad_query_is_the_callers_mistake(api: Api, query: str) -> None:
    answer = await api("GET", f"v1/projects/{PROJECT}/runs?{query}")
    assert 400 <= answer.status < 500, answer.body


async def test_a_fault_of_ours_says_so_in_the_same_shape(
    api: Api, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(service, "read", fail)
    answer = await api("GET", "v1/projects")
    assert answer.status == 500
    assert "secret" not in answer.detail
    assert "RuntimeError" in answer.detail


async def test_answers_say_whose_language_they_speak(bare_api: Api) -> None:
    headers = {"x-mlrun-client-version": "1.8.0"}
    answer = await bare_api("GET", "v1/projects", headers=headers)
    assert answer.headers["x-mlrun-be-version"] == "1.8.0"
    assert (await bare_api("GET", "v1/projects")).headers["x-mlrun-be-version"] == "1.12.1"
    odd = {"x-mlrun-client-version": "1.8.0 <b>"}
    answer = await bare_api("GET", "v1/projects", headers=odd)
    assert answer.headers["x-mlrun-be-version"] == "1.12.1"


async def test_client_spec_has_every_key_that_clients_read(
    bare_api: Api, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = await bare_api.ok("GET", "v1/client-spec")
    keys = {"alerts_mode", "ce", "kfp_image", "packagers", "telemetry_enabled", "system_id"}
    assert keys <= set(spec) and len(spec) > 50
    assert spec["alerts_mode"] == "enabled" and spec["authentication_mode"] == "none"
    assert spec["namespace"] == "", "without a cluster functions of a project run in the client"
    cluster = SimpleNamespace(settings=SimpleNamespace(namespace="lab"))
    with monkeypatch.context() as changed:
        changed.setattr(service.launcher.places, "cluster", cluster)
        assert (await bare_api.ok("GET", "v1/client-spec"))["namespace"] == "lab"
    # client 1.7 looks into it as into a text
    assert spec["docker_registry"] == spec["remote_host"] == ""
