"""Where a run works, as its document says it."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_mlrun.errors import MLRunAccessDeniedError
from jupyter_mlrun_server.handlers import lab_pods
from jupyter_mlrun_server.services.service import Service
from tests.server.conftest import Api
from tests.server.documents import PROJECT, function
from tests.server.test_local_runs import ENDED, read, until

SOURCE = (
    "import os\ndef train(context): context.log_result('kind', os.environ['MLRUN_RUNTIME_KIND'])"
)


async def test_a_job_without_a_cluster_runs_here_and_says_so(api: Api) -> None:
    body = {
        "task": {"metadata": {"name": "train", "project": PROJECT}},
        "function": function(SOURCE, kind="job"),
    }
    sent = (await api.ok("POST", "v1/submit_job", body))["data"]
    done = await until(api, sent["metadata"]["uid"], *ENDED)
    status = done["status"]
    assert (status["state"], status["results"]) == ("completed", {"kind": "job"})
    assert status["place"] == "here"
    assert status["place_reason"] == "no cluster configured: ran here"


@pytest.mark.parametrize(
    "kind, place, word",
    [
        ("job", "kubernetes", "No cluster is configured"),
        ("local", "kubernetes", "take kind 'job'"),
        ("job", "kubernets", "Did you mean 'kubernetes'?"),
    ],
)
async def test_a_place_that_cannot_be_had_is_refused(
    api: Api, kind: str, place: str, word: str
) -> None:
    body = {
        "task": {"metadata": {"name": "train", "project": PROJECT}, "spec": {"place": place}},
        "function": function(SOURCE, kind=kind),
    }
    answer = await api("POST", "v1/submit_job", body)
    assert answer.status == 400
    assert word in answer.detail


@pytest.mark.row("4.117")
async def test_a_job_that_fails_is_tried_again(api: Api, service: Service) -> None:
    service.monitor.retries.shortest = 0.2
    source = """
import os

def train(context):
    print("attempt")
    context.log_result("seen", os.path.exists("/tmp"))
    raise ValueError("no")
"""
    spec = {"retry": {"count": 2, "backoff": {"base_delay": "100ms"}}}
    body = {
        "task": {"metadata": {"name": "train", "project": PROJECT}, "spec": spec},
        "function": function(source, kind="job"),
    }
    assert (await api("POST", "v1/submit_job", body)).status == 400
    spec["retry"]["backoff"] = {}
    sent = (await api.ok("POST", "v1/submit_job", body))["data"]
    uid = sent["metadata"]["uid"]
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        status = (await read(api, uid))["status"]
        if status["state"] == "error" and status.get("retry_count") == 2:
            break
        await asyncio.sleep(0.1)
    assert [each["error"] for each in status["retries"]] == ["no", "no"]
    log = await api("GET", f"v1/projects/{PROJECT}/logs/{uid}")
    assert log.body.decode().count("attempt\n") == 3


@pytest.mark.parametrize("may", [True, False])
def test_namespaces_of_a_cluster_are_those_that_the_service_may_list(may: bool) -> None:
    def request(method: str, path: str, query: Any) -> Any:
        assert (method, path) == ("GET", "/api/v1/namespaces")
        if not may:
            raise MLRunAccessDeniedError("namespaces is forbidden: cannot list")
        return {"items": [{"metadata": {"name": name}} for name in ("lab", "default")]}

    cluster = SimpleNamespace(
        connection=SimpleNamespace(request=request), settings=SimpleNamespace(namespace="lab")
    )
    assert lab_pods._namespaces(cluster) == (["default", "lab"] if may else ["lab"])
