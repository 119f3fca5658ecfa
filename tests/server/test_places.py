"""Where a run works, as its document says it."""

from __future__ import annotations

import pytest

from tests.server.conftest import Api
from tests.server.documents import PROJECT, function
from tests.server.test_local_runs import ENDED, until

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
